/* SPDX-License-Identifier: ISC
 *
 * The fault simulator's inside. The daemon's core runs whole and unchanged: core_main(), its loop, its children's sides, the
 * engine, desk and store. What the kernel and the world give it is ours: the clock (clock.c), sd-event (event.c), processes,
 * frames and commits (seam.c), the roles (roles.c, intake.c, lanes.c), the people (people.c). All of it is one thread that throws dice,
 * so that a seed or a script is a run, to the byte.
 */
#ifndef SIM_H
#define SIM_H

#include "../../src/core/loop.h"

#define SIM_START 1773136800            /* 2026-03-10T10:00:00Z, a Tuesday */
#define SIM_DESK "support@sim.example"

/* ---- chance: splitmix64 */
struct dice { uint64_t s; };
uint64_t dice_u64(struct dice *d);
unsigned dice_below(struct dice *d, unsigned n);        /* 0 … n - 1; 0 for n 0 */
static inline bool dice_percent(struct dice *d, unsigned percent) { return dice_below(d, 100) < percent; }

/* ---- the script: what is done to the world, in order. Each step carries all its own chance, so that leaving others out does not change it. */
enum step_kind { STEP_MAIL, STEP_REPLY, STEP_STAFF, STEP_AGAIN, STEP_MACHINE, STEP_HOSTILE, STEP_ADVANCE, STEP_RELAY, STEP_CRASH, STEP_DIE,
                 STEP_IMAP, STEP_RELOAD, STEP_STOP, STEP_DISK, STEP_KINDS };
struct step { enum step_kind kind; unsigned a, b; uint64_t salt; unsigned turns; };     /* turns: of the scheduler, after it */
struct script { struct step *v; size_t n; };
void script_make(uint64_t seed, unsigned mails, struct script *out);
bool script_read(const char *path, struct script *out);
void script_write(const struct script *s, struct buf *out);
const char *step_name(enum step_kind k);

/* ---- the world */
enum person_kind { PERSON_HUMAN, PERSON_STAFF, PERSON_AWAY, PERSON_RUDE, PERSON_MACHINE, PERSON_GONE, PERSON_HOSTILE };
struct inbox_letter { struct buf bytes; uint64_t letter; char envelope_from[ADDR_MAX + 1]; };
struct person { const char *addr, *name; enum person_kind kind; struct inbox_letter inbox[6]; unsigned n_inbox; bool forged; };

enum mail_kind { MAIL_NEW, MAIL_REPLY, MAIL_STAFF, MAIL_MACHINE, MAIL_HOSTILE, MAIL_OLD };
struct mail {                           /* one that was written once, however often it is delivered */
    char *bytes; size_t len;
    uint8_t hash[16];
    enum mail_kind kind;
    char envelope_from[ADDR_MAX + 1];
    unsigned handed;                    /* deliveries that core has answered for with "taken" */
    unsigned n;
};
enum source { SOURCE_LMTP, SOURCE_MAILDIR, SOURCE_IMAP, SOURCES };
enum delivery_state { DELIVERY_WAITING, DELIVERY_FLYING, DELIVERY_DONE };
struct delivery {
    struct mail *mail;
    enum source source;
    enum delivery_state state;
    uint64_t seq;
    int64_t not_before;                 /* the MTA waits after a 4xx */
    unsigned number;                    /* Maildir: part of its name */
    uint32_t uid; int64_t date; bool settled;           /* IMAP: at the server */
    int item;                           /* IMAP: what the role knows of it, see intake.c */
};

/* One transmission to the relay, as the relay saw it. */
struct sent {
    uint64_t letter; char to[ADDR_MAX + 1];
    uint8_t hash[16];
    int64_t at;
    unsigned code;                      /* what the relay answered; 0: nothing */
    bool taken;                         /* and what it did */
    bool heard;                         /* core read the answer */
    bool final;                         /* and its record was there after the next start */
    uint64_t life;
};

struct role {                           /* one simulated process */
    struct role *next;
    const struct role_actor *actor;
    char section[64];
    int fd, core_fd, id;                /* ours, core's; id: what stands for its pid */
    bool alive, stuck, check;           /* stuck: reads and says nothing any more */
    bool exiting; int how, status;
    unsigned unread;                    /* frames that core has sent */
    bool said;                          /* something lies in core's socket */
    sd_event_source *io, *exit;
    uint64_t seq;
    void *state; void (*state_free)(void *state);
};
struct role_actor {
    const char *name;
    void (*hear)(struct role *r, struct frame *f);
    bool (*has_work)(struct role *r);   /* may be NULL, like work */
    void (*work)(struct role *r);
};
extern const struct role_actor *const role_actors[];
extern const size_t role_actors_n;

enum crash { CRASH_NONE, CRASH_BEFORE_COMMIT, CRASH_AFTER_COMMIT, CRASH_FRAME };
enum relay_mood { RELAY_GOOD, RELAY_LATER, RELAY_MIXED, RELAY_SILENT, RELAY_REFUSES_US, RELAY_HANGS, RELAY_MOODS };

struct sim {
    /* what runs */
    const struct script *script; size_t at;
    struct dice dice;
    char folder[64], conf_path[96];
    unsigned turns_left;
    int64_t advance_until_ms;
    bool draining, done, verbose;
    int64_t drain_until_ms;
    /* time: one clock, for the wall it starts at SIM_START */
    int64_t now_ms, active_ms;
    /* the end of core at a step */
    enum crash crash; unsigned crash_in;
    unsigned disk_errors;               /* so many commits fail, and core lives */
    bool ghost;                         /* it has ended: what it still does on its way out of our process reaches nobody */
    bool stopping, reload;
    uint64_t life;
    unsigned stops;
    struct loop *loop;
    /* the world */
    struct person *persons; size_t n_persons;
    struct mail **mails; size_t n_mails;
    struct delivery **deliveries; size_t n_deliveries;
    struct sent *sents; size_t n_sents, cap_sents;
    struct role *roles;
    int role_ids;
    uint32_t uidvalidity, uidnext;
    enum relay_mood mood; int64_t mood_until_ms;
    unsigned alternative;               /* which of the two configurations is in force */
    unsigned robot_mails, numbers;
    /* what it came to */
    char failure[512];
    unsigned commits, crashes, resent, alarms;
    struct buf trace;
};
extern struct sim S;

static inline int64_t sim_wall(void) { return SIM_START + S.now_ms / 1000; }
/* Remembers the first broken promise: `what` is a short word, the same for the same fault. The run ends. */
void sim_fail(const char *what, const char *fmt, ...) printf_like(2, 3);
void sim_trace(const char *fmt, ...) printf_like(1, 2);

/* ---- event.c */
void event_reset(void);                 /* of the life before nothing is left */
/* ---- world.c */
bool sim_run(const struct script *script, const char *folder, bool verbose);     /* false: S.failure says what broke */
/* Does what the script wants done now: true. Else false, and *until_ms: how far time may go. */
bool world_step(int64_t *until_ms);
void conf_write(unsigned alternative);
/* ---- seam.c */
struct role *role_of_core_fd(int fd);
void role_say(struct role *r, const Td__Frame *f, const int *fds, size_t n_fds);
void role_hear(struct role *r);         /* one frame of core's */
void role_exit(struct role *r, int how, int status);
void roles_end(void);                   /* core is gone: they all go */
/* ---- intake.c */
extern const struct role_actor actor_lmtp, actor_maildir, actor_imap;
struct delivery *delivery_add(struct mail *m, enum source source);
void deliveries_return(struct role *r);  /* what a source had in flight is its own again */
void imap_renumber(void);
void imap_fault(unsigned what);
bool deliveries_pending(void);
extern const Td__Origin__Kind source_kinds[SOURCES];
/* ---- parse_role.c, compose_role.c: the roles' own code, answering on `fd` */
void *parse_role_new(const Td__ParseSetup *setup, Td__ParseReady **ready, struct arena *a);
void parse_role_free(void *worker);
void parse_role_job(void *worker, int fd, const Td__ParseJob *job, int mail, struct arena *a);
void extract_role_job(void *worker, int fd, const Td__ExtractJob *job, int mail, struct arena *a);
void compose_role_job(int fd, const Td__ComposeJob *job, int parts, struct arena *a);
/* ---- lanes.c */
extern const struct role_actor actor_smtp, actor_drop;
void lane_heard(struct role *r, const Td__SendOutcome *o);      /* core has read it */
void lanes_final(void);                 /* after a start: what was heard and has no row any more is over */
/* ---- people.c */
void people_make(void);
void people_free(void);
struct person *person_find(const char *addr);
struct mail *mail_add(struct buf *bytes, enum mail_kind kind, const char *envelope_from);       /* takes bytes */
void mail_write_new(struct dice *d);
void mail_write_reply(struct dice *d);
void mail_write_staff(struct dice *d);
void mail_write_machine(struct dice *d);
void mail_write_hostile(struct dice *d);
void mail_deliver_again(struct dice *d);
void person_receives(const char *addr, uint64_t letter, const char *envelope_from, const uint8_t *bytes, size_t len);
/* A header field of a letter, unfolded; "" where there is none. */
void letter_field(const struct buf *bytes, const char *name, char *out, size_t size);
/* ---- check.c: what the world saw against what the store says; inside.c: the store against itself */
void check_all(void);
/* While core runs: a clock that is wrong now is right again after the next start, or breached. */
void inside_clocks(struct store *s, const struct conf *conf);
void inside_check(struct store *s, const struct conf *conf, const struct desk *desk, int64_t now);

#endif
