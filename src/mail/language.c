/* SPDX-License-Identifier: ISC
 *
 * The language of the new words, by libexttextcat's fingerprints. Its models are read once, before the sandbox closes. An answer is given
 * only for enough text, only for a language that was asked for, and only when the next best guess is not as good; else the mail's own
 * word (Content-Language) counts if it is among them, else nothing: the desk knows what to do with "unsure".
 */
#include "read.h"

#include <libexttextcat/textcat.h>
#include <string.h>

#define MODELS "/usr/share/libexttextcat/"
#define LETTERS_LEAST 40u       /* shorter texts are guessed wrong too often */
#define BYTES_MOST 4000u

static void *models;

void
language_init(void)
{
    if (models == NULL)
        models = special_textcat_Init(MODELS "fpdb.conf", MODELS);
}

/* "sv--utf8" to "sv"; Norwegian has two spellings and one code in mail. */
static bool
short_name(const char *name, char out[3])
{
    if (!is_alpha((unsigned char)name[0]) || !is_alpha((unsigned char)name[1]) || is_alpha((unsigned char)name[2]))
        return false;
    out[0] = (char)lower((unsigned char)name[0]);
    out[1] = (char)lower((unsigned char)name[1]);
    out[2] = 0;
    if (strcmp(out, "nb") == 0 || strcmp(out, "nn") == 0)
        memcpy(out, "no", 3);
    return true;
}

static bool
wanted(const struct mail_options *o, const char *code)
{
    for (size_t i = 0; i < o->n_languages; i++) {
        const char *l = o->languages[i];
        if (strncasecmp(l, code, 2) == 0 || (strcmp(code, "no") == 0 && (strncasecmp(l, "nb", 2) == 0 || strncasecmp(l, "nn", 2) == 0)))
            return true;
    }
    return o->n_languages == 0;
}

static const char *
configured_name(struct reading *r, const char *code)
{
    for (size_t i = 0; i < r->o->n_languages; i++) {
        const char *l = r->o->languages[i];
        if (strncasecmp(l, code, 2) == 0 || (strcmp(code, "no") == 0 && (strncasecmp(l, "nb", 2) == 0 || strncasecmp(l, "nn", 2) == 0)))
            return arena_strndup(r->a, l, 2);
    }
    return arena_strdup(r->a, code);
}

static const char *
declared_language(struct reading *r, const char *declared)
{
    char code[3];

    if (declared == NULL || strchr(declared, ',') != NULL || !short_name(declared, code) || !wanted(r->o, code) || r->o->n_languages == 0)
        return NULL;
    return configured_name(r, code);
}

/* Words of mail addresses, links and numbers say nothing of the language. */
static void
prose(const char *text, struct buf *out)
{
    for (const char *p = text; *p != 0 && out->len < BYTES_MOST; ) {
        const char *w = p;
        bool word = true;
        while (*p != 0 && !is_space((unsigned char)*p)) {
            if (is_digit((unsigned char)*p) || strchr("@/\\<>_=", *p) != NULL)
                word = false;
            p++;
        }
        if (word && p > w && p - w < 60) {
            buf_add(out, w, (size_t)(p - w));
            buf_putc(out, ' ');
        }
        while (is_space((unsigned char)*p))
            p++;
    }
}

const char *
language_guess(struct reading *r, const char *text, const char *declared)
{
    struct buf b = {0};
    const char *answer = NULL;
    char best[3] = "", code[3];
    bool near = false;
    candidate_t *c;
    int n;

    prose(text, &b);
    if (models != NULL && b.len >= LETTERS_LEAST) {
        c = textcat_GetClassifyFullOutput(models);
        n = textcat_ClassifyFull(models, b.data, b.len, c);
        for (int i = 0; i < n; i++) {
            if (!short_name(c[i].name, code) || !wanted(r->o, code))
                continue;
            if (*best == 0)
                memcpy(best, code, sizeof best);
            else if (strcmp(best, code) != 0 && c[i].score <= c[0].score + c[0].score / 50)
                near = true;
        }
        textcat_ReleaseClassifyFullOutput(models, c);
    }
    buf_free(&b);
    if (*best != 0 && !near)
        answer = configured_name(r, best);
    return answer != NULL ? answer : declared_language(r, declared);
}
