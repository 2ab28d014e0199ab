/* SPDX-License-Identifier: ISC
 *
 * The bare subject: reply and forward prefixes of many languages and list or case marks come off, white space is folded. It serves
 * to compare subjects, never to show them. RFC 5256 §2.1 is the model.
 */
#include "read.h"

#include <string.h>

/* Lower case. What stands before a colon at the beginning of a subject in one mail program or another. */
static const char *const prefix[] = {
    "re", "fw", "fwd", "aw", "wg", "antw", "antwort", "sv", "vs", "vb", "vl", "vá", "va", "ynt", "ilt", "i", "r", "rv", "enc", "tr", "réf", "ref",
    "odp", "pd", "res", "rif", "doorst", "bls", "svar", "videresendt", "vedr", "ang", "fs", "atb", "továbbítás", "ats", "fü",
    "απ", "σχετ", "πρθ", "ha", "на", "отв", "пересл", "回复", "答复", "回覆", "转发", "轉寄", "返信", "転送", "회신", "전달", "הועבר", "השב", "رد",
    "réponse", "reply", "forward", "weitergeleitet", "recall",
};

static size_t
skip_blank(const char *s, size_t i)
{
    for (;;)
        if (is_space((unsigned char)s[i]))
            i++;
        else if ((unsigned char)s[i] == 0xc2 && (unsigned char)s[i + 1] == 0xa0)
            i += 2;
        else if ((unsigned char)s[i] == 0xe3 && (unsigned char)s[i + 1] == 0x80 && (unsigned char)s[i + 2] == 0x80)
            i += 3;
        else
            return i;
}

static size_t
colon_at(const char *s, size_t i)
{
    if (s[i] == ':')
        return 1;
    return (unsigned char)s[i] == 0xef && (unsigned char)s[i + 1] == 0xbc && (unsigned char)s[i + 2] == 0x9a ? 3 : 0;  /* full width */
}

/* "Re:", "Re[2]:", "RE (2) :", "Re^2:", "Re*2:". Returns where the rest begins, 0: none. */
static size_t
prefix_length(const char *s)
{
    for (size_t p = 0; p < countof(prefix); p++) {
        size_t i = strlen(prefix[p]), k, colon;
        if (!str_starts_nocase(s, prefix[p]))
            continue;
        k = skip_blank(s, i);
        if (s[k] == '[' || s[k] == '(') {
            char close = s[k] == '[' ? ']' : ')';
            size_t d = k + 1;
            while (is_digit((unsigned char)s[d]))
                d++;
            if (s[d] == close && d > k + 1)
                k = skip_blank(s, d + 1);
        } else if ((s[k] == '^' || s[k] == '*' || is_digit((unsigned char)s[k])) && k == i) {
            while (s[k] == '^' || s[k] == '*' || is_digit((unsigned char)s[k]))
                k++;
        }
        colon = colon_at(s, k);
        if (colon > 0)
            return k + colon;
    }
    return 0;
}

struct found { bool any; };

static void
note(void *u, const char *ref)
{
    (void)ref;
    ((struct found *)u)->any = true;
}

/* A [...] group that holds a case number and little else. */
static size_t
case_group(const char *s)
{
    const char *close;
    struct found f = {0};

    if (*s != '[')
        return 0;
    close = memchr(s, ']', strnlen(s, 61));     /* never the whole of a long subject, for each of many brackets */
    if (close == NULL)
        return 0;
    mail_case_refs(s, (size_t)(close - s) + 1, note, &f);
    return f.any ? (size_t)(close - s) + 1 : 0;
}

const char *
mail_bare_subject(const char *subject, struct arena *a)
{
    struct buf b = {0};
    size_t i = 0, n;
    const char *done;

    if (subject == NULL)
        return "";
    for (;;) {                          /* prefixes and groups at the beginning, in any order */
        i = skip_blank(subject, i);
        n = prefix_length(subject + i);
        if (n == 0)
            n = case_group(subject + i);
        if (n == 0)
            break;
        i += n;
    }
    while (subject[i] != 0) {
        size_t k = skip_blank(subject, i);
        if (k > i) {
            i = k;
            if (b.len > 0 && b.data[b.len - 1] != ' ')
                buf_putc(&b, ' ');
            continue;
        }
        n = case_group(subject + i);
        if (n > 0)
            i += n;
        else
            buf_putc(&b, subject[i++]);
    }
    while (b.len > 0 && b.data[b.len - 1] == ' ')
        b.data[--b.len] = 0;
    done = arena_strndup(a, b.data == NULL ? "" : b.data, b.len);
    buf_free(&b);
    return done;
}
