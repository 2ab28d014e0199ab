/* SPDX-License-Identifier: ISC
 *
 * imap: mails, by BODY.PEEK[], each into a sealed memfd for core. Core hears the UIDs before the command leaves, so that a
 * mail that ends this process is known. A batch that breaks is tried again mail by mail; a mail that breaks the connection
 * alone ends the process after IMAP_SUSPECT_TRIES, and core sets it aside. Large mails and suspects come in slices: the
 * memory stays small, and a false RFC822.SIZE means nothing.
 */
#include "imap.h"
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

void
imap_suspect(struct imap *c, uint32_t uid)
{
    if (imap_is_suspect(c->suspects, c->n_suspects, uid))
        return;
    if (c->n_suspects == IMAP_SUSPECTS_MAX) {           /* the oldest is tried in company again */
        c->n_suspects--;
        memmove(&c->suspects[0], &c->suspects[1], c->n_suspects * sizeof c->suspects[0]);
        memmove(&c->failures[0], &c->failures[1], c->n_suspects * sizeof c->failures[0]);
    }
    c->suspects[c->n_suspects] = uid;
    c->failures[c->n_suspects++] = 0;
}

static void
acquit(struct imap *c, uint32_t uid)
{
    for (size_t i = 0; i < c->n_suspects; i++) {
        if (c->suspects[i] != uid)
            continue;
        c->n_suspects--;
        c->suspects[i] = c->suspects[c->n_suspects];
        c->failures[i] = c->failures[c->n_suspects];
        return;
    }
}

/* The mail failed alone. Once too often: core is to count it as the killer of this process, for that is its measure. */
static void
accuse(struct imap *c, uint32_t uid)
{
    imap_suspect(c, uid);
    for (size_t i = 0; i < c->n_suspects; i++) {
        if (c->suspects[i] != uid || ++c->failures[i] < IMAP_SUSPECT_TRIES)
            continue;
        imap_core_state(c, false, false, c->problem);
        imap_core_fetching(c, &uid, 1);         /* a lost connection clears what was announced; this end is that mail's doing */
        log_line(LOG_FAIL, "uid=%u problem=%s status=unreadable", uid, log_value(c->problem));
        exit(EX_DATAERR);
    }
}

/* ---- one answer */
struct body { const char *bytes; size_t len; };

/* UID and BODY[] of one FETCH answer; false: it is something else. */
static bool
read_body(const struct mailimap_msg_att *att, uint32_t *uid, struct body *out)
{
    bool found = false;

    *uid = 0;
    for (clistiter *i = clist_begin(att->att_list); i != NULL; i = clist_next(i)) {
        const struct mailimap_msg_att_item *item = clist_content(i);
        const struct mailimap_msg_att_static *s = item->att_data.att_static;

        if (item->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC || s == NULL)
            continue;
        if (s->att_type == MAILIMAP_MSG_ATT_UID)
            *uid = s->att_data.att_uid;
        if (s->att_type != MAILIMAP_MSG_ATT_BODY_SECTION || s->att_data.att_body_section == NULL ||
            s->att_data.att_body_section->sec_body_part == NULL)
            continue;                                   /* NIL: the server cannot read it */
        out->bytes = s->att_data.att_body_section->sec_body_part;
        out->len = s->att_data.att_body_section->sec_length;
        found = true;
    }
    return found && *uid != 0;
}

/* What the last command brought; memory of the size of a batch, hence given back at once. */
static clist *
take_fetched(struct imap *c)
{
    clist *list = c->lib->imap_response_info != NULL ? c->lib->imap_response_info->rsp_fetch_list : NULL;

    if (list != NULL)
        c->lib->imap_response_info->rsp_fetch_list = NULL;
    return list;
}

static void
hand_over(struct imap *c, struct imap_item *item, int fd, uint64_t whole_size)
{
    acquit(c, item->uid);
    c->worked = true;
    imap_core_mail(c, item, fd, whole_size);
}

static int
memory_or_exit(int fd)
{
    if (fd >= 0)
        return fd;
    /* nothing is lost: the mail stays at the server and core starts us again */
    log_line(LOG_FAIL, "problem=\"no memory for a mail\" status=exit");
    exit(EX_OSERR);
}

/* ---- many small ones */
static enum imap_rc
fetch_together(struct imap *c, const struct imap_batch *b)
{
    struct buf set = { 0 };
    enum imap_rc rc;
    clist *list;

    must(imap_uid_set(b->uids, b->n, IMAP_SET_BYTES, &set) == b->n);
    rc = imap_command_of(c, b->bytes + b->n * 512, "UID FETCH %s (UID BODY.PEEK[])", set.data);
    buf_free(&set);
    if ((list = take_fetched(c)) == NULL)
        return rc;
    /* a NO after half of them: those that came have come */
    for (clistiter *i = rc == IMAP_LOST ? NULL : clist_begin(list); i != NULL; i = clist_next(i)) {
        struct imap_item *item;
        struct body body;
        uint32_t uid;

        if (!read_body(clist_content(i), &uid, &body) || (item = imap_items_find(&c->items, uid)) == NULL ||
            item->state != ITEM_WANTED || c->n_sent == IMAP_SENT_MAX)
            continue;                                   /* nobody asked for it, or it comes twice */
        if (body.len > c->setup->max_mail) {
            imap_suspect(c, uid);                       /* its size was a lie: alone it is cut as it must be */
            continue;
        }
        hand_over(c, item, memory_or_exit(memfd_of("mail", body.bytes, body.len)), 0);
    }
    mailimap_fetch_list_free(list);
    return rc;
}

/* ---- one, in slices */
/* One slice of `want` bytes at `at`, appended to fd. *got: how many came; 0: there is no more. */
static enum imap_rc
fetch_slice(struct imap *c, uint32_t uid, uint64_t at, uint32_t want, int fd, size_t *got)
{
    enum imap_rc rc = imap_command_of(c, want, "UID FETCH %u (UID BODY.PEEK[]<%llu.%u>)", uid, (unsigned long long)at, want);
    clist *list = take_fetched(c);
    bool found = false;

    *got = 0;
    for (clistiter *i = rc == IMAP_OK && list != NULL ? clist_begin(list) : NULL; i != NULL && !found; i = clist_next(i)) {
        struct body body;
        uint32_t that;

        if (!read_body(clist_content(i), &that, &body) || that != uid)
            continue;
        found = true;
        *got = body.len < want ? body.len : want;
        if (full_write(fd, body.bytes, *got) != 0)
            (void)memory_or_exit(-1);
    }
    if (list != NULL)
        mailimap_fetch_list_free(list);
    if (rc == IMAP_OK && !found && at == 0)
        return imap_problem(c, IMAP_NO, "the server gives no text for UID %u", uid);
    return rc;
}

static enum imap_rc
fetch_alone(struct imap *c, struct imap_item *item)
{
    uint64_t max = c->setup->max_mail, whole = item->size, len = 0;
    uint64_t limit = whole > max ? (max < IMAP_HEAD ? max : IMAP_HEAD) : max + 1;
    int fd = memory_or_exit(memfd_make("mail"));
    enum imap_rc rc = IMAP_OK;
    size_t got = 1;

    while (rc == IMAP_OK && len < limit) {
        /* as much as it says it has, then as much again as came: the time for an answer grows with what is asked for */
        uint64_t claim = (whole > len ? whole - len : len) + IMAP_HEAD;
        uint32_t want = (uint32_t)(claim < IMAP_SLICE ? claim : IMAP_SLICE);

        if (limit - len < want)
            want = (uint32_t)(limit - len);
        rc = fetch_slice(c, item->uid, len, want, fd, &got);
        len += got;
        if (got == 0 || (got < want && len >= whole))   /* a short slice before the size said may be no end */
            break;
    }
    if (rc == IMAP_OK && got == 0 && whole > max)       /* it said it was larger */
        whole = len;
    if (rc == IMAP_OK && len > max) {                   /* it said it was smaller */
        whole = len;
        len = max < IMAP_HEAD ? max : IMAP_HEAD;
        if (ftruncate(fd, (off_t)len) != 0)
            (void)memory_or_exit(-1);
    }
    if (rc == IMAP_OK && memfd_seal(fd) != 0)
        (void)memory_or_exit(-1);
    if (rc == IMAP_OK)
        hand_over(c, item, fd, whole > max ? whole : 0);
    else
        close(fd);
    return rc;
}

/* ---- afterwards */
/* Those of the batch that did not come: gone from the folder, or unreadable. */
static enum imap_rc
look_after_missing(struct imap *c, const struct imap_batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        struct imap_item *item = imap_items_find(&c->items, b->uids[i]);
        bool exists;

        if (item == NULL || item->state != ITEM_WANTED)
            continue;
        if (imap_exists(c, item->uid, &exists) == IMAP_LOST)
            return IMAP_LOST;
        if (!exists)
            imap_items_set(&c->items, item, ITEM_GONE);
        else if (!b->alone)
            imap_suspect(c, item->uid);
        else
            accuse(c, item->uid);
    }
    return IMAP_OK;
}

enum imap_rc
imap_fetch(struct imap *c)
{
    struct imap_batch b;
    enum imap_rc rc;

    imap_batch_choose(&c->items, c->suspects, c->n_suspects, c->setup->max_mail, IMAP_SENT_MAX - c->n_sent, &b);
    if (b.n == 0)
        return IMAP_OK;
    imap_core_fetching(c, b.uids, b.n);
    rc = b.alone ? fetch_alone(c, imap_items_find(&c->items, b.uids[0])) : fetch_together(c, &b);
    if (rc != IMAP_LOST)
        return look_after_missing(c, &b);
    for (size_t i = 0; i < b.n; i++) {
        if (b.alone)
            accuse(c, b.uids[i]);
        else
            imap_suspect(c, b.uids[i]);
    }
    return IMAP_LOST;
}
