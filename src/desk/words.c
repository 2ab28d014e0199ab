/* SPDX-License-Identifier: ISC
 *
 * Dates, spans, targets and states in the words of whoever reads them. The words come from files (words_read.c); nothing of
 * the C library's locale.
 */
#include <string.h>

#include "desk_room.h"
#include "words.h"

/* ---- the reader */

static struct reader
reader_of(const struct turn *t, const char *language, const struct calendar *calendar)
{
    const struct conf_strings *l = &t->conf->languages;
    struct reader r = { l->v[0], calendar ? calendar_zone(calendar) : t->line->zone, t->line->words[0] };
    for (size_t i = 0; language != NULL && i < l->n; i++)        /* a language without words has no templates either: checked at load */
        if (str_eq_nocase(l->v[i], language) && t->line->words[i] != NULL) {
            r.language = l->v[i];
            r.words = t->line->words[i];
        }
    return r;
}

struct reader
reader_customer(const struct turn *t, const Td__Case *c)
{
    const struct conf_customer *customer = c && c->customer ? conf_customer_find(t->conf, c->customer) : NULL;
    const char *language = c && c->language ? c->language : customer ? customer->language : NULL;
    return reader_of(t, language, customer && customer->calendar ? desk_calendar(t->d, t->line, customer->calendar) : NULL);
}

struct reader
reader_staff(const struct turn *t, const char *person)
{
    const struct conf_person *p = person ? conf_person_find(t->conf, person) : NULL;
    const struct conf_customer *customer = p == NULL && person != NULL ? conf_customer_of(t->conf, person) : NULL;
    const char *calendar = p ? p->calendar : customer ? customer->calendar : NULL;
    return reader_of(t, p ? p->language : customer ? customer->language : NULL, calendar ? desk_calendar(t->d, t->line, calendar) : NULL);
}

struct reader
reader_in(const struct turn *t, const struct reader *r, const char *language)
{
    struct reader other = reader_of(t, language, NULL);
    other.zone = r->zone;
    return other;
}

/* ---- dates */

struct when { int weekday, year, month, day, hour, minute; };

static struct when
when_of(const struct reader *r, int64_t at)
{
    struct when w;
    int64_t local = zone_to_local(r->zone, at), day = local / CAL_DAY_S - (local % CAL_DAY_S < 0), second = local - day * CAL_DAY_S;
    civil_from_days(day, &w.year, &w.month, &w.day);
    w.weekday = (int)(((day + 3) % 7 + 7) % 7);         /* 1970-01-01 was a Thursday */
    w.hour = (int)(second / 3600);
    w.minute = (int)(second % 3600 / 60);
    return w;
}

static const char *
date_filled(struct turn *t, const struct reader *r, const char *key, const struct when *w)
{
    const struct { const char *name, *value; } fields[] = {
        { "{weekday}", words_part(r->words, "days", (size_t)w->weekday) }, { "{month}", words_part(r->words, "months", (size_t)w->month - 1) },
        { "{day}", arena_printf(t->a, "%d", w->day) }, { "{year}", arena_printf(t->a, "%d", w->year) },
        { "{hour}", arena_printf(t->a, "%02d", w->hour) }, { "{minute}", arena_printf(t->a, "%02d", w->minute) },
    };
    const char *format = words_get(r->words, key);
    struct buf out = { 0 };
    buf_puts(&out, "");
    while (*format != '\0') {
        size_t i = 0;
        while (i < countof(fields) && strncmp(format, fields[i].name, strlen(fields[i].name)) != 0)
            i++;
        if (i < countof(fields)) {
            buf_puts(&out, fields[i].value);
            format += strlen(fields[i].name);
        } else {
            buf_putc(&out, *format++);
        }
    }
    const char *s = arena_strndup(t->a, out.data, out.len);
    buf_free(&out);
    return s;
}

/* The year is said when it is not this one. */
static const char *
when_words(struct turn *t, const struct reader *r, const struct when *w, const char *key, const char *key_with_year)
{
    return date_filled(t, r, w->year == when_of(r, t->now).year ? key : key_with_year, w);
}

const char *
date_words(struct turn *t, const struct reader *r, int64_t at)
{
    struct when w = when_of(r, at);
    return when_words(t, r, &w, "date", "date-year");
}

const char *
day_words(struct turn *t, const struct reader *r, int64_t at)
{
    struct when w = when_of(r, at);
    return when_words(t, r, &w, "day", "day-year");
}

/* A date of a calendar: it is the same day wherever it is read. */
static const char *
civil_words(struct turn *t, const struct reader *r, int64_t day)
{
    struct when w = { .weekday = (int)(((day + 3) % 7 + 7) % 7) };
    civil_from_days(day, &w.year, &w.month, &w.day);
    return when_words(t, r, &w, "day", "day-year");
}

/* ---- spans and targets */

static const char *
count_words(struct turn *t, const struct reader *r, const char *key, int64_t n)
{
    return arena_printf(t->a, "%lld %s", (long long)n, words_part(r->words, key, n != 1));
}

static const char *
two_words(struct turn *t, const char *big, const char *small)
{
    return big && small ? arena_printf(t->a, "%s %s", big, small) : big ? big : small;
}

/* The two largest units of it. */
const char *
span_words(struct turn *t, const struct reader *r, int64_t seconds)
{
    int64_t minutes = seconds / 60, days = minutes / 1440, hours = minutes / 60 % 24;
    if (minutes <= 0)
        return NULL;
    int64_t rest = days ? hours : minutes % 60;
    return two_words(t, days ? count_words(t, r, "span.day", days) : hours ? count_words(t, r, "span.hour", hours) : NULL,
                     rest ? count_words(t, r, days ? "span.hour" : "span.minute", rest) : NULL);
}

/* Open time: never in days, for a working day is no 24 hours. */
const char *
open_words(struct turn *t, const struct reader *r, int64_t seconds)
{
    int64_t minutes = seconds / 60, hours = minutes / 60;
    if (minutes <= 0)
        return NULL;
    minutes = hours < 10 ? minutes % 60 : 0;
    return two_words(t, hours ? count_words(t, r, "span.hour", hours) : NULL, minutes ? count_words(t, r, "span.minute", minutes) : NULL);
}

/* 1, 1½, 2, 2½ …: halves of months. */
static const char *
month_words(struct turn *t, const struct reader *r, int64_t halves)
{
    size_t form = halves == 2 || halves == 1 ? 0 : halves == 3 ? 2 : 1;
    const char *word = words_part(r->words, "target.month", form);
    if (halves % 2 == 0)
        return arena_printf(t->a, "%lld %s", (long long)halves / 2, word);
    return halves == 1 ? arena_printf(t->a, "½ %s", word) : arena_printf(t->a, "%lld½ %s", (long long)halves / 2, word);
}

const char *
target_words(struct turn *t, const struct reader *r, const char *duration)
{
    struct duration d;
    const char *wrong;
    if (duration == NULL || !duration_parse(duration, &d, &wrong))
        return duration;
    if (d.unit == DURATION_MONTHS)
        return month_words(t, r, d.count);
    if (d.unit == DURATION_WORKING_DAYS)
        return count_words(t, r, "target.day", d.count);
    int64_t hours = d.count / 3600, minutes = d.count % 3600 / 60;
    if (hours > 0 && minutes > 0)       /* the last word says what sort of time it is */
        return two_words(t, count_words(t, r, "span.hour", hours), count_words(t, r, "target.minute", minutes));
    return hours > 0 ? count_words(t, r, "target.hour", hours) : minutes > 0 ? count_words(t, r, "target.minute", minutes) : duration;
}

/* ---- names of things */

/* A word of its own, or the last part of the zone's name: "America/New_York" is New York. */
const char *
zone_words(struct turn *t, const struct reader *r)
{
    const char *word = words_get(r->words, arena_printf(t->a, "zone.%s", r->zone)), *slash = strrchr(r->zone, '/');
    if (word != NULL)
        return word;
    char *place = arena_strdup(t->a, slash ? slash + 1 : r->zone);
    for (char *p = place; *p != '\0'; p++)
        if (*p == '_')
            *p = ' ';
    return words_fill(r->words, "zone", (const char *const[3]){ place }, t->a);
}

/* The desk's own words are in its first language; a reader of another gets that language's. */
static const struct conf_state *
state_conf(const struct turn *t, const struct reader *r, Td__State state)
{
    return strcmp(r->language, t->conf->languages.v[0]) == 0 ? conf_state_find(t->conf, schema_state_name(state)) : NULL;
}

const char *
state_words(struct turn *t, const struct reader *r, Td__State state)
{
    const struct conf_state *s = state_conf(t, r, state);
    return s && s->label ? s->label : words_get(r->words, arena_printf(t->a, "state.%s", schema_state_name(state)));
}

const char *
meaning_words(struct turn *t, const struct reader *r, Td__State state)
{
    const struct conf_state *s = state_conf(t, r, state);
    return s && s->meaning ? s->meaning : words_get(r->words, arena_printf(t->a, "meaning.%s", schema_state_name(state)));
}

const char *
desk_state_label(const struct desk *d, const Td__Case *c)
{
    static const char *const keys[] = {
        [TD__STATE__NEW] = "state.new", [TD__STATE__ASSIGNED] = "state.assigned", [TD__STATE__PROGRESS] = "state.progress",
        [TD__STATE__WAITING] = "state.waiting", [TD__STATE__RESOLVED] = "state.resolved", [TD__STATE__CLOSED] = "state.closed",
    };
    const struct line *line = desk_line(d, c->desk);
    const struct conf_state *s = line ? conf_state_find(line->conf, schema_state_name(c->state)) : NULL;
    if (line == NULL || (size_t)c->state >= countof(keys) || keys[c->state] == NULL)
        return schema_state_name(c->state);
    return s && s->label ? s->label : words_get(line->words[0], keys[c->state]);
}

const char *
clock_words(struct turn *t, const struct reader *r, const char *clock)
{
    const char *word = words_get(r->words, arena_printf(t->a, "clock.%s", clock));
    return word ? word : clock;
}

const char *
word_of(struct turn *t, const struct reader *r, const char *key, const char *one, const char *two, const char *three)
{
    return words_fill(r->words, key, (const char *const[3]){ one, two, three }, t->a);
}

const char *
say_words(struct turn *t, const struct reader *r, const char *key, const char *one, const char *two, const char *three)
{
    return word_of(t, r, arena_printf(t->a, "say.%s", key), one, two, three);
}

/* ---- a customer's few words */

#define FEW_WORDS_MAX 200

/* Letters in lower case (ASCII and Latin-1), everything that is no letter or digit as one blank, none at the ends. "'" is
 * nothing at all, so that "don't" is one word. false: too long to be a few words, or they ask: "OK?" says nothing. */
static bool
few_words(const char *text, char out[FEW_WORDS_MAX])
{
    size_t n = 0;
    for (const unsigned char *s = (const unsigned char *)text; *s != '\0'; s++) {
        bool ascii = *s < 0x80, letter = !ascii || (*s >= '0' && *s <= '9') || ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z');
        if (s[0] == '\'')
            continue;
        if (s[0] == '?' || memcmp(s, "\xf0\x9f\x91\x8e", strnlen((const char *)s, 4)) == 0)        /* thumbs down */
            return false;
        if (s[0] == 0xe2 && s[1] == 0x80 && s[2] != 0) {        /* dashes, quotation marks, dots */
            letter = false;
            bool apostrophe = s[2] == 0x98 || s[2] == 0x99;
            s += 2;
            if (apostrophe)
                continue;
        } else if (s[0] == 0xc2 && s[1] != 0) {                 /* no-break space and other signs */
            letter = false;
            s++;
        } else if (s[0] == 0xf0 && strnlen((const char *)s, 4) == 4) {          /* faces and thumbs */
            letter = false;
            s += 3;
        }
        if (!letter && (n == 0 || out[n - 1] == ' '))
            continue;
        if (n + 3 >= FEW_WORDS_MAX)
            return false;
        if (letter && s[0] == 0xc3 && s[1] >= 0x80 && s[1] <= 0x9e && s[1] != 0x97) {   /* À to Þ */
            out[n++] = (char)*s++;
            out[n++] = (char)(*s | 0x20);
        } else {
            out[n++] = !letter ? ' ' : *s >= 'A' && *s <= 'Z' ? (char)(*s | 0x20) : (char)*s;
        }
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    return n > 0;
}

/* The desk's languages, then the others; NULL: behind the last, *i else the next. */
static const struct words *
answers_next(const struct line *line, size_t *i)
{
    size_t n = line->conf->languages.n;
    const struct words *w = NULL;
    while (w == NULL && *i < n + ANSWER_LANGUAGES) {
        w = *i < n ? line->words[*i] : line->answers[*i - n];
        ++*i;
    }
    return w;
}

static bool
words_listed(const struct line *line, const char *name, const char *said)
{
    char known[FEW_WORDS_MAX];
    size_t i = 0;
    for (const struct words *w; (w = answers_next(line, &i)) != NULL;) {
        const char *word;
        for (size_t k = 0; (word = words_part(w, name, k)) != NULL; k++)
            if (few_words(word, known) && strcmp(said, known) == 0)
                return true;
    }
    return false;
}

/* Takes one courtesy off either end, the longest that fits: "thanks please close" is "please close". false: there is none. */
static bool
courtesy_off(const struct line *line, char *said)
{
    char known[FEW_WORDS_MAX];
    size_t i = 0, len = strlen(said), longest = 0;
    bool front = false;
    for (const struct words *w; (w = answers_next(line, &i)) != NULL;) {
        const char *word;
        for (size_t k = 0; (word = words_part(w, "answer.around", k)) != NULL; k++) {
            size_t n = few_words(word, known) ? strlen(known) : 0;
            if (n <= longest || len <= n + 1)
                continue;
            bool begins = said[n] == ' ' && memcmp(said, known, n) == 0;
            if (begins || (said[len - n - 1] == ' ' && memcmp(said + len - n, known, n) == 0)) {
                longest = n;
                front = begins;
            }
        }
    }
    if (longest > 0 && front)
        memmove(said, said + longest + 1, len - longest);
    else if (longest > 0)
        said[len - longest - 1] = '\0';
    return longest > 0;
}

bool
words_mean(const struct line *line, const char *key, const char *text)
{
    char said[FEW_WORDS_MAX], name[64] = "answer.";
    if (text == NULL || strlen(key) + sizeof "answer." > sizeof name || !few_words(text, said))
        return false;
    strcat(name, key);
    do
        if (words_listed(line, name, said))
            return true;
    while (courtesy_off(line, said));
    return false;
}

/* ---- days with other hours */

/* "09:00-12:00" as this language writes it: with the sign of its own between hour and minute. */
static const char *
hours_words(struct turn *t, const struct reader *r, const char *hours)
{
    const char *sign = strstr(words_get(r->words, "date"), "{hour}");
    char between = sign ? sign[strlen("{hour}")] : ':';
    struct buf out = { 0 };
    buf_puts(&out, "");
    for (const char *s = hours; *s != '\0'; s++)
        if (*s == '-')
            buf_puts(&out, "–");
        else
            buf_putc(&out, *s == ':' ? between : *s);
    const char *said = say_words(t, r, "open", arena_strndup(t->a, out.data, out.len), NULL, NULL);
    buf_free(&out);
    return said;
}

const char *
other_words(struct turn *t, const struct reader *r, const struct calendar_other *o)
{
    const char *days = civil_words(t, r, o->first);
    if (o->last > o->first)
        days = say_words(t, r, "days", days, civil_words(t, r, o->last), NULL);
    const char *what = o->why == CALENDAR_USUAL ? NULL : o->hours[0] != '\0' ? hours_words(t, r, o->hours) : say_words(t, r, "closed", NULL, NULL, NULL);
    if (what == NULL || o->name == NULL || o->name[0] == '\0')
        return say_words(t, r, "day", days, what ? what : o->name, NULL);
    return say_words(t, r, "day-named", days, what, o->name);
}
