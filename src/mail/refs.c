/* SPDX-License-Identifier: ISC
 *
 * Message-IDs. References and In-Reply-To hold ids between angle brackets and, from old or careless programs, commas, phrases and ids
 * without brackets. Blanks inside an id come from folding and go.
 */
#include "read.h"

#include <string.h>

#define ID_MAX 998u             /* longer than a line may be: no id */

static char *
id_text(struct reading *r, const char *s, size_t len)
{
    struct buf b = {0}, out = {0};
    char *id = NULL;

    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] > 0x20 && s[i] != 0x7f && s[i] != '<' && s[i] != '>')
            buf_putc(&b, s[i]);
    if (b.len > 0 && b.len <= ID_MAX) {
        charset_text(NULL, (const uint8_t *)b.data, b.len, &out, NULL);
        id = arena_strndup(r->a, out.data, out.len);
    }
    buf_free(&b);
    buf_free(&out);
    return id;
}

/* The next <…> from *i on. */
static bool
next_angle(const char *s, size_t len, size_t *i, const char **id, size_t *id_len)
{
    const char *open = *i < len ? memchr(s + *i, '<', len - *i) : NULL, *close;

    if (open == NULL)
        return false;
    close = memchr(open, '>', len - (size_t)(open - s));
    if (close == NULL)
        return false;
    for (const char *again; (again = memchr(open + 1, '<', (size_t)(close - open - 1))) != NULL; )
        open = again;                   /* "<junk <id@host>" */
    *id = open + 1;
    *id_len = (size_t)(close - open - 1);
    *i = (size_t)(close - s) + 1;
    return true;
}

void
refs_parse(struct reading *r, const char *raw, size_t len, size_t *n, char ***list)
{
    size_t i = 0, id_len;
    const char *s;
    char *id;

    *n = 0;
    *list = NULL;
    while (next_angle(raw, len, &i, &s, &id_len) && *n < READ_MAX_LIST)
        if ((id = id_text(r, s, id_len)) != NULL)
            arena_push(r->a, list, n, id);
    if (*n > 0)
        return;
    for (i = 0; i < len && *n < READ_MAX_LIST; i++) {          /* no brackets: what has an @ in it */
        size_t from = i;
        while (i < len && !is_space((unsigned char)raw[i]) && strchr(",;()\"", raw[i]) == NULL)
            i++;
        if (i > from && memchr(raw + from, '@', i - from) != NULL && (id = id_text(r, raw + from, i - from)) != NULL)
            arena_push(r->a, list, n, id);
    }
}

const char *
refs_message_id(struct reading *r, const char *raw, size_t len)
{
    size_t i = 0, id_len;
    const char *s;

    if (next_angle(raw, len, &i, &s, &id_len))
        return id_text(r, s, id_len);
    return id_text(r, raw, len);
}
