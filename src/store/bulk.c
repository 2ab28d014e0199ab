/* SPDX-License-Identifier: ISC
 *
 * Bulk: raw mails and letters. Each write makes zstd frames of their own, cut into chunks that fill whole overflow pages of
 * LMDB (a value of k pages less the page header), about 64 KiB, so that no long run of free pages is ever needed; a short
 * tail lies inside a leaf. No state but the count of chunks passes from one write to the next, so that a write whose
 * transaction was aborted can be repeated. Reading trusts nothing but what opened under its key, and bounds the window.
 */
#include "private.h"
#include <stdlib.h>
#include <string.h>

#define CHUNK_PAGES 16u
#define PAGE_HEAD 16u                   /* of LMDB, once a run of overflow pages */
#define INLINE_MAX 2000u                /* a value that stays in its leaf, with its key of 12 bytes */
#define WINDOW_LOG 23
#define KEPT_SCRATCH (256u << 10)
#define SWEEP_ROWS 256u                 /* deleted in one transaction */

struct store_bulk *
store_bulk_new(struct store *s, enum store_table tab, uint64_t id, uint64_t slot)
{
    struct store_bulk *b = mem_alloc(sizeof *b);

    must(tab == STORE_MAILS || tab == STORE_LETTERS);
    *b = (struct store_bulk){ .store = s, .tab = tab, .id = id, .slot = slot };
    return b;
}

static void
bulk_let_go(struct store_bulk *b)
{
    if (b->given_up && b->marks == 0)
        free(b);
}

void
store_bulk_free(struct store_bulk **bp)
{
    struct store_bulk *b = *bp;

    *bp = NULL;
    if (b) {
        b->given_up = true;
        bulk_let_go(b);
    }
}

uint32_t
store_bulk_chunks(const struct store_bulk *b)
{
    return b->chunks;
}

static void
mark_add(struct store_txn *t, struct store_bulk *b)
{
    struct store_bulk_mark *m = mem_alloc(sizeof *m);

    *m = (struct store_bulk_mark){ .bulk = b, .before = b->chunks, .next = t->bulks };
    t->bulks = m;
    b->marks++;
}

/* A transaction ends: its writes happened, or did not, or are the parent's to answer for. */
void
store_bulk_ended(struct store_txn *t, bool committed)
{
    struct store_bulk_mark **end = &t->bulks;

    while (*end) {
        struct store_bulk_mark *m = *end;
        struct store_bulk *b = m->bulk;
        if (committed && t->parent && !b->given_up) {
            end = &m->next;
            continue;
        }
        if (!committed)
            b->chunks = m->before;
        *end = m->next;
        b->marks--;
        bulk_let_go(b);
        free(m);
    }
    if (t->parent) {
        *end = t->parent->bulks;
        t->parent->bulks = t->bulks;
    }
    t->bulks = NULL;
}

/* ---- writing */

static void
chunk_key(struct store_key *k, uint64_t id, uint32_t chunk)
{
    store_key_start(k);
    store_key_u64(k, id);
    store_key_u32(k, chunk);
}

/* How much of `left` bytes goes into the next chunk: all, if at most half a page is wasted by it. */
static size_t
chunk_size(const struct store *s, uint64_t slot, size_t left)
{
    size_t over = store_sealed_size(slot, 0), value = left + over;

    if (value <= INLINE_MAX)
        return left;
    size_t pages = (value + PAGE_HEAD) / s->page;
    if (pages > CHUNK_PAGES)
        pages = CHUNK_PAGES;
    if (pages == 0)
        return left;
    size_t whole = pages * s->page - PAGE_HEAD;
    bool tail_is_short = value - whole + over <= INLINE_MAX;
    return pages == CHUNK_PAGES || tail_is_short ? whole - over : left;
}

static enum store_rc
write_frame(struct store_bulk *b, struct store_txn *t, const uint8_t *bytes, size_t len, bool last)
{
    struct store *s = b->store;
    size_t room = ZSTD_compressBound(len);
    uint8_t *out = store_scratch_room(&s->squeezed, room);
    size_t left = ZSTD_compress2(s->squeeze, out, room, bytes, len);
    enum store_rc rc = STORE_OK;

    must(!ZSTD_isError(left));
    while (left > 0 && rc == STORE_OK) {
        struct store_key k;
        size_t n = chunk_size(s, b->slot, left);
        chunk_key(&k, b->id, ++b->chunks);
        rc = store_row_put(t, b->tab, &k, b->slot, SEAL_PIECE | (last && n == left ? SEAL_LAST : 0), out, n, 0);
        out += n, left -= n;
    }
    if (s->squeezed.room > KEPT_SCRATCH) {
        free(s->squeezed.bytes);
        s->squeezed = (struct store_scratch){ 0 };
    }
    return rc;
}

enum store_rc
store_bulk_write(struct store_bulk *b, struct store_txn *t, const uint8_t *bytes, size_t len, bool last)
{
    enum store_rc rc = STORE_OK;

    must(t->write && t->store == b->store);
    mark_add(t, b);
    while (rc == STORE_OK && len > STORE_BULK_STEP) {
        rc = write_frame(b, t, bytes, STORE_BULK_STEP, false);
        bytes += STORE_BULK_STEP, len -= STORE_BULK_STEP;
    }
    if (rc == STORE_OK && (len > 0 || last))
        rc = write_frame(b, t, len ? bytes : (const uint8_t *)"", len, last);
    return rc;
}

/* ---- reading */

struct reading { struct store *s; int (*take)(void *u, const uint8_t *bytes, size_t len); void *u; bool stopped; size_t want; };

/* One chunk through the decompressor; r->want is 0 when a frame has just ended. */
static enum store_rc
read_piece(struct reading *r, const uint8_t *bytes, size_t len)
{
    ZSTD_inBuffer in = { bytes, len, 0 };
    size_t room = ZSTD_DStreamOutSize();
    ZSTD_outBuffer out;

    do {
        out = (ZSTD_outBuffer){ store_scratch_room(&r->s->streamed, room), room, 0 };
        r->want = ZSTD_decompressStream(r->s->stream, &out, &in);
        if (ZSTD_isError(r->want))
            return STORE_DAMAGED;
        if (out.pos > 0 && r->take(r->u, out.dst, out.pos) != 0) {
            r->stopped = true;
            return STORE_OK;
        }
    } while (in.pos < in.size || (out.pos == out.size && r->want != 0));
    return STORE_OK;
}

enum store_rc
store_bulk_read(struct store_txn *t, enum store_table tab, uint64_t id, uint32_t chunks, int (*take)(void *u, const uint8_t *bytes, size_t len), void *u)
{
    struct store *s = t->store;
    struct reading r = { .s = s, .take = take, .u = u };
    struct store_scratch piece = { 0 };
    enum store_rc rc = STORE_OK;

    must(!s->streaming);
    s->streaming = true;
    ZSTD_DCtx_reset(s->stream, ZSTD_reset_session_only);
    for (uint32_t i = 1; i <= chunks && rc == STORE_OK && !r.stopped; i++) {
        struct store_key k;
        MDB_val v;
        const uint8_t *plain;
        size_t len;
        chunk_key(&k, id, i);
        rc = store_row_get(t, tab, &k, &v);
        if (rc == STORE_NOTFOUND)
            rc = STORE_DAMAGED;
        if (rc == STORE_OK)
            rc = store_unseal(s, (struct store_place){ tab, k.bytes, k.len }, v.mv_data, v.mv_size, SEAL_PIECE | (i == chunks ? SEAL_LAST : 0), &plain, &len);
        if (rc == STORE_OK) {           /* a copy: take() may read other rows, which are opened in the same place */
            memcpy(store_scratch_room(&piece, len + 1), plain, len);
            rc = read_piece(&r, piece.bytes, len);
        }
    }
    if (rc == STORE_OK && !r.stopped && r.want != 0)
        rc = STORE_DAMAGED;
    free(piece.bytes);
    s->streaming = false;
    return rc;
}

/* ---- written ahead: noted, claimed, or swept */

static void
note_key(struct store_key *k, enum store_table tab, uint64_t id)
{
    store_key_start(k);
    store_key_u8(k, STORE_META_BULK);
    store_key_u8(k, (uint8_t)tab);
    store_key_u64(k, id);
}

enum store_rc
store_bulk_note(struct store_txn *t, enum store_table tab, uint64_t id)
{
    struct store_key k;

    note_key(&k, tab, id);
    return store_put_empty(t, STORE_META, &k);
}

bool
store_bulk_noted(struct store_txn *t, enum store_table tab, uint64_t id)
{
    struct store_key k;
    MDB_val v;

    note_key(&k, tab, id);
    return store_row_get(t, STORE_META, &k, &v) == STORE_OK;
}

enum store_rc
store_bulk_claim(struct store_txn *t, enum store_table tab, uint64_t id)
{
    struct store_key k;

    note_key(&k, tab, id);
    return store_delete(t, STORE_META, &k);
}

/* Deletes up to SWEEP_ROWS chunks of one bulk; *done when none is left. */
static enum store_rc
sweep_rows(struct store_txn *t, enum store_table tab, uint64_t id, bool *done)
{
    struct store_key prefix, first, k;
    struct store_cursor *c;

    store_key_start(&prefix);
    store_key_u64(&prefix, id);
    chunk_key(&first, id, 1);
    enum store_rc rc = store_cursor_open(t, tab, &prefix, &first, false, &c);
    unsigned n = 0;
    while (rc == STORE_OK && n < SWEEP_ROWS && store_cursor_next(c, &k)) {
        rc = store_delete(t, tab, &k);
        n++;
    }
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    *done = n < SWEEP_ROWS;
    return rc;
}

/* One transaction's worth: of the first note there is. */
static enum store_rc
sweep_some(struct store_txn *t, bool *more, unsigned *swept)
{
    struct store_key prefix, note;
    struct store_cursor *c;
    bool done;

    store_key_start(&prefix);
    store_key_u8(&prefix, STORE_META_BULK);
    enum store_rc rc = store_cursor_open(t, STORE_META, &prefix, NULL, false, &c);
    *more = rc == STORE_OK && store_cursor_next(c, &note);
    if (rc == STORE_OK)
        rc = store_cursor_rc(c);
    store_cursor_close(&c);
    if (rc != STORE_OK || !*more)
        return rc;
    if (note.len != 10 || (note.bytes[1] != STORE_MAILS && note.bytes[1] != STORE_LETTERS))
        return STORE_DAMAGED;
    rc = sweep_rows(t, note.bytes[1], store_key_read_u64(&note, 2), &done);
    if (rc == STORE_OK && done) {
        rc = store_delete(t, STORE_META, &note);
        ++*swept;
    }
    return rc;
}

enum store_rc
store_bulk_sweep(struct store *s, unsigned *swept)
{
    struct store_txn *t = NULL;
    enum store_rc rc = STORE_OK;
    bool more = true;

    *swept = 0;
    while (rc == STORE_OK && more) {
        rc = store_begin(s, NULL, true, &t);
        if (rc == STORE_OK)
            rc = sweep_some(t, &more, swept);
        if (rc == STORE_OK && more)
            rc = store_commit(&t);
        store_abort(&t);
    }
    return rc;
}
