/* SPDX-License-Identifier: ISC
 *
 * The scanned text into structs. libconfuse reads it (the option arrays are made from the tables) and says for every value
 * on which line, that is at which place, it stood; then each section's settings are read by their types, or get their
 * defaults. Mistakes here are those of single values, required settings that are missing, and names that lead nowhere.
 * libconfuse's lexer is global: one load at a time in a process. What it sees is balanced and known, so it does not stop.
 */
#include "reading.h"

#include <confuse.h>
#include <stdlib.h>
#include <string.h>

/* ---- libconfuse */

struct text_value { size_t place; char text[]; };

static int
value_take(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
    struct text_value *v = mem_alloc(sizeof *v + strlen(text) + 1);

    (void)opt;
    v->place = (size_t)cfg->line - 1;
    strcpy(v->text, text);
    memcpy(result, &v, sizeof v);
    return 0;
}

static cfg_opt_t *
options_make(struct arena *a, const struct section *s, int depth)
{
    cfg_opt_t *opts = arena_alloc(a, (s->n_settings + s->n_sections + 1) * sizeof *opts), *o = opts;

    must(depth < CONF_DEPTH_MAX && s->n_settings <= CONF_SETTINGS_MAX && s->n_sections <= CONF_SETTINGS_MAX);
    for (size_t i = 0; i < s->n_settings; i++)
        *o++ = (cfg_opt_t)CFG_PTR_CB(s->settings[i].name, 0, CFGF_NODEFAULT | (s->settings[i].list ? CFGF_LIST : 0), value_take, free);
    for (size_t i = 0; i < s->n_sections; i++)
        *o++ = (cfg_opt_t)CFG_SEC(s->sections[i]->name, options_make(a, s->sections[i], depth + 1),
                                  s->sections[i]->title == TITLE_NONE ? CFGF_NONE : CFGF_MULTI | CFGF_TITLE);
    *o = (cfg_opt_t)CFG_END();
    return opts;
}

static struct reading *current;         /* libconfuse's error function has no argument of ours */

static void
libconfuse_complain(cfg_t *cfg, const char *fmt, va_list ap)
{
    struct buf b = { 0 };
    size_t place = (size_t)cfg->line - 1;

    buf_vprintf(&b, fmt, ap);
    conf_complain(current, place < current->n_places ? place : 0, "%s, expected what ticketd.conf(5) describes", b.data);
    buf_free(&b);
}

static void
libconfuse_parse(struct reading *r, cfg_t *cfg)
{
    size_t before = r->n_complaints;

    current = r;
    cfg_set_error_function(cfg, libconfuse_complain);
    if (cfg_parse_buf(cfg, r->text.data) != CFG_SUCCESS) {
        r->broken = true;
        if (r->n_complaints == before)
            conf_complain(r, 0, "cannot be read, expected what ticketd.conf(5) describes");
    }
    current = NULL;
}

bool
conf_value_of(const struct node *n, const char *setting, size_t i, struct value *out)
{
    cfg_opt_t *opt = n->cfg && conf_setting_find(n->section, setting) ? cfg_getopt(n->cfg, setting) : NULL;
    const struct text_value *v = opt && i < cfg_opt_size(opt) ? cfg_opt_getnptr(opt, (unsigned)i) : NULL;

    if (v)
        *out = (struct value){ v->place, v->text };
    return v != NULL;
}

/* ---- values */

static const char *
dot_skip(const char *path)
{
    while (path[0] == '.' && path[1] == '/' && path[2] && path[2] != '/')
        path += 2;
    return path;
}

const char *
conf_path(struct reading *r, size_t place, const char *name)
{
    const char *file = dot_skip(r->places[place].file), *slash = strrchr(file, '/'), *kept;
    char *dir = arena_strndup(r->arena, file, slash == file ? 1 : slash ? (size_t)(slash - file) : 0);
    char *whole = *dir ? path_join(r->cwd, dir) : mem_strdup(r->cwd);
    char *path = path_join(whole, dot_skip(name));

    kept = arena_strdup(r->arena, path);
    free(path);
    free(whole);
    return kept;
}

static void
value_read(struct reading *r, struct node *n, const struct setting *s, const struct value *v, void *at)
{
    size_t before = r->n_complaints;

    if (!s->type->read(r, s, v, at) && r->n_complaints == before) {
        char shown[801];

        str_escape_peer(v->text, strlen(v->text), shown, sizeof shown);
        if (s->choices)
            conf_complain(r, v->place, "%s: bad value \"%s\", expected one of: %s", s->name, shown, s->choices);
        else
            conf_complain(r, v->place, "%s: bad value \"%s\", expected %s", s->name, shown, s->type->what);
    }
    n->bad |= r->n_complaints > before;
}

static void
list_fill(struct reading *r, struct node *n, const struct setting *s, size_t given)
{
    struct value v = { n->place, s->fallback };
    size_t count = given ? given : s->fallback != NULL;
    char *list = count ? arena_alloc(r->arena, count * s->type->size) : NULL;

    for (size_t i = 0; i < count; i++) {
        if (given)
            must(conf_value_of(n, s->name, i, &v));
        value_read(r, n, s, &v, list + i * s->type->size);
    }
    conf_list_set((char *)n->object + s->at, list, count);
}

static void
setting_fill(struct reading *r, struct node *n, const struct setting *s)
{
    cfg_opt_t *opt = n->cfg ? cfg_getopt(n->cfg, s->name) : NULL;
    void *at = (char *)n->object + s->at;
    struct value v = { n->place, s->fallback };

    if (s->list) {
        list_fill(r, n, s, opt ? cfg_opt_size(opt) : 0);
        return;
    }
    if (s->fallback)
        must(s->type->read(r, s, &v, at));
    if (conf_value_of(n, s->name, 0, &v))
        value_read(r, n, s, &v, at);
}

/* A setting that is required but not there, or there but without meaning. */
static void
setting_presence(struct reading *r, struct node *n, const struct setting *s)
{
    bool applies = conf_setting_applies(n->section, s, n->object), given;
    const char *name = n->section->name ? n->section->name : "the top level";
    struct value v;

    given = conf_value_of(n, s->name, 0, &v);
    if (given && !applies && !n->bad) {
        conf_complain(r, v.place, "%s means nothing here, expected it only with %s = %s", s->name, s->only_if, s->only_values);
        n->bad = true;
    }
    if (s->required && applies && !given && !r->broken && !n->bad) {
        conf_complain(r, n->place, "%s is missing in %s, expected %s", s->name, name, s->type->what);
        n->bad = true;
    }
}

/* ---- sections */

/* How many children go into the array of `of`. */
static size_t
array_count(const struct reading *r, size_t node, const struct section *of)
{
    size_t n = 0;

    for (size_t c = node + 1; c < r->nodes[node].end; c = r->nodes[c].end)
        n += r->nodes[c].section->title != TITLE_NONE && r->nodes[c].section->array == of->array;
    return n;
}

/* Arrays of their final size, so that no struct ever moves; the count grows as children come. */
static void
arrays_make(struct reading *r, size_t node)
{
    const struct section *s = r->nodes[node].section;

    for (size_t i = 0; i < s->n_sections; i++) {
        const struct section *of = s->sections[i];
        void *v;
        size_t n;

        if (of->title == TITLE_NONE)
            continue;
        conf_list_get((char *)r->nodes[node].object + of->array, &v, &n);
        n = array_count(r, node, of);
        if (!v && n)
            conf_list_set((char *)r->nodes[node].object + of->array, arena_alloc(r->arena, n * of->size), 0);
    }
}

static void
node_place(struct reading *r, struct node *n)
{
    struct node *parent = &r->nodes[n->parent];
    const struct section *s = n->section;
    char *member = (char *)parent->object + s->array;
    struct conf_where where = { r->places[n->place].file, r->places[n->place].line };
    const char *name;
    void *v;
    size_t count;

    n->cfg = parent->cfg ? cfg_getnsec(parent->cfg, s->name, n->nth) : NULL;
    if (s->title == TITLE_NONE) {
        n->object = member;
        return;
    }
    conf_list_get(member, &v, &count);
    n->object = (char *)v + count * s->size;
    conf_list_set(member, v, count + 1);
    name = arena_strdup(r->arena, n->cfg ? cfg_title(n->cfg) : "?");
    memcpy((char *)n->object + s->name_at, &name, sizeof name);
    memcpy((char *)n->object + s->where_at, &where, sizeof where);
    if (s->kind >= 0)
        memcpy((char *)n->object + s->kind_at, &s->kind, sizeof s->kind);
}

/* ---- references */

/* "support, sales" */
static void
names_list(const struct reading *r, size_t node, const char *section, struct buf *out)
{
    size_t shown = 0;

    for (size_t c = node + 1; c < r->nodes[node].end; c = r->nodes[c].end) {
        const char *name;

        if (strcmp(r->nodes[c].section->name, section))
            continue;
        memcpy(&name, (char *)r->nodes[c].object + r->nodes[c].section->name_at, sizeof name);
        if (shown++ < 8)
            buf_printf(out, "%s%s", shown > 1 ? ", " : "", name);
    }
    buf_puts(out, shown > 8 ? ", …" : shown ? "" : "one to be defined");
}

/* The name is looked for in the innermost section, its own or around it, that can hold it. */
static void
reference_check(struct reading *r, struct node *n, const struct setting *s, size_t i)
{
    struct value v;
    size_t at = (size_t)(n - r->nodes);
    struct buf known = { 0 };

    if (!conf_value_of(n, s->name, i, &v))
        return;
    while (at && !conf_section_find(r->nodes[at].section, s->of))
        at = r->nodes[at].parent;
    if (conf_name_taken(r, s->of, at, v.text))
        return;
    names_list(r, at, s->of, &known);
    conf_complain(r, v.place, "%s: there is no %s \"%s\", expected %s", s->name, s->of, v.text, known.data);
    buf_free(&known);
    n->bad = true;
}

static void
references_check(struct reading *r, struct node *n, const struct setting *s)
{
    struct value v;

    for (size_t i = 0; s->of && conf_value_of(n, s->name, i, &v); i++)
        reference_check(r, n, s, i);
}

/* ---- all */

static void
node_fill(struct reading *r, size_t node)
{
    struct node *n = &r->nodes[node];

    if (node)
        node_place(r, n);
    arrays_make(r, node);
    for (size_t i = 0; i < n->section->n_settings; i++)
        setting_fill(r, n, &n->section->settings[i]);
    for (size_t i = 0; i < n->section->n_settings; i++)
        setting_presence(r, n, &n->section->settings[i]);
}

void
conf_fill(struct reading *r)
{
    cfg_t *cfg = cfg_init(options_make(r->arena, &conf_root, 0), CFGF_NONE);

    must(cfg);
    libconfuse_parse(r, cfg);
    r->cfg = r->nodes[0].cfg = cfg;
    r->nodes[0].object = r->conf;
    for (size_t i = 0; i < r->n_nodes; i++)
        node_fill(r, i);
    for (size_t i = 0; i < r->n_nodes && !r->broken; i++)
        for (size_t k = 0; k < r->nodes[i].section->n_settings; k++)
            references_check(r, &r->nodes[i], &r->nodes[i].section->settings[k]);
}

void
conf_fill_end(struct reading *r)
{
    cfg_free(r->cfg);
    r->cfg = NULL;
}
