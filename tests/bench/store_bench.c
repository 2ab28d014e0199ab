/* SPDX-License-Identifier: ISC
 *
 * How many mails a second the store takes: for each a case, two entries, 12 KiB of raw mail, a letter with its bytes, index
 * rows, timer, outbox, budgets and ledger, in a transaction nested in the group's; 1, 10 and 100 mails a commit.
 * Usage: store_bench [DIRECTORY [MAILS]]; the directory (default: a new one below /tmp) is the disk that is measured.
 */
#include "ticketd/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAIL_BYTES 12288u
#define LETTER_BYTES 2600u

static uint64_t seed = 0x2545f4914f6cdd1d;

static uint64_t
next(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}

static void
chance(void *u, void *out, size_t len)
{
    (void)u;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)(next() >> 32);
}

static double
now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Text that shrinks about as mail does: words, and a third of base64. */
static void
mail_text(char *out, size_t len)
{
    static const char *const words[] = { "printer ", "since ", "Monday ", "cannot ", "the ", "invoice ", "please ", "error ", "and ", "after ",
                                         "update ", "Kind regards,\r\n", "we ", "have ", "a ", "customer ", "who ", "waits ", "> ", "\r\n" };
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;

    while (n < len * 2 / 3) {
        const char *w = words[next() % countof(words)];
        for (; *w && n < len; w++)
            out[n++] = *w;
    }
    while (n < len)
        out[n++] = base64[next() % 64];
}

static void
check(enum store_rc rc)
{
    if (rc != STORE_OK) {
        fprintf(stderr, "store: %s\n", store_rc_name(rc));
        exit(1);
    }
}

static struct store_key
key(uint64_t a, uint64_t b)
{
    struct store_key k;

    store_key_start(&k);
    store_key_u64(&k, a);
    if (b)
        store_key_u64(&k, b);
    return k;
}

static uint32_t
put_bulk(struct store *s, struct store_txn *t, enum store_table tab, uint64_t id, uint64_t slot, const char *text, size_t len)
{
    struct store_bulk *b = store_bulk_new(s, tab, id, slot);

    check(store_bulk_write(b, t, (const uint8_t *)text, len, true));
    uint32_t chunks = store_bulk_chunks(b);
    store_bulk_free(&b);
    return chunks;
}

static void
put_case(struct store_txn *t, uint64_t id, uint64_t slot, struct arena *a)
{
    Td__Case *c = schema_new(a, &td__case__descriptor);
    Td__Entry *e = schema_new(a, &td__entry__descriptor);
    struct store_key k = key(id, 0);

    c->id = id;
    c->number = arena_strdup(a, "CAS-00001-9LGW");
    c->desk = c->queue = arena_strdup(a, "support");
    c->requester = schema_address(a, "Anna Svensson", "anna.svensson@kund.example");
    c->subject = arena_strdup(a, "Printer on fire since the update");
    c->priority = arena_strdup(a, "normal");
    c->state = TD__STATE__NEW;
    c->opened_at = 1773136800;
    check(store_put(t, STORE_CASES, &k, slot, c));
    e->at = 1773136800;
    e->what = TD__ENTRY__WHAT__OPENED;
    e->why = arena_strdup(a, "rule \"system failure\": matched \"complete system failure\"");
    e->text = arena_alloc(a, 1200);
    mail_text(e->text, 1199);
    for (uint32_t n = 1; n <= 2; n++) {
        k = key(id, 0);
        store_key_u32(&k, n);
        check(store_put(t, STORE_ENTRIES, &k, slot, e));
    }
}

static void
put_indexes(struct store *s, struct store_txn *t, uint64_t id, struct arena *a)
{
    struct store_key k;
    char text[64];
    uint64_t n;
    Td__Fate *f = schema_new(a, &td__fate__descriptor);
    Td__Timer *timer = schema_new(a, &td__timer__descriptor);
    Td__Outgoing *o = schema_new(a, &td__outgoing__descriptor);
    Td__ByMessage *m = schema_new(a, &td__by_message__descriptor);
    uint8_t digest[32] = { 1 };

    f->what = TD__FATE__WHAT__TAKEN;
    timer->clock = arena_strdup(a, "respond");
    o->recipient = arena_strdup(a, "anna.svensson@kund.example");
    m->mail = id;
    m->digest = (ProtobufCBinaryData){ .len = 32, .data = digest };
    snprintf(text, sizeof text, "%llx@mail.kund.example", (unsigned long long)next());
    store_key_start(&k);
    store_key_word(s, &k, "support"), store_key_hash(s, &k, text), store_key_u64(&k, id);
    check(store_put(t, STORE_BY_MESSAGE, &k, 0, m));
    snprintf(text, sizeof text, "user%llu@kund.example", (unsigned long long)(next() % 5000));
    store_key_start(&k);
    store_key_word(s, &k, "support"), store_key_hash(s, &k, text), store_key_u64(&k, id);
    check(store_put_empty(t, STORE_BY_SENDER, &k));
    store_key_start(&k);
    store_key_word(s, &k, "support"), store_key_word(s, &k, "helpdesk"), store_key_u8(&k, 1), store_key_i64(&k, 3), store_key_i64(&k, (int64_t)id), store_key_u64(&k, id);
    check(store_put_empty(t, STORE_BY_STATE, &k));
    k = key(1773136800 + id, id);
    check(store_put(t, STORE_TIMERS, &k, 0, timer));
    check(store_put(t, STORE_OUTBOX, &k, 0, o));
    store_key_start(&k);
    store_key_word(s, &k, "support"), store_key_u32(&k, 1), store_key_u64(&k, id);
    check(store_put(t, STORE_LEDGER, &k, 0, f));
    for (unsigned scope = 1; scope <= 3; scope++) {
        store_key_start(&k);
        store_key_u8(&k, (uint8_t)scope), store_key_hash(s, &k, scope == 1 ? text : "kund.example"), store_key_u64(&k, 492538);
        check(store_get_count(t, STORE_BUDGETS, &k, &n));
        check(store_put_count(t, STORE_BUDGETS, &k, n + 1));
    }
}

static void
put_mail(struct store *s, struct store_txn *group, uint64_t id)
{
    static char mail[MAIL_BYTES], letter[LETTER_BYTES];
    struct arena *a = arena_new(0);
    struct store_txn *t;
    struct store_key k = key(id, 0);
    Td__MailRecord *m = schema_new(a, &td__mail_record__descriptor);
    Td__Letter *l = schema_new(a, &td__letter__descriptor);

    if (id % 64 == 1)
        mail_text(mail, sizeof mail), mail_text(letter, sizeof letter);
    memcpy(mail, &id, sizeof id);
    check(store_begin(s, group, true, &t));
    uint64_t case_slot = store_slot_take(t), mail_slot = store_slot_take(t);
    put_case(t, id, case_slot, a);
    k = key(id, 0);
    store_key_u32(&k, 0);
    m->case_id = id;
    m->size = sizeof mail;
    m->chunks = put_bulk(s, t, STORE_MAILS, id, mail_slot, mail, sizeof mail);
    m->origin = schema_new(a, &td__origin__descriptor);
    m->origin->kind = TD__ORIGIN__KIND__LMTP;
    m->origin->mailbox = arena_strdup(a, "support");
    check(store_put(t, STORE_MAILS, &k, mail_slot, m));
    l->id = id;
    l->kind = TD__LETTER__KIND__ACK;
    l->desk = l->subject = l->message_id = arena_strdup(a, "support");
    l->from = schema_address(a, "Support", "support@example.com");
    l->text = arena_strndup(a, letter, 1500);
    l->chunks = put_bulk(s, t, STORE_LETTERS, id, case_slot, letter, sizeof letter);
    l->has_chunks = true;
    check(store_put(t, STORE_LETTERS, &k, case_slot, l));
    put_indexes(s, t, id, a);
    check(store_commit(&t));
    arena_free(&a);
}

static void
run(struct store *s, uint64_t *id, uint64_t mails, unsigned group)
{
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID), longest = 0;

    for (uint64_t n = 0; n < mails;) {
        struct store_txn *t;
        double start = now(CLOCK_MONOTONIC);
        check(store_slots_reserve(s, 2 * (*id + group)));
        check(store_begin(s, NULL, true, &t));
        for (unsigned i = 0; i < group; i++, n++)
            put_mail(s, t, ++*id);
        check(store_commit(&t));
        start = now(CLOCK_MONOTONIC) - start;
        longest = start > longest ? start : longest;
    }
    wall = now(CLOCK_MONOTONIC) - wall, cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%4u a commit: %7.0f mails/s, %6.1f us of processor a mail, longest commit %.1f ms\n", group, (double)mails / wall,
           1e6 * cpu / (double)mails, longest * 1e3);
}

static int
count(void *u, const uint8_t *bytes, size_t len)
{
    (void)bytes;
    *(size_t *)u += len;
    return 0;
}

static void
read_back(struct store *s, uint64_t mails, uint64_t reads)
{
    double wall = now(CLOCK_MONOTONIC);
    size_t bytes = 0;

    for (uint64_t i = 0; i < reads; i++) {
        struct store_txn *t;
        struct arena *a = arena_new(0);
        uint64_t id = 1 + next() % mails;
        struct store_key k = key(id, 0), km = key(id, 0);
        Td__Case *c;
        Td__MailRecord *m;
        store_key_u32(&km, 0);
        check(store_begin(s, NULL, false, &t));
        check(store_get(t, STORE_CASES, &k, a, &td__case__descriptor, &c));
        check(store_get(t, STORE_MAILS, &km, a, &td__mail_record__descriptor, &m));
        check(store_bulk_read(t, STORE_MAILS, id, m->chunks, count, &bytes));
        store_abort(&t);
        arena_free(&a);
    }
    wall = now(CLOCK_MONOTONIC) - wall;
    printf("random case + mail: %.0f a second, %.1f us each\n", (double)reads / wall, 1e6 * wall / (double)reads);
}

int
main(int argc, char **argv)
{
    char fresh[] = "/tmp/ticketd-store-bench-XXXXXX", error[256], path[4200];
    const char *dir = argc > 1 ? argv[1] : mkdtemp(fresh);
    uint64_t mails = argc > 2 ? strtoull(argv[2], NULL, 10) : 5000, id = 0;
    struct store_options o = { .directory = dir, .random = chance };
    struct store *s;
    struct stat st;
    struct rusage u;

    if (dir == NULL || store_open(&o, &s, error) != STORE_OK) {
        fprintf(stderr, "%s\n", dir ? error : "no directory");
        return 1;
    }
    mails = mails / 100 * 100;
    run(s, &id, mails, 1);
    run(s, &id, mails, 10);
    run(s, &id, mails, 100);
    read_back(s, id, mails);
    snprintf(path, sizeof path, "%s/data.mdb", dir);
    if (stat(path, &st) == 0)
        printf("%.1f KiB of data.mdb a mail of %u and a letter of %u bytes\n", (double)st.st_size / 1024 / (double)id, MAIL_BYTES, LETTER_BYTES);
    getrusage(RUSAGE_SELF, &u);
    printf("%ld KiB of memory at most, the map's pages included\n", u.ru_maxrss);
    store_close(&s);
    static const char *const names[] = { "data.mdb", "lock.mdb", "keys", "lock" };
    for (size_t i = 0; argc < 2 && i < countof(names); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    return argc < 2 ? rmdir(dir) : 0;
}
