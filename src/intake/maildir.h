/* SPDX-License-Identifier: ISC
 *
 * Private to intake: what the files of the Maildir role share. https://cr.yp.to/proto/maildir.html
 */
#ifndef INTAKE_MAILDIR_H
#define INTAKE_MAILDIR_H

#include "ticketd/intake.h"
#include "ticketd/role.h"

#define MAILDIR_FLIGHT_MAX 100u                 /* mails handed over and not answered */
#define MAILDIR_FLIGHT_BYTES (64ull << 20)      /* of them; one mail may always fly */
#define MAILDIR_HEAD (256u << 10)               /* handed over of a mail past the limit */
#define MAILDIR_BATCH_MAX 65536u                /* names in memory; the next scan finds the rest */
#define MAILDIR_KNOWN_MAX 4096u                 /* files that wait or are odd */
#define MAILDIR_YOUNG_S 2                       /* a file that nobody announced as finished rests so long first */
#define MAILDIR_EMPTY_S 60                      /* an empty one so long: it may still be written */

/* ---- one folder (maildir_folder.c): descriptors, no state */
struct maildir_folder { int fresh, cur; };      /* of new/ and cur/ */
bool maildir_open(const char *path, struct maildir_folder *out);        /* false: errno says why */
enum maildir_look { MAILDIR_TAKEN, MAILDIR_GONE, MAILDIR_YOUNG, MAILDIR_ODD, MAILDIR_UNREADABLE, MAILDIR_NO_ROOM, MAILDIR_TOO_MUCH };
/* A sealed memfd; whole_size 0: size is all of it. inode and written_ns: which file of that name it is, for people use a name twice. */
struct maildir_mail { int fd; uint64_t size, whole_size, inode; int64_t written_ns; };
/* Copies new/NAME into a memfd if it is a regular file of at most `room` bytes (TOO_MUCH: more, later; of one past max_mail the
 * head counts). `announced`: its writer is known to have finished. Any other answer than TAKEN leaves out->fd -1. */
enum maildir_look maildir_take(const struct maildir_folder *d, const char *name, bool announced, int64_t now, uint64_t max_mail,
                               uint64_t room, struct maildir_mail *out);
/* new/NAME becomes cur/UNIQUE:2,S without ever replacing another mail. 0 (also when it is gone) or errno. */
int maildir_settle(const struct maildir_folder *d, const char *name);
void maildir_unique(const char *name, char out[256]);   /* the name without ":2,flags" */
/* The same as text that may go into a frame: bytes of a name that is no UTF-8 become %XX. */
#define MAILDIR_TEXT_MAX (3 * 255 + 1)
void maildir_unique_text(const char *name, char out[MAILDIR_TEXT_MAX]);

/* ---- names to offer (maildir_queue.c) */
enum maildir_wait { MAILDIR_WAITS, MAILDIR_FLIES, MAILDIR_SETTLES, MAILDIR_IGNORED };
struct maildir_item {                           /* a file that something is known of */
    char *name;
    enum maildir_wait wait;
    int64_t not_before_ms;
    unsigned tries;
    uint64_t seq, size;
    bool seen;                                  /* by the scan under way */
};
struct maildir_name { char *name; bool announced; };
struct maildir_names { struct maildir_name *v; size_t n, cap, at; };
struct maildir_queue {
    struct maildir_names batch;                 /* ordered; offered from batch.at on */
    struct maildir_names incoming;              /* announced since */
    struct maildir_item **known; size_t n_known;        /* ordered by name */
};
bool maildir_queue_announce(struct maildir_queue *q, const char *name);         /* false: no room, scan later */
bool maildir_queue_scan(struct maildir_queue *q, int dir_fd, int64_t now_ms);   /* false: there was more than fits */
const struct maildir_name *maildir_queue_next(struct maildir_queue *q);         /* in order; NULL: nothing; borrowed until the next call */
void maildir_queue_push_back(struct maildir_queue *q);                          /* the last one again, later */
struct maildir_item *maildir_known(struct maildir_queue *q, const char *name);  /* NULL: nothing is known */
struct maildir_item *maildir_know(struct maildir_queue *q, const char *name);   /* the same, made where absent; NULL: no room */
void maildir_forget(struct maildir_queue *q, struct maildir_item *i);

#endif
