/* SPDX-License-Identifier: ISC
 *
 * What a role can do to core when somebody has taken it over: this program stands in the place of parse, compose, smtp, drop or imap and, by
 * chance, does its work, or lies: other letters' and mails' ids, answers twice, late, never, huge, of another role, bytes that are no
 * frame, descriptors that are not what they should be. The dice are thrown from the process id, which the log tells with each line.
 */
#include "ticketd/role.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static uint64_t dice;
static struct arena *a;

static uint64_t
chance(uint64_t below)
{
    dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
    return dice % below;
}

static void
deed(const char *what)
{
    char line[160];
    int n = snprintf(line, sizeof line, "evil[%d]: %s\n", (int)getpid(), what);
    (void)!write(STDERR_FILENO, line, (size_t)n);
}

static bool mild;                       /* this time nothing is wrong with the strings */

static char *
words(void)
{
    if (mild)
        return arena_printf(a, "words %u", (unsigned)chance(1000));
    static const char *const v[] = { "", "x", "ann@customer.example", "a\r\nBcc: victim@elsewhere.example\r\n\r\nx", "\xff\xfe broken", "CAS-00001-AAAA", "no at sign", "a@b@c.example",
                                     "\x1b[2J\x07", "support@example.com", "<>", "\xe2\x80\xae" "evil", "%s%n%s%n" };
    uint64_t i = chance(sizeof v / sizeof *v + 1);
    if (i < sizeof v / sizeof *v)
        return arena_strdup(a, v[i]);
    size_t len = chance(100000);
    char *s = arena_alloc(a, len + 1);
    memset(s, 'y', len);
    return s;
}

static uint64_t
number(void)
{
    static const uint64_t v[] = { 0, 1, 2, 3, 4, 5, 1000, UINT32_MAX, INT64_MAX, UINT64_MAX };
    return chance(3) ? chance(40) : v[chance(sizeof v / sizeof *v)];
}

static void
send_frame(const Td__Frame *f, const int *fds, size_t n)
{
    if (frame_send(ROLE_FD, f, fds, n) == FRAME_CLOSED)
        _exit(0);
}

static void
garbage(void)
{
    uint8_t bytes[300];
    size_t len = 1 + chance(sizeof bytes - 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)chance(256);
    if (chance(2))
        bytes[0] = chance(2) ? 'I' : 'B';
    (void)!send(ROLE_FD, bytes, len, MSG_NOSIGNAL);
}

/* A descriptor that is not the sealed memory it should be. */
static int
odd_descriptor(void)
{
    int pair[2], fd;
    switch (chance(4)) {
    case 0:
        return open("/dev/zero", O_RDONLY | O_CLOEXEC);
    case 1:
        return pipe(pair) == 0 ? pair[0] : -1;
    case 2:
        fd = memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        (void)!ftruncate(fd, 100000);
        return fd;
    default:
        return memfd_of("odd", "\0\r\nX", 4);
    }
}

/* ---- what is said */

static Td__Address *
address(void)
{
    Td__Address *o = schema_new(a, &td__address__descriptor);
    o->addr = mild || chance(2) ? arena_printf(a, "u%u@customer.example", (unsigned)chance(30)) : words();
    o->name = chance(2) ? words() : NULL;
    return o;
}

static Td__Message *
message(void)
{
    Td__Message *m = schema_new(a, &td__message__descriptor);
    m->from = chance(8) ? address() : NULL;
    m->message_id = mild || chance(3) ? arena_printf(a, "e%d.%u@customer.example", (int)getpid(), (unsigned)chance(1u << 20)) : words();
    m->subject = words(), m->text = words(), m->reply_text = words(), m->return_path = chance(2) ? words() : NULL, m->language = chance(2) ? words() : NULL;
    m->has_date = chance(2) > 0, m->date = (int64_t)number();
    m->has_aligned = m->aligned = chance(2) > 0;
    if (chance(6) > 0) {
        m->machine = schema_new(a, &td__machine__descriptor);
        m->machine->answerable = chance(4) > 0, m->machine->counts_as_reply = chance(4) > 0, m->machine->list = !chance(8);
        if (!chance(4)) {
            m->machine->delivery_report = schema_new(a, &td__delivery_report__descriptor);
            m->machine->delivery_report->recipient = words(), m->machine->delivery_report->action = arena_strdup(a, chance(2) ? "failed" : "delayed"), m->machine->delivery_report->status = words();
        }
    }
    for (uint64_t i = chance(5); i > 0; i--) {
        Td__CaseRef *r = schema_new(a, &td__case_ref__descriptor);
        r->text = chance(2) ? arena_printf(a, "CAS-%05u-AAAA", (unsigned)chance(20)) : words(), r->where = mild ? TD__CASE_REF__WHERE__SUBJECT : (Td__CaseRef__Where)number();
        (void)arena_push(a, &m->case_refs, &m->n_case_refs, r);
        (void)arena_push(a, &m->references, &m->n_references, words());
        (void)arena_push(a, &m->to, &m->n_to, address());
        Td__Hit *h = schema_new(a, &td__hit__descriptor);
        h->pattern = (uint32_t)number(), h->words = words(), h->where = mild ? TD__CASE_REF__WHERE__TEXT : (Td__CaseRef__Where)number();
        (void)arena_push(a, &m->hits, &m->n_hits, h);
        Td__Attachment *t = schema_new(a, &td__attachment__descriptor);
        t->name = words(), t->type = words(), t->size = number(), t->part = (uint32_t)number();
        t->sha256.len = mild || chance(2) ? 32 : chance(100), t->sha256.data = arena_alloc(a, t->sha256.len + 1);
        (void)arena_push(a, &m->attachments, &m->n_attachments, t);
    }
    m->has_digest = chance(3) > 0;
    m->digest.len = mild || chance(3) ? 32 : chance(64), m->digest.data = arena_alloc(a, m->digest.len + 1);
    for (size_t i = 0; i < m->digest.len; i++)
        m->digest.data[i] = (uint8_t)chance(256);
    return m;
}

/* A frame that another role, or core, would send. */
static void
foreign(void)
{
    Td__Frame f = TD__FRAME__INIT;
    Td__MailIn in = TD__MAIL_IN__INIT;
    Td__SendOutcome out = TD__SEND_OUTCOME__INIT;
    Td__ImapSettled settled = TD__IMAP_SETTLED__INIT;
    Td__Request r = TD__REQUEST__INIT;
    int fd = -1;
    switch (chance(4)) {
    case 0:
        in.seq = number(), f.body_case = TD__FRAME__BODY_MAIL_IN, f.mail_in = &in, fd = memfd_of("mail", "Subject: x\r\n\r\nx\r\n", 17);
        break;
    case 1:
        out.letter = number(), out.recipient = words(), out.text = words(), out.code = 250, f.body_case = TD__FRAME__BODY_SEND_OUTCOME, f.send_outcome = &out;
        break;
    case 2:
        settled.uidvalidity = 1, f.body_case = TD__FRAME__BODY_IMAP_SETTLED, f.imap_settled = &settled;
        break;
    default:
        r.verb = (char *)"close", f.body_case = TD__FRAME__BODY_REQUEST, f.request = &r;
    }
    send_frame(&f, &fd, fd >= 0);
}

static void
parse_say(uint64_t job, uint32_t generation, Td__ParseAnswer__Stage stage)
{
    Td__ParseAnswer b = TD__PARSE_ANSWER__INIT;
    Td__Frame f = TD__FRAME__INIT;
    b.job = job, b.generation = generation, b.stage = stage, b.message = message();
    f.body_case = TD__FRAME__BODY_PARSE_ANSWER, f.parse_answer = &b;
    send_frame(&f, NULL, 0);
}

static void
parse_job(uint64_t job, uint32_t generation)
{
    switch (chance(9)) {
    case 0:
        deed("another's job");
        parse_say(job + 1 - chance(3), generation, TD__PARSE_ANSWER__STAGE__REST);
        break;
    case 1:
        deed("no first answer");
        break;
    case 2:
        deed("another generation");
        generation += (uint32_t)number();
        break;
    case 3:
        deed("the end twice");
        parse_say(job, generation, TD__PARSE_ANSWER__STAGE__REST);
        break;
    case 4:
        deed("dead in the middle");
        parse_say(job, generation, TD__PARSE_ANSWER__STAGE__WHO);
        _exit((int)chance(3));
    default:
        deed("an answer");
        parse_say(job, generation, TD__PARSE_ANSWER__STAGE__WHO);
    }
    parse_say(job, generation, TD__PARSE_ANSWER__STAGE__REST);
}

static void
extract_job(const Td__ExtractJob *job)
{
    Td__ExtractAnswer b = TD__EXTRACT_ANSWER__INIT;
    Td__Frame f = TD__FRAME__INIT;
    uint64_t sizes[] = { number(), number(), number() };
    int fd = chance(2) ? odd_descriptor() : memfd_of("parts", "abc", 3);
    deed("parts");
    b.job = chance(4) ? job->job : number(), b.found = chance(4) > 0, b.n_sizes = chance(4), b.sizes = sizes;
    f.body_case = TD__FRAME__BODY_EXTRACT_ANSWER, f.extract_answer = &b;
    send_frame(&f, &fd, fd >= 0 && chance(4) > 0);
}

static void
compose_job(const Td__Letter *l)
{
    static const char *const bad[] = { "From: boss@example.com\nTo: victim@elsewhere.example\r\n\r\nx\r\n", "From: a@example.com\r\n\r\nx\n.\nMAIL FROM:<victim@elsewhere.example>\r\n",
                                       "From: a@example.com\r\n\r\nx\r.\rvictim\r\n", "victim", "" };
    Td__ComposeAnswer b = TD__COMPOSE_ANSWER__INIT;
    Td__Frame f = TD__FRAME__INIT;
    const char *text = bad[chance(sizeof bad / sizeof *bad)];
    int fd = chance(3) == 0 ? odd_descriptor() : memfd_of("letter", text, strlen(text) + chance(2));
    deed("a letter of its own");
    b.letter = chance(4) ? l->id : number(), b.error = chance(4) ? NULL : words();
    f.body_case = TD__FRAME__BODY_COMPOSE_ANSWER, f.compose_answer = &b;
    send_frame(&f, &fd, chance(4) > 0);
}

static void
send_job(const Td__SendJob *job)
{
    static const uint32_t codes[] = { 250, 250, 250, 0, 421, 451, 550, 99, 354, 1000000, UINT32_MAX };
    Td__SendOutcome b = TD__SEND_OUTCOME__INIT;
    Td__Frame f = TD__FRAME__INIT;
    deed("an outcome");
    f.body_case = TD__FRAME__BODY_SEND_OUTCOME, f.send_outcome = &b;
    for (uint64_t i = 1 + !chance(5); i > 0; i--) {
        b.letter = chance(4) ? job->letter : number(), b.recipient = chance(4) ? job->recipient : words(), b.text = words();
        b.code = codes[chance(sizeof codes / sizeof *codes)], b.unknown = !chance(5), b.has_auth_failed = b.auth_failed = !chance(9);
        send_frame(&f, NULL, 0);
    }
}

static void
imap_say(uint64_t uid)
{
    static const char mail[] = "From: u@customer.example\r\nTo: support@example.com\r\nSubject: by hand\r\n\r\nx\r\n";
    Td__ImapFetching g = TD__IMAP_FETCHING__INIT;
    Td__MailIn in = TD__MAIL_IN__INIT;
    Td__Frame f = TD__FRAME__INIT;
    uint64_t uids[] = { uid, number(), number() };
    int fd = chance(4) == 0 ? odd_descriptor() : memfd_of("mail", mail, sizeof mail - 1);
    g.uidvalidity = chance(6) ? 7 : (uint32_t)number(), g.n_uids = 1 + chance(3), g.uids = uids;
    f.body_case = TD__FRAME__BODY_IMAP_FETCHING, f.imap_fetching = &g;
    if (chance(8))
        send_frame(&f, NULL, 0);
    in.seq = number(), in.has_uidvalidity = chance(9) > 0, in.uidvalidity = chance(9) ? 7 : (uint32_t)number(), in.has_uid = chance(9) > 0, in.uid = chance(6) ? uid : number();
    in.envelope_from = chance(3) ? NULL : words(), in.has_whole_size = !chance(5), in.whole_size = number(), in.has_internal_date = chance(2) > 0, in.internal_date = (int64_t)number();
    f.body_case = TD__FRAME__BODY_MAIL_IN, f.mail_in = &in;
    send_frame(&f, &fd, chance(9) > 0);
    close(fd);
}

/* Says that it is there, offers, and hands over what was wanted and what was not. */
static void
imap_frame(const Td__Frame *got)
{
    Td__ImapSelected s = TD__IMAP_SELECTED__INIT;
    Td__ImapOffer o = TD__IMAP_OFFER__INIT;
    Td__ImapSettled settled = TD__IMAP_SETTLED__INIT;
    Td__Frame f = TD__FRAME__INIT;
    if (got->body_case == TD__FRAME__BODY_IMAP_SETUP || !chance(12)) {
        deed("a mailbox");
        s.uidvalidity = chance(4) ? 7 : (uint32_t)number(), s.uidnext = number(), s.exists = (uint32_t)number();
        f.body_case = TD__FRAME__BODY_IMAP_SELECTED, f.imap_selected = &s;
        send_frame(&f, NULL, 0);
        return;
    }
    if (got->body_case == TD__FRAME__BODY_IMAP_WANT)
        for (size_t i = 0; i < got->imap_want->n_fetch && i < 20; i++)
            imap_say(got->imap_want->fetch[i]);
    deed("an offer");
    for (uint64_t i = 1 + chance(8); i > 0; i--) {
        Td__ImapItem *item = schema_new(a, &td__imap_item__descriptor);
        item->uid = number(), item->size = number(), item->internal_date = (int64_t)number();
        (void)arena_push(a, &o.items, &o.n_items, item);
    }
    o.uidvalidity = chance(9) ? 7 : (uint32_t)number(), o.has_last = o.last = chance(2) > 0;
    f.body_case = TD__FRAME__BODY_IMAP_OFFER, f.imap_offer = &o;
    send_frame(&f, NULL, 0);
    uint64_t uids[] = { number(), number() };
    settled.uidvalidity = 7, settled.n_uids = 2, settled.uids = uids;
    f.body_case = TD__FRAME__BODY_IMAP_SETTLED, f.imap_settled = &settled;
    if (!chance(3))
        send_frame(&f, NULL, 0);
    if (!chance(6))
        imap_say(number());
}

static void
frame_answer(const Td__Frame *got, uint32_t *generation)
{
    Td__ParseReady ready = TD__PARSE_READY__INIT;
    Td__Frame f = TD__FRAME__INIT;
    switch (got->body_case) {
    case TD__FRAME__BODY_PARSE_SETUP:
        *generation = ready.generation = got->parse_setup->generation;
        f.body_case = TD__FRAME__BODY_PARSE_READY, f.parse_ready = &ready;
        send_frame(&f, NULL, 0);
        break;
    case TD__FRAME__BODY_PARSE_JOB:
        parse_job(got->parse_job->job, *generation);
        break;
    case TD__FRAME__BODY_EXTRACT_JOB:
        extract_job(got->extract_job);
        break;
    case TD__FRAME__BODY_COMPOSE_JOB:
        compose_job(got->compose_job->letter);
        break;
    case TD__FRAME__BODY_SEND_JOB:
        send_job(got->send_job);
        break;
    case TD__FRAME__BODY_RELAY_SETUP:
        break;
    default:
        imap_frame(got);
    }
}

int
main(void)
{
    struct frame got;
    uint32_t generation = 0;
    dice = (uint64_t)getpid() * 0x9e3779b97f4a7c15u + 1;
    a = arena_new(ROLE_BULK_MAX);
    if (frame_receive(ROLE_FD, a, &got) != FRAME_OK || got.body->body_case != TD__FRAME__BODY_HELLO)
        return 76;
    send_frame(got.body, NULL, 0);
    for (;;) {
        if (frame_receive(ROLE_FD, a, &got) != FRAME_OK)
            return 0;
        if (!chance(25)) {
            deed("bytes that are no frame");
            garbage();
        }
        if (!chance(25)) {
            deed("a frame of another");
            foreign();
        }
        if (!chance(40)) {
            deed("silence");
            sleep(3);
        }
        mild = chance(4) > 0;
        frame_answer(got.body, &generation);
        frame_close(&got);
        arena_free(&a);
        a = arena_new(ROLE_BULK_MAX);
    }
}
