/* SPDX-License-Identifier: ISC
 *
 * "On Tue, 10 Mar 2026 at 10:00, A B <a@b.example> wrote:": the line, or two to four of them, that announces a quote, in some thirty
 * languages. With quoted lines below it a verb and a colon are enough. With none below it everything under it goes, so it must be plain
 * that a program wrote it: a date, a clock or an address, a name beside the verb, and the way in which such lines begin. Persons
 * write "as I wrote on Monday:" too. Every window of lines is at most 500 bytes: the cost of a line is bounded.
 */
#include "quote.h"

#include <string.h>

#define LINES_MOST 4u           /* that it may be folded into */
#define BYTES_MOST 500u

/* Lower case. The longer spelling first where one contains the other: the name is looked for beside it. */
static const char *const verbs[] = {
    "wrote", "writes", "said", "skrev", "skriver", "schrieb", "schreibt", "het volgende geschreven", "geschrieben", "geschreven", "schreef", "a écrit", "écrit", "a ecrit", "écrivait",
    "escribió", "escribio", "ha escrito", "escreveu", "ha scritto", "scrisse", "napisał", "napisal", "napisana", "pisze", "kirjoitti", "пишет", "писал", "написал", "написа", "пише",
    "写道", "寫道", "님이 작성", "yazdı", "napsal", "napísal", "írta", "a scris", "ha escrit", "đã viết", "έγραψε", "menulis",
    "kirjutas", "rakstīja", "rašė", "skrifaði", "je napisao", "je napisala", "napisao je", "napisala je", "je napisal", "va escriure", "escribiu", "idatzi du", "كتب", "כתב", "เขียนว่า", "написао", "пиша",
};

/* Small words by which somebody speaks of himself, as they stand in a line; programs never do. None that is also a day, a month or a
 * word of another language's announcement ("mon", "ons", "ma", "je"). */
static const char *const selves[] = {
    "I", "me", "my", "us", "our", "mir", "mich", "mein", "meine", "meinem", "meiner", "meinen", "ich", "uns", "unser", "unsere", "unserem", "unserer", "wir", "mig", "min", "mitt", "mina", "jag", "vår", "vårt", "våra",
    "oss", "jeg", "meg", "mit", "mine", "vores", "mij", "mijn", "ik", "onze", "moi", "nous", "notre", "m'a", "m’a", "nous", "yo", "mi", "mis", "nuestro", "nuestra", "io", "mio", "mia", "nostro", "nostra", "mnie", "mój",
    "moja", "mojego", "nas", "nasz", "nasza", "minulle", "minun", "meille", "meidän", "eu", "meu", "minha", "nosso", "nossa", "мне", "мой", "нам", "наш",
};
/* How people, and no programs, speak of others. */
static const char *const titles[] = {
    "Herr", "Herrn", "Frau", "Fru", "Fröken", "Hr.", "Hr", "Fr.", "Mr", "Mr.", "Mrs", "Mrs.", "Ms", "Ms.", "Miss", "Monsieur", "Madame", "M.", "Mme", "Señor", "Señora", "Sr.", "Sra.", "Sig.", "Signor", "Signora",
    "Pan", "Pani", "Senhor", "Senhora", "Meneer", "Mevrouw", "Dhr.", "Mw.", "Rouva",
};

/* How such a line begins, lower case; else it begins with a number, a short word with a mark ("tir.", "вт,"), or a name with its address. */
static const char *const openers[] = {
    "on ", "am ", "le ", "op ", "el ", "il ", "em ", "den ", "w dniu ", "dnia ", "vid ", "på ", "at ", "às ", "à ", "no dia ", "in a message dated ", "vào ", "στις ", "на ", "în ", "в ",
    "pada ", "---", "wiadomość napisana przez ", "在", "missatge de ",
};

/* leads: a name stands first. follows: one stands between the clock and the address. */
struct shape { bool verb, named, leads, follows, colon, dashes, date, clock, address, bracket, opener; };

static bool
begins(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);

    return len >= n && memcmp(s, word, n) == 0;
}

/* "2026", "10/3/26", "10. 3. 2026" (by its year); "10:35", "10.35", "15h05". */
static void
find_time(const char *s, size_t len, struct shape *o)
{
    for (size_t i = 0; i < len; ) {
        size_t from = i, k;
        if (!is_digit((unsigned char)s[i]) || (i > 0 && is_alpha((unsigned char)s[i - 1]))) {
            i++;
            continue;
        }
        while (i < len && is_digit((unsigned char)s[i]))
            i++;
        if (i - from == 4 && (s[from] == '1' || s[from] == '2') && (i == len || !is_alpha((unsigned char)s[i])))
            o->date = true;
        if (i - from > 2 || i + 1 >= len || strchr(":./-h", s[i]) == NULL || !is_digit((unsigned char)s[i + 1]))
            continue;
        for (k = i + 1; k < len && is_digit((unsigned char)s[k]); k++)
            ;
        if (s[i] != ':' && k + 1 < len && s[k] == s[i] && is_digit((unsigned char)s[k + 1]))
            o->date = true;
        else if (strchr(":.h", s[i]) != NULL && k - i - 1 == 2)
            o->clock = true;
        i = k;
    }
}

/* A name stands beside the verb at `at`: behind it when something stands there, else before it. Small letters there are a person's words. */
static bool
is_named(const char *s, size_t len, size_t at, size_t n)
{
    size_t k = at + n, end;

    while (k < len && strchr(" (:,\t\n", s[k]) != NULL)
        k++;
    if (k + 1 < len && s[k] == 'a' && s[k + 1] == ')')          /* "napisał(a)" */
        for (k += 2; k < len && strchr(" :\t\n", s[k]) != NULL; k++)
            ;
    if (k < len && s[k] != '-' && !(s[k] >= 'a' && s[k] <= 'z'))
        return true;            /* and "am", "den", "on", "ezt", …: then the name stood before it */
    for (k = at; k > 0 && strchr(" ,\t\n", s[k - 1]) != NULL; k--)
        ;
    for (end = k; k > 0 && strchr(" \t\n", s[k - 1]) == NULL; k--)
        ;
    if (end == k)
        return false;
    if (strchr(">)\"'", s[end - 1]) != NULL || (unsigned char)s[end - 1] >= 0x80 || (unsigned char)s[k] >= 0x80 || memchr(s + k, '@', end - k) != NULL)
        return true;
    return s[k] >= 'A' && s[k] <= 'Z' && !(end - k == 1 && s[k] == 'I');
}

/* All words before `at` begin like those of a name, and there are so many of them. */
static bool
leads_with_name(const char *s, size_t at, size_t least)
{
    static const char *const small[] = {"via ", "van ", "von ", "de ", "der ", "av ", "af ", "da ", "di "};
    size_t words = 0;

    for (size_t i = 0; i < at; ) {
        bool known = false;
        for (size_t w = 0; w < countof(small) && !known; w++)
            known = words > 0 && begins(s + i, at - i, small[w]);
        if (!known && ((s[i] >= 'a' && s[i] <= 'z') || is_digit((unsigned char)s[i])))
            return false;
        words += !known;
        while (i < at && !is_space((unsigned char)s[i]))
            i++;
        while (i < at && is_space((unsigned char)s[i]))
            i++;
    }
    return words >= least && words < 8;
}

/* Speaks of himself, or politely of somebody. */
static bool
is_persons(const char *s, size_t len)
{
    for (size_t i = 0, n; i < len; i += n + 1) {
        for (n = 0; i + n < len && !is_space((unsigned char)s[i + n]) && s[i + n] != ','; n++)
            ;
        size_t bare = n;
        while (bare > 0 && strchr(":\"'", s[i + bare - 1]) != NULL)
            bare--;
        for (size_t k = 0; k < countof(selves); k++)
            if (bare == strlen(selves[k]) && memcmp(s + i, selves[k], bare) == 0)
                return true;
        for (size_t k = 0; k < countof(titles); k++)
            if (n == strlen(titles[k]) && memcmp(s + i, titles[k], n) == 0)
                return true;
    }
    return false;
}

/* "…, 11:05, A B <a@b>:", "… 11:05 +03:00 от A B <a@b>:" */
static bool
name_follows(const char *s, const char *open)
{
    const char *p = open;

    while (p > s && !is_digit((unsigned char)p[-1]))
        p--;
    while (p < open && strchr(" ,.)", *p) != NULL)
        p++;
    if (open - p > 4 && memcmp(p, "\xd0\xbe\xd1\x82 ", 5) == 0)     /* "от " */
        p += 5;
    return p > s && p < open && leads_with_name(p, (size_t)(open - p), 1);
}

/* What lines i to k are together. */
static bool
look(const struct lines *l, size_t i, size_t k, struct shape *o)
{
    const char *s = l->s + l->v[i].at, *p;
    size_t len = l->v[k].at + l->v[k].len - l->v[i].at, n;
    char low[BYTES_MOST];

    *o = (struct shape){0};
    quote_trim(&s, &len);
    if (len < 8 || len > BYTES_MOST)
        return false;
    n = quote_fold(s, len, low, sizeof low);
    for (size_t w = 0; w < n; w++)
        if (low[w] == '\n')
            low[w] = ' ';                       /* "a" and "écrit" on two lines */
    if (len > 6 && s[0] == '-' && s[1] == '-' && s[len - 1] == '-' && s[len - 2] == '-') {
        o->dashes = true;                       /* "---- On … wrote ----" */
        while (len > 0 && strchr("- ", s[len - 1]) != NULL)
            len--;
    } else if (len > 6 && s[len - 1] == ')' && (p = memrchr(s, '(', len)) != NULL && p > s + 3) {
        find_time(p, len - (size_t)(p - s), o); /* "A B skrev: (10 mars 2026 15:05:00 CET)" */
        size_t e = (size_t)(p - s);
        while (e > 0 && is_space((unsigned char)s[e - 1]))
            e--;
        if (e > 0 && s[e - 1] == ':' && o->clock)
            len = e;
    }
    o->colon = len > 0 && (s[len - 1] == ':' || (len > 3 && memcmp(s + len - 3, "\xef\xbc\x9a", 3) == 0));
    find_time(s, len, o);
    o->address = memchr(s, '@', len) != NULL;
    bool barren = !o->address && !o->date && !o->clock && !quote_follows(l, k + 1);     /* whatever verb it has, it announces nothing */
    for (size_t v = 0; v < countof(verbs) && !o->verb && !barren; v++) {
        size_t w = strlen(verbs[v]);
        for (p = low; (p = memmem(p, n - (size_t)(p - low), verbs[v], w)) != NULL; p++)
            if (p == low || !is_alnum((unsigned char)p[-1]) || (unsigned char)*p >= 0x80) {
                o->verb = true;
                o->named = is_named(s, len, (size_t)(p - low), w);
                o->leads = leads_with_name(s, (size_t)(p - low), 2);
                break;
            }
    }
    p = memchr(s, '@', len);
    o->bracket = p != NULL && memchr(s, '<', (size_t)(p - s)) != NULL && memchr(p, '>', len - (size_t)(p - s)) != NULL;
    o->bracket |= p != NULL && memchr(s, '(', (size_t)(p - s)) != NULL && memchr(p, ')', len - (size_t)(p - s)) != NULL;
    p = memchr(s, '<', len);
    o->leads |= o->bracket && p != NULL && leads_with_name(s, (size_t)(p - s), 1);
    o->follows = o->bracket && p != NULL && name_follows(s, p);
    for (size_t w = 0; w < countof(openers) && !o->opener; w++)
        o->opener = begins(low, n, openers[w]);
    for (size_t w = 1; w < 8 && w + 1 < n && !o->opener && low[w - 1] != ' '; w++)
        o->opener = (low[w] == '.' || low[w] == ',') && !is_digit((unsigned char)low[w + 1]);
    p = memchr(low, ' ', n < 7 ? n : 7);
    o->opener |= p != NULL && p + 6 < low + n && is_digit((unsigned char)p[1]) && is_digit((unsigned char)p[4]) && p[5] == '-';     /* "tis 2026-03-10" */
    p = memchr(low, ' ', n < 28 ? n : 28);
    o->opener |= p != NULL && p > low && p[-1] == ',' && p + 1 < low + n && is_digit((unsigned char)p[1]);      /* "вторник, 10 марта" */
    o->opener |= is_digit((unsigned char)s[0]);
    return true;
}

/* Only such a line can end an announcement: the rest is not looked at more closely. */
static bool
may_end(const struct lines *l, size_t k)
{
    const char *s = l->s + l->v[k].at;
    size_t len = l->v[k].len;

    while (len > 0 && ((unsigned char)s[len - 1] >= 0x80 || strchr(" \t*_", s[len - 1]) != NULL)) {
        if ((unsigned char)s[len - 1] >= 0x80)
            return true;
        len--;
    }
    return len > 0 && (s[len - 1] == ':' || (len > 10 && strchr(")-", s[len - 1]) != NULL) || quote_follows(l, k + 1));
}

static bool
is_announcement(const struct lines *l, size_t i, size_t k)
{
    struct shape o;

    if (!may_end(l, k) || !look(l, i, k, &o))
        return false;
    if (quote_follows(l, k + 1)) {
        if (o.colon && o.verb && (o.date || o.clock || k - i < 2))
            return true;
        if (o.colon && o.address && (o.date || o.clock || k == i))
            return true;                        /* "2026-03-10 10:00 GMT+01:00 A B <a@b>:" */
        return o.verb && (o.dashes || (k == i && (o.date || o.clock)));
    }
    if (o.dashes && o.verb && (o.address || o.date))
        return true;
    if (o.colon && o.verb && (o.named || o.leads) && (o.date || o.clock) && o.bracket)
        return true;
    if (o.colon && o.verb && o.date && o.clock && ((o.named && o.opener) || o.leads))
        return true;
    return o.colon && o.date && o.clock && o.bracket && (is_digit((unsigned char)l->s[l->v[i].at]) || (o.opener && o.follows)) && k - i < 2;
}

static bool
announces(const struct lines *l, size_t i, size_t k)
{
    return is_announcement(l, i, k) && !is_persons(l->s + l->v[i].at, l->v[k].at + l->v[k].len - l->v[i].at);
}

/* Line i begins a folded one: it begins as they do and has a part of the date or the address, or breaks off at a comma, and the next line
 * does not begin one of its own. */
static bool
begins_here(const struct lines *l, size_t i)
{
    struct shape o, next;

    if (!look(l, i, i, &o) || !(o.opener || o.bracket) || !(l->s[l->v[i].at + l->v[i].len - 1] == ',' || o.date || o.clock || o.address || memchr(l->s + l->v[i].at, '<', l->v[i].len) != NULL))
        return false;
    return !(look(l, i + 1, i + 1, &next) && next.opener && next.date);
}

size_t
quote_attribution(const struct lines *l, size_t i)
{
    for (size_t k = i; k < l->n && k < i + LINES_MOST && !l->v[k].blank && !l->v[k].quoted; k++) {
        if (l->v[k].at + l->v[k].len - l->v[i].at > BYTES_MOST + 100)
            return 0;
        if (announces(l, i, k) && (k == i || begins_here(l, i) || !announces(l, i + 1, k)))
            return k + 1;
    }
    return 0;
}
