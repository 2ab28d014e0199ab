/* SPDX-License-Identifier: ISC
 *
 * Calendars: the kinds of values that only they have, and what their settings ask of each other. Holiday files are found
 * here, but read by the desk, which knows iCalendar.
 */
#include "calendar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLIDAYS_SHARED "share/ticketd/holidays"

/* ---- values */

static bool
hours_form_read(struct reading *r, const struct setting *s, const struct value *v, void *at, enum conf_hours_form form)
{
    struct conf_hours unused = { 0 };
    const char *expected = conf_hours_read(v->text, form, &unused);
    char shown[801];

    if (!expected)
        return conf_type_text.read(r, s, v, at);
    str_escape_peer(v->text, strlen(v->text), shown, sizeof shown);
    conf_complain(r, v->place, "%s: bad value \"%s\", expected %s", s->name, shown, expected);
    return false;
}

static bool
week_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    return hours_form_read(r, s, v, at, CONF_HOURS_WEEK);
}

static bool
dates_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    return hours_form_read(r, s, v, at, CONF_HOURS_DATES);
}

static bool
rest_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    return hours_form_read(r, s, v, at, CONF_HOURS_REST);
}

/* 0, or why it is not a file that we may read. */
static int
file_errno(const char *path)
{
    struct stat st;

    if (stat(path, &st) || access(path, R_OK))
        return errno;
    return S_ISDIR(st.st_mode) ? EISDIR : 0;
}

/* Beside the configuration, or, a bare name only, among those that come with us. */
static bool
holidays_file_read(struct reading *r, const struct setting *s, const struct value *v, void *at)
{
    const char *path;
    char *shared, *folder;
    int error;

    if (!conf_type_path.read(r, s, v, at))
        return false;
    path = conf_path(r, v->place, v->text);
    error = file_errno(path);
    if (error == ENOENT && !strchr(v->text, '/')) {
        folder = path_beside_self(HOLIDAYS_SHARED);
        shared = path_join(folder, v->text);
        error = file_errno(shared);
        if (!error) {
            path = arena_strdup(r->arena, shared);
            memcpy(at, &path, sizeof path);
        }
        free(shared);
        free(folder);
    }
    if (error && r->check_files) {
        conf_complain(r, v->place, "%s: cannot read %s: %s, expected %s", s->name, path, strerror(error), s->type->what);
        return false;
    }
    return true;
}

static void
text_print(const struct setting *s, const void *at, struct buf *out)
{
    conf_type_text.print(s, at, out);
}

#define TYPE(id, name, what, read) const struct type conf_type_##id = { name, what, sizeof (char *), read, text_print }

TYPE(hours, "hours", "days and hours such as \"Mon-Fri 09:00-12:00 13:00-17:00\"", week_read);
TYPE(dates_hours, "hours", "hours such as \"09:00-12:00\"", dates_read);
TYPE(rest_hours, "hours", "closed, or hours such as \"09:00-12:00\"", rest_read);
TYPE(holidays, "file", "an iCalendar file there or, by its name alone, one of those that come with ticketd", holidays_file_read);

/* ---- what they ask of each other */

/* The lines of a list together: each alone has been read already. */
static struct conf_hours
hours_check(struct reading *r, size_t node, const char *setting, enum conf_hours_form form)
{
    struct conf_hours h = { 0 };
    struct value v;

    for (size_t i = 0; conf_value_of(&r->nodes[node], setting, i, &v); i++) {
        const char *expected = conf_hours_read(v.text, form, &h);

        if (expected)
            conf_complain(r, v.place, "%s: \"%s\" does not go with what stands before it, expected %s", setting, v.text, expected);
    }
    return h;
}

static bool
opens_on_one(const struct conf_hours *h, int64_t first, int64_t last)
{
    for (int64_t day = first; day <= last && day < first + 7; day++)
        if (h->day[((day + 3) % 7 + 7) % 7].n)
            return true;
    return false;
}

void
conf_check_exception(struct reading *r, size_t node)
{
    const struct conf_exception *x = r->nodes[node].object;
    struct conf_hours h = hours_check(r, node, "open", CONF_HOURS_DATES);
    int64_t first, last;

    if (!conf_days_read(x->name, &first, &last)) {
        conf_complain(r, r->nodes[node].place, "exception \"%s\" is on no date, expected %s", x->name, conf_type_days.what);
        return;
    }
    if (x->closed && x->open.n)
        conf_complain(r, conf_place_of(r, node, "open"), "exception \"%s\" is closed and open, expected one of the two", x->name);
    else if (x->open.n && !opens_on_one(&h, first, last))
        conf_complain(r, conf_place_of(r, node, "open"), "open: on none of the dates of exception \"%s\", expected hours for one of their days", x->name);
    if (!x->closed && !x->open.n && !x->note)
        conf_complain(r, r->nodes[node].place, "exception \"%s\" changes nothing, expected closed, open or note", x->name);
}

/* Does this date, or one of this range, have an exception before `end`? Its node, or 0. */
static size_t
exception_find(const struct reading *r, size_t calendar, size_t end, int64_t first, int64_t last)
{
    for (size_t c = calendar + 1; c < end; c = r->nodes[c].end) {
        const struct conf_exception *x = r->nodes[c].object;
        int64_t from, to;

        if (!strcmp(r->nodes[c].section->name, "exception") && conf_days_read(x->name, &from, &to) && from <= last && first <= to)
            return c;
    }
    return 0;
}

static void
exceptions_check(struct reading *r, size_t node)
{
    for (size_t c = node + 1; c < r->nodes[node].end; c = r->nodes[c].end) {
        const struct conf_exception *x = r->nodes[c].object;
        int64_t first, last;
        size_t other;

        if (strcmp(r->nodes[c].section->name, "exception") != 0 || !conf_days_read(x->name, &first, &last))
            continue;
        other = exception_find(r, node, c, first, last);
        if (other)
            conf_complain(r, r->nodes[c].place, "exception \"%s\" has a date of exception \"%s\" (line %d), expected each date in one of them", x->name,
                          ((const struct conf_exception *)r->nodes[other].object)->name, r->places[r->nodes[other].place].line);
    }
}

/* A closed date that an exception of its own opens: which of the two is meant? */
static void
closed_check(struct reading *r, size_t node)
{
    struct value v;

    for (size_t i = 0; conf_value_of(&r->nodes[node], "closed", i, &v); i++) {
        int64_t first, last, from, to;
        size_t c = conf_days_read(v.text, &first, &last) ? exception_find(r, node, r->nodes[node].end, first, last) : 0;
        const struct conf_exception *x = c ? r->nodes[c].object : NULL;

        if (x && x->open.n && first == last && conf_days_read(x->name, &from, &to) && from == to)
            conf_complain(r, v.place, "closed: \"%s\" is open by exception \"%s\" (line %d), expected one of the two", v.text, x->name,
                          r->places[r->nodes[c].place].line);
    }
}

void
conf_check_calendar(struct reading *r, size_t node)
{
    static const char *const rest[] = { "eve", "bridge" };
    const struct conf_calendar *c = r->nodes[node].object;
    struct value v;

    if (!c->open.n)
        conf_complain(r, conf_place_of(r, node, "open"), "open: an empty list, expected %s", conf_type_hours.what);
    hours_check(r, node, "open", CONF_HOURS_WEEK);
    for (size_t i = 0; i < countof(rest); i++) {
        hours_check(r, node, rest[i], CONF_HOURS_REST);
        if (!c->holidays.n && conf_value_of(&r->nodes[node], rest[i], 0, &v))
            conf_complain(r, v.place, "%s: without public holidays there is none, expected holidays beside it", rest[i]);
    }
    exceptions_check(r, node);
    closed_check(r, node);
}
