/* SPDX-License-Identifier: ISC
 *
 * Phrases of a list of words.txt in what a customer wrote. A mail is long and phrases are many: a place is compared with them only
 * when a word begins there as one of them does.
 */
#include <string.h>

#include "desk_room.h"
#include "words.h"

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
    bool begins[256] = { false };
    const char *phrase;
    for (size_t l = 0; l < line->conf->languages.n; l++)
        for (size_t i = 0; line->words[l] != NULL && (phrase = words_part(line->words[l], key, i)) != NULL; i++)
            begins[beginning(phrase)] = true;
    for (const char *s = text + *at; *s != '\0'; s++) {
        if (!begins[beginning(s)] || (s > text && in_word((unsigned char)s[-1])))
            continue;
        for (size_t l = 0; l < line->conf->languages.n; l++)
            for (size_t i = 0; line->words[l] != NULL && (phrase = words_part(line->words[l], key, i)) != NULL; i++)
                if (str_starts_nocase(s, phrase)) {
                    *at = (size_t)(s - text);
                    return true;
                }
    }
    return false;
}
