/* SPDX-License-Identifier: ISC
 *
 * Log lines: one event a line, key=value, written with one write so that lines of several processes never mix.
 * To the journal the same line goes with its pairs as fields (TICKETD_CASE=…). A role writes to the stderr it was born with;
 * where that is the journal, the level travels as the "<N>" of sd-daemon(3). Control characters never get out of here.
 */
#include "ticketd/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#define LINE_MAX_LEN 4096
#define FIELDS_MAX 32

static const struct { const char *word; int priority; } levels[] = {
    [LOG_PANIC] = { "panic", 2 },
    [LOG_ALARM] = { "alarm", 1 },
    [LOG_FAIL] = { "fail", 3 },
    [LOG_WARN] = { "warn", 4 },
    [LOG_NOTE] = { "note", 6 },
    [LOG_TRACE] = { "trace", 7 },
};

static struct {
    const char *ident;
    enum log_target target;
    enum log_level max;
    bool stderr_is_journal;
} logger = { .ident = "ticketd", .target = LOG_TO_STDERR, .max = LOG_NOTE };

/* systemd names the device and inode of the stream it gave us: somebody may have redirected it since. */
static bool
stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long dev, ino;
    struct stat st;

    return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && !fstat(STDERR_FILENO, &st) && st.st_dev == dev && st.st_ino == ino;
}

enum log_target
log_target_best(void)
{
    return stderr_is_journal() ? LOG_TO_JOURNAL : LOG_TO_STDERR;
}

void
log_open(const char *ident, enum log_target target, enum log_level max)
{
    logger.ident = ident;
    logger.target = target;
    logger.max = max;
    logger.stderr_is_journal = stderr_is_journal();
}

bool
log_wants(enum log_level level)
{
    return level <= logger.max;
}

static void
log_to_stderr(enum log_level level, const char *line)
{
    char out[LINE_MAX_LEN + 128], prefix[8] = "";
    int len;

    if (logger.stderr_is_journal)
        snprintf(prefix, sizeof prefix, "<%d>", levels[level].priority);
    len = snprintf(out, sizeof out - 1, "%s%.80s: %s: %s", prefix, logger.ident, levels[level].word, line);
    if (len < 0)
        return;
    if ((size_t)len > sizeof out - 2)
        len = (int)sizeof out - 2;
    out[len++] = '\n';
    full_write(STDERR_FILENO, out, (size_t)len);
}

/* The length of one value at p, as log_value() writes them: a word, or a quoted one in which a backslash takes the next. */
static size_t
value_length(const char *p)
{
    size_t n = 0;

    if (*p != '"')
        return strcspn(p, " ");
    for (n = 1; p[n] && p[n] != '"'; n++)
        if (p[n] == '\\' && p[n + 1])
            n++;
    return p[n] ? n + 1 : n;
}

/* The pair at *p as TICKETD_KEY=value; *p moves behind it. */
static void
journal_field(struct buf *out, const char **p)
{
    size_t key = strcspn(*p, "= "), len;

    if ((*p)[key] != '=') {             /* a word without a value says something to people only */
        *p += key;
        return;
    }
    buf_puts(out, "TICKETD_");
    for (size_t i = 0; i < key && i < 48; i++) {
        char c = (*p)[i];

        buf_putc(out, (c >= 'a' && c <= 'z') ? (char)(c - 'a' + 'A') : (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ? c : '_');
    }
    buf_putc(out, '=');
    *p += key + 1;
    len = value_length(*p);
    if (**p == '"' && len >= 2)
        buf_add(out, *p + 1, len - 2);
    else
        buf_add(out, *p, len);
    *p += len;
}

static void
log_to_journal(enum log_level level, const char *line)
{
    struct buf field[FIELDS_MAX] = { 0 };
    struct iovec io[FIELDS_MAX];
    size_t n = 0;

    buf_printf(&field[n++], "MESSAGE=%s", line);
    buf_printf(&field[n++], "PRIORITY=%d", levels[level].priority);
    buf_printf(&field[n++], "SYSLOG_IDENTIFIER=%s", logger.ident);
    for (const char *p = line; *p && n < FIELDS_MAX;) {
        p += strspn(p, " ");
        journal_field(&field[n], &p);
        n += field[n].len > 0;
    }
    for (size_t i = 0; i < n; i++)
        io[i] = (struct iovec){ field[i].data, field[i].len };
    if (sd_journal_sendv(io, (int)n) < 0)
        log_to_stderr(level, line);
    for (size_t i = 0; i < FIELDS_MAX; i++)
        buf_free(&field[i]);
}

void
log_line(enum log_level level, const char *fmt, ...)
{
    char line[LINE_MAX_LEN];
    va_list ap;

    if (!log_wants(level))
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    if (logger.target == LOG_TO_JOURNAL)
        log_to_journal(level, line);
    else
        log_to_stderr(level, line);
}

const char *
log_value(const char *s)
{
    static _Thread_local char ring[8][1024];
    static _Thread_local unsigned next;
    char escaped[801], *out = ring[next++ % countof(ring)];
    size_t o = 0;

    if (!s)
        return "-";
    str_escape_peer(s, strlen(s), escaped, sizeof escaped);
    if (*escaped && !strpbrk(escaped, " \"=\\"))
        return memcpy(out, escaped, strlen(escaped) + 1);
    out[o++] = '"';
    for (const char *p = escaped; *p; p++) {
        if (*p == '"')
            out[o++] = '\\';
        out[o++] = *p;
    }
    out[o++] = '"';
    out[o] = '\0';
    return out;
}
