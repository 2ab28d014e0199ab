/* SPDX-License-Identifier: ISC
 *
 * role: frames and memfds. What is sent arrives; what nobody honest sends is FRAME_BAD and leaves no descriptor open.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "ticketd/role.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define check(cond, label) do { if (!(cond)) fail_msg("%s: %s", (label), #cond); } while (0)

static int pair[2];

static int
setup(void **state)
{
    const int size = 1 << 20;

    (void)state;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
        return -1;
    return setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

static int
teardown(void **state)
{
    (void)state;
    close(pair[0]);
    if (pair[1] >= 0)
        close(pair[1]);
    return 0;
}

static size_t
descriptors_open(void)
{
    DIR *d = opendir("/proc/self/fd");
    size_t n = 0;

    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

/* A Reply whose text makes the packed frame `text_len` bytes and a few longer. */
static Td__Frame *
reply(struct arena *a, size_t text_len)
{
    Td__Frame *f = schema_new(a, &td__frame__descriptor);

    f->body_case = TD__FRAME__BODY_REPLY;
    f->reply = schema_new(a, &td__reply__descriptor);
    f->reply->exit_code = 66;
    f->reply->error = arena_alloc(a, text_len + 1);
    memset(f->reply->error, 'x', text_len);
    return f;
}

/* Sends a reply of that size with n descriptors, receives it, compares. */
static void
round_trip(size_t text_len, size_t n, const char *label)
{
    struct arena *a = arena_new(0), *b = arena_new(160u << 20);
    int fds[ROLE_FDS_MAX];
    struct frame got;
    Td__Frame *sent = reply(a, text_len);
    size_t before;

    for (size_t i = 0; i < n; i++)
        fds[i] = memfd_of("x", &i, sizeof i);
    before = descriptors_open();
    check(frame_send(pair[0], sent, fds, n) == FRAME_OK, label);
    check(frame_receive(pair[1], b, &got) == FRAME_OK, label);
    check(got.body->body_case == TD__FRAME__BODY_REPLY && !strcmp(got.body->reply->error, sent->reply->error), label);
    check(got.size == protobuf_c_message_get_packed_size(&sent->base), label);
    check(got.n_fds == n, label);
    check(descriptors_open() == before + n, label);
    for (size_t i = 0; i < n; i++) {
        size_t number = 99;

        check(fcntl(got.fds[i], F_GETFD) == FD_CLOEXEC, label);
        check(pread(got.fds[i], &number, sizeof number, 0) == sizeof number && number == i, label);
    }
    int kept = n ? frame_take(&got, n - 1) : -1;
    check(!n || (kept >= 0 && frame_take(&got, n - 1) == -1), label);
    check(frame_take(&got, n) == -1, label);
    frame_close(&got);
    check(descriptors_open() == before + (n > 0), label);
    if (n)
        close(kept);
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    check(frame_receive(pair[1], b, &got) == FRAME_AGAIN, label);
    arena_free(&a);
    arena_free(&b);
}

static void
test_round_trip(void **state)
{
    static const struct { const char *label; size_t text, fds; } rows[] = {
        { "small", 5, 0 }, { "one descriptor", 5, 1 }, { "all descriptors", 5, ROLE_FDS_MAX }, { "largest datagram", 65524, 1 },
        { "one more is bulk", 65525, 1 }, { "65,535", 65535, 0 }, { "bulk and all descriptors", 100000, ROLE_FDS_MAX },
        { "bulk without", 3 << 20, 0 }, { "almost the most", ROLE_BULK_MAX - 100, 2 },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        round_trip(rows[i].text, rows[i].fds, rows[i].label);
}

static void
test_too_much(void **state)
{
    struct arena *a = arena_new(0);
    struct frame got;
    int fds[ROLE_FDS_MAX + 1] = { 0 };

    (void)state;
    assert_int_equal(frame_send(pair[0], reply(a, 1), fds, ROLE_FDS_MAX + 1), FRAME_BAD);
    assert_int_equal(frame_send(pair[0], reply(a, ROLE_BULK_MAX), NULL, 0), FRAME_BAD);
    assert_int_equal(frame_receive(pair[1], a, &got), FRAME_AGAIN);
    arena_free(&a);
}

/* Raw bytes with raw descriptors, as a worker that is no longer ours might send them. */
static void
send_raw(const void *bytes, size_t len, const int *fds, size_t n)
{
    union { struct cmsghdr align; char bytes[CMSG_SPACE(64 * sizeof(int))]; } control = { 0 };
    struct iovec io = { (void *)(uintptr_t)bytes, len };
    struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1 };

    if (n) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
        *CMSG_FIRSTHDR(&msg) = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(n * sizeof(int)) };
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), fds, n * sizeof(int));
    }
    assert_int_equal(sendmsg(pair[0], &msg, 0), len);
}

/* frame_receive() says `want` and leaves nothing behind. */
static void
expect(enum frame_rc want, size_t arena_cap, const char *label)
{
    size_t before = descriptors_open();
    struct arena *a = arena_new(arena_cap);
    struct frame got;

    memset(&got, 0xee, sizeof got);
    check(frame_receive(pair[1], a, &got) == want, label);
    check(!got.body && !got.n_fds, label);
    check(descriptors_open() == before, label);
    frame_close(&got);
    arena_free(&a);
}

static void
test_garbage(void **state)
{
    static const struct { const char *label; const char *bytes; size_t len; size_t fds; enum frame_rc want; } rows[] = {
        { "one wrong byte", "x", 1, 0, FRAME_BAD },
        { "HTTP", "GET / HTTP/1.0\r\n\r\n", 18, 0, FRAME_BAD },
        { "frame of nothing", "I", 1, 0, FRAME_BAD },
        { "unknown field alone", "I\xf8\x07\x01", 4, 0, FRAME_BAD },
        { "cut", "I\xea\x01\x09\x08", 5, 0, FRAME_BAD },
        { "bulk without a memfd", "B", 1, 0, FRAME_BAD },
        { "bulk with more behind", "B\xea\x01", 3, 2, FRAME_BAD },
        { "garbage with descriptors", "zzz", 3, 16, FRAME_BAD },
        { "bulk that is no memfd", "B", 1, 3, FRAME_BAD },
        { "17 descriptors", "I\xea\x01\x02\x08\x01", 6, 17, FRAME_BAD },
        { "18 descriptors", "I\xea\x01\x02\x08\x01", 6, 18, FRAME_BAD },
        { "40 descriptors", "I\xea\x01\x02\x08\x01", 6, 40, FRAME_BAD },
        { "nothing at all", "", 0, 0, FRAME_CLOSED },
        { "nothing with descriptors", "", 0, 4, FRAME_CLOSED },
    };
    int fds[64];

    (void)state;
    for (size_t i = 0; i < countof(fds); i++)
        fds[i] = STDERR_FILENO;
    for (size_t i = 0; i < countof(rows); i++) {
        send_raw(rows[i].bytes, rows[i].len, fds, rows[i].fds);
        expect(rows[i].want, 1 << 16, rows[i].label);
    }
    send_raw("I\xea\x01\x02\x08\x01", 6, fds, 16);      /* the row above with one less is a frame */
    struct arena *a = arena_new(1 << 16);
    struct frame got;
    assert_int_equal(frame_receive(pair[1], a, &got), FRAME_OK);
    assert_int_equal(got.n_fds, 16);
    frame_close(&got);
    arena_free(&a);
}

/* What is cut off must not pass for the whole: the first 64 KiB here are a frame. */
static void
test_truncated(void **state)
{
    struct arena *a = arena_new(0);
    struct buf b = { 0 };
    int fd = STDERR_FILENO;

    (void)state;
    buf_putc(&b, 'I');
    schema_pack(reply(a, 65524), &b);
    assert_int_equal(b.len, ROLE_FRAME_MAX);
    send_raw(b.data, b.len, &fd, 1);
    struct frame got;
    assert_int_equal(frame_receive(pair[1], a, &got), FRAME_OK);
    frame_close(&got);
    buf_putc(&b, 'x');
    send_raw(b.data, b.len, &fd, 1);
    expect(FRAME_BAD, 1 << 20, "datagram too long");
    buf_free(&b);
    arena_free(&a);
}

/* Descriptors that the kernel could not give us: half of them is not what was sent. */
static void
test_no_room_for_descriptors(void **state)
{
    struct rlimit was, tight;
    int fds[6] = { 2, 2, 2, 2, 2, 2 }, next = dup(2);

    (void)state;
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    tight = was;
    tight.rlim_cur = (rlim_t)next + 3;
    send_raw("I\xea\x01\x02\x08\x01", 6, fds, 6);
    struct arena *a = arena_new(1 << 16);
    struct frame got;
    setrlimit(RLIMIT_NOFILE, &tight);
    enum frame_rc rc = frame_receive(pair[1], a, &got);
    setrlimit(RLIMIT_NOFILE, &was);
    assert_int_equal(rc, FRAME_BAD);
    int again = dup(2);
    assert_int_equal(again, next);              /* none stayed open */
    close(again);
    arena_free(&a);
}

static void
test_random_bytes(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        uint8_t bytes[200];
        struct arena *a = arena_new(1 << 16);
        struct frame got;
        size_t len;

        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
        len = 1 + seed % sizeof bytes;
        bytes[0] = 'I';
        send_raw(bytes, len, NULL, 0);
        enum frame_rc rc = frame_receive(pair[1], a, &got);
        assert_true(rc == FRAME_BAD || (rc == FRAME_OK && got.body));
        frame_close(&got);
        arena_free(&a);
    }
}

static int
memfd_with_seals(int seals, off_t size)
{
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    assert_int_equal(full_write(fd, "\xea\x01\x02\x08\x01", 5), 0);
    if (size)
        assert_int_equal(ftruncate(fd, size), 0);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
    return fd;
}

static void
test_bulk_seals(void **state)
{
    static const struct { const char *label; int seals; off_t size; enum frame_rc want; } rows[] = {
        { "all", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, 0, FRAME_OK },
        { "none", 0, 0, FRAME_BAD },
        { "may shrink", F_SEAL_SEAL | F_SEAL_GROW | F_SEAL_WRITE, 0, FRAME_BAD },
        { "may grow", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_WRITE, 0, FRAME_BAD },
        { "may be written", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW, 0, FRAME_BAD },
        { "may be sealed", F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, 0, FRAME_BAD },
        { "no future writes", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE, 0, FRAME_BAD },
        { "too large", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, ROLE_BULK_MAX + 1, FRAME_BAD },
        { "a terabyte of nothing", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, (off_t)1 << 40, FRAME_BAD },
        { "zeros behind", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, 6, FRAME_BAD },
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        int fd = memfd_with_seals(rows[i].seals, rows[i].size);
        struct arena *a = arena_new(1 << 16);
        struct frame got;

        send_raw("B", 1, &fd, 1);
        close(fd);
        check(frame_receive(pair[1], a, &got) == rows[i].want, rows[i].label);
        frame_close(&got);
        arena_free(&a);
    }
}

static void
test_cap(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_int_equal(frame_send(pair[0], reply(a, 5000), NULL, 0), FRAME_OK);
    expect(FRAME_BAD, 4096, "over the arena's cap");
    arena_free(&a);
}

static void
test_full_and_closed(void **state)
{
    struct arena *a = arena_new(0);
    Td__Frame *large = reply(a, 65000);
    struct frame got;
    enum frame_rc rc;
    int sent = 0, received = 0;

    (void)state;
    while ((rc = frame_send(pair[0], large, NULL, 0)) == FRAME_OK)
        sent++;
    assert_int_equal(rc, FRAME_AGAIN);
    assert_in_range(sent, 3, 1000);             /* several fit, not any number */
    assert_int_equal(frame_receive(pair[1], a, &got), FRAME_OK);
    received++;
    assert_int_equal(frame_send(pair[0], large, NULL, 0), FRAME_OK);
    sent++;
    assert_int_equal(frame_send(pair[1], reply(a, 1), NULL, 0), FRAME_OK);
    close(pair[0]);                             /* with something unread: the other side is told by ECONNRESET */
    while ((rc = frame_receive(pair[1], a, &got)) == FRAME_OK)
        received++;
    assert_int_equal(rc, FRAME_CLOSED);
    assert_int_equal(received, sent);
    assert_int_equal(frame_receive(pair[1], a, &got), FRAME_CLOSED);
    assert_int_equal(frame_send(pair[1], large, NULL, 0), FRAME_CLOSED);
    pair[0] = pair[1];
    pair[1] = -1;
    arena_free(&a);
}

/* frame_receive_or_exit() in a child whose ROLE_FD is ours: how it ends. */
static int
exit_of_waiting(const char *bytes, size_t len)
{
    pid_t child = fork();
    int status;

    if (!child) {
        struct arena *a = arena_new(1 << 16);
        struct frame got;

        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
        dup2(pair[1], ROLE_FD);
        close_range(ROLE_FD + 1, ~0u, 0);
        frame_receive_or_exit(a, &got);
        _exit(100);
    }
    close(pair[1]);
    pair[1] = -1;
    if (len)
        send_raw(bytes, len, NULL, 0);
    else
        shutdown(pair[0], SHUT_RDWR);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
test_waiting(void **state)
{
    static const struct { const char *label, *bytes; size_t len; int want; } rows[] = {
        { "a frame", "I\xea\x01\x02\x08\x01", 6, 100 }, { "garbage", "x", 1, 76 }, { "the maker is gone", "", 0, 0 },
    };

    for (size_t i = 0; i < countof(rows); i++) {
        if (i)
            assert_int_equal(setup(state), 0);
        check(exit_of_waiting(rows[i].bytes, rows[i].len) == rows[i].want, rows[i].label);
        if (i + 1 < countof(rows))
            close(pair[0]);
    }
}

static void
test_memfds(void **state)
{
    struct memfd_map map;
    int fd = memfd_of("mail", "hello", 5), plain = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_true(memfd_size(fd) == 5);
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 1), -1);
    assert_false(memfd_map(fd, 4, &map));
    assert_null(map.bytes);
    assert_true(memfd_map(fd, 5, &map));
    assert_int_equal(map.len, 5);
    assert_memory_equal(map.bytes, "hello", 5);
    memfd_unmap(&map);
    memfd_unmap(&map);
    close(fd);
    fd = memfd_of("empty", "", 0);
    assert_true(memfd_map(fd, 0, &map));
    assert_non_null(map.bytes);
    assert_int_equal(map.len, 0);
    memfd_unmap(&map);
    close(fd);
    fd = memfd_make("open");
    assert_true(memfd_size(fd) == -1);
    assert_int_equal(memfd_seal(fd), 0);
    assert_true(memfd_size(fd) == 0);
    close(fd);
    assert_true(memfd_size(plain) == -1);
    assert_false(memfd_map(plain, 1 << 30, &map));
    assert_true(memfd_size(-1) == -1);
    assert_int_equal(memfd_seal(-1), EBADF);
    close(plain);
}

int
main(void)
{
#define with_pair(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        with_pair(test_round_trip),
        with_pair(test_too_much),
        with_pair(test_garbage),
        with_pair(test_truncated),
        with_pair(test_no_room_for_descriptors),
        with_pair(test_random_bytes),
        with_pair(test_bulk_seals),
        with_pair(test_cap),
        with_pair(test_full_and_closed),
        with_pair(test_waiting),
        cmocka_unit_test(test_memfds),
    };

    return cmocka_run_group_tests_name("role_frames", tests, NULL, NULL);
}
