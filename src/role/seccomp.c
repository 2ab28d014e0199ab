/* SPDX-License-Identifier: ISC
 *
 * Which system calls a role may make: groups of calls, and for each kind of sandbox the groups that it gets. What is in no
 * group answers EPERM, under SANDBOX_PURE it kills, save for calls that libraries try on their way and survive the refusal of.
 * Arguments are looked at where a call is only half harmless; what a pointer points to cannot be seen from here, that is
 * Landlock's part. A list of what is allowed, never of what is not: tomorrow's calls are refused today.
 */
#include "sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

_Static_assert(sizeof(long) == 8, "the lists name the calls of 64-bit Linux");

enum {
    BASIC = 1,                          /* every role: memory, descriptors it has, frames, time, itself */
    USUAL = 2,                          /* every role but the pure ones: randomness, locked memory, event loops */
    CONNECT = 4,
    ACCEPT = 8,
    THREADS = 16,
    READ = 32,                          /* files by name */
    WRITE = 64,
    WATCH = 128,
    LOADING = 256,                      /* code out of files: modules of the name service */
};

#define CALL(name) SCMP_SYS(name)

static const int basic[] = {
    CALL(read), CALL(readv), CALL(pread64), CALL(write), CALL(writev), CALL(close), CALL(dup), CALL(fstat), CALL(ftruncate),
    CALL(recvmsg), CALL(sendmsg), CALL(recvfrom), CALL(poll), CALL(ppoll), CALL(memfd_create),
    CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), CALL(futex), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn),
    CALL(sigaltstack), CALL(restart_syscall), CALL(exit), CALL(exit_group), CALL(sched_yield),
    CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep), CALL(gettimeofday), CALL(time), CALL(times),
    CALL(getpid), CALL(gettid), CALL(getppid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(getrusage), CALL(sysinfo),
};
static const int usual[] = {
    CALL(getrandom), CALL(mlock), CALL(mlock2), CALL(munlock), CALL(uname), CALL(getresuid), CALL(getresgid), CALL(getrlimit),
    CALL(sched_getaffinity), CALL(select), CALL(pselect6), CALL(dup3), CALL(dup2), CALL(pipe2), CALL(eventfd2), CALL(lseek), CALL(pwrite64),
    CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2),
    CALL(timerfd_create), CALL(timerfd_settime), CALL(timerfd_gettime), CALL(signalfd4), CALL(rt_sigtimedwait), CALL(rt_sigpending),
    CALL(getsockopt), CALL(getsockname), CALL(getpeername), CALL(shutdown), CALL(sendfile), CALL(splice), CALL(copy_file_range),
};
static const int connecting[] = { CALL(connect), CALL(sendto), CALL(sendmmsg), CALL(recvmmsg), CALL(setsockopt) };
static const int accepting[] = { CALL(accept), CALL(accept4), CALL(sendto), CALL(setsockopt) };
static const int threads[] = { CALL(set_robust_list), CALL(rseq), CALL(set_tid_address), CALL(membarrier) };
static const int reading[] = {
    CALL(stat), CALL(lstat), CALL(newfstatat), CALL(statx), CALL(access), CALL(faccessat), CALL(faccessat2), CALL(readlink), CALL(readlinkat),
    CALL(getdents64), CALL(preadv), CALL(statfs), CALL(fstatfs), CALL(getcwd), CALL(fadvise64), CALL(readahead),
};
static const int writing[] = {
    CALL(open), CALL(openat), CALL(creat), CALL(unlink), CALL(unlinkat), CALL(rename), CALL(renameat), CALL(renameat2), CALL(link),
    CALL(linkat), CALL(mkdir), CALL(mkdirat), CALL(fsync), CALL(fdatasync), CALL(fallocate), CALL(flock), CALL(pwritev), CALL(msync),
    CALL(fchmod), CALL(utimensat), CALL(sync_file_range), CALL(syncfs),
};
static const int watching[] = { CALL(inotify_init1), CALL(inotify_init), CALL(inotify_add_watch), CALL(inotify_rm_watch) };

static const struct { unsigned group; const int *call; size_t n; } groups[] = {
    { BASIC, basic, countof(basic) },
    { USUAL, usual, countof(usual) },
    { CONNECT, connecting, countof(connecting) },
    { ACCEPT, accepting, countof(accepting) },
    { THREADS, threads, countof(threads) },
    { READ, reading, countof(reading) },
    { WRITE, writing, countof(writing) },
    { WATCH, watching, countof(watching) },
};

/* Calls that are allowed with some arguments alone: argument `arg`, under `mask`, must be `value`; `arg2` likewise. */
#define ALL_BITS 0xffffffffu
#define NO_ARG 9
static const struct { unsigned group; int call; unsigned arg; uint64_t mask, value; unsigned arg2; uint64_t mask2, value2; } half_harmless[] = {
    { BASIC, CALL(mmap), 2, PROT_EXEC, 0, NO_ARG, 0, 0 },
    { LOADING, CALL(mmap), 2, PROT_EXEC | PROT_WRITE, PROT_EXEC, 3, MAP_ANONYMOUS, 0 },
    { BASIC, CALL(mprotect), 2, PROT_EXEC, 0, NO_ARG, 0, 0 },
    /* F_SETOWN and F_SETSIG, which make the kernel send signals for us, are not among these */
    { BASIC, CALL(fcntl), 1, ALL_BITS, F_GETFD, NO_ARG, 0, 0 },
    { BASIC, CALL(fcntl), 1, ALL_BITS, F_SETFD, NO_ARG, 0, 0 },
    { BASIC, CALL(fcntl), 1, ALL_BITS, F_GETFL, NO_ARG, 0, 0 },
    { BASIC, CALL(fcntl), 1, ALL_BITS, F_SETFL, NO_ARG, 0, 0 },
    { BASIC, CALL(fcntl), 1, ALL_BITS, F_DUPFD, NO_ARG, 0, 0 },
    { BASIC, CALL(fcntl), 1, ALL_BITS, F_DUPFD_CLOEXEC, NO_ARG, 0, 0 },
    { BASIC, CALL(fcntl), 1, ALL_BITS, F_ADD_SEALS, NO_ARG, 0, 0 },
    { BASIC, CALL(fcntl), 1, ALL_BITS, F_GET_SEALS, NO_ARG, 0, 0 },
    { WRITE, CALL(fcntl), 1, ALL_BITS, F_GETLK, NO_ARG, 0, 0 },
    { WRITE, CALL(fcntl), 1, ALL_BITS, F_SETLK, NO_ARG, 0, 0 },
    { WRITE, CALL(fcntl), 1, ALL_BITS, F_SETLKW, NO_ARG, 0, 0 },
    { WRITE, CALL(fcntl), 1, ALL_BITS, F_OFD_SETLK, NO_ARG, 0, 0 },
    { WRITE, CALL(fcntl), 1, ALL_BITS, F_OFD_GETLK, NO_ARG, 0, 0 },
    /* asking for limits, not setting them */
    { USUAL, CALL(prlimit64), 2, UINT64_MAX, 0, NO_ARG, 0, 0 },
    { USUAL, CALL(prctl), 0, ALL_BITS, PR_SET_NAME, NO_ARG, 0, 0 },
    { USUAL, CALL(prctl), 0, ALL_BITS, PR_GET_NAME, NO_ARG, 0, 0 },
    { USUAL, CALL(ioctl), 1, ALL_BITS, FIONREAD, NO_ARG, 0, 0 },
    { USUAL, CALL(ioctl), 1, ALL_BITS, FIONBIO, NO_ARG, 0, 0 },
    { USUAL, CALL(ioctl), 1, ALL_BITS, TCGETS, NO_ARG, 0, 0 },
    { CONNECT, CALL(socket), 0, ALL_BITS, AF_INET, NO_ARG, 0, 0 },
    { CONNECT, CALL(socket), 0, ALL_BITS, AF_INET6, NO_ARG, 0, 0 },
    { CONNECT, CALL(socketpair), 0, ALL_BITS, AF_UNIX, NO_ARG, 0, 0 },
    { THREADS, CALL(clone), 0, CLONE_THREAD, CLONE_THREAD, NO_ARG, 0, 0 },
    { READ, CALL(open), 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY, NO_ARG, 0, 0 },
    { READ, CALL(openat), 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY, NO_ARG, 0, 0 },
};

/* No role ever does this by mistake. */
static const int deadly[] = {
    CALL(execve), CALL(execveat), CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(mount), CALL(umount2), CALL(pivot_root),
    CALL(chroot), CALL(bpf), CALL(init_module), CALL(finit_module), CALL(kexec_load), CALL(reboot), CALL(keyctl), CALL(add_key),
    CALL(request_key), CALL(userfaultfd), CALL(perf_event_open), CALL(io_uring_setup), CALL(setns), CALL(unshare),
};

/* What libraries try even in a pure role: GLib and iconv open files at first use, stdio asks what a descriptor is. */
static const int refused[] = {
    CALL(open), CALL(openat), CALL(openat2), CALL(creat), CALL(stat), CALL(lstat), CALL(newfstatat), CALL(statx), CALL(access),
    CALL(faccessat), CALL(faccessat2), CALL(readlink), CALL(readlinkat), CALL(getcwd), CALL(getdents64), CALL(getrandom), CALL(ioctl),
    CALL(lseek), CALL(prctl), CALL(prlimit64), CALL(getrlimit), CALL(uname), CALL(sched_getaffinity), CALL(mlock), CALL(munlock),
};

static const struct { unsigned groups; bool kills; rlim_t descriptors, memory; } kinds[] = {
    [SANDBOX_PURE] = { BASIC, true, 256, 1u << 30 },
    [SANDBOX_NET] = { BASIC | USUAL | CONNECT | THREADS | READ | LOADING, false, 256, RLIM_INFINITY },
    [SANDBOX_LISTEN] = { BASIC | USUAL | ACCEPT, false, 8192, RLIM_INFINITY },
    [SANDBOX_FOLDER] = { BASIC | USUAL | READ | WRITE | WATCH, false, 256, RLIM_INFINITY },
    [SANDBOX_STORE] = { BASIC | USUAL | READ | WRITE, false, 1024, RLIM_INFINITY },
};

/* A rule for what is the default anyway is refused by the library, calls that this machine does not have are skipped. */
static void
rule(scmp_filter_ctx filter, uint32_t action, int call, unsigned n, const struct scmp_arg_cmp *args)
{
    int rc = call < 0 ? 0 : seccomp_rule_add_array(filter, action, call, n, args);

    if (rc)
        sandbox_fail("seccomp_rule_add", -rc);
}

static void
rules_of_groups(scmp_filter_ctx filter, unsigned wanted)
{
    for (size_t g = 0; g < countof(groups); g++)
        for (size_t i = 0; groups[g].group & wanted && i < groups[g].n; i++)
            rule(filter, SCMP_ACT_ALLOW, groups[g].call[i], 0, NULL);
    for (size_t i = 0; i < countof(half_harmless); i++) {
        struct scmp_arg_cmp args[2] = {
            { half_harmless[i].arg, SCMP_CMP_MASKED_EQ, half_harmless[i].mask, half_harmless[i].value },
            { half_harmless[i].arg2, SCMP_CMP_MASKED_EQ, half_harmless[i].mask2, half_harmless[i].value2 },
        };
        /* whoever may write may open in any way: said above, without conditions */
        bool said = wanted & WRITE && (half_harmless[i].call == CALL(open) || half_harmless[i].call == CALL(openat));

        if (half_harmless[i].group & wanted && !said)
            rule(filter, SCMP_ACT_ALLOW, half_harmless[i].call, half_harmless[i].arg2 == NO_ARG ? 1 : 2, args);
    }
    /* abort() and raise() signal their own thread */
    rule(filter, SCMP_ACT_ALLOW, CALL(tgkill), 1, (struct scmp_arg_cmp[]){ SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()) });
    if (wanted & THREADS)
        rule(filter, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0, NULL);    /* its flags lie behind a pointer; glibc falls back to clone */
}

/* Never more than there is already. */
static void
limit_lower(int resource, rlim_t wanted)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit))
        sandbox_fail("getrlimit", errno);
    if (limit.rlim_max > wanted)
        limit.rlim_max = wanted;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(resource, &limit))
        sandbox_fail("setrlimit", errno);
}

static void
limits_set(enum role_sandbox kind)
{
    limit_lower(RLIMIT_NOFILE, kinds[kind].descriptors);
    role_memory_limit(kinds[kind].memory);
}

void
role_memory_limit(uint64_t bytes)
{
#ifdef TICKETD_SANITIZED                /* shadow memory takes terabytes of addresses */
    (void)bytes;
#else
    limit_lower(RLIMIT_AS, bytes);
#endif
}

void
seccomp_enter(enum role_sandbox kind)
{
    bool kills = kinds[kind].kills;
    scmp_filter_ctx filter = seccomp_init(kills ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
    int rc;

    if (!filter)
        sandbox_fail("seccomp_init", ENOMEM);
    rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (rc)
        sandbox_fail("seccomp_attr_set", -rc);
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);      /* a tree instead of a list; slower without it, no worse */
    rules_of_groups(filter, kinds[kind].groups);
    for (size_t i = 0; !kills && i < countof(deadly); i++)
        rule(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0, NULL);
    for (size_t i = 0; kills && i < countof(refused); i++)
        rule(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0, NULL);
    rc = seccomp_load(filter);
    if (rc)
        sandbox_fail("seccomp_load", -rc);
    seccomp_release(filter);
}

void
role_sandbox_enter(enum role_sandbox kind, const char *folder)
{
    must((kind != SANDBOX_FOLDER && kind != SANDBOX_STORE) || folder);
    limits_set(kind);
    landlock_enter(kind, folder);
    seccomp_enter(kind);
}
