/* SPDX-License-Identifier: ISC
 *
 * The daemon's loop: children, jobs, lanes. Everything here runs in one thread, and nothing blocks: what a child has not
 * read yet waits in a queue of its own, what a child has not answered in time costs it its life.
 */
#ifndef CORE_LOOP_H
#define CORE_LOOP_H

#include "engine.h"
#include "ticketd/role.h"

#include <systemd/sd-event.h>

struct loop;
struct child;

/* A SIGKILL comes from an operator, or from the kernel for lack of memory: only the second may be a mail's fault, so that
 * what a process was at is blamed when it has happened over it this often. */
#define KILLS_FORGIVEN 5

/* One row a role; loop.c walks the table, child.c calls through it. */
struct role_kind {
    const char *role;
    /* Tells a fresh child what it is for. false: not yet (a token is missing, a secret unreadable); tried again later. */
    bool (*setup)(struct loop *l, struct child *c);
    /* One frame. May take *ap (set it NULL) to keep the body. false: a frame that this role may not send: it ends. */
    bool (*frame)(struct loop *l, struct child *c, struct frame *f, struct arena **ap);
    void (*died)(struct loop *l, struct child *c);      /* may be NULL */
};
extern const struct role_kind role_parse, role_compose, role_imap, role_lmtp, role_maildir, role_smtp, role_drop, role_token, role_reader;

enum child_state { CHILD_DOWN, CHILD_STARTED, CHILD_WAITING, CHILD_READY };

struct child {
    struct child *next;
    struct loop *loop;
    const struct role_kind *kind;
    const struct role_exec *exec;
    char name[64];                      /* of its section in the configuration, with the lane's number */
    const char *section;                /* the section alone, in name_mem */
    uint64_t serial;                    /* a new one for every process */
    struct role_child proc;
    enum child_state state;
    bool wanted, worked, once, gone;    /* once: ends after its answer, is not started again (reader); gone: to be freed */
    struct role_throttle throttle;
    unsigned restarts;
    sd_event_source *io, *exit, *again;
    struct outgoing *out, **out_last; size_t out_bytes;
    int64_t deadline_ms;                /* 0: nothing is awaited */
    char said[256]; bool said_ok;       /* its last word on how it is */
    int64_t good_at;
    struct buf setup;                   /* the packed setup frame, to see on reload whether it changed */
    bool probing;                       /* child_setup_differs(): packed, not sent */
    void *side;                         /* what the role's file keeps beside it; freed by side_free */
    void (*side_free)(void *side);
    int *listeners; size_t n_listeners; /* lmtp: kept by core, so that neither a restart nor a reload refuses anybody */
    struct buf listening;               /* what they were opened for */
    bool retiring;                      /* a lane with a letter in hand: it begins anew after that */
    bool killed;                        /* by a SIGKILL that was not core's: see KILLS_FORGIVEN */
    bool dismissed;                     /* core ended it for reasons of its own: what it had in hand is not to blame */
};

struct loop {
    sd_event *event;
    struct conf *conf;
    struct desk *desk;
    struct store *store;
    struct engine *engine;
    const char *credentials;            /* folder of systemd credentials, or NULL */
    char self[16];
    uint32_t generation;                /* of the configuration */
    struct role_exec execs[16]; size_t n_execs;
    struct child *children;
    uint64_t serials, jobs;
    struct job *parse_first, **parse_last;      /* waiting for a worker */
    struct job *parse_out;                      /* with a worker */
    size_t jobs_n, jobs_bytes;
    struct compose_job *composing;
    struct extract_job *extracting;
    struct settling *settling;
    struct token *tokens;
    struct control *control;
    sd_event_source *turn, *due, *tick;
    int64_t woken_ms;                   /* since when a turn is due; 0: none is */
    int64_t tick_ms;
    unsigned probes;                    /* of the store, in vain */
    size_t answers_bytes;               /* what workers said of mails that are not committed yet */
    int64_t started_at, last_mail_at;
    uint64_t taken, sent;
    bool ending;
    int exit_code;
};

int64_t loop_now(void);                 /* wall clock, seconds: read once a turn */
int64_t loop_now_ms(void);              /* monotonic */
void loop_wake(struct loop *l);         /* a turn is due: commit what is ready, send what waits */
void loop_turn(struct loop *l);

/* ---- child.c */
struct child *child_add(struct loop *l, const struct role_kind *kind, const char *section, unsigned lane);
void child_start(struct child *c);
void child_setup(struct child *c);      /* (again) after what it waited for has come */
bool child_send(struct child *c, const Td__Frame *f, const int *fds, size_t n_fds);
void child_kill(struct child *c, const char *why);      /* it comes back, throttled */
void child_remove(struct loop *l, struct child *c);     /* it does not */
struct child *child_find(struct loop *l, const struct role_kind *kind, const char *section);
void child_setup_note(struct child *c, const Td__Frame *f);       /* remembers it packed: after a reload it tells whether the child must begin anew */
bool child_setup_differs(struct child *c);      /* would it be told something else today? */
bool child_setup_send(struct child *c, const Td__Frame *f, const int *fds, size_t n_fds);
void child_say(struct child *c, bool ok, const char *fmt, ...) printf_like(3, 4);      /* its last word on how it is */
void children_check(struct loop *l, int64_t late_ms);   /* once a second: deadlines; late_ms: core itself stood still */
void children_end(struct loop *l);      /* hears what they have said already, then ends them all */
void children_collect(struct loop *l);  /* frees those that are gone */

/* ---- jobs.c: mails from the intake to the engine, through the parse workers */
bool intake_mail(struct loop *l, struct child *c, const Td__MailIn *in, int fd);        /* fd is taken */
void jobs_dispatch(struct loop *l);
void jobs_done(struct loop *l, struct engine_event *ev);
void jobs_end(struct loop *l);
void intake_answer(struct loop *l, uint64_t serial, uint64_t seq, bool taken, bool again, unsigned code, const char *enhanced, const char *text);

/* A worker without any mail in hand, the caller's alone until it is given back or dies. NULL: none; until one was taken, mails wait. */
struct child *worker_take(struct loop *l);
void worker_give_back(struct loop *l, struct child *c);

/* ---- extract.c: parts of stored mail for letters that are composed */
struct extract_job;
/* done() once, with a memfd (the receiver's) of all parts and their sizes, or with -1: they cannot be had. One letter, one job. */
typedef void extract_done(struct loop *l, uint64_t letter, int fd, const uint64_t *sizes, size_t n);
void extract_start(struct loop *l, const Td__Letter *letter, extract_done *done);
bool extract_waiting(const struct loop *l);
void extract_dispatch(struct loop *l);
bool extract_answer(struct loop *l, struct child *c, struct frame *f);
bool extract_died(struct loop *l, struct child *c);     /* false: it had nothing of ours in hand */
void extract_end(struct loop *l);

/* ---- letters.c */
void letters_dispatch(struct loop *l);
void letters_composed(struct loop *l, struct engine_event *ev);
void letters_settled(struct loop *l, struct engine_event *ev);
bool lane_busy(const struct child *c);
void letters_end(struct loop *l);
/* A password, a token from a file, or one from the oauth section. NULL: none now; *wanted says that there should be one. */
const char *secret_for(struct loop *l, const char *password, const char *token_file, const char *oauth, struct buf *mem, bool *wanted);
/* ---- tokens.c: the access token of an oauth section; NULL: asked for, child_setup() follows when it is there */
const char *token_get(struct loop *l, const char *oauth);
void token_stale(struct loop *l, const char *oauth);
void tokens_end(struct loop *l);
/* ---- intake_side.c */
const struct conf_intake *intake_conf(const struct loop *l, const char *name);
bool intake_state(struct loop *l, struct child *c, const Td__IntakeState *st);
bool intake_mail_frame(struct loop *l, struct child *c, struct frame *f);
/* ---- imap_side.c */
void imap_mail_done(struct loop *l, struct child *c, uint64_t uid);
/* ---- control.c */
int control_open(struct loop *l, char error[256]);
void control_close(struct loop *l);
void control_done(struct loop *l, struct engine_event *ev);    /* an act of an operator is durable, or was refused: tells the asker */
/* ---- control_acts.c: what an operator does to the daemon itself */
bool control_acts_own(const char *verb);
unsigned control_act(struct loop *l, const Td__Request *r, const char *login, void *owner, struct arena *a, bool *later, const char **answer);
void control_act_done(struct loop *l, const struct engine_event *ev);
bool mailbox_paused(struct loop *l, const char *mailbox, struct arena *a, const Td__Secret **row);     /* row may be NULL */
char *mailboxes_paused_json(struct loop *l);    /* to be freed */
/* ---- operator.c */
const char *request_argument(const Td__Request *r, const char *name);  /* borrowed; NULL: not there */
/* What the request asks core to do with a case, as an event. NULL: error says what is wrong with it. */
struct engine_event *operator_event(const Td__Request *r, const char *login, char error[256]);
/* ---- control_write.c: what is asked of core itself */
bool control_writes(const char *verb);
void control_write(struct loop *l, int fd, const Td__Request *r);       /* fd is taken; answered when it is durable */
void control_written(struct engine_event *ev);
void control_reply(int fd, uint32_t code, const char *error, const struct buf *json);   /* and closes */
/* ---- policy.c: configuration, desk and patterns as one thing */
/* Loads, checks, has a fresh worker compile the patterns. NULL: errors holds the lines. */
struct conf *policy_load(const char *path, bool check_files, const uint8_t naming[32], struct desk **desk, struct buf *errors);
void policy_patterns(const struct conf *conf, uint32_t generation, Td__ParseSetup *out, struct arena *a);
void policy_children(struct loop *l);   /* makes the children that the configuration wants, removes the others */
bool policy_reload(struct loop *l, struct buf *said);   /* false: refused, the lines in said (NULL: only logged) */
/* ---- start.c */
int start_key_make(const char *path, uint8_t key[32]);  /* a new key in a new file; 0 or errno */
/* ---- rotate.c: a new master key, without a stop */
void rotate_order(struct loop *l, int fd);      /* begins; fd is taken and answered */
void rotate_tick(struct loop *l);               /* once a second: a bounded part of the work */
/* A crash came between the switch and the new key getting its name: the key that opens the store now. 0, or errno. */
int rotate_resume(const struct conf *conf, uint8_t key[32]);
void rotate_settle(const struct conf *conf);    /* it gets its name */
int start_master_key(const struct conf *c, const char *credentials, uint8_t key[32], char error[256]);

#endif
