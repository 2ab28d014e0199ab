/* SPDX-License-Identifier: ISC
 *
 * What in the words of staff is no message: a greeting and the closing lines below it; and what must not leave the house in
 * a message: the addresses of staff, and reply addresses with a token. When in doubt a line is a message: a word too much to
 * a customer harms less than an answer that never went out; an address too much is taken out everywhere.
 */
#include "command.h"

#include <string.h>

#define CLOSING_LINES_MAX 12u           /* with ink; more than that is no signature */
#define CLOSING_WIDTH_MAX 90u
#define TOKEN_CHARS 32u                 /* of a signed address, behind its + */

/* Whole lines, without what stands at their end; lower case. */
static const char *const closings[] = {
    "best regards", "kind regards", "warm regards", "with kind regards", "with best regards", "regards", "many regards", "best wishes", "all the best", "best", "cheers",
    "sincerely", "yours sincerely", "yours faithfully", "yours", "yours truly", "thanks", "thank you", "many thanks", "thanks in advance", "thanks and regards",
    "thanks & regards", "thx", "br", "kr", "rgds", "take care", "have a nice day", "have a good day", "have a nice weekend",
    "med vänlig hälsning", "med vänliga hälsningar", "vänlig hälsning", "vänliga hälsningar", "hälsningar", "hälsning", "bästa hälsningar", "med bästa hälsningar",
    "många hälsningar", "mvh", "m.v.h", "vh", "v.h", "allt gott", "tack", "tack så mycket", "tack på förhand", "ha det bra", "ha det gott", "ha en bra dag", "trevlig helg",
    "trevlig dag", "hälsar", "tack och hej", "med hälsning", "hej då",
    "med venlig hilsen", "med venlige hilsner", "venlig hilsen", "venlige hilsner", "hilsen", "hilsner", "mange hilsner", "bedste hilsner", "de bedste hilsner",
    "kærlig hilsen", "kh", "tak", "mange tak", "på forhånd tak", "god dag", "god weekend", "hav en god dag", "med vennlig hilsen", "vennlig hilsen", "takk", "mange takk",
    "mit freundlichen grüßen", "mit freundlichem gruß", "mit freundlichen gruessen", "freundliche grüße", "viele grüße", "beste grüße", "mfg", "vg", "lg", "danke",
    "vielen dank", "gruß", "grüße", "schöne grüße", "cordialement", "bien cordialement", "bien à vous", "cdt", "merci", "salutations", "met vriendelijke groet",
    "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "groeten", "groet", "mvg", "bedankt", "dank je", "saludos", "un saludo", "saludos cordiales",
    "atentamente", "gracias", "atenciosamente", "cumprimentos", "obrigado", "obrigada", "cordiali saluti", "distinti saluti", "saluti", "grazie", "pozdrawiam",
    "z poważaniem", "ystävällisin terveisin", "terveisin", "kiitos",
};
static const char *const greetings[] = { "hi", "hello", "dear", "hey", "good morning", "good afternoon", "hej", "hejsan", "hallå", "kära", "god morgon", "god dag", "goddag",
    "kære", "hei", "hallo", "moin", "guten tag", "guten morgen", "sehr geehrte", "liebe", "lieber", "bonjour", "salut", "hola", "beste", "geachte", "ciao", "buongiorno" };

/* ---- lines */

struct text_line { const char *s; size_t len; };        /* without the blanks around it */

static bool
line_next(const char **p, struct text_line *out)
{
    if (**p == '\0')
        return false;
    size_t n = strcspn(*p, "\n"), len = n;
    const char *s = *p;
    *p += n + ((*p)[n] == '\n');
    while (len > 0 && (s[0] == ' ' || s[0] == '\t'))
        s++, len--;
    while (len > 0 && strchr(" \t\r", s[len - 1]) != NULL)
        len--;
    *out = (struct text_line){ s, len };
    return true;
}

/* Lower case of the letters that the tables use: ASCII and Latin-1. */
static size_t
lower(const char *s, size_t len, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n + 1 < room; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == 0xc2 && i + 1 < len && (unsigned char)s[i + 1] == 0xa0) {
            out[n++] = ' ';
            i++;
            continue;
        }
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 32);
        else if (i > 0 && (unsigned char)s[i - 1] == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97)
            c = (unsigned char)(c + 32);
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return n;
}

static size_t
trim_end(const char *s, size_t len)
{
    while (len > 0 && strchr(" ,.!;:-/*_", s[len - 1]) != NULL)
        len--;
    return len;
}

/* Among the words of a name: "liz", "liz lane", "/liz", "ll". */
static bool
is_name(const char *low, size_t len, const char *name)
{
    char whole[200], initials[16];
    size_t n = 0, letters = 0;
    if (name == NULL || len == 0)
        return false;
    n = lower(name, strlen(name), whole, sizeof whole);
    if (len == n && memcmp(low, whole, n) == 0)
        return true;
    for (size_t i = 0; i < n; ) {
        size_t from = i;
        while (i < n && strchr(" .,-_", whole[i]) == NULL)
            i++;
        if (i - from == len && memcmp(low, whole + from, len) == 0)
            return true;
        if (i > from && letters + 1 < sizeof initials)
            initials[letters++] = whole[from];
        while (i < n && strchr(" .,-_", whole[i]) != NULL)
            i++;
    }
    return letters > 1 && len == letters && memcmp(low, initials, letters) == 0;
}

/* The person's own name, its parts or initials, with a dash or stroke before it. */
static bool
is_person(const char *low, size_t len, const char *name, const char *addr)
{
    char local[ADDR_MAX + 1];
    size_t n = (size_t)(addr_domain(addr) - addr);
    while (len > 0 && strchr("/-~* ", low[0]) != NULL)
        low++, len--;
    if (len == 0 || n == 0 || n > sizeof local)
        return false;
    memcpy(local, addr, n - 1);
    local[n - 1] = '\0';
    return is_name(low, len, name) || is_name(low, len, local);
}

static bool
is_closing(const struct text_line *l, const char *name, const char *addr)
{
    char low[200];
    size_t len;
    if (l->len > CLOSING_WIDTH_MAX)
        return false;
    len = trim_end(low, lower(l->s, l->len, low, sizeof low));
    if (is_person(low, len, name, addr))
        return true;
    for (size_t i = 0; i < countof(closings); i++) {
        size_t n = strlen(closings[i]);
        if (len < n || memcmp(low, closings[i], n) != 0)
            continue;
        if (len == n)
            return true;
        size_t rest = n + strspn(low + n, " ,.!/-");    /* "Mvh Liz", "Thanks, Liz" */
        if (rest > n && is_person(low + rest, len - rest, name, addr))
            return true;
    }
    return false;
}

static bool
is_greeting(const struct text_line *l)
{
    char low[120];
    size_t len = lower(l->s, l->len, low, sizeof low), words = 1;
    if (l->len >= 60)
        return false;
    len = trim_end(low, len);
    for (size_t i = 0; i < len; i++)
        words += low[i] == ' ';
    for (size_t i = 0; i < countof(greetings) && words <= 5; i++) {
        size_t n = strlen(greetings[i]);
        if (len >= n && memcmp(low, greetings[i], n) == 0 && (len == n || (low[n] == ' ' && strchr(",!", l->s[l->len - 1]) != NULL) || (low[n] == ' ' && words <= 2)))
            return true;
    }
    return false;
}

bool
closing_only(const char *words, const char *name, const char *addr)
{
    struct text_line l;
    bool closing = false, ink = false;
    unsigned below = 0;
    while (line_next(&words, &l)) {
        if (l.len == 0)
            continue;
        if (!closing && !ink && is_greeting(&l)) {
            ink = true;
            continue;
        }
        ink = true;
        if (!closing && !is_closing(&l, name, addr))
            return false;
        closing = true;
        if (++below > CLOSING_LINES_MAX || l.len > CLOSING_WIDTH_MAX || l.s[l.len - 1] == '?')
            return false;
    }
    return true;
}

/* ---- addresses */

static bool
is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
ends_at(const char *s)
{
    return !is_alnum(s[0]) && s[0] != '-' && !(s[0] == '.' && is_alnum(s[1]));
}

/* "support+TOKEN@dynamics.example" for "support@dynamics.example" */
static size_t
extended_address(const char *s, const char *base)
{
    size_t local = (size_t)(addr_domain(base) - base) - 1, len = local;
    const char *domain = addr_domain(base);
    if (strncasecmp(s, base, local) != 0 || s[local] != '+')
        return 0;
    while (len < ADDR_MAX && (is_alnum(s[len]) || strchr("+._=-", s[len]) != NULL) && s[len] != '\0')
        len++;
    if (s[len] != '@' || strncasecmp(s + len + 1, domain, strlen(domain)) != 0)
        return 0;
    len += 1 + strlen(domain);
    return ends_at(s + len) ? len : 0;
}

/* What stands before it cannot make a token harmless. */
static size_t
glued_address(const struct turn *t, const char *s)
{
    for (size_t i = 0; i < t->conf->addresses.n; i++) {
        const char *base = t->conf->addresses.v[i];
        size_t len = extended_address(s, base), local = (size_t)(addr_domain(base) - base);
        if (len > 0 && strcspn(s + local, "@") == TOKEN_CHARS)
            return len;
    }
    return 0;
}

/* Does an address of staff, or of the desk with something behind a +, stand here as a whole? Its length. */
static size_t
inside_address(const struct turn *t, const char *s, size_t at)
{
    if (at > 0 && (is_alnum(s[at - 1]) || strchr(".+-", s[at - 1]) != NULL))
        return glued_address(t, s + at);
    for (size_t i = 0; i < t->conf->staff.n; i++) {
        const char *addr = t->conf->staff.v[i];
        size_t len = strlen(addr);
        if (strncasecmp(s + at, addr, len) == 0 && ends_at(s + at + len) && !desk_has_address(t->conf, addr))
            return len;
    }
    for (size_t i = 0; i < t->conf->addresses.n; i++) {
        size_t len = extended_address(s + at, t->conf->addresses.v[i]);
        if (len > 0)
            return len;
    }
    return 0;
}

/* "E-mail: liz@…" is gone as a line; elsewhere the desk's own address stands instead. */
static bool
is_label_line(const char *s, size_t len)
{
    static const char *const labels[] = { "e-mail", "email", "mail", "e-post", "epost", "mejl", "mailto", "e", "m", "direct", "from", "address", "adress", "adresse" };
    char low[120];
    size_t n = lower(s, len, low, sizeof low);
    for (size_t i = 0; i < n;) {
        size_t from = i;
        while (i < n && strchr(" \t<>()[]*|\r:=,;", low[i]) == NULL)
            i++;
        bool known = i == from;
        for (size_t k = 0; k < countof(labels) && !known; k++)
            known = i - from == strlen(labels[k]) && memcmp(low + from, labels[k], i - from) == 0;
        if (!known)
            return false;
        i += i < n;
    }
    return len < sizeof low;
}

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* "+", 32 characters of a token, "@": a signed address of whatever desk. */
static bool
holds_token(const char *s)
{
    for (; (s = strchr(s, '+')) != NULL; s++)
        if (strspn(s + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == TOKEN_CHARS && s[TOKEN_CHARS + 1] == '@')
            return true;
    return false;
}

bool
words_hold_inside(struct turn *t, const char *s)
{
    for (unsigned round = 0; round < 3; round++) {      /* as it stands, and what two readers of %40 would make of it */
        char *plain = arena_strdup(t->a, s), *out = plain;
        if (holds_token(s))
            return true;
        for (size_t i = 0; s[i] != '\0'; i++)
            if (inside_address(t, s, i) > 0)
                return true;
        for (; *s != '\0'; s++) {
            int high = s[0] == '%' ? hex_digit(s[1]) : -1, low = high >= 0 ? hex_digit(s[2]) : -1;
            *out++ = high * 16 + low > 0 && low >= 0 ? (char)(high * 16 + low) : *s;
            s += high * 16 + low > 0 && low >= 0 ? 2 : 0;
        }
        *out = '\0';
        s = plain;
    }
    return false;
}

/* An address in the coat of a URL ("https://safe.example/?u=liz%40…") hides nothing: that word goes, and the brackets round it. */
static const char *
coats_out(struct turn *t, const char *s)
{
    struct buf out = { 0 };
    if (strchr(s, '%') == NULL)
        return s;
    buf_puts(&out, "");
    while (*s != '\0') {
        size_t n = strcspn(s, " \t<>\"()");
        const char *word = arena_strndup(t->a, s, n);
        bool goes = memchr(s, '%', n) != NULL && words_hold_inside(t, word), angle = goes && out.len > 0 && out.data[out.len - 1] == '<' && s[n] == '>';
        if (!goes)
            buf_add(&out, s, n);
        s += n + angle;
        if (angle)
            out.len--;
        while (goes && out.len > 0 && out.data[out.len - 1] == ' ')
            out.len--;
        if (*s != '\0')
            buf_putc(&out, *s++);
    }
    s = arena_strndup(t->a, out.data, out.len);
    buf_free(&out);
    return s;
}

static void
line_for_customer(struct turn *t, const char *s, size_t len, struct buf *out)
{
    struct buf line = { 0 }, bare = { 0 };
    bool any = false;
    const char *copy = coats_out(t, arena_strndup(t->a, s, len));
    buf_puts(&line, "");
    buf_puts(&bare, "");
    for (size_t i = 0; copy[i] != '\0';) {
        size_t n = inside_address(t, copy, i);
        if (n > 0) {
            buf_puts(&line, t->conf->addresses.v[0]);
            any = true;
            i += n;
        } else {
            buf_putc(&line, copy[i]);
            buf_putc(&bare, copy[i]);
            i++;
        }
    }
    if (!any)
        buf_printf(out, "%s\n", copy);
    else if (!is_label_line(bare.data, bare.len))
        buf_printf(out, "%s\n", line.data);
    buf_free(&line);
    buf_free(&bare);
}

const char *
words_inside_out(struct turn *t, const char *s)
{
    struct buf out = { 0 };
    buf_puts(&out, "");
    for (size_t i = 0; s[i] != '\0';) {
        size_t n = inside_address(t, s, i);
        buf_add(&out, n > 0 ? t->conf->addresses.v[0] : s + i, n > 0 ? strlen(t->conf->addresses.v[0]) : 1);
        i += n > 0 ? n : 1;
    }
    s = arena_strndup(t->a, out.data, out.len);
    buf_free(&out);
    return s;
}

const char *
words_for_customer(struct turn *t, const char *words)
{
    struct buf out = { 0 };
    buf_puts(&out, "");
    for (const char *p = words; *p != '\0';) {
        size_t n = strcspn(p, "\n");
        line_for_customer(t, p, n > 0 && p[n - 1] == '\r' ? n - 1 : n, &out);
        p += n + (p[n] == '\n');
    }
    while (out.len > 0 && strchr(" \t\n", out.data[out.len - 1]) != NULL)
        out.len--;
    const char *s = arena_strndup(t->a, out.data, out.len);
    buf_free(&out);
    return s;
}
