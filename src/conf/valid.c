/* SPDX-License-Identifier: ISC
 *
 * The shapes of text. Never reads past the end, whatever the text is.
 */
#include "valid.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool
conf_only(const char *s, const char *set)
{
    return *s && s[strspn(s, set)] == '\0';
}

bool
conf_word_in(const char *words, const char *word, size_t *index)
{
    size_t len = strlen(word), i = 0;

    for (const char *w = words; w; w = strchr(w, ' '), i++) {
        w += *w == ' ';
        if (len && !strncmp(w, word, len) && (w[len] == ' ' || !w[len])) {
            if (index)
                *index = i;
            return true;
        }
    }
    return false;
}

bool
conf_domain_shaped(const char *d, bool utf8)
{
    size_t len = strlen(d), label = 0;

    for (const char *p = d; *p; p++) {
        bool dash = *p == '-' && (label == 0 || p[1] == '.' || !p[1]);

        label = *p == '.' ? 0 : label + 1;
        if (dash || label > 63 || (!label && (p == d || p[-1] == '.' || !p[1])) || !(strchr(LOWER UPPER DIGITS "-.", *p) || (utf8 && *p & 0x80)))
            return false;
    }
    return len > 0 && len <= 253;
}

bool
conf_domain_valid(const char *d)
{
    return conf_domain_shaped(d, false);
}

bool
conf_host_valid(const char *host)
{
    unsigned char ip[16];

    return inet_pton(AF_INET6, host, ip) == 1 || conf_domain_valid(host);
}

bool
conf_host_is_loopback(const char *host)
{
    struct in6_addr six;
    struct in_addr four;

    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &six) == 1)
        return IN6_IS_ADDR_LOOPBACK(&six);
    return str_eq_nocase(host, "localhost");
}

bool
conf_prefix_valid(const char *p)
{
    size_t len = strlen(p);

    return len >= 2 && len <= 10 && *p >= 'A' && *p <= 'Z' && conf_only(p, UPPER DIGITS);
}

bool
conf_date_valid(const char *p)
{
    int y, m, d, y2, m2, d2;

    if (strlen(p) != 10 || p[4] != '-' || p[7] != '-' || strspn(p, DIGITS) != 4 || strspn(p + 5, DIGITS) != 2 || strspn(p + 8, DIGITS) != 2)
        return false;
    y = atoi(p);
    m = atoi(p + 5);
    d = atoi(p + 8);
    if (m < 1 || m > 12 || d < 1 || d > 31)
        return false;
    civil_from_days(days_from_civil(y, m, d), &y2, &m2, &d2);
    return y >= 1970 && y == y2 && m == m2 && d == d2;
}

bool
conf_days_valid(const char *p)
{
    char from[11];

    if (strlen(p) == 10)
        return conf_date_valid(p);
    if (strlen(p) != 22 || strncmp(p + 10, "..", 2))
        return false;
    memcpy(from, p, 10);
    from[10] = '\0';
    return conf_date_valid(from) && conf_date_valid(p + 12) && strcmp(from, p + 12) <= 0;
}

bool
conf_zone_valid(const char *z)
{
    char *path;
    bool is_file;
    struct stat st;

    if (!conf_only(z, LOWER UPPER DIGITS "_+/-") || *z == '/' || strlen(z) > 100)
        return false;
    path = path_join(ZONES, z);
    is_file = !stat(path, &st) && S_ISREG(st.st_mode);
    free(path);
    return is_file;
}

/* HH:MM at p, minutes of the day up to 24:00; -1: not a time. */
static int
minutes_at(const char *p)
{
    int hours, minutes;

    if (strspn(p, DIGITS) != 2 || p[2] != ':' || strspn(p + 3, DIGITS) != 2)
        return -1;
    hours = (p[0] - '0') * 10 + p[1] - '0';
    minutes = (p[3] - '0') * 10 + p[4] - '0';
    return minutes < 60 && hours * 60 + minutes <= 24 * 60 ? hours * 60 + minutes : -1;
}

static bool
is_weekday(const char *p)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

    for (size_t i = 0; i < countof(days); i++)
        if (str_starts_nocase(p, days[i]))
            return true;
    return false;
}

/* "Mon-Thu,Sat 09:00-12:00 13:00-16:00": days and ranges of days, then spans in the order of the day. */
bool
conf_hours_valid(const char *p)
{
    bool range = false, more = true;
    int end = 0;

    for (; more; p += more) {
        if (!is_weekday(p))
            return false;
        p += 3;
        more = *p == ',' || (*p == '-' && !range);
        range = *p == '-';
    }
    for (; *p; p += 12) {
        int from = *p == ' ' ? minutes_at(p + 1) : -1, to = from >= 0 && p[6] == '-' ? minutes_at(p + 7) : -1;

        if (from < end || to <= from)
            return false;
        end = to;
    }
    return end > 0;
}

bool
conf_url_valid(const char *url)
{
    bool plain = str_starts_nocase(url, "http://");
    char name[254] = "";
    size_t len;

    if ((!plain && !str_starts_nocase(url, "https://")) || strpbrk(url, " \"<>\\@"))
        return false;
    url += strlen(plain ? "http://" : "https://");
    len = strcspn(url, ":/?#");
    if (len >= sizeof name)
        return false;
    memcpy(name, url, len);
    return conf_domain_valid(name) && (!plain || conf_host_is_loopback(name));
}
