/* SPDX-License-Identifier: ISC
 *
 * ARC (RFC 8617), for mail that came through a list or a forwarder whom the operator trusts. The signatures are our own mail server's to
 * check; that it found the chain whole is known before this is asked. The newest seal is looked at first. It must be a trusted sealer's,
 * for he who seals later could have written anything below; where his results do not vouch for the author but say arc=pass, the seal
 * before it is asked in the same way. Seals of our own server lie on top and only repeat what it has said.
 */
#include "auth.h"

#include <string.h>

#define INSTANCES_MAX 50u               /* RFC 8617 §4.2.1 */

struct set { const struct field *seal, *results; size_t at; };      /* at: the lower one of the two */

/* The value of a tag in "i=1; a=rsa-sha256; d=x.example", in r->tmp; "" when there is none. Blanks go, as RFC 6376 §3.2 lets them be. */
static char *
tag(struct reading *r, const struct field *f, const char *name)
{
    const char *s = f->value, *end = f->value + f->len;

    while (s < end) {
        const char *semicolon = memchr(s, ';', (size_t)(end - s)), *stop = semicolon == NULL ? end : semicolon, *equals = memchr(s, '=', (size_t)(stop - s));
        while (s < stop && is_space((unsigned char)*s))
            s++;
        if (equals != NULL && (size_t)(equals - s) >= strlen(name) && mem_eq_nocase(s, name, strlen(name)) &&
            strspn(s + strlen(name), " \t\r\n") == (size_t)(equals - s) - strlen(name)) {
            struct buf b = {0};
            for (const char *c = equals + 1; c < stop; c++)
                if (!is_space((unsigned char)*c))
                    buf_putc(&b, *c);
            char *value = arena_strndup(r->tmp, b.data == NULL ? "" : b.data, b.len);
            buf_free(&b);
            return value;
        }
        s = semicolon == NULL ? end : semicolon + 1;
    }
    return arena_strdup(r->tmp, "");
}

static size_t
instance(struct reading *r, const struct field *f)
{
    const char *i = tag(r, f, "i");
    size_t n = 0;

    if (*i == 0 || strlen(i) > 2 || strspn(i, "0123456789") != strlen(i))
        return 0;
    for (; *i != 0; i++)
        n = n * 10 + (size_t)(*i - '0');
    return n <= INSTANCES_MAX ? n : 0;
}

/* By instance, from 1; the number of the newest. 0: a chain with a gap, a double or a field of no instance is none. */
static size_t
sets_read(struct reading *r, const struct header *h, struct set set[INSTANCES_MAX + 1])
{
    size_t newest = 0;

    for (size_t i = 0; i < h->n; i++) {
        bool seal = field_is(&h->f[i], "ARC-Seal");
        if (!seal && !field_is(&h->f[i], "ARC-Authentication-Results"))
            continue;
        size_t n = instance(r, &h->f[i]);
        const struct field **place = seal ? &set[n].seal : &set[n].results;
        if (n == 0 || *place != NULL)
            return 0;
        *place = &h->f[i];
        set[n].at = i > set[n].at ? i : set[n].at;
        newest = n > newest ? n : newest;
    }
    for (size_t n = 1; n <= newest; n++)
        if (set[n].seal == NULL || set[n].results == NULL)
            return 0;
    return newest;
}

static bool
is_sealer(const struct mail_options *o, const char *d)
{
    for (size_t i = 0; i < o->n_sealers; i++) {
        size_t n = strlen(d), s = strlen(o->sealers[i]);
        if (str_eq_nocase(d, o->sealers[i]) || (n > s && d[n - s - 1] == '.' && str_eq_nocase(d + n - s, o->sealers[i])))
            return true;
    }
    return false;
}

static bool
is_own_seal(const struct mail_options *o, const struct set *s, size_t foreign, const char *d)
{
    return s->at < foreign && auth_host_is_ours(o, d);
}

/* "i=1; mx.example.net; dkim=pass …": behind the instance it is like any other. */
static void
results_read(struct reading *r, const struct field *f, struct auth_field *out)
{
    const char *semicolon = memchr(f->value, ';', f->len);
    size_t skip = semicolon == NULL ? f->len : (size_t)(semicolon - f->value) + 1;

    auth_field_read(r, f->value + skip, f->len - skip, AUTH_RESULTS_MAX - r->m->n_auth_results, out);
}

static bool
says_arc_pass(const struct auth_field *f)
{
    bool pass = false;

    for (size_t i = 0; i < f->n; i++)
        pass |= strcmp(f->v[i]->method, "arc") == 0 && strcmp(f->v[i]->result, "pass") == 0;
    return pass;
}

bool
auth_arc_vouches(struct reading *r, const struct header *h, size_t foreign, const char *domain)
{
    struct set set[INSTANCES_MAX + 1] = {0};
    const struct mail_options plain = {.strict_alignment = r->o->strict_alignment};
    struct auth_field f;

    for (size_t n = sets_read(r, h, set); n > 0; n--) {
        const char *d = tag(r, set[n].seal, "d");
        bool own = is_own_seal(r->o, &set[n], foreign, d);
        if (own && !is_sealer(r->o, d))
            continue;
        if (!is_sealer(r->o, d))
            return false;
        results_read(r, set[n].results, &f);
        if (!f.no_id && !f.foreign_version && auth_vouches(&plain, &f, 1, domain)) {
            for (size_t i = 0; i < f.n; i++) {
                f.v[i]->trusted = true;
                arena_push(r->a, &r->m->auth_results, &r->m->n_auth_results, f.v[i]);
            }
            return true;
        }
        if (!own && !says_arc_pass(&f))
            return false;
    }
    return false;
}
