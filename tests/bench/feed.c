/* SPDX-License-Identifier: ISC
 *
 * Hands mails over by LMTP or SMTP as fast as the other end takes them; the same mails for the same numbers, whoever takes them.
 * Mails of 12 KiB in the mean: 4 KiB of text, a fifth with an attachment of 40 KiB besides, a third answers to the mail before of
 * the same customer. One process a connection, MAIL RCPT DATA in one packet (PIPELINING), every answer read and judged.
 *
 *     feed lmtp|smtp HOST PORT RECIPIENT MAILS CONNECTIONS [FIRST [TEXT-BYTES]]
 *
 * Prints one line of JSON: mails, bytes, seconds, processor (the feeder's own seconds), p50, p99, max (milliseconds from the final
 * dot to its answer). TEXT-BYTES: only text, so many bytes. Exits 1 when a mail is refused.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT_BYTES 4000u
#define ATTACHMENT 40960u
#define BIGGEST (1u << 20)

struct plan { bool lmtp; const char *host, *port, *recipient; unsigned mails, connections, first, text; };

static const char words[][12] = { "printer", "since", "Monday", "cannot", "the", "invoice", "please", "error", "and", "after", "update",
                                  "we", "have", "a", "customer", "who", "waits", "order", "number", "help", "window", "again" };

static uint64_t
next(uint64_t *seed)
{
    *seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
    return *seed;
}

static double
now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t
text_write(char *out, size_t len, uint64_t *seed)
{
    size_t n = 0, line = 0;
    while (n < len) {
        uint64_t r = next(seed);
        n += (size_t)sprintf(out + n, "%s%s", words[r % (sizeof words / sizeof *words)], ++line % 12 == 0 ? "\r\n" : " ");
        if (r >> 60 == 0)
            n += (size_t)sprintf(out + n, "%u ", (unsigned)(r >> 40) & 0xffffff);
    }
    return n + (size_t)sprintf(out + n, "\r\n");
}

static size_t
attachment_write(char *out, size_t len, uint64_t *seed)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;
    while (n < len) {
        uint64_t r = next(seed);
        for (int i = 0; i < 10; i++, r >>= 6)
            out[n++] = base64[r & 63];
        if (n % 78 < 10)
            n += (size_t)sprintf(out + n, "\r\n");
    }
    return n;
}

/* Mail number i of the run. Every third is the answer to the one before it. */
static size_t
mail_write(char *out, const struct plan *p, unsigned i)
{
    uint64_t seed = 0x9e3779b97f4a7c15u * (i + 1);
    unsigned customer = i % 3 == 2 ? i - 1 : i;
    bool attachment = p->text == 0 && i % 5 == 0;
    size_t n = (size_t)sprintf(out, "From: Customer %u <customer%u@example.net>\r\nTo: %s\r\nSubject: %sIt stopped, order %u\r\nMessage-ID: <feed.%u@example.net>\r\n"
                                    "Date: Tue, 10 Mar 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n", customer, customer, p->recipient,
                               customer != i ? "Re: " : "", customer, i);
    if (customer != i)
        n += (size_t)sprintf(out + n, "In-Reply-To: <feed.%u@example.net>\r\nReferences: <feed.%u@example.net>\r\n", customer, customer);
    if (attachment)
        n += (size_t)sprintf(out + n, "Content-Type: multipart/mixed; boundary=\"=_%u\"\r\n\r\n--=_%u\r\n", i, i);
    n += (size_t)sprintf(out + n, "Content-Type: text/plain; charset=utf-8\r\n\r\nHello,\r\n\r\n");
    n += text_write(out + n, p->text == 0 ? TEXT_BYTES : p->text, &seed);
    if (attachment) {
        n += (size_t)sprintf(out + n, "\r\n--=_%u\r\nContent-Type: image/png; name=\"screen%u.png\"\r\nContent-Disposition: attachment; filename=\"screen%u.png\"\r\n"
                                      "Content-Transfer-Encoding: base64\r\n\r\n", i, i, i);
        n += attachment_write(out + n, ATTACHMENT, &seed);
        n += (size_t)sprintf(out + n, "\r\n--=_%u--\r\n", i);
    }
    return n + (size_t)sprintf(out + n, ".\r\n");
}

static void
die(const char *what, const char *said)
{
    fprintf(stderr, "feed: %s: %s\n", what, said);
    exit(1);
}

static void
all_write(int fd, const char *p, size_t len)
{
    while (len > 0) {
        ssize_t k = write(fd, p, len);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            die("write", strerror(errno));
        p += k, len -= (size_t)k;
    }
}

/* Reads whole replies: `want` of them, each of the class `class`. */
static void
replies_read(int fd, int want, char class)
{
    static char in[65536];
    static size_t have, at;
    while (want > 0) {
        char *line = in + at, *eol = memchr(line, '\n', have - at);
        if (eol == NULL) {
            memmove(in, line, have - at);
            have -= at, at = 0;
            ssize_t k = read(fd, in + have, sizeof in - have - 1);
            if (k <= 0)
                die("read", k == 0 ? "closed" : strerror(errno));
            have += (size_t)k;
            continue;
        }
        *eol = '\0';
        at = (size_t)(eol + 1 - in);
        if (eol - line > 3 && line[3] == '-')
            continue;
        if (line[0] != class && !(class == '2' && line[0] == '3'))
            die("refused", line);
        want--;
    }
}

static int
door_open(const struct plan *p)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
    int one = 1;
    if (getaddrinfo(p->host, p->port, &hints, &found) != 0)
        die(p->host, "no such host");
    int fd = socket(found->ai_family, found->ai_socktype, 0);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) < 0)
        die(p->port, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    freeaddrinfo(found);
    replies_read(fd, 1, '2');
    dprintf(fd, "%s feed.example.net\r\n", p->lmtp ? "LHLO" : "EHLO");
    replies_read(fd, 1, '2');
    return fd;
}

static void
connection_run(const struct plan *p, unsigned which, float *waited)
{
    char *mail = malloc(BIGGEST), hello[512];
    int fd = door_open(p);
    for (unsigned i = which; i < p->mails; i += p->connections) {
        size_t len = mail_write(mail, p, p->first + i);
        int n = snprintf(hello, sizeof hello, "MAIL FROM:<customer%u@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\n", p->first + i, p->recipient);
        all_write(fd, hello, (size_t)n);
        replies_read(fd, 3, '2');
        all_write(fd, mail, len);
        double before = now(CLOCK_MONOTONIC);
        replies_read(fd, 1, '2');
        waited[i] = (float)(1000 * (now(CLOCK_MONOTONIC) - before));
    }
    dprintf(fd, "QUIT\r\n");
    close(fd);
    free(mail);
    exit(0);
}

static int
float_order(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
    if (argc < 7) {
        fprintf(stderr, "usage: feed lmtp|smtp HOST PORT RECIPIENT MAILS CONNECTIONS [FIRST [TEXT-BYTES]]\n");
        return 64;
    }
    struct plan p = { .lmtp = strcmp(argv[1], "lmtp") == 0, .host = argv[2], .port = argv[3], .recipient = argv[4], .mails = (unsigned)atoi(argv[5]),
                      .connections = (unsigned)atoi(argv[6]), .first = argc > 7 ? (unsigned)atoi(argv[7]) : 0, .text = argc > 8 ? (unsigned)atoi(argv[8]) : 0 };
    size_t room = (p.mails > 0 ? p.mails : 1) * sizeof(float);
    float *waited = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (waited == MAP_FAILED)
        die("mmap", strerror(errno));
    double start = now(CLOCK_MONOTONIC);
    int status, bad = 0;
    for (unsigned i = 0; i < p.connections; i++)
        if (fork() == 0)
            connection_run(&p, i, waited);
    while (wait(&status) > 0)
        bad |= status;
    double seconds = now(CLOCK_MONOTONIC) - start;
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    qsort(waited, p.mails, sizeof *waited, float_order);
    printf("{\"mails\":%u,\"seconds\":%.3f,\"processor\":%.3f,\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f}\n", p.mails, seconds,
           (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6,
           (double)waited[p.mails / 2], (double)waited[p.mails * 99 / 100], (double)waited[p.mails - 1]);
    return bad != 0;
}
