/* SPDX-License-Identifier: ISC
 *
 * What holds between the settings of a desk: one default each, rules that can match and do something, people who are staff,
 * words that name something. Lists of senders get the lines of the files that they name; defaults that follow from others
 * are set. One row a section in `inside`, tried in the order of the file.
 */
#include "reading.h"

#include <stdlib.h>
#include <string.h>

#define SENDERS_FILE_MAX (16u << 20)

static void
list_add(struct reading *r, struct conf_strings *list, const char *word)
{
    arena_push(r->arena, &list->v, &list->n, (char *)word);
}

/* ---- senders from files */

/* One line: blanks and comments are nothing. */
static void
sender_line(struct reading *r, struct conf_strings *out, size_t place, const char *file, int line, char *text)
{
    char *end;

    text[strcspn(text, "#\r")] = '\0';
    text += strspn(text, " \t");
    for (end = text + strlen(text); end > text && (end[-1] == ' ' || end[-1] == '\t'); end--)
        end[-1] = '\0';
    text += *text == '@';
    if (!*text)
        return;
    if (strchr(text, '@') ? !addr_valid(text) : !conf_domain_shaped(text, true)) {
        conf_complain(r, place, "%s:%d: bad value \"%.100s\", expected an address or a domain", file, line, text);
        return;
    }
    char *kept = arena_strdup(r->arena, text);
    addr_fold(kept);
    list_add(r, out, kept);
}

static void
senders_read(struct reading *r, size_t place, const char *name, struct conf_strings *out)
{
    const char *file = conf_path(r, place, name);
    struct buf text = { 0 };
    int error = file_read(file, SENDERS_FILE_MAX, &text), line = 0;
    size_t before = out->n, complaints = r->n_complaints;

    if (error)
        conf_complain(r, place, "%s: %s, expected a file with an address or domain a line", file, strerror(error));
    for (char *p = error || !text.len ? NULL : text.data, *next; p; p = next) {
        next = strchr(p, '\n');
        if (next)
            *next++ = '\0';
        sender_line(r, out, place, file, ++line, p);
    }
    if (out->n == before && r->n_complaints == complaints)      /* an empty list would ask nothing, and a rule match everybody */
        conf_complain(r, place, "%s: nothing in it, expected an address or a domain a line", file);
    buf_free(&text);
}

static void
senders_expand(struct reading *r, size_t node, const char *setting, struct conf_strings *list)
{
    struct conf_strings all = { 0 };
    struct value v;

    for (size_t i = 0; i < list->n && conf_value_of(&r->nodes[node], setting, i, &v); i++)
        if (!strncmp(list->v[i], "file:", 5))
            senders_read(r, v.place, list->v[i] + 5, &all);
        else
            list_add(r, &all, list->v[i]);
    if (all.n)
        *list = all;
}

/* ---- the sections of a desk */

static size_t
desk_above(const struct reading *r, size_t node)
{
    while (node > 0 && strcmp(r->nodes[node].section->name, "desk"))
        node = r->nodes[node].parent;
    return node;
}

/* A clock starts with the case, or when another one of its desk is met. */
static void
clock_start_check(struct reading *r, size_t node, const struct conf_clock *k)
{
    size_t desk = desk_above(r, node);
    bool found = false;

    if (!strcmp(k->start, "open"))
        return;
    if (!strcmp(k->start, k->name)) {
        conf_complain(r, conf_place_of(r, node, "start"), "start: clock \"%s\" itself, expected another one or open", k->name);
        return;
    }
    for (size_t c = desk + 1; c < r->nodes[desk].end && !found; c++)
        found = !strcmp(r->nodes[c].section->name, "clock") && !strcmp(((const struct conf_clock *)r->nodes[c].object)->name, k->start);
    if (!found)
        conf_complain(r, conf_place_of(r, node, "start"), "start: there is no clock \"%s\", expected the name of one or open", k->start);
}

static void
clock_check(struct reading *r, size_t node, struct conf_desk *d)
{
    static const struct { const char *clock, *stops[4]; } stops[] = {
        { "assign", { "take", "relay", "wait", "estimate" } }, { "respond", { "relay" } }, { NULL, { "resolve", "close" } },
    };
    struct conf_clock *k = r->nodes[node].object;
    size_t i = 0;
    struct value v;

    if (!k->warn_to.n)
        list_add(r, &k->warn_to, "assignee");
    clock_start_check(r, node, k);
    for (size_t n = 0; conf_value_of(&r->nodes[node], "stop", n, &v); n++)
        if (!strncmp(v.text, "field:", 6) && !conf_field_find(d, v.text + 6))
            conf_complain(r, v.place, "stop: there is no field \"%s\", expected the name of one", v.text + 6);
    if (k->stop.n)
        return;
    while (stops[i].clock && strcmp(stops[i].clock, k->name))
        i++;
    for (size_t n = 0; n < countof(stops[i].stops) && stops[i].stops[n]; n++)
        list_add(r, &k->stop, stops[i].stops[n]);
}

static void
priority_check(struct reading *r, size_t node, struct conf_desk *d)
{
    struct conf_priority *p = r->nodes[node].object;

    p->rank = (int)(p - d->priorities);
    if (!p->label)
        p->label = p->name;
}

static void
queue_check(struct reading *r, size_t node, struct conf_desk *d)
{
    struct conf_queue *q = r->nodes[node].object;
    struct value v;

    if (!q->label)
        q->label = q->name;
    if (!q->assign)
        q->assign = d->assign;
    if (q->next && !strcmp(q->next, q->name))
        conf_complain(r, conf_place_of(r, node, "next"), "next: queue \"%s\" itself, expected another one", q->name);
    for (size_t i = 0; conf_value_of(&r->nodes[node], "staff", i, &v); i++)
        if (!conf_address_in(&d->staff, v.text))
            conf_complain(r, v.place, "staff: %s is not staff of the desk, expected an address in its staff list or a person", v.text);
}

static void
kind_check(struct reading *r, size_t node, struct conf_desk *d)
{
    struct conf_kind *k = r->nodes[node].object;

    (void)d;
    if (!k->label)
        k->label = k->name;
}

static void
customer_check(struct reading *r, size_t node, struct conf_desk *d)
{
    struct conf_customer *c = r->nodes[node].object;
    size_t place = conf_place_of(r, node, "address");

    senders_expand(r, node, "address", &c->addresses);
    for (size_t i = 0; i < c->addresses.n; i++) {
        size_t before = conf_name_claim(r, "customer's address", desk_above(r, node), c->addresses.v[i], place, true);

        if (before != CONF_NEW && before != place)
            conf_complain(r, place, "address: %s belongs to another customer already (%s:%d), expected each address once", c->addresses.v[i],
                          r->places[before].file, r->places[before].line);
    }
    if (c->consultant && !conf_address_in(&d->staff, c->consultant))
        conf_complain(r, conf_place_of(r, node, "consultant"), "consultant: %s is not staff of the desk, expected an address in its staff list or a person", c->consultant);
}

static void
field_check(struct reading *r, size_t node, struct conf_desk *d)
{
    struct conf_field *f = r->nodes[node].object;

    (void)d;
    if (!f->label)
        f->label = f->name;
}

static void
rule_fields_check(struct reading *r, size_t node, struct conf_desk *d, const char *setting, bool value)
{
    struct value v;

    for (size_t i = 0; conf_value_of(&r->nodes[node], setting, i, &v); i++) {
        const char *name = arena_strndup(r->arena, v.text, strcspn(v.text, "="));

        if (!conf_field_find(d, name))
            conf_complain(r, v.place, "%s: there is no field \"%s\", expected the name of one", setting, name);
        else if (value && !strchr(v.text, '='))
            conf_complain(r, v.place, "%s: \"%s\" without a value, expected NAME=VALUE", setting, v.text);
    }
}

static void
rule_check(struct reading *r, size_t node, struct conf_desk *d)
{
    struct conf_rule *u = r->nodes[node].object;
    bool asks, does;

    senders_expand(r, node, "sender", &u->sender);
    senders_expand(r, node, "unless-sender", &u->unless_sender);
    senders_expand(r, node, "recipient", &u->recipient);
    rule_fields_check(r, node, d, "if-field", false);
    rule_fields_check(r, node, d, "set", true);
    asks = u->text.n || u->subject.n || u->attachment.n || u->sender.n || u->unless_sender.n || u->recipient.n || u->language.n || u->customer.n ||
        u->if_kind.n || u->if_field.n || u->when || u->month_end_before || u->month_end_after;
    does = u->priority || u->queue || u->kind || u->assign || u->letter || u->add_letters.n || u->tags.n || u->set.n || u->state || u->say || u->stop;
    if (!asks)
        conf_complain(r, r->nodes[node].place, "rule \"%s\" asks nothing, expected text, subject or another condition", u->name);
    else if (!does)
        conf_complain(r, r->nodes[node].place, "rule \"%s\" does nothing, expected priority, queue, kind or another effect", u->name);
    if (u->assign && !conf_word_in("none first least-loaded round-robin", u->assign, NULL) && !conf_address_in(&d->staff, u->assign))
        conf_complain(r, conf_place_of(r, node, "assign"), "assign: %s is not staff of the desk, expected an address of staff, none, first, least-loaded or round-robin", u->assign);
}

/* A reminder that the closing comes before: said where both are counted in the same. */
static void
reminders_check(struct reading *r, size_t node, const struct conf_state *s)
{
    struct duration close, remind;
    const char *wrong;
    struct value v;
    if (s->close == NULL || !duration_parse(s->close, &close, &wrong))
        return;
    for (size_t i = 0; conf_value_of(&r->nodes[node], "remind", i, &v); i++)
        if (duration_parse(v.text, &remind, &wrong) && remind.unit == close.unit && remind.count > close.count)
            conf_complain(r, v.place, "remind: \"%s\" never comes, as the case is closed after \"%s\", expected no more", v.text, s->close);
}

static void
state_check(struct reading *r, size_t node, struct conf_desk *d)
{
    const struct conf_state *s = r->nodes[node].object;

    (void)d;
    if (!conf_word_in("new assigned progress waiting resolved closed", s->name, NULL))
        conf_complain(r, r->nodes[node].place, "state \"%s\" is none, expected new, assigned, progress, waiting, resolved or closed", s->name);
    reminders_check(r, node, s);
    if (!strcmp(s->name, "closed") && s->close)
        conf_complain(r, conf_place_of(r, node, "close"), "close: such a case is closed already, expected it in another state");
    if (!strcmp(s->name, "closed") && s->remind.n)
        conf_complain(r, conf_place_of(r, node, "remind"), "remind: nobody waits for an answer to a closed case, expected it in another state");
}

static void
letter_check(struct reading *r, size_t node, struct conf_desk *d)
{
    struct conf_letter *l = r->nodes[node].object;

    (void)d;
    if (!l->label)
        l->label = l->name;
    for (size_t i = 0; i < l->paragraphs.n; i++)
        l->text = l->text ? arena_printf(r->arena, "%s\n\n%s", l->text, l->paragraphs.v[i]) : l->paragraphs.v[i];
    if (!l->text)
        conf_complain(r, conf_place_of(r, node, "text"), "text: an empty list, expected at least one paragraph");
    if (l->fields.n > CONF_LETTER_FIELDS)
        conf_complain(r, conf_place_of(r, node, "field"), "field: %zu names, expected at most %d", l->fields.n, CONF_LETTER_FIELDS);
}

static void
person_check(struct reading *r, size_t node, struct conf_desk *d)
{
    const struct conf_person *p = r->nodes[node].object;

    if (p->deputy && (!conf_address_in(&d->staff, p->deputy) || addr_equal(p->deputy, p->name)))
        conf_complain(r, conf_place_of(r, node, "deputy"), "deputy: %s, expected the address of another one of the desk's staff", p->deputy);
}

static const struct { const char *section; void (*check)(struct reading *, size_t, struct conf_desk *); } inside[] = {
    { "clock", clock_check }, { "priority", priority_check }, { "queue", queue_check }, { "kind", kind_check }, { "customer", customer_check },
    { "field", field_check }, { "rule", rule_check }, { "state", state_check }, { "letter", letter_check }, { "person", person_check },
};

/* Everything in the desk, clocks in priorities too. */
static void
inside_check(struct reading *r, size_t node, struct conf_desk *d)
{
    for (size_t c = node + 1; c < r->nodes[node].end; c++)
        for (size_t i = 0; i < countof(inside); i++)
            if (!strcmp(r->nodes[c].section->name, inside[i].section))
                inside[i].check(r, c, d);
}

/* One of them, at most, says default = true; answers its name. */
static const char *
default_of(struct reading *r, size_t node, const char *section)
{
    const char *name = NULL;
    size_t first = 0;
    struct value v;

    for (size_t c = node + 1; c < r->nodes[node].end; c = r->nodes[c].end) {
        const char *title;
        bool on;

        if (strcmp(r->nodes[c].section->name, section) || !conf_value_of(&r->nodes[c], "default", 0, &v))
            continue;
        memcpy(&on, (char *)r->nodes[c].object + conf_setting_find(r->nodes[c].section, "default")->at, sizeof on);
        memcpy(&title, (char *)r->nodes[c].object + r->nodes[c].section->name_at, sizeof title);
        if (!on)
            continue;
        if (first)
            conf_complain(r, v.place, "default: %s \"%s\" is the desk's default already (line %d), expected one", section, name,
                          r->places[conf_place_of(r, first, "default")].line);
        else {
            first = c;
            name = title;
        }
    }
    return name;
}

static void
staff_gather(struct reading *r, size_t node, struct conf_desk *d)
{
    for (size_t c = node + 1; c < r->nodes[node].end; c = r->nodes[c].end) {
        struct conf_person *p = r->nodes[c].object;

        if (strcmp(r->nodes[c].section->name, "person"))
            continue;
        if (!addr_valid(p->name))
            conf_complain(r, r->nodes[c].place, "person \"%s\": bad address, expected one such as anna@example.com", p->name);
        else if (!conf_address_in(&d->staff, p->name))
            list_add(r, &d->staff, p->name);
    }
}

/* A desk without queues has one of its own name. */
static void
queue_default(struct reading *r, size_t node, struct conf_desk *d)
{
    const char *name = default_of(r, node, "queue");

    if (!d->n_queues) {
        struct conf_queue *q = arena_alloc(r->arena, sizeof *q);

        *q = (struct conf_queue){ .name = d->name, .label = d->name, .is_default = true, .staff = d->staff, .assign = d->assign, .where = d->where };
        d->queues = q;
        d->n_queues = 1;
    }
    d->queue = name ? name : d->queues[0].name;
}

static bool
desk_takes(const struct conf_desk *d, const char *addr)
{
    const char *ext;
    size_t len;

    for (size_t i = 0; i < d->addresses.n; i++)
        if (addr_equal(d->addresses.v[i], addr) || addr_match_extension(addr, d->addresses.v[i], &ext, &len))
            return true;
    return false;
}

void
conf_check_desk(struct reading *r, size_t node)
{
    struct conf_desk *d = r->nodes[node].object;
    const struct conf_calendar *c = conf_calendar_find(r->conf, d->calendar);
    struct value v;

    for (size_t i = 0; conf_value_of(&r->nodes[node], "address", i, &v); i++)
        conf_claim(r, "address", v.text, v.place, "each address once");
    if (!d->addresses.n)
        conf_complain(r, conf_place_of(r, node, "address"), "address: an empty list, expected at least one address");
    if (!d->languages.n)
        conf_complain(r, conf_place_of(r, node, "language"), "language: an empty list, expected at least one language");
    conf_claim(r, "prefix", d->prefix, conf_place_of(r, node, "prefix"), "each desk to have its own");
    staff_gather(r, node, d);
    inside_check(r, node, d);
    if (!d->n_priorities)
        conf_complain(r, r->nodes[node].place, "desk \"%s\" has no priority, expected at least one, with default = true", d->name);
    else if (!default_of(r, node, "priority"))
        conf_complain(r, r->nodes[node].place, "desk \"%s\" has no default priority, expected default = true in one of them", d->name);
    (void)default_of(r, node, "kind");
    queue_default(r, node, d);
    for (size_t i = 0; conf_value_of(&r->nodes[node], "note-address", i, &v); i++)
        if (!desk_takes(d, v.text))
            conf_complain(r, v.place, "note-address: \"%.100s\" is none of the desk's, expected one of its addresses, with or without an extension", v.text);
    for (size_t i = 0; conf_value_of(&r->nodes[node], "approved-to", i, &v); i++)
        if (!conf_address_in(&d->staff, v.text))
            conf_complain(r, v.place, "approved-to: %s is not staff of the desk, expected an address in its staff list or a person", v.text);
    if (!d->escalation.priority && d->n_priorities)
        d->escalation.priority = d->priorities[0].name;
    d->zone = c ? c->zone : NULL;
    if (!d->from_name)
        d->from_name = d->name;
    if (!d->templates) {
        char *path = path_beside_self("share/ticketd/templates");

        d->templates = arena_strdup(r->arena, path);
        free(path);
    }
}
