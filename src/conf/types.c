/* SPDX-License-Identifier: ISC
 *
 * The kinds of values, a row each: how one is read, what was expected when that fails, how it is printed again.
 * A reader may complain itself where it knows more than "bad value". Files are looked at only with check_files;
 * time zones always, for a configuration with a wrong one means nothing.
 */
#include "reading.h"

#include <confuse.h>
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TEXT_MAX 1000
#define PROSE_MAX 8000
#define PATTERN_MAX 10000
#define SECRET_MAX 65536

/* ---- text */

static bool
keep(struct reading *r, const char *text, void *at)
{
    const char *kept = arena_strdup(r->arena, text);

    memcpy(at, &kept, sizeof kept);
    return true;
}

static bool
text_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    (void)s;
    return *v->text && strlen(v->text) <= TEXT_MAX && !str_has_control(v->text) && keep(r, v->text, at);
}

static void
quoted_print(const char *text, struct buf *out)
{
    buf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_putc(out, '\\');
        buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

static void
text_print(const struct setting *s, const void *at, struct buf *out)
{
    const char *text;

    (void)s;
    memcpy(&text, at, sizeof text);
    quoted_print(text, out);
}

/* A type of text with a test of its own. */
#define TEXT_TYPE(name_, valid)                                                                                 \
    static bool                                                                                                 \
    name_##_read(struct reading *r, const struct setting *s, const struct value *v, void *at)                   \
    {                                                                                                           \
        return (valid) && text_read(r, s, v, at);                                                               \
    }

#define NAME_SET LOWER UPPER DIGITS "._-"
TEXT_TYPE(name, strlen(v->text) <= 64 && conf_only(v->text, NAME_SET))
TEXT_TYPE(domain, conf_domain_valid(v->text))
TEXT_TYPE(host, conf_host_valid(v->text))
TEXT_TYPE(authserv, conf_only(v->text, LOWER UPPER DIGITS "._:/-") && strlen(v->text) <= 253)
TEXT_TYPE(zone, conf_zone_valid(v->text))
TEXT_TYPE(prefix, conf_prefix_valid(v->text))
TEXT_TYPE(language, strlen(v->text) == 2 && conf_only(v->text, LOWER))
TEXT_TYPE(url, conf_url_valid(v->text))
TEXT_TYPE(keyword, strlen(v->text) <= 100 && conf_only(v->text, LOWER UPPER DIGITS "$._-"))
TEXT_TYPE(choice, conf_word_in(s->choices, v->text, NULL))
TEXT_TYPE(ref, true)
TEXT_TYPE(stop, conf_word_in("take relay wait estimate resolve close", v->text, NULL) || (!strncmp(v->text, "field:", 6) && conf_only(v->text + 6, NAME_SET)))
TEXT_TYPE(set, strspn(v->text, NAME_SET) > 0 && (!v->text[strspn(v->text, NAME_SET)] || v->text[strspn(v->text, NAME_SET)] == '='))
TEXT_TYPE(days, conf_days_read(v->text, &(int64_t){ 0 }, &(int64_t){ 0 }))
TEXT_TYPE(hour, !strcmp(v->text, "off") || (strlen(v->text) == 5 && v->text[2] == ':' && strspn(v->text, DIGITS ":") == 5 && v->text[0] < '3' && v->text[3] < '6' &&
                strcmp(v->text, "24:00") < 0))
TEXT_TYPE(group, !r->check_files || getgrnam(v->text))

static bool
duration_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    struct duration d;
    const char *error;

    if (!duration_parse(v->text, &d, &error))
        return false;
    if (d.count > 0)
        return keep(r, v->text, at);
    conf_complain(r, v->place, "%s: bad value \"%s\", expected more than nothing", s->name, v->text);
    return false;
}

static bool
address_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    char *addr;

    (void)s;
    if (!addr_valid(v->text) || strpbrk(v->text, ",;:\"()[]\\") || !conf_domain_shaped(addr_domain(v->text), true))
        return false;
    addr = arena_strdup(r->arena, v->text);
    addr_fold(addr);
    memcpy(at, &addr, sizeof addr);
    return true;
}

/* Somebody by name of the part played, or by address. */
static bool
who_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    if (conf_word_in("assignee queue manager director contact alarm", v->text, NULL))
        return keep(r, v->text, at);
    return address_read(r, s, v, at);
}

/* An address, a domain, or a file of them (which check.c reads in). */
static bool
sender_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    char *domain;

    if (!strncmp(v->text, "file:", 5))
        return v->text[5] && keep(r, v->text, at);
    if (strchr(v->text, '@') > v->text)
        return address_read(r, s, v, at);
    domain = arena_strdup(r->arena, v->text + (*v->text == '@'));
    if (!conf_domain_shaped(domain, true))
        return false;
    for (char *p = domain; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    memcpy(at, &domain, sizeof domain);
    return true;
}

/* Several lines of text. */
static bool
prose_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    (void)s;
    for (const char *p = v->text; *p; p++)
        if ((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t')
            return false;
    return *v->text && strlen(v->text) <= PROSE_MAX && keep(r, v->text, at);
}

static bool
pattern_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    struct conf_pattern p = { .where = { r->places[v->place].file, r->places[v->place].line } };

    (void)s;
    if (!*v->text || strlen(v->text) > PATTERN_MAX)
        return false;
    p.regex = arena_strdup(r->arena, v->text);
    memcpy(at, &p, sizeof p);
    return true;
}

static void
pattern_print(const struct setting *s, const void *at, struct buf *out)
{
    (void)s;
    quoted_print(((const struct conf_pattern *)at)->regex, out);
}

/* "4h boss@example.com director": a duration, then one or several of the above. */
static bool
step_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    size_t len = strcspn(v->text, " ");
    struct conf_step step = { .after = arena_strndup(r->arena, v->text, len), .to = "" };
    const char *error, *p = v->text + len;
    struct duration d;

    if (!duration_parse(step.after, &d, &error))
        return false;
    for (p += strspn(p, " "); *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        struct value to = { v->place, arena_strndup(r->arena, p, n) };
        const char *who;

        if (!who_read(r, s, &to, &who))
            return false;
        step.to = *step.to ? arena_printf(r->arena, "%s %s", step.to, who) : who;
        p += n;
    }
    memcpy(at, &step, sizeof step);
    return *step.to;
}

static void
step_print(const struct setting *s, const void *at, struct buf *out)
{
    const struct conf_step *step = at;

    (void)s;
    buf_printf(out, "\"%s %s\"", step->after, step->to);
}

/* ---- paths */

static bool
path_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    (void)s;
    return *v->text && !str_has_control(v->text) && strlen(v->text) < 4000 && keep(r, conf_path(r, v->place, v->text), at);
}

static bool
socket_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    return path_read(r, s, v, at) && strlen(conf_path(r, v->place, v->text)) < sizeof ((struct sockaddr_un *)0)->sun_path;
}

/* A file or folder must be there. */
static bool
present_read(struct reading *r, const struct setting *s, const struct value *v, void *at, bool folder)
{
    const char *path;
    struct stat st;
    bool there;
    int error = 0;

    if (!path_read(r, s, v, at))
        return false;
    if (!r->check_files)
        return true;
    path = conf_path(r, v->place, v->text);
    there = !stat(path, &st);
    if (there && !S_ISDIR(st.st_mode) != !folder)
        error = folder ? ENOTDIR : EISDIR;
    else if (!there || access(path, folder ? R_OK | X_OK : R_OK))
        error = errno;
    if (error)
        conf_complain(r, v->place, "%s: cannot read %s: %s, expected %s", s->name, path, strerror(error), s->type->what);
    return !error;
}

static bool
file_present_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    return present_read(r, s, v, at, false);
}

static bool
folder_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    return present_read(r, s, v, at, true);
}

static bool
is_credential(const char *text)
{
    return !strncmp(text, "credential:", strlen("credential:"));
}

/* A path, or credential:NAME as it stands. */
static bool
secret_name_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    const char *name;

    if (!is_credential(v->text))
        return path_read(r, s, v, at);
    name = strchr(v->text, ':') + 1;
    return conf_only(name, LOWER UPPER DIGITS "._-") && *name != '.' && strlen(name) <= 200 && keep(r, v->text, at);
}

static bool
secret_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    struct buf secret = { 0 };
    const char *path;
    int error;

    if (!secret_name_read(r, s, v, at))
        return false;
    if (!r->check_files || is_credential(v->text))
        return true;
    path = conf_path(r, v->place, v->text);
    error = file_read_secret(path, SECRET_MAX, &secret);
    if (error == EPERM)
        conf_complain(r, v->place, "%s: others than its owner may read %s, expected mode 0600 and us or root as its owner", s->name, path);
    else if (error || !secret.len)
        conf_complain(r, v->place, "%s: cannot read %s: %s, expected %s", s->name, path, error ? strerror(error) : "it is empty", s->type->what);
    if (secret.data)
        explicit_bzero(secret.data, secret.cap);
    buf_free(&secret);
    return true;
}

/* host:port with a loopback address, a socket's path, or systemd's sockets. LMTP has no TLS and asks nobody who he is. */
static bool
listen_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    const char *colon = strrchr(v->text, ':');
    char host[64] = "";
    bool six = v->text[0] == '[';
    size_t len = colon ? (size_t)(colon - v->text) : 0;

    if (!strcmp(v->text, "systemd"))
        return keep(r, v->text, at);
    if (strchr(v->text, '/'))
        return socket_read(r, s, v, at);
    if (!len || len >= sizeof host || !conf_only(colon + 1, DIGITS) || strlen(colon) > 6 || atoi(colon + 1) < 1 ||
        atoi(colon + 1) > 65535 || (six && v->text[len - 1] != ']'))
        return false;
    memcpy(host, v->text + six, len - (six ? 2 : 0));
    if (!strcmp(host, "localhost") || !conf_host_is_loopback(host) || !strchr(host, ':') != !six)
        return false;
    return keep(r, v->text, at);
}

/* ---- numbers: read to 64 bits, kept in what the member has */

void
conf_bounds_print(const struct setting *s, struct buf *out)
{
    const int64_t bounds[] = { s->min, s->max };

    for (size_t i = 0; i < countof(bounds); i++) {
        unsigned narrow = (unsigned)bounds[i];

        buf_puts(out, i ? " to " : "");
        s->type->print(s, s->type->size == sizeof narrow ? (const void *)&narrow : &bounds[i], out);
    }
}

/* A number outside its bounds is told with both. */
static bool
bounded(struct reading *r, const struct setting *s, const struct value *v, int64_t n)
{
    struct buf bounds = { 0 };

    if (n >= s->min && (!s->max || n <= s->max))
        return true;
    conf_bounds_print(s, &bounds);
    conf_complain(r, v->place, "%s: \"%s\" is out of range, expected %s", s->name, v->text, bounds.data);
    buf_free(&bounds);
    return false;
}

static bool
number_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    unsigned n;

    if (!conf_only(v->text, DIGITS) || strlen(v->text) > 18)
        return false;
    if (!bounded(r, s, v, atoll(v->text)))
        return false;
    n = (unsigned)atoll(v->text);
    memcpy(at, &n, sizeof n);
    return true;
}

static void
number_print(const struct setting *s, const void *at, struct buf *out)
{
    (void)s;
    buf_printf(out, "%u", *(const unsigned *)at);
}

static bool
mode_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    unsigned mode = (unsigned)strtoul(v->text, NULL, 8);

    (void)r;
    (void)s;
    if (!conf_only(v->text, "01234567") || strlen(v->text) > 4 || strlen(v->text) < 3 || mode > 0777)
        return false;
    memcpy(at, &mode, sizeof mode);
    return true;
}

static void
mode_print(const struct setting *s, const void *at, struct buf *out)
{
    (void)s;
    buf_printf(out, "%04o", *(const unsigned *)at);
}

static bool
size_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    const char *error;
    uint64_t n;

    if (!size_parse(v->text, &n, &error) || !bounded(r, s, v, (int64_t)n))
        return false;
    memcpy(at, &n, sizeof n);
    return true;
}

static bool
small_size_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    uint64_t n;
    unsigned narrow;

    must(s->max && s->max <= UINT32_MAX);
    if (!size_read(r, s, v, &n))
        return false;
    narrow = (unsigned)n;
    memcpy(at, &narrow, sizeof narrow);
    return true;
}

static void
size_print(const struct setting *s, const void *at, struct buf *out)
{
    static const char *const units[] = { "", "KiB", "MiB", "GiB", "TiB" };
    uint64_t n = s->type->size == sizeof (unsigned) ? *(const unsigned *)at : *(const uint64_t *)at;
    size_t u = 0;

    for (; n && n % 1024 == 0 && u + 1 < countof(units); u++)
        n /= 1024;
    buf_printf(out, "\"%llu%s\"", (unsigned long long)n, units[u]);
}

static bool
time_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    const char *error;
    int64_t n;

    if (!seconds_parse(v->text, &n, &error) || !bounded(r, s, v, n))
        return false;
    memcpy(at, &n, sizeof n);
    return true;
}

static void
time_print(const struct setting *s, const void *at, struct buf *out)
{
    static const struct { char unit; int64_t seconds; } units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
    int64_t n = *(const int64_t *)at;

    (void)s;
    buf_putc(out, '"');
    for (size_t i = 0; i < countof(units); i++) {
        if (n >= units[i].seconds)
            buf_printf(out, "%lld%c", (long long)(n / units[i].seconds), units[i].unit);
        n %= units[i].seconds;
    }
    buf_puts(out, *(const int64_t *)at ? "\"" : "0s\"");
}

/* ---- choices */

static bool
bool_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    int b = cfg_parse_boolean(v->text);
    bool value = b == 1;

    (void)r;
    (void)s;
    if (b < 0)
        return false;
    memcpy(at, &value, sizeof value);
    return true;
}

static void
bool_print(const struct setting *s, const void *at, struct buf *out)
{
    (void)s;
    buf_puts(out, *(const bool *)at ? "true" : "false");
}

static bool
enum_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    size_t i;
    unsigned n;

    (void)r;
    if (!conf_word_in(s->choices, v->text, &i))
        return false;
    n = (unsigned)i;
    memcpy(at, &n, sizeof n);
    return true;
}

/* The i-th of the choices, in quotes. */
static void
choice_print(const char *choices, size_t i, struct buf *out)
{
    for (; i; i--)
        choices = strchr(choices, ' ') + 1;
    buf_putc(out, '"');
    buf_add(out, choices, strcspn(choices, " "));
    buf_putc(out, '"');
}

static void
enum_print(const struct setting *s, const void *at, struct buf *out)
{
    choice_print(s->choices, *(const unsigned *)at, out);
}

static bool
second_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    size_t i;
    bool second;

    (void)r;
    if (!conf_word_in(s->choices, v->text, &i))
        return false;
    second = i == 1;
    memcpy(at, &second, sizeof second);
    return true;
}

static void
second_print(const struct setting *s, const void *at, struct buf *out)
{
    choice_print(s->choices, *(const bool *)at, out);
}

/* ---- the rows */

#define TYPE(id, name, what, c, read) const struct type conf_type_##id = { name, what, sizeof (c), read##_read, text_print }
#define TYPE_PRINT(id, name, what, c, read, print) const struct type conf_type_##id = { name, what, sizeof (c), read##_read, print##_print }

TYPE(text, "text", "1 to 1000 characters of text", char *, text);
TYPE(name, "name", "1 to 64 letters, digits, . _ and -", char *, name);
TYPE(path, "path", "a path", char *, path);
TYPE(socket, "path", "a path of at most 107 bytes", char *, socket);
TYPE(folder, "folder", "a folder that can be read", char *, folder);
TYPE(file, "file", "a file that can be read", char *, file_present);
TYPE(secret, "secret", "a file with mode 0600, or credential:NAME", char *, secret);
TYPE_PRINT(bool, "boolean", "true or false", bool, bool, bool);
TYPE_PRINT(number, "number", "a whole number", unsigned, number, number);
TYPE_PRINT(mode, "mode", "an octal mode such as 0660", unsigned, mode, mode);
TYPE_PRINT(size, "size", "a size such as 4096, 64KiB, 50MiB or 2GiB", uint64_t, size, size);
TYPE_PRINT(small_size, "size", "a size such as 4096, 64KiB or 1MiB", unsigned, small_size, size);
TYPE_PRINT(time, "time", "a time such as 30s, 15m, 4h, 1d or 1h30m", int64_t, time, time);
TYPE(duration, "duration", "working time such as 4h or 1h30m, working days such as 2wd, or months such as 1.5mo", char *, duration);
TYPE(choice, "word", "one of the words", char *, choice);
TYPE_PRINT(tls, "word", "one of the words", enum conf_tls, enum, enum);
TYPE_PRINT(envelope, "word", "one of the words", enum conf_envelope, enum, enum);
TYPE_PRINT(second, "word", "one of the words", bool, second, second);
TYPE(address, "address", "an address such as support@example.com", char *, address);
TYPE(domain, "domain", "a domain such as mail.example.com", char *, domain);
TYPE(host, "host", "a host name such as mail.example.com, or an IP address", char *, host);
TYPE(authserv, "name", "the name a mail server gives itself in Authentication-Results, such as mx.example.com", char *, authserv);
TYPE(zone, "zone", "a time zone such as Europe/London, from " ZONES, char *, zone);
TYPE(prefix, "prefix", "2 to 10 capital letters and digits, a letter first, such as CAS", char *, prefix);
TYPE(language, "language", "a language of two letters such as en", char *, language);
TYPE(listen, "listener", "a loopback address such as 127.0.0.1:2424, the path of a socket, or systemd", char *, listen);
TYPE_PRINT(pattern, "pattern", "a regular expression", struct conf_pattern, pattern, pattern);
TYPE(prose, "text", "1 to 8000 characters of text", char *, prose);
TYPE(who, "who", "assignee, queue, manager, director, contact, alarm or an address", char *, who);
TYPE(sender, "sender", "an address, a domain, or file: and a path", char *, sender);
TYPE(stop, "event", "take, relay, wait, estimate, resolve, close or field:NAME", char *, stop);
TYPE(set, "field", "NAME or NAME=VALUE", char *, set);
TYPE(days, "days", "a date such as 2026-07-06, or two such as 2026-07-06..2026-07-31", char *, days);
TYPE(hour, "hour", "a time of day such as 07:30, or off", char *, hour);
TYPE_PRINT(step, "step", "a duration and somebody such as \"4h boss@example.com\" or \"0m manager contact\"", struct conf_step, step, step);
TYPE(ref, "name", "the name of a section", char *, ref);
TYPE(url, "URL", "an https:// URL (http:// only for loopback)", char *, url);
TYPE(keyword, "keyword", "1 to 100 letters, digits, $ . _ and -", char *, keyword);
TYPE(group, "group", "a group of this system", char *, group);
