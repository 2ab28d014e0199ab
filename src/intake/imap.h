/* SPDX-License-Identifier: ISC
 *
 * What the files of the IMAP role share. The server is hostile: everything it says is bounded by the stream's limits,
 * UIDs it was not asked for are ignored, sizes it claims are hints. Core's word on a UID is law; nothing is decided here.
 */
#ifndef TICKETD_INTAKE_IMAP_H
#define TICKETD_INTAKE_IMAP_H

#include "stream.h"
#include "ticketd/intake.h"
#include "ticketd/role.h"

#define IMAP_OFFER_MAX 500              /* items a frame, and UIDs a listing command */
#define IMAP_OFFERS_OPEN 2              /* unanswered */
#define IMAP_SENT_MAX 200               /* mails at core, unanswered */
#define IMAP_BATCH_MAILS 50
#define IMAP_BATCH_BYTES (8u << 20)
#define IMAP_SLICE (4u << 20)           /* a large mail comes in pieces of this size */
#define IMAP_HEAD (256u << 10)          /* of a mail over the limit this much is fetched */
#define IMAP_SETTLE_MAILS 100
#define IMAP_SET_BYTES 1000             /* of a UID set in a command: RFC 2683, 3.2.1.5 */
#define IMAP_SUSPECT_TRIES 2            /* failures alone before core is to count this process as killed by the mail */
#define IMAP_SUSPECTS_MAX 512
#define IMAP_AGAIN_MS 10000             /* core said: not now */
#define IMAP_IDLE_MS (10 * 60 * 1000)   /* RFC 2177 allows 29 minutes; ten notice a lost event */
#define IMAP_TOLD_MAX 5                 /* news of mail in a row that is not there: then the server says it always */
#define IMAP_SLACK (1u << 20)           /* bytes any answer may bring */

/* ---- UIDs that core or we have something to do with */
enum imap_item_state {
    ITEM_OFFERED,       /* core has not answered */
    ITEM_WANTED,        /* to be fetched */
    ITEM_SENT,          /* at core */
    ITEM_AGAIN,         /* core could not take it now: to be offered again */
    ITEM_TAKEN,         /* durable: the source is to be told */
    ITEM_STATES,
    ITEM_GONE = ITEM_STATES
};
struct imap_item {
    uint32_t uid, size;
    int64_t date;
    uint32_t offer;                     /* number of its offer */
    bool seen;
    enum imap_item_state state;
};
struct imap_items {
    struct imap_item *v;                /* by ascending UID; those that are gone stay until the next sweep */
    size_t n, cap, gone;
    size_t count[ITEM_STATES];
};
/* The item of that UID; NULL: none. Borrowed until the next imap_items_add(). */
struct imap_item *imap_items_find(struct imap_items *s, uint32_t uid);
/* A new one in ITEM_OFFERED; NULL: that UID is there already. */
struct imap_item *imap_items_add(struct imap_items *s, uint32_t uid);
void imap_items_set(struct imap_items *s, struct imap_item *i, enum imap_item_state state);     /* ITEM_GONE removes it */
void imap_items_drop(struct imap_items *s, enum imap_item_state state);         /* all in that state */
void imap_items_free(struct imap_items *s);

/* ---- text of commands, pure */
/* As many of the ascending UIDs as fit into max bytes, "1:3,7"; returns how many. */
size_t imap_uid_set(const uint32_t *uids, size_t n, size_t max, struct buf *out);
/* A mailbox name as IMAP wants it (RFC 3501, 5.1.3: modified UTF-7) and a quoted string. false: not UTF-8, or a control character. */
bool imap_mailbox_name(const char *utf8, struct buf *out);
bool imap_quote(const char *s, struct buf *out);
/* Wait before attempt number `failures` (1 and up): 1 s doubling to 5 min, of it a half to the whole by chance. */
int64_t imap_backoff_ms(unsigned failures, uint32_t chance);
struct mailimap_date_time;
int64_t imap_date(const struct mailimap_date_time *d);  /* RFC 3501 date-time as seconds; 0: nonsense */

/* ---- what to fetch in one command, pure */
struct imap_batch { uint32_t uids[IMAP_BATCH_MAILS]; size_t n; uint64_t bytes; bool alone; };
bool imap_is_suspect(const uint32_t *suspects, size_t n, uint32_t uid);
/* The next ones of ITEM_WANTED: at most `room`, together at most IMAP_BATCH_BYTES; a suspect, a large one or one over max_mail alone. */
void imap_batch_choose(const struct imap_items *s, const uint32_t *suspects, size_t n_suspects, uint64_t max_mail, size_t room, struct imap_batch *out);

/* ---- the role */
enum imap_rc {
    IMAP_OK,
    IMAP_NO,            /* the server refuses; the connection is fine */
    IMAP_LOST,          /* the connection is of no more use */
    IMAP_AUTH,          /* the login was refused */
};
#define IMAP_PROBLEM_MAX (STREAM_WHY_MAX + 200)
struct imap {
    const Td__ImapSetup *setup;
    mailimap *lib;
    struct stream *stream;
    char problem[IMAP_PROBLEM_MAX];              /* of what failed last, for the operator */
    char note[200];                             /* of a connection that works but lacks something */
    struct buf folder, move_to;                 /* encoded; move_to quoted too */
    bool keyword, may_store;                    /* what the folder allows */

    uint32_t uidvalidity, next_uid;             /* the next one not yet listed */
    bool rescan;                                /* look for UIDs from next_uid on */
    unsigned told_in_vain;                      /* times in a row that the server told of mail that was not there */
    uint32_t *listing; size_t n_listing, listed;
    struct imap_items items;
    uint32_t offer_last, offer_answered;        /* numbers of offers */
    struct { uint64_t seq; uint32_t uid; } sent[IMAP_SENT_MAX]; size_t n_sent;
    uint64_t seq;
    uint32_t suspects[IMAP_SUSPECTS_MAX]; uint8_t failures[IMAP_SUSPECTS_MAX]; size_t n_suspects;
    int64_t again_at_ms;                        /* 0: core takes mail */
    bool started, idle_broken, worked;
    bool told_ok; char told[IMAP_PROBLEM_MAX]; int64_t told_at, good_fetch_at;
};

/* imap_command.c: one command at a time. `expected`: bytes that the answer should bring beside the small talk. */
void imap_limit(struct imap *c, uint64_t expected);
enum imap_rc imap_command(struct imap *c, uint64_t expected, const char *text);
enum imap_rc imap_command_of(struct imap *c, uint64_t expected, const char *fmt, ...) printf_like(3, 4);
enum imap_rc imap_result(struct imap *c, int lib_rc, const char *what);  /* of a call of libetpan; says c->problem */
enum imap_rc imap_send_line(struct imap *c, const char *bytes, size_t len);
enum imap_rc imap_read_line(struct imap *c);    /* into c->lib->imap_stream_buffer */
enum imap_rc imap_problem(struct imap *c, enum imap_rc rc, const char *fmt, ...) printf_like(3, 4);
bool imap_has(const struct imap *c, const char *capability);

/* imap_login.c */
enum imap_rc imap_open(struct imap *c);         /* connected, authenticated, folder selected, state of it in c */
void imap_close(struct imap *c);

/* imap_list.c */
enum imap_rc imap_search(struct imap *c);       /* which UIDs there are from next_uid on */
enum imap_rc imap_offer_listed(struct imap *c); /* the next portion of them to core */
void imap_offer_again(struct imap *c);
enum imap_rc imap_uidnext(struct imap *c, uint32_t *out);       /* where SELECT does not say it */
enum imap_rc imap_exists(struct imap *c, uint32_t uid, bool *out);

/* imap_fetch.c */
enum imap_rc imap_fetch(struct imap *c);        /* one batch, to core */
void imap_suspect(struct imap *c, uint32_t uid);

/* imap_settle.c */
enum imap_rc imap_settle(struct imap *c);       /* some of ITEM_TAKEN */

/* imap_wait.c */
enum imap_rc imap_idle(struct imap *c);         /* until something may be new, or core says something */

/* imap_core.c: the frames */
void imap_core_selected(struct imap *c, uint64_t uidnext, uint32_t exists);
void imap_core_offer(struct imap *c, const struct imap_item *const *items, size_t n, bool last);
void imap_core_fetching(struct imap *c, const uint32_t *uids, size_t n);
/* fd is taken. whole_size 0: all of it. */
void imap_core_mail(struct imap *c, struct imap_item *i, int fd, uint64_t whole_size);
void imap_core_settled(struct imap *c, const uint32_t *uids, size_t n);
void imap_core_state(struct imap *c, bool ok, bool auth_failed, const char *text);
/* Takes what core has sent, waiting up to timeout_ms for the first frame (0: not at all). true: there was one. */
bool imap_core_hear(struct imap *c, int64_t timeout_ms);
/* Hears core for so long, whatever comes. */
void imap_core_pause(struct imap *c, int64_t ms);

#endif
