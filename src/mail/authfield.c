/* SPDX-License-Identifier: ISC
 *
 * One Authentication-Results field by the grammar of RFC 8601 §2.2: id, version, then method=result with a reason and properties, comments
 * and quoted strings anywhere. Filters copy the sender's words into it (addresses, selectors), so that nothing inside a comment or a
 * quoted string may ever become a result. What cannot be understood is skipped up to the next ';'. Linear, no recursion.
 */
#include "auth.h"

#include <string.h>

#define NAME_MAX_BYTES 100u     /* of a property; longer ones are nobody's */

/* ---- tokens: words, quoted strings and the single characters ; = / . @ ; comments are skipped */
struct lexer { struct reading *r; const char *s; size_t len, i; };

static void
skip_cfws(struct lexer *x)
{
    size_t depth = 0;

    for (; x->i < x->len; x->i++) {
        char c = x->s[x->i];
        if (depth > 0 && c == '\\')
            x->i++;
        else if (c == '(')
            depth++;
        else if (depth > 0 && c == ')')
            depth--;
        else if (depth == 0 && !is_space((unsigned char)c))
            return;
    }
    x->i = x->len;                      /* a backslash at the end steps over it */
}

static bool
ends_word(const struct lexer *x, const char *stop)
{
    char c = x->s[x->i];

    return is_space((unsigned char)c) || strchr(";(\"", c) != NULL || strchr(stop, c) != NULL;
}

/* A word up to white space, ';', '(' or '"', or a quoted string; "" when there is none. `stop` adds characters that end it. */
static char *
token(struct lexer *x, const char *stop)
{
    struct buf b = {0};
    char *t;

    skip_cfws(x);
    if (x->i < x->len && x->s[x->i] == '"') {
        for (x->i++; x->i < x->len && x->s[x->i] != '"'; x->i++) {
            if (x->s[x->i] == '\\' && x->i + 1 < x->len)
                x->i++;
            buf_putc(&b, x->s[x->i]);
        }
        x->i += x->i < x->len;
        if (x->i < x->len && x->s[x->i] == '@')         /* "local part"@domain */
            for (; x->i < x->len && !ends_word(x, ""); x->i++)
                buf_putc(&b, x->s[x->i]);
    } else {
        for (; x->i < x->len && !ends_word(x, stop); x->i++)
            buf_putc(&b, x->s[x->i]);
    }
    t = arena_strndup(x->r->tmp, b.data == NULL ? "" : b.data, b.len);
    buf_free(&b);
    return t;
}

static bool
take(struct lexer *x, char c)
{
    skip_cfws(x);
    if (x->i >= x->len || x->s[x->i] != c)
        return false;
    x->i++;
    return true;
}

/* Past the next ';' that stands outside of comments and quotes. */
static void
next_part(struct lexer *x)
{
    while (x->i < x->len && x->s[x->i] != ';') {
        if (x->s[x->i] == '(' || x->s[x->i] == '"')
            token(x, "");
        else
            x->i++;
    }
    x->i += x->i < x->len;
}

/* ---- values */

static const char *
domain_of(struct reading *r, const char *v)
{
    const char *at = strrchr(v, '@');
    char *d = arena_strdup(r->a, at == NULL ? v : at + 1);
    size_t n = strlen(d);

    while (n > 0 && (d[n - 1] == '.' || d[n - 1] == '>'))
        d[--n] = 0;
    str_lower(d);
    for (size_t i = 0; i < n; i++)
        if (!(is_alnum((unsigned char)d[i]) || d[i] == '.' || d[i] == '-' || d[i] == '_' || (unsigned char)d[i] >= 0x80))
            return NULL;
    return n == 0 || n > 253 || !utf8_valid(d, n) ? NULL : d;
}

/* Which property names the domain that a method speaks of; the earlier row counts. Not here: what names the author or the HELO beside
 * a method that has not looked at them, as header.from beside dkim. */
static const struct { const char *method, *property; } speaks_of[] = {
    {"dkim", "header.d"}, {"dkim", "header.i"}, {"spf", "smtp.mailfrom"}, {"spf", "smtp.mail"}, {"spf", "smtp.from"}, {"spf", "smtp.envelope-from"},
    {"spf", "policy.from"}, {"dmarc", "header.from"}, {"dmarc", "header.d"}, {"dkim-adsp", "header.from"}, {"dkim-atps", "header.from"},
    {"sender-id", "header.from"}, {"domainkeys", "header.d"}, {"domainkeys", "header.from"}, {"auth", "smtp.auth"}, {"arc", "header.d"},
    {"compauth", "header.from"},
};

static void
property(struct reading *r, Td__AuthResult *a, const char *name, const char *value, size_t *rank)
{
    for (size_t i = 0; i < countof(speaks_of); i++)
        if (i < *rank && strcmp(a->method, speaks_of[i].method) == 0 && str_eq_nocase(name, speaks_of[i].property)) {
            const char *d = domain_of(r, value);
            if (d != NULL) {
                a->domain = (char *)d;
                *rank = i;
            }
        }
}

static char *
clean(struct reading *r, const char *s)
{
    struct buf b = {0};
    char *t;

    charset_text(NULL, (const uint8_t *)s, strlen(s), &b, NULL);
    t = arena_strndup(r->a, b.data == NULL ? "" : b.data, b.len < 253 ? b.len : utf8_clip(b.data, 253));
    buf_free(&b);
    str_lower(t);
    return t;
}

/* ---- the field */

/* The id and the version; false where the first word is a method already. */
static bool
head_read(struct lexer *x, struct auth_field *out)
{
    const char *version;

    out->authserv = clean(x->r, token(x, "="));
    skip_cfws(x);
    if (x->i < x->len && x->s[x->i] == '=') {
        out->authserv = "";
        out->no_id = true;
        x->i = 0;
        return false;
    }
    version = token(x, "=");
    out->foreign_version = *version != 0 && strspn(version, "0123456789") == strlen(version) && strcmp(version, "1") != 0;
    next_part(x);
    return true;
}

static void
properties_read(struct lexer *x, Td__AuthResult *a)
{
    size_t rank = countof(speaks_of);

    for (;;) {
        size_t before;
        char *name;
        skip_cfws(x);
        if (x->i >= x->len || x->s[x->i] == ';')
            return;
        before = x->i;
        name = token(x, "=.");
        while (*name != 0 && strlen(name) < NAME_MAX_BYTES && take(x, '.'))
            name = arena_printf(x->r->tmp, "%s.%.100s", name, token(x, "=."));
        if (take(x, '='))
            property(x->r, a, name, token(x, ""), &rank);
        x->i += x->i == before;
    }
}

static Td__AuthResult *
result_read(struct lexer *x, const struct auth_field *f, char *method)
{
    Td__AuthResult *a = schema_new(x->r->a, &td__auth_result__descriptor);

    a->authserv = (char *)f->authserv;
    a->method = method;
    a->result = clean(x->r, token(x, ""));
    properties_read(x, a);
    return a;
}

void
auth_field_read(struct reading *r, const char *value, size_t len, size_t room, struct auth_field *out)
{
    struct lexer x = {r, value, len, 0};
    bool first = true;

    *out = (struct auth_field){0};
    first = head_read(&x, out);
    while (x.i < x.len && out->n < room) {
        size_t before = x.i;
        char *method = clean(r, token(&x, "=/")), *version = NULL;
        if (take(&x, '/'))
            version = token(&x, "=");
        if (version != NULL && strcmp(version, "1") != 0)       /* of a method that we do not know: it keeps its version in its name */
            method = arena_printf(r->a, "%s/%s", method, clean(r, version));
        if (*method != 0 && take(&x, '='))
            arena_push(r->a, &out->v, &out->n, result_read(&x, out, method));
        else if (first && strcmp(method, "none") == 0)
            out->none = true;
        first = false;
        next_part(&x);
        x.i += x.i == before;
    }
}

bool
auth_field_has(const struct auth_field *f, const char *method)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq_nocase(f->v[i]->method, method))
            return true;
    return false;
}

const char *
auth_received_by(struct reading *r, const struct field *f)
{
    struct lexer x = {r, f->value, f->len, 0};
    bool any = false;

    while (x.i < x.len) {
        size_t before = x.i;
        char *t = token(&x, "");
        if (x.i < x.len && *t == 0 && x.s[x.i] == ';' && !any)
            return NULL;                /* "(qmail 123 invoked by uid 89); Tue, …" */
        if (str_eq_nocase(t, "by")) {
            char *host = token(&x, ",");
            size_t n = strlen(host);
            while (n > 1 && host[n - 1] == '.')
                host[--n] = 0;
            return host;
        }
        any |= *t != 0;
        if (str_eq_nocase(t, "from"))
            token(&x, "");              /* a HELO may be called "by" */
        x.i += x.i == before;
    }
    return any ? arena_strdup(r->tmp, "") : NULL;
}
