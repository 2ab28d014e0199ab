/* SPDX-License-Identifier: ISC
 *
 * Which Authentication-Results are believed (RFC 8601 §5 and §7): only fields of a configured authserv-id, and only above the first
 * Received whose `by` host is not ours; for each method the topmost field counts. Everything below may have been written by the sender;
 * nothing here can tell a forged field that our own server let through right under its own Received, so it must strip those. Aligned
 * means: the From domain is vouched for (DMARC, or where that says nothing, DKIM or SPF of the same organisation), and there is one From
 * address only. Sender and Resent-From never count, ARC only where the operator trusts the sealer.
 */
#include "auth.h"

#include <string.h>

#define NOWHERE SIZE_MAX

/* Methods that our server always writes are listed in the order of its fields, the topmost first: each must stand in the topmost field,
 * or in the one right under that of the method listed before it. So a filter that was down leaves a gap that no forged field can fill.
 * Answers how many fields are our server's, and where `method` stands among them. */
static size_t
expected_fields(const struct mail_options *o, const struct auth_field *f, size_t n, const char *method, size_t *place)
{
    size_t at = 0;
    bool any = false;

    for (size_t i = 0; i < o->n_expects; i++) {
        size_t here = NOWHERE;
        if (at < n && auth_field_has(&f[at], o->expects[i]))
            here = at;
        else if (any && at + 1 < n && auth_field_has(&f[at + 1], o->expects[i]))
            here = at + 1;
        if (str_eq_nocase(o->expects[i], method))
            *place = here;
        if (here != NOWHERE) {
            at = here;
            any = true;
        }
    }
    return any ? at + 1 : 0;
}

/* The field whose word on this method counts. One that says that nothing was checked speaks of every method. */
static size_t
place_of(const struct mail_options *o, const struct auth_field *f, size_t n, const char *method)
{
    size_t place = NOWHERE;
    bool listed = false;

    if (o->n_expects > 0)
        n = expected_fields(o, f, n, method, &place);
    for (size_t i = 0; i < o->n_expects; i++)
        listed |= str_eq_nocase(o->expects[i], method);
    for (size_t i = 0; !listed && place == NOWHERE && i < n && !f[i].none; i++)
        if (auth_field_has(&f[i], method))
            place = i;
    return place;
}

static bool
says_nothing(const Td__AuthResult *a)
{
    static const char *const words[] = {"none", "temperror", "permerror", "bestguesspass", "neutral", "policy"};

    for (size_t i = 0; i < countof(words); i++)
        if (strcmp(a->result, words[i]) == 0)
            return true;
    return strcmp(a->result, "pass") == 0 && a->domain == NULL;         /* for whom? */
}

enum word { SAYS_NOTHING, SAYS_NO, SAYS_YES };

/* Of several signatures one is enough. A second word on the same envelope, or on the author's policy, has no place in an honest field:
 * where they differ, they prove nothing. */
static enum word
word_of(const struct mail_options *o, const struct auth_field *f, size_t n, const char *method, const char *domain)
{
    size_t place = place_of(o, f, n, method);
    bool dmarc = strcmp(method, "dmarc") == 0, spf = strcmp(method, "spf") == 0, yes = false, no = false;

    for (size_t i = 0; place != NOWHERE && i < f[place].n; i++) {
        const Td__AuthResult *a = f[place].v[i];
        bool equal = str_eq_nocase(a->domain, domain);
        bool aligned = equal || (!o->strict_alignment && a->domain != NULL && auth_same_organisation(a->domain, domain));
        bool good = aligned && strcmp(a->result, "pass") == 0;
        if (strcmp(a->method, method) != 0 || says_nothing(a))
            continue;
        yes |= good;
        no |= !good && (dmarc || (spf && aligned));
    }
    return no ? SAYS_NO : yes ? SAYS_YES : SAYS_NOTHING;
}

bool
auth_vouches(const struct mail_options *o, const struct auth_field *f, size_t n, const char *domain)
{
    enum word dmarc = word_of(o, f, n, "dmarc", domain);

    if (dmarc != SAYS_NOTHING)
        return dmarc == SAYS_YES;
    return word_of(o, f, n, "dkim", domain) == SAYS_YES || word_of(o, f, n, "spf", domain) == SAYS_YES;
}

/* Our own server has found the ARC chain whole. */
static bool
arc_passed(const struct mail_options *o, const struct auth_field *f, size_t n)
{
    size_t place = place_of(o, f, n, "arc");
    bool pass = place != NOWHERE;

    for (size_t i = 0; pass && i < f[place].n; i++)
        pass = strcmp(f[place].v[i]->method, "arc") != 0 || strcmp(f[place].v[i]->result, "pass") == 0;
    return pass;
}

struct trusted { struct auth_field *f; size_t n, foreign; };

/* Reads every field into the message, and those that count, the topmost first, into `out`. */
static void
fields_read(struct reading *r, const struct header *h, struct trusted *out)
{
    bool trust = r->o->n_authserv > 0 || r->o->exchange_online;
    size_t count = 0;

    for (size_t i = 0; i < h->n; i++)
        count += field_is(&h->f[i], "Authentication-Results");
    *out = (struct trusted){.f = arena_alloc(r->tmp, (count + 1) * sizeof *out->f), .foreign = h->n};
    for (size_t i = 0; i < h->n; i++) {
        if (field_is(&h->f[i], "Received") && trust) {
            const char *by = auth_received_by(r, &h->f[i]);
            trust = by == NULL || auth_host_is_ours(r->o, by);
            out->foreign = trust ? h->n : i;
        } else if (field_is(&h->f[i], "Authentication-Results")) {
            struct auth_field f;
            auth_field_read(r, h->f[i].value, h->f[i].len, AUTH_RESULTS_MAX - r->m->n_auth_results, &f);
            bool ours = trust && !f.foreign_version && (f.no_id ? r->o->exchange_online : auth_id_is_ours(r->o, f.authserv));
            for (size_t k = 0; k < f.n; k++) {
                f.v[k]->trusted = ours;
                arena_push(r->a, &r->m->auth_results, &r->m->n_auth_results, f.v[k]);
            }
            if (ours)
                out->f[out->n++] = f;
        }
    }
}

void
auth_read(struct reading *r, const struct header *h)
{
    const struct mail_options *o = r->o;
    const char *from = r->m->from == NULL ? "" : addr_domain(r->m->from->addr);
    struct trusted t;

    fields_read(r, h, &t);
    if (o->n_authserv == 0 && !o->exchange_online)
        return;
    r->m->has_aligned = true;
    r->m->aligned = r->m->from_count == 1 && *from != 0 &&
        (auth_vouches(o, t.f, t.n, from) || (o->n_sealers > 0 && arc_passed(o, t.f, t.n) && auth_arc_vouches(r, h, t.foreign, from)));
}
