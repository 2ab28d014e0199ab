/* SPDX-License-Identifier: ISC
 *
 * base: what every room stands on. Buffers, an arena, log lines, small strings, durations, addresses, files.
 * Knows nothing of mail, cases or processes. Nothing here reads the clock, the locale or the environment,
 * except log_*(), which only core and the other mains call.
 */
#ifndef TICKETD_BASE_H
#define TICKETD_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TICKETD_VERSION "0.1.0"
#define countof(a) (sizeof (a) / sizeof (a)[0])
#define printf_like(f, a) __attribute__((format(printf, f, a)))

/* Our own mistake: says where, aborts, leaves a core. Stays on in production. */
_Noreturn void bug_at(const char *file, int line, const char *what);
#define bug(what) bug_at(__FILE__, __LINE__, (what))
#define must(cond) ((cond) ? (void)0 : bug("must: " #cond))

/* ---- memory: dies (EX_OSERR) when there is none; for sizes that we choose, never for sizes a stranger chose */
void *mem_alloc(size_t size);                           /* zeroed; caller's, freed by free() */
void *mem_grow(void *old, size_t size);
char *mem_strdup(const char *s);

/* ---- arena: many small things, freed at once. With a cap, allocation past it returns NULL. */
struct arena;
struct arena *arena_new(size_t cap);                    /* cap in bytes, 0: none (then it dies instead of NULL) */
void arena_free(struct arena **ap);
void *arena_alloc(struct arena *a, size_t size);        /* zeroed, aligned for anything */
char *arena_strdup(struct arena *a, const char *s);     /* NULL in, NULL out */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) printf_like(2, 3);
/* Append `item` to the array *list of *n pointers (protobuf-c's shape of "repeated"), which may come from unpacking: it is
 * moved where it has no room. Amortised O(1). false, and nothing happened: past the cap, or item is NULL (it did not fit). */
bool arena_push(struct arena *a, void *list, size_t *n, void *item);

/* ---- buf: bytes that grow. Always NUL-terminated after the last byte. */
struct buf { char *data; size_t len, cap; };
void buf_reserve(struct buf *b, size_t more);           /* room for `more` bytes and the NUL; len stays */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) printf_like(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap);
void buf_clear(struct buf *b);                          /* keeps the memory */
void buf_free(struct buf *b);                           /* usable again afterwards */

/* ---- strings (bytes; case folding is ASCII only, no locale) */
bool str_eq_nocase(const char *a, const char *b);       /* NULL equals only NULL */
bool str_starts_nocase(const char *s, const char *prefix);
const char *str_find_nocase(const char *hay, const char *needle);
void str_lower(char *s);
bool str_has_control(const char *s);                    /* any byte < 0x20 or 0x7f */
bool utf8_valid(const char *s, size_t len);             /* RFC 3629, no surrogates */
/* Longest prefix of at most `max` bytes that does not cut a character. */
size_t utf8_clip(const char *s, size_t max);
/* Peer's text for a log line: at most 200 bytes, control characters and bytes above 0x7e escaped as \xHH. out >= 801. */
void str_escape_peer(const char *s, size_t len, char *out, size_t out_size);
void hex_encode(const uint8_t *bytes, size_t len, char *out);           /* out: 2 * len + 1 */
bool hex_decode(const char *s, uint8_t *out, size_t len);               /* exactly len bytes, else false */
/* RFC 4648 base32 without padding, in lower case: survives mail systems that fold case. */
size_t base32_encode(const uint8_t *bytes, size_t len, char *out);      /* out: (len * 8 + 4) / 5 + 1; returns length */
bool base32_decode(const char *s, size_t s_len, uint8_t *out, size_t *out_len);  /* *out_len in: room, out: bytes */
void be64_put(uint8_t out[8], uint64_t v);
uint64_t be64_get(const uint8_t in[8]);

/* ---- durations, as written in the configuration */
enum duration_unit { DURATION_SECONDS, DURATION_WORKING_HOURS, DURATION_WORKING_DAYS, DURATION_MONTHS };
/* 30s 15m 4h 1h30m: working time in seconds; 2wd: working days; 1.5mo: `count` half months. */
struct duration { enum duration_unit unit; int64_t count; };
/* "30s", "15m", "4h", "1h30m" give DURATION_WORKING_HOURS with seconds of open time; "2wd" days; "1mo", "1.5mo" half months.
 * false: not a duration; *error then points to a static text that says what was expected. */
bool duration_parse(const char *s, struct duration *out, const char **error);
/* Plain time, for timeouts and intervals: "30s", "15m", "4h", "1d12h" in seconds. */
bool seconds_parse(const char *s, int64_t *out, const char **error);
bool size_parse(const char *s, uint64_t *out, const char **error);      /* 4096, 64KiB, 50MiB, 64GiB */

/* ---- addresses (RFC 5321 Mailbox; UTF-8 allowed, RFC 6531) */
#define ADDR_MAX 254
/* No control characters, blanks, <>; one @ with something on both sides; at most ADDR_MAX bytes. */
bool addr_valid(const char *addr);
const char *addr_domain(const char *addr);              /* after the last @, borrowed; "" when there is none */
bool addr_equal(const char *a, const char *b);          /* local part exact but for ASCII case, domain without case */
void addr_fold(char *addr);                             /* domain to lower case, in place */
/* "support+x@h" against "support@h": true, and *ext (borrowed, inside addr) and *ext_len name what stands after the +. */
bool addr_match_extension(const char *addr, const char *base, const char **ext, size_t *ext_len);

/* ---- time as text, UTC; no clock is read */
#define TIME_TEXT_MAX 32
void time_format(int64_t at, char out[TIME_TEXT_MAX]);  /* 2026-03-10T10:00:00Z */
bool time_parse(const char *s, int64_t *out);           /* the same shape only */
void civil_from_days(int64_t days, int *y, int *m, int *d);     /* days since 1970-01-01; Gregorian, proleptic */
int64_t days_from_civil(int y, int m, int d);

/* ---- files */
/* Reads a whole file of at most `max` bytes into *out. 0, or an errno (EFBIG: larger). */
int file_read(const char *path, size_t max, struct buf *out);
/* The same for a secret: regular file, owned by us or root, no access for group and others; one final newline is cut. EPERM: open to others. */
int file_read_secret(const char *path, size_t max, struct buf *out);
/* mkdir -p with mode; 0 or errno. */
int dir_make(const char *path, unsigned mode);
char *path_join(const char *dir, const char *name);     /* caller's; an absolute name stands alone */
/* A file of our own installation: RELATIVE to the parent of the directory of /proc/self/exe ("share/ticketd/templates" for
 * …/sbin/ticketd is …/share/ticketd/templates) when that exists, else below the compiled-in prefix; caller's. */
char *path_beside_self(const char *relative);
int full_write(int fd, const void *bytes, size_t len);  /* 0 or errno; retries EINTR and short writes */

/* ---- log: one event a line, key=value, ending in an outcome */
enum log_level {
    LOG_PANIC,      /* our own bug: a core exists */
    LOG_ALARM,      /* somebody must act: mail is in danger or waits for a person */
    LOG_FAIL,       /* something was not done; it is tried again or recorded */
    LOG_WARN,       /* odd, handled */
    LOG_NOTE,       /* the life of cases and roles */
    LOG_TRACE,      /* for the one who looks for a fault */
};
enum log_target { LOG_TO_STDERR, LOG_TO_JOURNAL };
/* ident: "ticketd", "imap[support]"; borrowed for ever. */
void log_open(const char *ident, enum log_target target, enum log_level max);
/* The journal where stderr is its stream, else stderr. For core alone: the roles may not open a socket. */
enum log_target log_target_best(void);
bool log_wants(enum log_level level);
/* fmt makes `key=value` pairs, on stderr behind "IDENT: LEVEL: ". Values from outside go through log_value() or are known to be clean. */
void log_line(enum log_level level, const char *fmt, ...) printf_like(2, 3);
/* Quoted and escaped when it holds blanks or odd bytes, clipped to 200 bytes; borrowed until the 8th next call. NULL is -. */
const char *log_value(const char *s);

#endif
