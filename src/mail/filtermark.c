/* SPDX-License-Identifier: ISC
 *
 * What our own filters say of a mail: spam, or a virus in it. Anybody can write such a field, and relays on the way do, so that they
 * count as Authentication-Results do: only above the first Received whose `by` host is not ours. Of each field the topmost counts.
 * A field that says that a mail is clean proves nothing, and what only gives points (X-Spam-Level, BCL) is not judged.
 */
#include "auth.h"

#include <stdlib.h>
#include <string.h>

enum mark_test {
    MARK_BEGINS,            /* the value, without case, with nothing of a word behind it */
    MARK_HAS,               /* anywhere in it */
    MARK_PRESENT,           /* anything but a word for no */
    MARK_LEVEL,             /* a number from 5 on, at the begin */
    MARK_LEVEL_AT,          /* the same behind this word */
    MARK_NAME_ENDS,         /* `header` is the end of the name; then as MARK_BEGINS */
    MARK_NAME_ENDS_HAS,
};
struct mark_row { const char *header; enum mark_test test; const char *word; bool virus; };

/* Where a family of filters has a field of its own for the verdict, the field is here, and not the points beside it. */
static const struct mark_row rows[] = {
    { "X-Virus-Status", MARK_BEGINS, "infected", true },                /* clamav-milter, clamsmtp */
    { "X-Virus-Status", MARK_BEGINS, "yes", true },
    { "X-Virus-Flag", MARK_BEGINS, "yes", true },
    { "X-Virus-Found", MARK_PRESENT, "", true },
    { "X-Virus", MARK_PRESENT, "", true },                              /* rspamd: the name of what was found */
    { "X-Infected", MARK_PRESENT, "", true },
    { "X-Amavis-Alert", MARK_BEGINS, "infected", true },
    { "X-DSPAM-Result", MARK_BEGINS, "virus", true },
    { "X-Proofpoint-Virus", MARK_BEGINS, "infected", true },
    { "-MailScanner", MARK_NAME_ENDS_HAS, "infected", true },           /* "Found to be infected" */
    { "X-KLMS-AntiVirus-Status", MARK_BEGINS, "infected", true },
    { "X-Sophos-AntiVirus-Status", MARK_BEGINS, "infected", true },
    { "X-Forefront-Antispam-Report", MARK_HAS, "CAT:MALW;", true },
    { "X-Spam-Flag", MARK_BEGINS, "yes", false },                       /* SpamAssassin, amavis, Sieve */
    { "X-Spam-Status", MARK_BEGINS, "yes", false },
    { "X-Spam", MARK_BEGINS, "yes", false },                            /* rspamd */
    { "X-Spam", MARK_BEGINS, "true", false },
    { "X-Spamd-Result", MARK_HAS, ": true", false },                    /* "default: True [15.00 / 15.00]; …" */
    { "X-Rspamd-Action", MARK_BEGINS, "add header", false },
    { "X-Rspamd-Action", MARK_BEGINS, "rewrite subject", false },
    { "X-Rspamd-Action", MARK_BEGINS, "quarantine", false },
    { "X-Rspamd-Action", MARK_BEGINS, "reject", false },
    { "X-MS-Exchange-Organization-SCL", MARK_LEVEL, "", false },        /* Exchange: 5 and more go to junk */
    { "X-Forefront-Antispam-Report", MARK_HAS, "SFV:SPM;", false },     /* Exchange Online */
    { "X-Forefront-Antispam-Report", MARK_HAS, "CAT:PHSH;", false },
    { "X-Forefront-Antispam-Report", MARK_HAS, "CAT:HPHSH;", false },
    { "X-Forefront-Antispam-Report", MARK_LEVEL_AT, "SCL:", false },
    { "X-Bogosity", MARK_BEGINS, "spam", false },
    { "X-Bogosity", MARK_BEGINS, "yes", false },
    { "X-CRM114-Status", MARK_BEGINS, "spam", false },
    { "X-DSPAM-Result", MARK_BEGINS, "spam", false },
    { "X-Barracuda-Spam-Flag", MARK_BEGINS, "yes", false },
    { "X-Barracuda-Spam-Status", MARK_BEGINS, "yes", false },
    { "X-SpamExperts-Class", MARK_BEGINS, "spam", false },
    { "X-Proofpoint-Spam-Details", MARK_BEGINS, "rule=spam", false },
    { "X-KLMS-AntiSpam-Status", MARK_BEGINS, "spam", false },
    { "-MailScanner-SpamCheck", MARK_NAME_ENDS, "spam", false },        /* "not spam" begins otherwise */
};

static bool
name_is(const struct mark_row *row, const struct field *f)
{
    size_t n = strlen(row->header);
    if (row->test != MARK_NAME_ENDS && row->test != MARK_NAME_ENDS_HAS)
        return field_is(f, row->header);
    return f->name_len > n && mem_eq_nocase(f->name + f->name_len - n, row->header, n);
}

static bool
begins(const char *v, const char *word)
{
    size_t n = strlen(word);
    return str_starts_nocase(v, word) && !is_alnum((unsigned char)v[n]) && v[n] != '-';
}

static bool
says_no(const char *v)
{
    static const char *const words[] = { "no", "none", "clean", "false", "not", "0", "ok" };
    for (size_t i = 0; i < countof(words); i++)
        if (begins(v, words[i]))
            return true;
    return *v == 0;
}

static bool
level(const char *v)
{
    return *v >= '0' && *v <= '9' && strtol(v, NULL, 10) >= 5;
}

static bool
holds(const struct mark_row *row, const char *v)
{
    const char *at;
    switch (row->test) {
    case MARK_BEGINS:
    case MARK_NAME_ENDS:
        return begins(v, row->word);
    case MARK_HAS:
    case MARK_NAME_ENDS_HAS:
        return str_find_nocase(v, row->word) != NULL;
    case MARK_PRESENT:
        return !says_no(v);
    case MARK_LEVEL:
        return level(v);
    case MARK_LEVEL_AT:
        at = str_find_nocase(v, row->word);
        return at != NULL && level(at + strlen(row->word));
    }
    return false;
}

/* A word of the same field that stands higher has been looked at already. */
static bool
is_topmost(const struct header *h, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (h->f[k].name_len == h->f[i].name_len && mem_eq_nocase(h->f[k].name, h->f[i].name, h->f[i].name_len))
            return false;
    return true;
}

static bool
by_foreign_host(struct reading *r, const struct field *f)
{
    const char *by = field_is(f, "Received") ? auth_received_by(r, f) : NULL;
    return by != NULL && !auth_host_is_ours(r->o, by);
}

static void
mark(struct reading *r, const struct field *f, bool virus)
{
    Td__Message *m = r->m;
    struct buf b = {0};
    if (m->filter == NULL) {
        m->filter = schema_new(r->a, &td__filter__descriptor);
        m->filter->why = (char *)"";
    } else if (!virus || (m->filter->has_virus && m->filter->virus)) {
        return;                         /* the first is enough, but a virus goes before */
    }
    m->filter->has_virus = m->filter->virus = virus;
    charset_text(NULL, (const uint8_t *)f->value, f->len < 120 ? f->len : 120, &b, NULL);
    for (size_t i = 0; i < b.len; i++)
        if ((unsigned char)b.data[i] < 0x20)
            b.data[i] = ' ';
    m->filter->why = (char *)arena_printf(r->a, "%.*s: %.*s", (int)(f->name_len < 60 ? f->name_len : 60), f->name, (int)utf8_clip(b.data ? b.data : "", 120),
                                          b.data ? b.data : "");
    buf_free(&b);
}

void
filter_read(struct reading *r, const struct header *h)
{
    const struct mail_options *o = r->o;
    if (o->n_authserv == 0 && o->n_hosts == 0 && !o->exchange_online)
        return;                         /* nobody knows which server is ours */
    for (size_t i = 0; i < h->n && !by_foreign_host(r, &h->f[i]); i++)
        for (size_t k = 0; k < countof(rows); k++)
            if (name_is(&rows[k], &h->f[i]) && holds(&rows[k], h->f[i].value) && is_topmost(h, i))
                mark(r, &h->f[i], rows[k].virus);
}
