/* SPDX-License-Identifier: ISC
 *
 * Reading and writing mboxrd. The file is the operator's, its mails are strangers': a broken From line is an error with
 * its line number, whatever stands in a mail is just bytes.
 */
#include "mbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "ThuFriSatSunMonTueWed";             /* 1970-01-01 was a Thursday */

/* "Tue Mar  3 10:00:00 2026", day with one or two digits. */
static bool
asctime_parse(const char *s, int64_t *out)
{
    char wd[4], mon[4];
    int d, h, mi, sec, y, used = 0;
    const char *p;
    if (sscanf(s, "%3s %3s %2d %2d:%2d:%2d %4d%n", wd, mon, &d, &h, &mi, &sec, &y, &used) != 7 || s[used] != '\0')
        return false;
    p = strstr(months, mon);
    if (strlen(mon) != 3 || p == NULL || (p - months) % 3 != 0 || y < 1970 || y > 9999)
        return false;
    int m = (int)(p - months) / 3 + 1, cy, cm, cd;
    int64_t day = days_from_civil(y, m, d);
    civil_from_days(day, &cy, &cm, &cd);
    if (cm != m || cd != d || h > 23 || mi > 59 || sec > 60 || h < 0 || mi < 0 || sec < 0)
        return false;
    *out = day * 86400 + h * 3600 + mi * 60 + sec;
    return true;
}

static bool
from_line(const char *line, size_t len, struct mbox_mail *out)
{
    char text[512];
    if (len >= sizeof text || len < 5)
        return false;
    memcpy(text, line + 5, len - 5);
    text[len - 5] = '\0';
    if (text[0] != '\0' && text[len - 6] == '\r')
        text[len - 6] = '\0';
    char *blank = strchr(text, ' ');
    if (blank == NULL || (size_t)(blank - text) > ADDR_MAX)
        return false;
    *blank = '\0';
    bool null = strcmp(text, "MAILER-DAEMON") == 0 || strcmp(text, "-") == 0 || strcmp(text, "<>") == 0;
    snprintf(out->sender, sizeof out->sender, "%.*s", ADDR_MAX, null ? "" : text);
    return asctime_parse(blank + 1 + strspn(blank + 1, " "), &out->at);
}

/* One line without its LF; the last one may lack it. */
static const char *
line_next(struct mbox *m, size_t *len)
{
    const char *start = m->bytes + m->at, *lf = memchr(start, '\n', m->len - m->at);
    *len = lf != NULL ? (size_t)(lf - start) : m->len - m->at;
    m->at += *len + (lf != NULL);
    m->line++;
    return start;
}

static bool
begins_mail(const struct mbox *m)
{
    return m->len - m->at >= 5 && memcmp(m->bytes + m->at, "From ", 5) == 0;
}

int
mbox_next(struct mbox *m, struct mbox_mail *out, char error[128])
{
    size_t len;
    const char *line;
    while (m->at < m->len && m->bytes[m->at] == '\n') {
        m->at++;
        m->line++;
    }
    if (m->at >= m->len)
        return 0;
    line = line_next(m, &len);
    if (len < 5 || memcmp(line, "From ", 5) != 0 || !from_line(line, len, out)) {
        snprintf(error, 128, "line %u: a line like \"From someone@example.com Tue Mar  3 10:00:00 2026\" was expected", m->line);
        return -1;
    }
    buf_clear(&out->bytes);
    buf_puts(&out->bytes, "");
    while (m->at < m->len && !begins_mail(m)) {
        line = line_next(m, &len);
        size_t quotes = 0;
        while (quotes < len && line[quotes] == '>')
            quotes++;
        if (quotes > 0 && len - quotes >= 5 && memcmp(line + quotes, "From ", 5) == 0) {
            line++;
            len--;
        }
        buf_add(&out->bytes, line, len);
        buf_putc(&out->bytes, '\n');
    }
    /* the blank line before the next From line is the file's, not the mail's */
    if (len == 0 && out->bytes.len > 0)
        out->bytes.data[--out->bytes.len] = '\0';
    return 1;
}

void
mbox_add(struct buf *out, const char *sender, int64_t at, const char *bytes, size_t len)
{
    int64_t day = at >= 0 ? at / 86400 : (at - 86399) / 86400;
    int y, mo, d, s = (int)(at - day * 86400);
    civil_from_days(day, &y, &mo, &d);
    buf_printf(out, "From %s %.3s %.3s %2d %02d:%02d:%02d %d\n", sender[0] != '\0' ? sender : "MAILER-DAEMON", days + 3 * (((day % 7) + 7) % 7),
               months + 3 * (mo - 1), d, s / 3600, s / 60 % 60, s % 60, y);
    for (size_t i = 0; i < len;) {
        const char *lf = memchr(bytes + i, '\n', len - i);
        size_t n = lf != NULL ? (size_t)(lf - (bytes + i)) : len - i, keep = n, quotes = 0;
        if (keep > 0 && bytes[i + keep - 1] == '\r')
            keep--;
        while (quotes < keep && bytes[i + quotes] == '>')
            quotes++;
        if (keep - quotes >= 5 && memcmp(bytes + i + quotes, "From ", 5) == 0)
            buf_putc(out, '>');
        buf_add(out, bytes + i, keep);
        buf_putc(out, '\n');
        i += n + (lf != NULL);
    }
    buf_putc(out, '\n');
}
