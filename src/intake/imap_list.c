/* SPDX-License-Identifier: ISC
 *
 * imap: what lies in the folder. UID SEARCH says which UIDs there are, so that a listing is never longer than the folder,
 * however sparse its numbers; then size, date and flags come in portions. Flags of a mail that a person has read are told,
 * not judged: the ledger decides.
 */
#include "imap.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEARCH_MAX (4u << 20)           /* UIDs of one search; the rest is found by the next one */
#define SEARCH_BYTES (64u << 20)

static int
by_uid(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* The answer to the last SEARCH, sorted, without doubles, from `first` on; the caller's. */
static uint32_t *
search_result(struct imap *c, uint32_t first, size_t *n)
{
    clist *found = c->lib->imap_response_info != NULL ? c->lib->imap_response_info->rsp_search_result : NULL;
    size_t room = found != NULL ? (size_t)clist_count(found) : 0, kept = 0;
    uint32_t *uids;

    *n = 0;
    if (room > SEARCH_MAX)
        room = SEARCH_MAX;
    if (room == 0)
        return NULL;
    uids = mem_alloc(room * sizeof *uids);
    for (clistiter *i = clist_begin(found); i != NULL && *n < room; i = clist_next(i)) {
        uint32_t uid = *(const uint32_t *)clist_content(i);

        if (uid >= first && uid != 0)
            uids[(*n)++] = uid;
    }
    qsort(uids, *n, sizeof *uids, by_uid);
    for (size_t i = 0; i < *n; i++)
        if (i == 0 || uids[i] != uids[i - 1])
            uids[kept++] = uids[i];
    *n = kept;
    return uids;
}

static uint64_t
search_bytes(const struct imap *c)
{
    const struct mailimap_selection_info *info = c->lib->imap_selection_info;
    uint64_t bytes = info != NULL ? (uint64_t)info->sel_exists * 12 : 0;

    return bytes < SEARCH_BYTES ? bytes : SEARCH_BYTES;
}

/* Mail that comes while the server searches may be told (EXISTS) and not found: then it is looked for again. */
static enum imap_rc
search_and_listen(struct imap *c, bool *told)
{
    struct mailimap_selection_info *info = c->lib->imap_selection_info;
    uint64_t bytes = search_bytes(c);
    uint32_t exists = info != NULL ? info->sel_exists : 0;
    enum imap_rc rc;

    if (info != NULL)
        info->sel_exists = UINT32_MAX;
    rc = imap_command_of(c, bytes, "UID SEARCH UID %u:*", c->next_uid);
    info = c->lib->imap_selection_info;
    *told = info != NULL && info->sel_exists != UINT32_MAX;
    if (info != NULL && !*told)
        info->sel_exists = exists;
    return rc;
}

enum imap_rc
imap_search(struct imap *c)
{
    bool told;
    enum imap_rc rc = search_and_listen(c, &told);

    if (rc != IMAP_OK)
        return IMAP_LOST;
    free(c->listing);
    c->listing = search_result(c, c->next_uid, &c->n_listing);
    c->listed = 0;
    c->told_in_vain = c->n_listing > 0 ? 0 : c->told_in_vain + told;
    c->rescan = told && c->told_in_vain < IMAP_TOLD_MAX;
    if (c->n_listing > 0 && c->listing[c->n_listing - 1] < UINT32_MAX)
        c->next_uid = c->listing[c->n_listing - 1] + 1;
    return IMAP_OK;
}

enum imap_rc
imap_uidnext(struct imap *c, uint32_t *out)
{
    enum imap_rc rc = imap_command(c, search_bytes(c), "UID SEARCH ALL");
    uint32_t *uids;
    size_t n;

    if (rc != IMAP_OK)
        return IMAP_LOST;
    uids = search_result(c, 1, &n);
    *out = n > 0 ? uids[n - 1] + 1 : 1;
    free(uids);
    return IMAP_OK;
}

/* ---- size, date, flags */
static bool
has_seen(const struct mailimap_msg_att_dynamic *d)
{
    if (d->att_list == NULL)
        return false;
    for (clistiter *i = clist_begin(d->att_list); i != NULL; i = clist_next(i)) {
        const struct mailimap_flag_fetch *f = clist_content(i);

        if (f->fl_type == MAILIMAP_FLAG_FETCH_OTHER && f->fl_flag != NULL && f->fl_flag->fl_type == MAILIMAP_FLAG_SEEN)
            return true;
    }
    return false;
}

/* false: not what was asked for (somebody else's change of flags comes in the same shape). */
static bool
read_item(const struct mailimap_msg_att *att, struct imap_item *out)
{
    bool sized = false;

    *out = (struct imap_item){ 0 };
    for (clistiter *i = clist_begin(att->att_list); i != NULL; i = clist_next(i)) {
        const struct mailimap_msg_att_item *item = clist_content(i);
        const struct mailimap_msg_att_static *s = item->att_data.att_static;

        if (item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC && item->att_data.att_dyn != NULL)
            out->seen = has_seen(item->att_data.att_dyn);
        if (item->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC || s == NULL)
            continue;
        if (s->att_type == MAILIMAP_MSG_ATT_UID) {
            out->uid = s->att_data.att_uid;
        } else if (s->att_type == MAILIMAP_MSG_ATT_RFC822_SIZE) {
            out->size = s->att_data.att_rfc822_size;
            sized = true;
        } else if (s->att_type == MAILIMAP_MSG_ATT_INTERNALDATE && s->att_data.att_internal_date != NULL) {
            out->date = imap_date(s->att_data.att_internal_date);
        }
    }
    if (out->date == 0)
        out->date = time(NULL);         /* no date is no reason to take a mail for an old one */
    return out->uid != 0 && sized;
}

static clist *
fetched(const struct imap *c)
{
    return c->lib->imap_response_info != NULL ? c->lib->imap_response_info->rsp_fetch_list : NULL;
}

enum imap_rc
imap_exists(struct imap *c, uint32_t uid, bool *out)
{
    enum imap_rc rc = imap_command_of(c, 0, "UID FETCH %u (UID RFC822.SIZE)", uid);
    struct imap_item item;

    *out = false;
    if (rc != IMAP_OK)
        return rc;
    for (clistiter *i = fetched(c) != NULL ? clist_begin(fetched(c)) : NULL; i != NULL; i = clist_next(i))
        if (read_item(clist_content(i), &item) && item.uid == uid)
            *out = true;
    return IMAP_OK;
}

static void
offer(struct imap *c, uint32_t number, bool last)
{
    const struct imap_item *items[IMAP_OFFER_MAX];
    size_t n = 0;

    for (size_t i = 0; i < c->items.n && n < countof(items); i++)
        if (c->items.v[i].state == ITEM_OFFERED && c->items.v[i].offer == number)
            items[n++] = &c->items.v[i];
    if (n == 0)
        return;                         /* an empty offer would wait for an answer to nothing */
    c->offer_last = number;
    imap_core_offer(c, items, n, last);
}

enum imap_rc
imap_offer_listed(struct imap *c)
{
    size_t n = c->n_listing - c->listed;
    const uint32_t *uids = c->listing + c->listed;
    uint32_t number = c->offer_last + 1;
    size_t taken = 0;
    enum imap_rc rc;

    if (n > IMAP_OFFER_MAX)
        n = IMAP_OFFER_MAX;
    /* between two neighbours of the search nothing else lies: one range names exactly these */
    rc = imap_command_of(c, n * 200, "UID FETCH %u:%u (UID RFC822.SIZE INTERNALDATE FLAGS)", uids[0], uids[n - 1]);
    if (rc != IMAP_OK)
        return IMAP_LOST;
    for (clistiter *i = fetched(c) != NULL ? clist_begin(fetched(c)) : NULL; i != NULL && taken < n; i = clist_next(i)) {
        struct imap_item item, *kept;

        if (!read_item(clist_content(i), &item) || bsearch(&item.uid, uids, n, sizeof *uids, by_uid) == NULL)
            continue;
        if ((kept = imap_items_add(&c->items, item.uid)) == NULL)
            continue;                   /* in hand already, from before a lost connection */
        kept->size = item.size;
        kept->date = item.date;
        kept->seen = item.seen;
        kept->offer = number;
        taken++;
    }
    c->listed += n;
    offer(c, number, c->listed == c->n_listing);
    return IMAP_OK;
}

void
imap_offer_again(struct imap *c)
{
    uint32_t number = c->offer_last + 1;
    size_t n = 0;

    for (size_t i = 0; i < c->items.n && n < IMAP_OFFER_MAX; i++) {
        struct imap_item *item = &c->items.v[i];

        if (item->state != ITEM_AGAIN)
            continue;
        imap_items_set(&c->items, item, ITEM_OFFERED);
        item->offer = number;
        n++;
    }
    offer(c, number, c->items.count[ITEM_AGAIN] == 0);
}
