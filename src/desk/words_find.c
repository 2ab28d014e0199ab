/* SPDX-License-Identifier: ISC
 *
 * Phrases of a list of words.txt in what a customer wrote. A mail is long and phrases are many: a place is compared with them only
 * when a word begins there as one of them does.
 */
#include <string.h>

#include "desk_room.h"
#include "words.h"

#define LANGUAGES_MAX 32                /* of a desk; further ones have no say here */

static bool
in_word(unsigned char c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static unsigned
beginning(const char *s)
{
    unsigned char a = (unsigned char)s[0], b = a ? (unsigned char)s[1] : 0;
    return ((a | 0x20u) * 31u + (b | 0x20u)) & 0xff;
}

bool
words_find(const struct line *line, const char *key, const char *text, size_t *at)
{
    struct { const char *const *v; size_t n; } lists[LANGUAGES_MAX];
    bool begins[256] = { false };
    size_t n = 0;
    for (size_t l = 0; l < line->conf->languages.n && n < LANGUAGES_MAX; l++)
        if (line->words[l] != NULL) {
            lists[n].v = words_parts(line->words[l], key, &lists[n].n);
            for (size_t i = 0; i < lists[n].n; i++)
                begins[beginning(lists[n].v[i])] = true;
            n++;
        }
    for (const char *s = text + *at; *s != '\0'; s++) {
        if (!begins[beginning(s)] || (s > text && in_word((unsigned char)s[-1])))
            continue;
        for (size_t l = 0; l < n; l++)
            for (size_t i = 0; i < lists[l].n; i++)
                if (str_starts_nocase(s, lists[l].v[i])) {
                    *at = (size_t)(s - text);
                    return true;
                }
    }
    return false;
}
