/* SPDX-License-Identifier: ISC
 *
 * The door of the room: conf_load() as a table of contents, the complaints in order, and the look-ups that others use.
 */
#include "reading.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECRET_MAX 65536

/* ---- what the passes share */

/* Room for one more of `size` bytes. */
static void *
grow(void *v, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return v;
    *cap = *cap ? 2 * *cap : 64;
    return mem_grow(v, *cap * size);
}

size_t
conf_place_add(struct reading *r, const char *file, int line)
{
    r->places = grow(r->places, r->n_places, &r->cap_places, sizeof *r->places);
    r->places[r->n_places] = (struct place){ file, line };
    return r->n_places++;
}

size_t
conf_node_add(struct reading *r, const struct section *section, size_t parent, size_t place)
{
    r->nodes = grow(r->nodes, r->n_nodes, &r->cap_nodes, sizeof *r->nodes);
    r->nodes[r->n_nodes] = (struct node){ .section = section, .parent = parent, .place = place };
    r->nodes[r->n_nodes].end = r->n_nodes + 1;
    return r->n_nodes++;
}

void
conf_complain(struct reading *r, size_t place, const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    r->complaints = grow(r->complaints, r->n_complaints, &r->cap_complaints, sizeof *r->complaints);
    r->complaints[r->n_complaints++] = (struct complaint){ place, arena_strdup(r->arena, b.data) };
    buf_free(&b);
}

struct name { const char *sort, *text; size_t node, place; bool nocase; };

static int
name_compare(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    int d = strcmp(x->sort, y->sort);

    if (!d)
        d = (x->node > y->node) - (x->node < y->node);
    return d ? d : strcmp(x->text, y->text);
}

size_t
conf_name_claim(struct reading *r, const char *sort, size_t node, const char *text, size_t place, bool nocase)
{
    struct name *n = arena_alloc(r->arena, sizeof *n), **found;
    char *key = arena_strdup(r->arena, text);

    if (nocase)
        str_lower(key);
    *n = (struct name){ .sort = sort, .text = key, .node = node, .place = place };
    found = tsearch(n, &r->names, name_compare);
    must(found);
    return *found == n ? CONF_NEW : (*found)->place;
}

bool
conf_name_taken(struct reading *r, const char *sort, size_t node, const char *text)
{
    struct name n = { .sort = sort, .text = text, .node = node };

    return tfind(&n, &r->names, name_compare) != NULL;
}

static void
name_keep(void *name)
{
    (void)name;                         /* the arena's */
}

/* ---- loading */

static int
complaint_compare(const void *a, const void *b)
{
    const struct complaint *x = a, *y = b;

    return x->place != y->place ? x->place > y->place ? 1 : -1 : strcmp(x->text, y->text);
}

static void
complaints_print(struct reading *r, struct buf *errors)
{
    if (r->n_complaints)
        qsort(r->complaints, r->n_complaints, sizeof *r->complaints, complaint_compare);
    for (size_t i = 0; i < r->n_complaints; i++) {
        const struct place *p = &r->places[r->complaints[i].place];

        buf_printf(errors, "%s:%d: %s\n", p->file, p->line, r->complaints[i].text);
    }
}

struct conf *
conf_load(const char *path, bool check_files, struct buf *errors)
{
    struct arena *a = arena_new(0);
    struct conf *c = arena_alloc(a, sizeof *c);
    struct reading r = { .arena = a, .conf = c, .check_files = check_files };
    char *cwd = getcwd(NULL, 0);

    c->arena = a;
    r.cwd = cwd ? cwd : "/";
    path = arena_strdup(a, path);
    conf_scan(&r, path);
    conf_fill(&r);
    c->file = conf_path(&r, 0, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
    conf_check(&r);
    conf_fill_end(&r);
    complaints_print(&r, errors);
    if (r.n_complaints)
        conf_free(&c);
    tdestroy(r.names, name_keep);
    free(r.complaints);
    free(r.nodes);
    free(r.places);
    buf_free(&r.text);
    free(cwd);
    return c;
}

void
conf_free(struct conf **cp)
{
    struct arena *a = *cp ? (*cp)->arena : NULL;

    *cp = NULL;
    arena_free(&a);
}

/* ---- look-ups */

#define FIND(type, list, count)                                 \
    for (size_t i = 0; name && i < (count); i++)                \
        if (!strcmp((list)[i].name, name))                      \
            return &(list)[i];                                  \
    return NULL

const struct conf_desk *
conf_desk_find(const struct conf *c, const char *name)
{
    FIND(conf_desk, c->desks, c->n_desks);
}

const struct conf_calendar *
conf_calendar_find(const struct conf *c, const char *name)
{
    FIND(conf_calendar, c->calendars, c->n_calendars);
}

const struct conf_relay *
conf_relay_find(const struct conf *c, const char *name)
{
    FIND(conf_relay, c->relays, c->n_relays);
}

const struct conf_oauth *
conf_oauth_find(const struct conf *c, const char *name)
{
    FIND(conf_oauth, c->oauths, c->n_oauths);
}

const struct conf_priority *
conf_priority_find(const struct conf_desk *d, const char *name)
{
    FIND(conf_priority, d->priorities, d->n_priorities);
}

const struct conf_queue *
conf_queue_find(const struct conf_desk *d, const char *name)
{
    FIND(conf_queue, d->queues, d->n_queues);
}

const struct conf_kind *
conf_kind_find(const struct conf_desk *d, const char *name)
{
    FIND(conf_kind, d->kinds, d->n_kinds);
}

const struct conf_field *
conf_field_find(const struct conf_desk *d, const char *name)
{
    FIND(conf_field, d->fields, d->n_fields);
}

const struct conf_state *
conf_state_find(const struct conf_desk *d, const char *name)
{
    FIND(conf_state, d->states, d->n_states);
}

const struct conf_letter *
conf_letter_find(const struct conf_desk *d, const char *name)
{
    FIND(conf_letter, d->letters, d->n_letters);
}

const struct conf_customer *
conf_customer_find(const struct conf_desk *d, const char *name)
{
    FIND(conf_customer, d->customers, d->n_customers);
}

const struct conf_person *
conf_person_find(const struct conf_desk *d, const char *addr)
{
    for (size_t i = 0; addr && i < d->n_persons; i++)
        if (addr_equal(d->persons[i].name, addr))
            return &d->persons[i];
    return NULL;
}

/* 2: by address, 1: by domain, 0: not. */
static int
address_match(const struct conf_strings *list, const char *addr)
{
    int best = 0;

    for (size_t i = 0; addr && i < list->n; i++)
        if (strchr(list->v[i], '@')) {
            if (addr_equal(list->v[i], addr))
                return 2;
        } else if (str_eq_nocase(list->v[i], addr_domain(addr))) {
            best = 1;
        }
    return best;
}

bool
conf_address_in(const struct conf_strings *list, const char *addr)
{
    return address_match(list, addr) > 0;
}

const struct conf_customer *
conf_customer_of(const struct conf_desk *d, const char *addr)
{
    const struct conf_customer *found = NULL;
    int best = 0;

    for (size_t i = 0; i < d->n_customers; i++) {
        int how = address_match(&d->customers[i].addresses, addr);

        if (how > best) {
            best = how;
            found = &d->customers[i];
        }
    }
    return found;
}

const struct conf_desk *
conf_desk_for(const struct conf *c, const char *recipient)
{
    const struct conf_desk *extended = NULL;
    const char *ext;
    size_t len;

    for (size_t i = 0; i < c->n_desks; i++)
        for (size_t k = 0; k < c->desks[i].addresses.n; k++) {
            if (addr_equal(recipient, c->desks[i].addresses.v[k]))
                return &c->desks[i];
            if (!extended && addr_match_extension(recipient, c->desks[i].addresses.v[k], &ext, &len))
                extended = &c->desks[i];
        }
    return extended;
}

size_t
conf_pattern_count(const struct conf *c)
{
    return c->n_patterns;
}

const struct conf_pattern *
conf_pattern_at(const struct conf *c, size_t i)
{
    must(i < c->n_patterns);
    return c->patterns[i];
}

size_t
conf_pattern_index(const struct conf *c, const struct conf_patterns *list)
{
    must(!list->n || (list->first < c->n_patterns && c->patterns[list->first] == list->v));
    return list->first;
}

/* Puts a list's patterns behind those there are; without room only counts them. */
static void
patterns_number(struct conf *c, struct conf_patterns *list, unsigned in)
{
    list->first = c->n_patterns;
    for (size_t i = 0; i < list->n; i++, c->n_patterns++) {
        list->v[i].in = in;
        if (c->patterns)
            c->patterns[c->n_patterns] = &list->v[i];
    }
}

void
conf_patterns_number(struct conf *c)
{
    c->patterns = NULL;
    for (int pass = 0; pass < 2; pass++) {
        if (pass)
            c->patterns = arena_alloc(c->arena, (c->n_patterns + 1) * sizeof *c->patterns);
        c->n_patterns = 0;
        for (size_t i = 0; i < c->n_desks; i++) {
            const struct conf_desk *d = &c->desks[i];

            for (size_t k = 0; k < d->n_fields; k++) {
                patterns_number(c, &d->fields[k].pattern, CONF_IN_SUBJECT | CONF_IN_WORDS);
                patterns_number(c, &d->fields[k].attachment, CONF_IN_ATTACHMENTS);
            }
            for (size_t k = 0; k < d->n_rules; k++) {
                patterns_number(c, &d->rules[k].text, CONF_IN_SUBJECT | CONF_IN_WORDS);
                patterns_number(c, &d->rules[k].subject, CONF_IN_SUBJECT);
                patterns_number(c, &d->rules[k].attachment, CONF_IN_ATTACHMENTS);
                patterns_number(c, &d->rules[k].unless, CONF_IN_SUBJECT | CONF_IN_WORDS);
            }
        }
    }
}

int
conf_secret(const char *where, const char *credentials_directory, struct buf *out)
{
    static const char prefix[] = "credential:";
    const char *name;
    char *path;
    int error;

    if (strncmp(where, prefix, strlen(prefix)))
        return file_read_secret(where, SECRET_MAX, out);
    name = where + strlen(prefix);
    if (!credentials_directory)
        return ENOENT;
    if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
        return EINVAL;
    /* systemd guards this folder itself, and shows its access lists as group bits that file_read_secret() would refuse. */
    path = path_join(credentials_directory, name);
    error = file_read(path, SECRET_MAX, out);
    free(path);
    if (!error && out->len && out->data[out->len - 1] == '\n')
        out->data[--out->len] = '\0';
    return error;
}
