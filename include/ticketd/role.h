/* SPDX-License-Identifier: ISC
 *
 * role: processes, and how they talk. A role is an executable in libexec/ticketd with a SOCK_SEQPACKET socket to its
 * maker on descriptor ROLE_FD. One frame is one Td__Frame in one datagram of at most ROLE_FRAME_MAX bytes; what is larger
 * travels in a sealed memfd. Nothing a peer sends is trusted: sizes are bounded, frames unpack into a capped arena,
 * reading never blocks where it must not. The first frame each way is Td__Hello with the protocol's version.
 */
#ifndef TICKETD_ROLE_H
#define TICKETD_ROLE_H

#include "ticketd/base.h"
#include "ticketd/schema.h"
#include <sys/types.h>

#define ROLE_FD 3
#define ROLE_FRAME_MAX 65536u
#define ROLE_FDS_MAX 16
#define ROLE_BULK_MAX (64u << 20)       /* of one packed frame that travels in a memfd */

/* ---- frames */
enum frame_rc { FRAME_OK, FRAME_AGAIN, FRAME_CLOSED, FRAME_BAD };
struct frame {                          /* a received one */
    Td__Frame *body;                    /* in the arena */
    int fds[ROLE_FDS_MAX]; size_t n_fds;        /* the receiver's; frame_close() closes what was not taken (set to -1) */
    size_t size;
};
/* Sends body with descriptors (kept by the caller). A body that does not fit a datagram is put in a sealed memfd, sent before
 * the other descriptors; the receiver sees no difference. Non-blocking sockets answer FRAME_AGAIN when full; so does a lack of
 * memory or descriptors. FRAME_BAD: more than ROLE_FDS_MAX or ROLE_BULK_MAX, which is our own fault; nothing was sent. */
enum frame_rc frame_send(int fd, const Td__Frame *body, const int *fds, size_t n_fds);
/* Receives one frame into `a` (give it a cap, see schema_unpack()). FRAME_BAD: not a frame, over a limit, unsealed memfd: drop
 * the peer. A peer that died after sending is FRAME_CLOSED only behind its last frame. out is set in every case. */
enum frame_rc frame_receive(int fd, struct arena *a, struct frame *out);
void frame_close(struct frame *f);                              /* its body stays, in the arena */
int frame_take(struct frame *f, size_t i);                      /* descriptor i, the caller's from now on; -1: there is none */
/* For roles: waits and receives; dies quietly (exit 0) when the maker is gone, exits EX_PROTOCOL on FRAME_BAD. While it waits it
 * also ends the process (exit 0, to be started anew) when role_sandbox_stale(). */
void frame_receive_or_exit(struct arena *a, struct frame *out);

/* ---- memfds */
int memfd_make(const char *name);                               /* -1 and errno */
int memfd_seal(int fd);                                         /* no write, grow, shrink, seal; 0 or errno */
int memfd_of(const char *name, const void *bytes, size_t len);  /* made, filled, sealed; -1 and errno */
/* Size of a memfd that carries all four seals; -1: not one. */
int64_t memfd_size(int fd);
struct memfd_map { const uint8_t *bytes; size_t len; };
bool memfd_map(int fd, size_t max, struct memfd_map *out);      /* read-only; false: unsealed, larger than max, no memory */
void memfd_unmap(struct memfd_map *m);

/* ---- the maker's side */
struct role_exec { char name[32]; int fd; };                    /* descriptor of the executable, kept from the start */
/* libexec/ticketd beside the directory of /proc/self/exe, else the compiled-in place. 0 or errno; *error names the path. */
int role_exec_open(const char *role, struct role_exec *out, char error[256]);
struct role_child { pid_t pid; int pidfd, fd; };                /* fd: our end, non-blocking */
/* fork + fexecve with a fresh socket pair; every other descriptor is closed, environment emptied but for what names the log.
 * `name` tells instances apart in logs: "imap[support]". Our Hello is sent; the child's is the first frame to be received,
 * check it with role_hello_ok(). 0 or errno. */
int role_spawn(const struct role_exec *x, const char *name, struct role_child *out);
bool role_hello_ok(const Td__Frame *first, const char *role);   /* the child speaks our protocol and is what we started */
void role_child_close(struct role_child *c);                    /* closes; kills if alive, reaps, sets to -1 */

/* How soon a child that died may come back: at once after good work; one that died on its first job waits 100 ms, doubling to 60 s. */
struct role_throttle { unsigned failures; int64_t not_before_ms; };
void role_throttle_died(struct role_throttle *t, bool had_worked, int64_t now_ms);

/* A worker (parse, compose) asked one thing at a time by a program that may wait: ticketctl and the simulator. Started at the
 * first question with `setup` (NULL: none; a ParseSetup is answered by ParseReady); started anew when it died or hung. */
struct role_worker;
struct role_worker *role_worker_new(const char *role, const Td__Frame *setup, int timeout_ms);
void role_worker_free(struct role_worker **wp);
/* false: it cannot be started, it died or it took too long; it is gone then, and the next question starts another one. */
bool role_worker_send(struct role_worker *w, const Td__Frame *f, const int *fds, size_t n_fds);
bool role_worker_receive(struct role_worker *w, struct arena *a, struct frame *out);
/* A mail (a sealed memfd) read by a parse worker: tried twice, then its headers alone. In the arena; *rest NULL: the worker died
 * over it and *who is what the headers gave, or NULL. */
void role_worker_parse(struct role_worker *w, int fd, Td__ParseJob *job, struct arena *a, Td__Message **who, Td__Message **rest);

/* ---- the child's side; all mains have the same body order: start, setup frame, sandbox, loop */
/* Checks ROLE_FD, opens the log as NAME, ignores SIGPIPE, asks to die with the parent, exchanges Hello. */
void role_start(const char *role);
/* Seccomp, and Landlock where the kernel has it. Failure is fatal (exit EX_OSERR). What is not listed answers EPERM, under
 * SANDBOX_PURE it kills (SIGSYS) but for calls that libraries try on the way, opening files first of all. Exec, ptrace and
 * mount kill everywhere. Open what is needed, start threads and make keys before; NET alone may start threads afterwards. */
enum role_sandbox {
    SANDBOX_PURE,           /* parse, compose: memory, the frame socket, passed descriptors; no open, connect, exec */
    SANDBOX_NET,            /* imap, smtp, token: DNS and outgoing sockets, reading of CA and resolver files; no exec, no writing */
    SANDBOX_LISTEN,         /* lmtp: accept on passed sockets; no connect, no files */
    SANDBOX_FOLDER,         /* maildir, drop: one folder read/write; no sockets */
    SANDBOX_STORE,          /* reader: the state directory; no sockets but the passed ones */
};
/* folder: for FOLDER and STORE; for NET the CA file of the configuration or NULL; else NULL. */
void role_sandbox_enter(enum role_sandbox kind, const char *folder);
/* No more address space than this from now on, nor than the sandbox allows: what is asked for beyond fails. */
void role_memory_limit(uint64_t bytes);
/* NET: a file that name look-ups need (/etc/resolv.conf, the CA file, …) was replaced, and the new one is out of reach: only a
 * fresh process can read it. Ask before connecting, and exit 0 when true; the maker starts another one at once. */
bool role_sandbox_stale(void);

/* ---- trust.c */
struct conf;
/* Whose Authentication-Results count in mail for this desk, and by which rules. `desk` NULL: not known yet; then the ids and hosts of all
 * desks, what any desk restricts, and what every desk allows. */
Td__Trust *role_trust_of(const struct conf *conf, const char *desk, char ***authserv, size_t *n_authserv, struct arena *a);

#endif
