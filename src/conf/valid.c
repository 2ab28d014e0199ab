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
