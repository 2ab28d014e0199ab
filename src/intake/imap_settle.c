/* SPDX-License-Identifier: ISC
 *
 * imap: the source is told, only of what is durable: \Seen and the keyword, or the other folder. Many UIDs a command.
 * EXPUNGE without UIDs is never sent: it would remove what a person has marked. A server that refuses keeps its mails
 * as they are; the ledger knows them, and core asks again on the next connection.
 */
#include "imap.h"
#include <stdlib.h>
#include <string.h>

static enum imap_rc
mark(struct imap *c, const char *set)
{
    enum imap_rc rc;

    if (c->keyword) {
        rc = imap_command_of(c, 0, "UID STORE %s +FLAGS.SILENT (\\Seen %s)", set, c->setup->keyword);
        if (rc != IMAP_NO)
            return rc;
        c->keyword = false;             /* it promised too much; \Seen it should know */
    }
    return imap_command_of(c, 0, "UID STORE %s +FLAGS.SILENT (\\Seen)", set);
}

/* `verb` SET FOLDER; the folder is made if that is what is missing. */
static enum imap_rc
to_folder(struct imap *c, const char *verb, const char *set)
{
    enum imap_rc rc = imap_command_of(c, 0, "%s %s %s", verb, set, c->move_to.data);

    if (rc != IMAP_NO)
        return rc;
    rc = imap_command_of(c, 0, "CREATE %s", c->move_to.data);
    if (rc == IMAP_LOST)
        return rc;
    return imap_command_of(c, 0, "%s %s %s", verb, set, c->move_to.data);
}

static enum imap_rc
move(struct imap *c, const char *set)
{
    enum imap_rc rc;

    if (imap_has(c, "MOVE"))
        return to_folder(c, "UID MOVE", set);
    rc = to_folder(c, "UID COPY", set);
    if (rc == IMAP_OK)
        rc = imap_command_of(c, 0, "UID STORE %s +FLAGS.SILENT (\\Seen \\Deleted)", set);
    if (rc == IMAP_OK && imap_has(c, "UIDPLUS"))
        rc = imap_command_of(c, 0, "UID EXPUNGE %s", set);
    return rc;
}

enum imap_rc
imap_settle(struct imap *c)
{
    uint32_t uids[IMAP_OFFER_MAX] = { 0 };
    struct buf set = { 0 };
    size_t n = 0;
    enum imap_rc rc = IMAP_NO;

    for (size_t i = 0; i < c->items.n && n < countof(uids); i++)
        if (c->items.v[i].state == ITEM_TAKEN)
            uids[n++] = c->items.v[i].uid;
    n = imap_uid_set(uids, n, IMAP_SET_BYTES, &set);
    if (n > 0 && c->may_store)
        rc = c->setup->move_to != NULL ? move(c, set.data) : mark(c, set.data);
    buf_free(&set);
    if (rc == IMAP_LOST)
        return rc;                      /* they stay ITEM_TAKEN over the next connection */
    if (rc == IMAP_OK)
        imap_core_settled(c, uids, n);
    else if (c->may_store) {
        log_line(LOG_FAIL, "problem=%s mails=%zu status=not-settled", log_value(c->problem), n);
        imap_core_state(c, true, false, c->problem);
    }
    for (size_t i = 0; i < n; i++)
        imap_items_set(&c->items, imap_items_find(&c->items, uids[i]), ITEM_GONE);
    return IMAP_OK;
}
