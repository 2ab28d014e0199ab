/* SPDX-License-Identifier: ISC
 *
 * The folders of templates: LANG/KIND.txt, one file a kind of letter, and letter.txt round prepared letters. The operator's
 * folder lies over the shipped one file by file: who wants another acknowledgement writes that file alone.
 */
#include "template.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TEMPLATE_FILE_MAX (64u << 10)

static const Td__Letter__Kind kinds[] = {
    TD__LETTER__KIND__ACK, TD__LETTER__KIND__NOTICE, TD__LETTER__KIND__UPDATE, TD__LETTER__KIND__STATUS, TD__LETTER__KIND__APPROVAL,
    TD__LETTER__KIND__WARNING, TD__LETTER__KIND__ESCALATION, TD__LETTER__KIND__REMINDER, TD__LETTER__KIND__SURVEY, TD__LETTER__KIND__REFERRAL,
    TD__LETTER__KIND__DIGEST, TD__LETTER__KIND__REFUSAL, TD__LETTER__KIND__RECEIPT, TD__LETTER__KIND__RESULT, TD__LETTER__KIND__ALARM,
    TD__LETTER__KIND__RELAY,            /* what stands round the words of a person */
};
struct template_set { struct template *v[countof(kinds)], *frame; };

static struct template *
file_parse(const char *path, struct buf *errors)
{
    struct buf text = {0};
    int rc = file_read(path, TEMPLATE_FILE_MAX, &text);
    struct template *t = NULL;
    if (rc == 0)
        t = template_parse(path, text.data ? text.data : "", text.len, errors);
    else
        buf_printf(errors, "%s:1: %s, a letter template expected\n", path, strerror(rc));
    buf_free(&text);
    return t;
}

static bool
is_folder(const char *path)
{
    struct stat st;
    return path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* NAME.txt of the first folder that has it; of the last folder when none has, so that its absence is told of that one. */
static struct template *
layered(const char *const folders[2], const char *name, struct buf *errors)
{
    char *path = NULL;
    struct stat st;
    struct buf file = { 0 };
    buf_printf(&file, "%s.txt", name);
    for (size_t i = 0; i < 2; i++) {
        if (folders[i] == NULL)
            continue;
        free(path);
        path = path_join(folders[i], file.data);
        if (stat(path, &st) == 0)
            break;
    }
    struct template *t = file_parse(path, errors);
    free(path);
    buf_free(&file);
    return t;
}

struct template_set *
template_set_read(const char *folder, const char *shipped, const char *language, bool needed, struct buf *errors)
{
    char *own = path_join(folder, language), *base = shipped ? path_join(shipped, language) : NULL;
    const char *const folders[2] = { is_folder(own) ? own : NULL, is_folder(base) ? base : NULL };
    struct template_set *s = NULL;
    if (folders[0] != NULL || folders[1] != NULL) {
        s = mem_alloc(sizeof *s);
        for (size_t i = 0; i < countof(kinds); i++)
            s->v[i] = layered(folders, schema_letter_kind_name(kinds[i]), errors);
        s->frame = layered(folders, "letter", errors);
    } else if (needed) {
        buf_printf(errors, "%s:1: no such folder, the letter templates of language \"%s\" expected\n", own, language);
    }
    free(own);
    free(base);
    return s;
}

void
template_set_free(struct template_set **sp)
{
    if (*sp == NULL)
        return;
    for (size_t i = 0; i < countof(kinds); i++)
        template_free(&(*sp)->v[i]);
    template_free(&(*sp)->frame);
    free(*sp);
    *sp = NULL;
}

const struct template *
template_of(const struct template_set *s, Td__Letter__Kind kind)
{
    for (size_t i = 0; s != NULL && i < countof(kinds); i++)
        if (kinds[i] == kind)
            return s->v[i];
    return NULL;
}

const struct template *
template_frame(const struct template_set *s)
{
    return s ? s->frame : NULL;
}
