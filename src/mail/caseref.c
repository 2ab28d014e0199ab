/* SPDX-License-Identifier: ISC
 *
 * Case numbers in running text: PREFIX-NNNNN-XXXX. Any case, any dash, blanks around the dashes or in their place. A letter that only
 * looks like one of ours, or an invisible character, beside or inside it makes it no number: it is refused, never mapped.
 */
#include "read.h"

#include <string.h>

#define SUFFIX_ALPHABET "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#define DIGITS_MAX 18

/* What stands at i: a letter or digit of ASCII (its upper case), '-' for any dash, ' ' for any blank, 0 for the end, '.' for other
 * punctuation, 'x' for what must not touch a number: letters of other scripts, invisible characters. */
static int
class_at(const char *s, size_t len, size_t i, size_t *size)
{
    uint32_t c;

    *size = 0;
    if (i >= len)
        return 0;
    c = utf8_at(s, len, i, size);
    if (c < 0x80) {
        if (is_alnum((int)c))
            return is_alpha((int)c) ? (int)(c & 0xdf) : (int)c;
        return c == '-' ? '-' : c == '_' ? 'x' : is_space((int)c) ? ' ' : '.';
    }
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xfe58 || c == 0xfe63 || c == 0xff0d)
        return '-';
    if (c == 0xa0 || c == 0x202f || (c >= 0x2000 && c <= 0x200a) || c == 0x3000)
        return ' ';
    if ((c >= 0x2018 && c <= 0x201f) || c == 0x2026 || c == 0xab || c == 0xbb || (c >= 0x3001 && c <= 0x301f) || c == 0xb7 || c == 0x2022)
        return '.';
    return 'x';
}

/* Blanks and dashes between two parts of a number: at least one, at most a dash and a blank on each side. */
static bool
separator(const char *s, size_t len, size_t *i)
{
    unsigned dashes = 0, blanks = 0;
    size_t size;

    for (int c; (c = class_at(s, len, *i, &size)) == '-' || (c == ' ' && s[*i] != '\n'); *i += size) {
        dashes += c == '-';
        blanks += c == ' ';
        if (dashes > 1 || blanks > 4)
            return false;
    }
    return dashes + blanks > 0;
}

/* A number that begins at i. Writes it and returns where it ends, 0: none. */
static size_t
number_at(const char *s, size_t len, size_t i, char out[48])
{
    size_t n = 0, size, digits = 0, suffix = 0;
    int c = class_at(s, len, i, &size);

    if (c < 'A' || c > 'Z')
        return 0;
    for (; ((c = class_at(s, len, i, &size)) >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); i += size) {
        if (n == 10)
            return 0;
        out[n++] = (char)c;
    }
    if (n < 2 || !separator(s, len, &i))
        return 0;
    out[n++] = '-';
    for (; (c = class_at(s, len, i, &size)) >= '0' && c <= '9'; i += size) {
        if (digits++ == DIGITS_MAX)
            return 0;
        out[n++] = (char)c;
    }
    if (digits < 5 || !separator(s, len, &i))
        return 0;
    out[n++] = '-';
    for (; suffix < 4 && (c = class_at(s, len, i, &size)) != 0 && c < 'x' && strchr(SUFFIX_ALPHABET, c) != NULL; i += size, suffix++)
        out[n++] = (char)c;
    c = class_at(s, len, i, &size);
    if (suffix < 4 || c == 'x' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
        return 0;
    out[n] = 0;
    return i;
}

void
mail_case_refs(const char *text, size_t len, void (*found)(void *u, const char *ref), void *u)
{
    char ref[48];
    size_t i = 0, size, end;
    int before = ' ';

    while (i < len) {
        int c = class_at(text, len, i, &size);
        bool ink = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == 'x';
        bool joined = (before >= 'A' && before <= 'Z') || (before >= '0' && before <= '9') || before == 'x';
        if (ink && c != 'x' && !joined && (end = number_at(text, len, i, ref)) > 0) {
            found(u, ref);
            i = end;
            before = '.';
            continue;
        }
        before = c;
        i += size;
    }
}
