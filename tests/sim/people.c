/* SPDX-License-Identifier: ISC
 *
 * Those who write: customers, staff, machines, strangers with bad intentions. What they answer to are the letters that the relay
 * has brought them, byte for byte as ticketd composed them.
 */
#include "sim.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROBOT_MAILS_MAX 60              /* that machines write by themselves in one run */

static const struct { const char *addr, *name; enum person_kind kind; } people[] = {
    { "anna@mill.example", "Anna Mill", PERSON_HUMAN },       { "bo@mill.example", "Bo", PERSON_HUMAN },
    { "carla@ferry.example", NULL, PERSON_HUMAN },            { "dag@ferry.example", "Dag \xc3\x85kerlund", PERSON_HUMAN },
    { "eva@post.example", "Eva", PERSON_HUMAN },              { "finn@quarry.example", "Finn", PERSON_HUMAN },
    { "gerda@quarry.example", "Gerda", PERSON_AWAY },         { "hal@loop.example", "Hal", PERSON_RUDE },
    { "ines@gone.example", "Ines", PERSON_GONE },             { "no-reply@shop.example", "Shop", PERSON_MACHINE },
    { "news@letters.example", "News", PERSON_MACHINE },       { "mailer-daemon@mx.sim.example", NULL, PERSON_MACHINE },
    { "cron@host.example", "Cron Daemon", PERSON_MACHINE },   { "liz@sim.example", "Liz", PERSON_STAFF },
    { "mark@sim.example", "Mark", PERSON_STAFF },             { "nina@sim.example", "Nina", PERSON_STAFF },
    { "boss@sim.example", "The Boss", PERSON_STAFF },         { "mallory@evil.example", "Mallory", PERSON_HOSTILE },
};

void
people_make(void)
{
    S.n_persons = countof(people);
    S.persons = mem_alloc(S.n_persons * sizeof *S.persons);
    for (size_t i = 0; i < S.n_persons; i++) {
        S.persons[i].addr = people[i].addr;
        S.persons[i].name = people[i].name;
        S.persons[i].kind = people[i].kind;
    }
}

void
people_free(void)
{
    for (size_t i = 0; i < S.n_persons; i++)
        for (unsigned k = 0; k < countof(S.persons[i].inbox); k++)
            buf_free(&S.persons[i].inbox[k].bytes);
    free(S.persons);
}

struct person *
person_find(const char *addr)
{
    for (size_t i = 0; i < S.n_persons; i++)
        if (addr_equal(S.persons[i].addr, addr))
            return &S.persons[i];
    return NULL;
}

static struct person *
person_pick(struct dice *d, enum person_kind a, enum person_kind b)
{
    for (;;) {
        struct person *p = &S.persons[dice_below(d, (unsigned)S.n_persons)];
        if (p->kind == a || p->kind == b)
            return p;
    }
}

void
letter_field(const struct buf *bytes, const char *name, char *out, size_t size)
{
    const char *p = bytes->data, *end = strstr(p, "\r\n\r\n");
    size_t n = strlen(name), len = 0;
    out[0] = '\0';
    while (p != NULL && (end == NULL || p < end)) {
        if (str_starts_nocase(p, name) && p[n] == ':') {
            for (p += n + 1; *p == ' '; p++)
                ;
            for (; *p != '\0' && len + 1 < size && !(p[0] == '\r' && p[2] != ' ' && p[2] != '\t'); p++)
                if (*p != '\r' && *p != '\n')
                    out[len++] = *p;
            out[len] = '\0';
            return;
        }
        p = strstr(p, "\r\n");
        p = p != NULL ? p + 2 : NULL;
    }
}

/* ---- writing */

struct mail *
mail_add(struct buf *bytes, enum mail_kind kind, const char *envelope_from)
{
    struct mail *m = mem_alloc(sizeof *m);
    m->bytes = bytes->data;
    m->len = bytes->len;
    m->kind = kind;
    snprintf(m->envelope_from, sizeof m->envelope_from, "%s", envelope_from);
    crypto_generichash(m->hash, sizeof m->hash, (const uint8_t *)m->bytes, m->len, NULL, 0);
    m->n = (unsigned)S.n_mails + 1;
    S.mails = mem_grow(S.mails, (S.n_mails + 1) * sizeof *S.mails);
    S.mails[S.n_mails++] = m;
    return m;
}

static void
words(struct dice *d, struct buf *b, unsigned n)
{
    static const char *const some[] = { "the", "printer", "stands", "still", "since", "invoice", "cannot", "login", "ledger", "report", "slow",
                                        "please", "look", "order", "missing", "again", "today", "system is down", "thank", "you" };
    for (unsigned i = 0; i < n; i++)
        buf_printf(b, "%s%s", some[dice_below(d, countof(some))], i % 9 == 8 ? "\r\n" : " ");
    buf_printf(b, "w%08x\r\n", (unsigned)dice_u64(d));
}

/* What our own MX has found: proven, or nothing. */
static void
field_auth(struct buf *b, const char *addr, bool proven)
{
    if (proven)
        buf_printf(b, "Authentication-Results: mx.sim.example; dmarc=pass header.from=%s\r\n", addr_domain(addr));
    buf_puts(b, "Received: from there.example by mx.sim.example with ESMTPS; Tue, 10 Mar 2026 10:00:00 +0000\r\n");
}

static void
field_from(struct buf *b, const struct person *p)
{
    if (p->name != NULL && utf8_valid(p->name, strlen(p->name)))
        buf_printf(b, "From: \"%s\" <%s>\r\n", p->name, p->addr);
    else
        buf_printf(b, "From: %s\r\n", p->addr);
}

static void
head(struct buf *b, struct dice *d, const struct person *p, bool proven, const char *to, const char *subject)
{
    field_auth(b, p->addr, proven);
    field_from(b, p);
    buf_printf(b, "To: %s\r\nSubject: %s\r\nMessage-ID: <%016llx@%s>\r\nDate: Tue, 10 Mar 2026 10:00:00 +0000\r\n", to, subject,
               (unsigned long long)dice_u64(d), addr_domain(p->addr));
}

static enum source
any_source(struct dice *d)
{
    return (enum source)dice_below(d, SOURCES);
}

/* Proof is worth something from every source of the simulator's configuration. */
void
mail_write_new(struct dice *d)
{
    struct buf b = { 0 };
    struct person *p = person_pick(d, PERSON_HUMAN, dice_percent(d, 70) ? PERSON_HUMAN : PERSON_AWAY);
    if (dice_percent(d, 8))
        p = person_pick(d, PERSON_RUDE, PERSON_GONE);
    char subject[64];
    snprintf(subject, sizeof subject, "Trouble %u", dice_below(d, 100000));
    head(&b, d, p, dice_percent(d, 60), SIM_DESK, subject);
    if (dice_percent(d, 10))
        buf_printf(&b, "Cc: %s\r\n", person_pick(d, PERSON_HUMAN, PERSON_HUMAN)->addr);
    if (dice_percent(d, 15)) {
        buf_puts(&b, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
        words(d, &b, 20);
        buf_puts(&b, "--b\r\nContent-Type: application/pdf; name=\"invoice.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        /* one in two hundred is so large that it is written ahead, in steps */
        for (unsigned i = dice_percent(d, 4) ? 60000 + dice_below(d, 60000) : dice_below(d, 400); i > 0; i--)
            buf_puts(&b, "JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSL0ZpbHRlci9GbGF0ZURl\r\n");
        buf_puts(&b, "--b--\r\n");
    } else {
        buf_puts(&b, "\r\n");
        words(d, &b, 5 + dice_below(d, 60));
    }
    (void)delivery_add(mail_add(&b, MAIL_NEW, p->addr), any_source(d));
}

/* ---- answering */

static const struct inbox_letter *
letter_pick(struct dice *d, const struct person *p)
{
    return p->n_inbox == 0 ? NULL : &p->inbox[dice_below(d, p->n_inbox)];
}

static void
answer_head(struct buf *b, struct dice *d, const struct person *p, bool proven, const struct inbox_letter *l)
{
    char id[400], to[400], subject[1000], re[1010];
    letter_field(&l->bytes, "Message-ID", id, sizeof id);
    letter_field(&l->bytes, "Reply-To", to, sizeof to);
    if (to[0] == '\0')
        letter_field(&l->bytes, "From", to, sizeof to);
    letter_field(&l->bytes, "Subject", subject, sizeof subject);
    snprintf(re, sizeof re, "%s%s", str_starts_nocase(subject, "Re:") ? "" : "Re: ", subject);
    head(b, d, p, proven, to, re);
    buf_printf(b, "In-Reply-To: %s\r\nReferences: %s\r\n", id, id);
}

static void
quote(struct buf *b, const struct inbox_letter *l)
{
    const char *body = strstr(l->bytes.data, "\r\n\r\n");
    buf_puts(b, "\r\nOn Tuesday somebody wrote:\r\n");
    for (unsigned n = 0; body != NULL && n < 12 && body[0] != '\0'; n++) {
        size_t len = strcspn(body, "\r");
        buf_puts(b, "> ");
        buf_add(b, body, len);
        buf_puts(b, "\r\n");
        body += len;
        body += body[0] == '\r' ? 2 : 0;
    }
}

static void
answer(struct dice *d, struct person *p, const struct inbox_letter *l, bool proven, enum mail_kind kind, const char *fields, const char *text)
{
    struct buf b = { 0 };
    answer_head(&b, d, p, proven, l);
    buf_puts(&b, fields);
    buf_puts(&b, "\r\n");
    buf_puts(&b, text);
    words(d, &b, 3 + dice_below(d, 20));
    quote(&b, l);
    (void)delivery_add(mail_add(&b, kind, p->addr), any_source(d));
}

void
mail_write_reply(struct dice *d)
{
    for (unsigned tries = 0; tries < 8; tries++) {
        struct person *p = person_pick(d, PERSON_HUMAN, PERSON_HUMAN);
        const struct inbox_letter *l = letter_pick(d, p);
        if (l == NULL)
            continue;
        answer(d, p, l, dice_percent(d, 70), MAIL_REPLY, "", dice_percent(d, 10) ? "OK, that has solved it.\r\n" : "");
        return;
    }
    mail_write_new(d);
}

void
mail_write_staff(struct dice *d)
{
    static const char *const commands[] = { "#take\r\n", "", "", "#note only for us\r\n", "#wait\r\nPlease send us the log.\r\n", "#resolve\r\nIt is done.\r\n",
        "#close\r\n", "#priority urgent\r\n", "#priority normal\r\n", "#assign mark\r\n", "#time 30m\r\n", "#undo\r\n", "#queue second\r\n",
        "#queue first\r\n", "#reopen\r\n", "#tag odd\r\n", "#spam\r\n", "#watch\r\n", "#split Another thing\r\n", "#escalate\r\n",
        "#estimate It takes two hours.\r\n", "#state progress\r\n", "#history\r\n", "#remind 2d\r\n", "#state waiting\r\n", "#nonsense\r\n", "#next\r\n",
        "#mine\r\n", "#merge CAS-00001-AAAA\r\n", "#ask-approval Is it good?\r\n", "#decline No.\r\n", "#admit\r\n" };
    for (unsigned tries = 0; tries < 8; tries++) {
        struct person *p = person_pick(d, PERSON_STAFF, PERSON_STAFF);
        const struct inbox_letter *l = letter_pick(d, p);
        char kind[32];
        if (l == NULL)
            continue;
        letter_field(&l->bytes, "X-Ticketd-Kind", kind, sizeof kind);
        if (p->forged && strcmp(kind, "result") == 0)
            continue;                   /* "did you send this?": not everything, and he reads with care */
        answer(d, p, l, dice_percent(d, 85), MAIL_STAFF, "", commands[dice_below(d, countof(commands))]);
        return;
    }
    mail_write_new(d);
}

/* ---- machines */

static void
write_report(struct dice *d, const struct inbox_letter *l, const char *to)
{
    struct buf b = { 0 };
    char id[400];
    letter_field(&l->bytes, "Message-ID", id, sizeof id);
    buf_printf(&b, "From: Mail Delivery System <mailer-daemon@mx.sim.example>\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\n"
               "Message-ID: <%016llx@mx.sim.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
               "Content-Type: multipart/report; report-type=delivery-status; boundary=\"r\"\r\n\r\n--r\r\n\r\nIt could not be delivered. w%08x\r\n"
               "--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.sim.example\r\n\r\nFinal-Recipient: rfc822; %s\r\n"
               "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 nobody\r\n\r\n--r\r\nContent-Type: text/rfc822-headers\r\n\r\n"
               "Message-ID: %s\r\n\r\n--r--\r\n", l->envelope_from[0] != '\0' ? l->envelope_from : SIM_DESK, (unsigned long long)dice_u64(d),
               (unsigned)dice_u64(d), to, id);
    (void)delivery_add(mail_add(&b, MAIL_MACHINE, ""), any_source(d));
}

static void
write_automatic(struct dice *d, struct person *p)
{
    static const char *const fields[] = { "Precedence: bulk\r\nAuto-Submitted: auto-generated\r\n", "List-Id: <news.letters.example>\r\nPrecedence: list\r\nList-Unsubscribe: <mailto:u@letters.example>\r\n",
                                          "Auto-Submitted: auto-generated\r\n", "X-Auto-Response-Suppress: All\r\nAuto-Submitted: auto-generated\r\n" };
    struct buf b = { 0 };
    head(&b, d, p, dice_percent(d, 50), SIM_DESK, "Nightly report");
    buf_puts(&b, fields[dice_below(d, countof(fields))]);
    buf_puts(&b, "\r\n");
    words(d, &b, 12);
    (void)delivery_add(mail_add(&b, MAIL_MACHINE, dice_percent(d, 50) ? "" : p->addr), any_source(d));
}

void
mail_write_machine(struct dice *d)
{
    struct person *p = person_pick(d, PERSON_HUMAN, PERSON_GONE);
    const struct inbox_letter *l = letter_pick(d, p);
    if (dice_percent(d, 60) || l == NULL)
        write_automatic(d, person_pick(d, PERSON_MACHINE, PERSON_MACHINE));
    else
        write_report(d, l, p->addr);
}

/* What programs do at once when a letter comes in. */
static void
reflex(struct person *p, const struct inbox_letter *l)
{
    struct dice d = { dice_u64(&S.dice) };
    char kind[32];
    if (S.robot_mails >= ROBOT_MAILS_MAX || S.draining)
        return;
    if (p->kind == PERSON_AWAY && dice_percent(&d, 70)) {
        answer(&d, p, l, true, MAIL_MACHINE, "Auto-Submitted: auto-replied\r\nX-Autoreply: yes\r\n", "I am away until the 30th of March.\r\n");
    } else if (p->kind == PERSON_RUDE) {
        answer(&d, p, l, dice_percent(&d, 50), MAIL_REPLY, "", "We have received your mail and will answer soon.\r\n");
    } else if (p->kind == PERSON_GONE) {
        write_report(&d, l, p->addr);
    } else {
        letter_field(&l->bytes, "X-Ticketd-Kind", kind, sizeof kind);
        return;
    }
    S.robot_mails++;
}

void
person_receives(const char *addr, uint64_t letter, const char *envelope_from, const uint8_t *bytes, size_t len)
{
    struct person *p = person_find(addr);
    if (p == NULL)
        return;
    struct inbox_letter *l = p->n_inbox < countof(p->inbox) ? &p->inbox[p->n_inbox++] : &p->inbox[letter % countof(p->inbox)];
    buf_clear(&l->bytes);
    buf_add(&l->bytes, bytes, len);
    l->letter = letter;
    snprintf(l->envelope_from, sizeof l->envelope_from, "%s", envelope_from);
    reflex(p, l);
}

/* ---- bad intentions, and what only looks like them */

static void
hostile_commands(struct dice *d, struct buf *b)
{
    struct person *staff = person_pick(d, PERSON_STAFF, PERSON_STAFF);
    staff->forged = true;
    field_auth(b, staff->addr, false);
    if (dice_percent(d, 50))            /* his own word that he is proven: it came with the mail */
        buf_puts(b, "Received: from x.example by evil.example with SMTP; Tue, 10 Mar 2026 09:59:00 +0000\r\n"
                 "Authentication-Results: mx.sim.example; dmarc=pass header.from=sim.example\r\n");
    field_from(b, staff);
    buf_printf(b, "To: %s\r\nSubject: Re: [CAS-%05u-9LGW] Trouble\r\nMessage-ID: <%016llx@evil.example>\r\n\r\n#close\r\nHOSTILE words of nobody.\r\n",
               SIM_DESK, 1 + dice_below(d, 20), (unsigned long long)dice_u64(d));
}

static void
hostile_bytes(struct dice *d, struct buf *b)
{
    buf_puts(b, "From: mallory@evil.example\r\nSubject: =?utf-8?B?");
    for (unsigned i = 0, n = 50 + dice_below(d, 3000); i < n; i++)
        buf_putc(b, (char)dice_u64(d));
    buf_puts(b, "\r\n\r\nHOSTILE");
}

static void
hostile_tree(struct dice *d, struct buf *b)
{
    unsigned depth = 5 + dice_below(d, 60);
    buf_printf(b, "From: mallory@evil.example\r\nMIME-Version: 1.0\r\nMessage-ID: <%016llx@evil.example>\r\n", (unsigned long long)dice_u64(d));
    for (unsigned i = 0; i < depth; i++)
        buf_printf(b, "Content-Type: multipart/mixed; boundary=\"x%u\"\r\n\r\n--x%u\r\n", i, i);
    buf_printf(b, "\r\n\r\nHOSTILE w%08x", (unsigned)dice_u64(d));
}

static void
hostile_nobody(struct dice *d, struct buf *b)
{
    buf_printf(b, "Subject: nobody\r\n\r\nHOSTILE w%08x, from nobody and without an id\r\n", (unsigned)dice_u64(d));
}

/* Another mail under the Message-ID of one that is known. */
static void
hostile_same_id(struct dice *d, struct buf *b)
{
    const struct mail *m = S.n_mails > 0 ? S.mails[dice_below(d, (unsigned)S.n_mails)] : NULL;
    char id[400] = "<none@evil.example>";
    struct buf bytes = { 0 };
    if (m != NULL) {
        buf_add(&bytes, m->bytes, m->len);
        letter_field(&bytes, "Message-ID", id, sizeof id);
        buf_free(&bytes);
    }
    buf_printf(b, "From: mallory@evil.example\r\nTo: %s\r\nSubject: Trouble\r\nMessage-ID: %s\r\n\r\nHOSTILE w%08x\r\n", SIM_DESK, id, (unsigned)dice_u64(d));
}

/* In the name of the desk itself, or with its own headers: a loop in the making. */
static void
hostile_own(struct dice *d, struct buf *b)
{
    buf_printf(b, "From: %s\r\nTo: %s\r\nSubject: Re: us\r\nX-Ticketd-Kind: relay\r\nX-Ticketd-Case: CAS-00001-9LGW\r\nMessage-ID: <%016llx@sim.example>\r\n\r\n"
               "HOSTILE w%08x\r\n", SIM_DESK, SIM_DESK, (unsigned long long)dice_u64(d), (unsigned)dice_u64(d));
}

static void
hostile_guess(struct dice *d, struct buf *b)
{
    head(b, d, person_find("mallory@evil.example"), true, SIM_DESK, "About the case");
    for (unsigned i = 1; i < 12; i++)
        buf_printf(b, "%sCAS-%05u-%04X", i == 1 ? "\r\n" : " ", i, dice_below(d, 65536));
    buf_puts(b, "\r\nHOSTILE\r\n");
}

void
mail_write_hostile(struct dice *d)
{
    static void (*const ways[])(struct dice *, struct buf *) = { hostile_commands, hostile_bytes, hostile_tree, hostile_nobody, hostile_same_id,
                                                                hostile_own, hostile_guess };
    struct buf b = { 0 };
    ways[dice_below(d, countof(ways))](d, &b);
    (void)delivery_add(mail_add(&b, MAIL_HOSTILE, "mallory@evil.example"), any_source(d));
}

/* A mail that was delivered before comes once more, by any way. */
void
mail_deliver_again(struct dice *d)
{
    if (S.n_mails == 0)
        return;
    struct mail *m = S.mails[dice_below(d, (unsigned)S.n_mails)];
    if (m->kind != MAIL_OLD)
        (void)delivery_add(m, any_source(d));
}
