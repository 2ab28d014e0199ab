/* SPDX-License-Identifier: ISC
 *
 * Authentication-Results, by the grammar of RFC 8601 §2.2, and which of them are believed: only fields of a configured authserv-id, and
 * only above the first Received whose `by` host is not ours; for each method the topmost field counts. A host is ours when it is the
 * authserv-id, belongs to the same organisation or has a private address. Everything below may have been written by the sender; nothing
 * here can tell a forged field that our own server let through, so it must strip those. Aligned means: the From domain is vouched for
 * (DMARC, or where the domain has none, DKIM or SPF of the same organisation), and there is one From address only. ARC counts for nothing.
 */
#include "read.h"

#include <stdlib.h>
#include <string.h>

#define RESULTS_MAX 100u

/* Under these a name of one more label is an organisation: the usual second levels of countries, and hosts that give names to anyone. */
static const char *const second_level[] = {
    "co", "com", "org", "net", "gov", "ac", "edu", "ne", "or", "go", "gob", "gouv", "ltd", "plc", "me", "sch", "nhs", "police", "mil", "id", "in",
    "info", "biz", "web", "nom", "law", "k12", "pp", "priv", "tm", "asso",
};
static const char *const shared_host[] = {
    "onmicrosoft.com", "github.io", "herokuapp.com", "azurewebsites.net", "cloudfront.net", "amazonaws.com", "blogspot.com", "appspot.com",
    "googleusercontent.com", "pages.dev", "workers.dev", "web.app", "firebaseapp.com", "netlify.app", "vercel.app", "myshopify.com",
    "wordpress.com", "dyndns.org", "no-ip.org", "duckdns.org", "uk.com", "us.com", "eu.com", "de.com", "se.net", "uk.net", "gb.net", "co.com",
    "mcsv.net", "sendgrid.net", "zendesk.com", "freshdesk.com", "atlassian.net",
};

const char *
auth_organisation(const char *domain)
{
    size_t n = strlen(domain);
    const char *label[4] = {0};         /* the last four labels, from the right */
    size_t k = 0;

    for (size_t i = n; i > 0 && k < 4; i--)
        if (domain[i - 1] == '.')
            label[k++] = domain + i;
    if (k < 4)
        label[k++] = domain;
    if (k < 3)
        return domain;
    for (size_t i = 0; i < countof(shared_host); i++)
        if (str_eq_nocase(label[1], shared_host[i]))
            return label[2];
    if (strlen(label[0]) == 2)
        for (size_t i = 0; i < countof(second_level); i++)
            if ((size_t)(label[0] - label[1] - 1) == strlen(second_level[i]) && mem_eq_nocase(label[1], second_level[i], strlen(second_level[i])))
                return label[2];
    return label[1];
}

static bool
same_organisation(const char *a, const char *b)
{
    return *a != 0 && *b != 0 && str_eq_nocase(auth_organisation(a), auth_organisation(b));
}

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
}

/* A word up to white space, ';', '=' or '('; "" when there is none. `stop` adds characters that end it. */
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
            for (; x->i < x->len && !is_space((unsigned char)x->s[x->i]) && strchr(";(", x->s[x->i]) == NULL; x->i++)
                buf_putc(&b, x->s[x->i]);
    } else {
        for (; x->i < x->len && !is_space((unsigned char)x->s[x->i]) && strchr(";(\"", x->s[x->i]) == NULL && strchr(stop, x->s[x->i]) == NULL; x->i++)
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
    return n == 0 || !utf8_valid(d, n) ? NULL : d;
}

/* Which property names the domain that a method speaks of; the earlier row counts. */
static const struct { const char *method, *property; } speaks_of[] = {
    {"dkim", "header.d"}, {"dkim", "header.i"}, {"dkim", "header.from"}, {"spf", "smtp.mailfrom"}, {"spf", "smtp.mail"}, {"spf", "smtp.from"},
    {"spf", "policy.from"}, {"dmarc", "header.from"}, {"dmarc", "header.d"}, {"dkim-adsp", "header.from"}, {"dkim-atps", "header.from"},
    {"sender-id", "header.from"}, {"domainkeys", "header.d"}, {"domainkeys", "header.from"}, {"auth", "smtp.auth"}, {"iprev", "policy.iprev"}, {"arc", "header.d"},
    {"compauth", "header.from"},
};

static void
property(struct reading *r, Td__AuthResult *a, const char *name, const char *value, size_t *rank)
{
    for (size_t i = 0; i < countof(speaks_of); i++)
        if (i < *rank && strcmp(a->method, speaks_of[i].method) == 0 && str_eq_nocase(name, speaks_of[i].property)) {
            const char *d = domain_of(r, value);
            if (d != NULL && strcmp(a->method, "iprev") != 0) {
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

static void
field_read(struct reading *r, const struct field *f, bool may_trust)
{
    struct lexer x = {r, f->value, f->len, 0};
    char *authserv = clean(r, token(&x, "")), *method;
    bool ours = false;

    for (size_t i = 0; i < r->o->n_authserv; i++)
        ours |= str_eq_nocase(authserv, r->o->authserv[i]);
    if (strchr(authserv, '=') != NULL) {        /* Exchange Online writes no id */
        authserv = arena_strdup(r->a, "");
        ours = r->o->exchange_online;
        x.i = 0;
    } else {
        while (x.i < x.len && x.s[x.i] != ';') {        /* a version may stand here */
            size_t before = x.i;
            token(&x, "");
            x.i += x.i == before;
        }
        x.i += x.i < x.len;
    }
    while (x.i < x.len && r->m->n_auth_results < RESULTS_MAX) {
        Td__AuthResult *a;
        size_t rank = countof(speaks_of), before = x.i;
        method = clean(r, token(&x, "=/"));
        if (take(&x, '/'))
            token(&x, "=");
        if (*method != 0 && take(&x, '=')) {
            a = schema_new(r->a, &td__auth_result__descriptor);
            a->authserv = authserv;
            a->method = method;
            a->result = clean(r, token(&x, ""));
            a->trusted = ours && may_trust;
            for (;;) {
                skip_cfws(&x);
                if (x.i >= x.len || x.s[x.i] == ';')
                    break;
                size_t at = x.i;
                char *name = token(&x, "=.");
                while (*name != 0 && strlen(name) < 100 && take(&x, '.'))
                    name = arena_printf(r->tmp, "%s.%s", name, token(&x, "=."));
                if (take(&x, '='))
                    property(r, a, name, token(&x, ""), &rank);
                x.i += x.i == at;
            }
            arena_push(r->a, &r->m->auth_results, &r->m->n_auth_results, a);
        }
        while (x.i < x.len && x.s[x.i] != ';') {        /* what cannot be understood goes to the next ';' */
            if (x.s[x.i] == '(' || x.s[x.i] == '"') {
                size_t at = x.i;
                token(&x, "");
                x.i += x.i == at;
            } else {
                x.i++;
            }
        }
        x.i += x.i < x.len;
        x.i += x.i == before;
    }
}

/* The host after "by" in a Received field; "" when there is none. */
static char *
received_by(struct reading *r, const struct field *f)
{
    struct lexer x = {r, f->value, f->len, 0};

    while (x.i < x.len) {
        size_t before = x.i;
        char *t = token(&x, "");
        if (str_eq_nocase(t, "by"))
            return token(&x, "");
        x.i += x.i == before;
    }
    return arena_strdup(r->tmp, "");
}

/* "10.0.0.5", "[192.168.1.1]", "IPv6:fd00::1", "2002:a05:…" (10.5.… as Google writes it): nobody outside has such an address. */
static bool
is_private(const char *host)
{
    static const char *const begins[] = {"10.", "127.", "192.168.", "169.254.", "fd", "fe80:", "::1"};
    long second;

    host += *host == '[';
    if (str_starts_nocase(host, "IPv6:"))
        host += 5;
    if (strspn(host, "0123456789.]") != strlen(host) && (strchr(host, ':') == NULL || strspn(host, "0123456789abcdefABCDEF:.]") != strlen(host)))
        return false;                   /* a name */
    for (size_t i = 0; i < countof(begins); i++)
        if (str_starts_nocase(host, begins[i]))
            return strcmp(begins[i], "::1") != 0 || host[3] == 0 || host[3] == ']';
    if (strncmp(host, "2002:", 5) == 0)
        return strtol(host + 5, NULL, 16) >> 8 == 10;
    second = strncmp(host, "172.", 4) == 0 ? strtol(host + 4, NULL, 10) : 0;
    return second >= 16 && second <= 31;
}

static bool
host_is_ours(struct reading *r, const char *host)
{
    static const char *const exchange[] = {".outlook.com", ".office365.com", ".exchangelabs.com"};
    size_t n = strlen(host);

    if (str_eq_nocase(host, "localhost") || is_private(host))
        return true;                    /* a content filter beside our own server */
    for (size_t i = 0; r->o->exchange_online && i < countof(exchange); i++)
        if (n > strlen(exchange[i]) && str_eq_nocase(host + n - strlen(exchange[i]), exchange[i]))
            return true;
    for (size_t i = 0; i < r->o->n_authserv; i++)
        if (str_eq_nocase(host, r->o->authserv[i]) || (strchr(host, '.') != NULL && same_organisation(host, r->o->authserv[i])))
            return true;
    return false;
}

static bool
is_expected(const struct mail_options *o, const char *method)
{
    for (size_t i = 0; i < o->n_expects; i++)
        if (str_eq_nocase(o->expects[i], method))
            return true;
    return false;
}

/* Whether the topmost trusted field that has `method` vouches for the From domain. -1: nobody says anything. */
static int
vouches(struct reading *r, const size_t *field_of, const char *method, const char *from)
{
    static const char *const nothing[] = {"none", "temperror", "permerror", "bestguesspass", "neutral", "policy"};
    const Td__Message *m = r->m;
    size_t field = SIZE_MAX;
    int found = -1;

    for (size_t i = 0; i < m->n_auth_results; i++) {
        const Td__AuthResult *a = m->auth_results[i];
        bool silent = false;
        if (!a->trusted)
            continue;
        if (field == SIZE_MAX && is_expected(r->o, method))
            field = field_of[i];        /* the topmost one, whether it has the method or not */
        if (strcmp(a->method, method) != 0 || (field != SIZE_MAX && field_of[i] != field))
            continue;
        field = field_of[i];
        if (strcmp(a->result, "pass") == 0 && a->domain != NULL && (r->o->strict_alignment ? str_eq_nocase(a->domain, from) : same_organisation(a->domain, from)))
            return 1;
        for (size_t k = 0; k < countof(nothing); k++)
            silent |= strcmp(a->result, nothing[k]) == 0;
        found = silent && found == -1 ? -1 : 0;
    }
    return found;
}

void
auth_read(struct reading *r, const struct header *h)
{
    size_t field_of[RESULTS_MAX] = {0}, n;
    bool trust = r->o->n_authserv > 0 || r->o->exchange_online;
    const char *from = r->m->from == NULL ? "" : addr_domain(r->m->from->addr);
    int dmarc, dkim, spf;

    for (size_t i = 0; i < h->n; i++) {
        if (field_is(&h->f[i], "Received")) {
            trust = trust && host_is_ours(r, received_by(r, &h->f[i]));
        } else if (field_is(&h->f[i], "Authentication-Results")) {
            n = r->m->n_auth_results;
            field_read(r, &h->f[i], trust);
            for (; n < r->m->n_auth_results; n++)
                field_of[n] = i;
        }
    }
    if (r->o->n_authserv == 0 && !r->o->exchange_online)
        return;
    dmarc = vouches(r, field_of, "dmarc", from);
    dkim = vouches(r, field_of, "dkim", from);
    spf = vouches(r, field_of, "spf", from);
    r->m->has_aligned = true;
    r->m->aligned = r->m->from_count == 1 && *from != 0 && (dmarc == 1 || (dmarc == -1 && (dkim == 1 || spf == 1)));
}
