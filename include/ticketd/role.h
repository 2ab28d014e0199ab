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
/* Sends body with descriptors (kept by the caller). A body over ROLE_FRAME_MAX is put in a sealed memfd, sent as the first
 * descriptor. Non-blocking sockets answer FRAME_AGAIN when full. */
enum frame_rc frame_send(int fd, const Td__Frame *body, const int *fds, size_t n_fds);
/* Receives one frame into `a` (give it a cap). FRAME_BAD: not a frame, over a limit, unsealed memfd: drop the peer. */
enum frame_rc frame_receive(int fd, struct arena *a, struct frame *out);
void frame_close(struct frame *f);
/* For roles with a blocking socket: receive, and die quietly (exit 0) when the maker is gone, exit EX_PROTOCOL on FRAME_BAD. */
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
 * `name` tells instances apart in logs: "imap[support]". 0 or errno. */
int role_spawn(const struct role_exec *x, const char *name, struct role_child *out);
void role_child_close(struct role_child *c);                    /* closes; kills if alive */

/* How soon a child that died may come back: at once after good work; one that died on its first job waits 100 ms, doubling to 60 s. */
struct role_throttle { unsigned failures; int64_t not_before_ms; };
void role_throttle_died(struct role_throttle *t, bool had_worked, int64_t now_ms);

/* ---- the child's side; all mains have the same body order: start, setup frame, sandbox, loop */
/* Checks ROLE_FD, opens the log as NAME, ignores SIGPIPE, asks to die with the parent, exchanges Hello. */
void role_start(const char *role);
/* Seccomp (and Landlock where the kernel has it). Failure is fatal. File calls answer EPERM, everything else not listed kills. */
enum role_sandbox {
    SANDBOX_PURE,           /* parse, compose: memory, the frame socket, passed descriptors; no open, connect, exec */
    SANDBOX_NET,            /* imap, smtp, token: DNS and outgoing sockets, reading of CA and resolver files; no exec, no writing */
    SANDBOX_LISTEN,         /* lmtp: accept on passed sockets; no connect, no files */
    SANDBOX_FOLDER,         /* maildir, drop: one folder read/write; no sockets */
    SANDBOX_STORE,          /* reader: the state directory; no sockets but the passed ones */
};
void role_sandbox_enter(enum role_sandbox kind, const char *folder);    /* folder: for FOLDER and STORE, else NULL */

#endif
