/* SPDX-License-Identifier: ISC
 *
 * Everything that one of the staff has goes to somebody else, or back to the queues: who leaves, leaves nothing behind. Each
 * case has its entry, in the order of work; whoever gets them gets one letter, not one for each.
 */
#include <string.h>

#include "act_room.h"
#include "command.h"

/* ---- who */

/* An address of the staff, its local part, a name or first name; one that fits alone. Any other address too: who has gone from
 * the configuration may still have cases. */
static const char *
staff_named(const struct conf_desk *conf, const char *word, bool strangers)
{
    const char *found = NULL;
    size_t n = 0, len = strlen(word);
    for (size_t i = 0; i < conf->staff.n; i++) {
        const char *addr = conf->staff.v[i];
        const struct conf_person *p = conf_person_find(conf, addr);
        size_t local = (size_t)(addr_domain(addr) - addr) - 1;
        if (addr_equal(addr, word))
            return addr;
        bool first = p != NULL && p->label != NULL && len > 1 && str_starts_nocase(p->label, word) && (p->label[len] == '\0' || p->label[len] == ' ');
        if (first || (len == local && strncasecmp(addr, word, local) == 0)) {
            n++;
            found = addr;
        }
    }
    return n == 1 ? found : n == 0 && strangers && addr_valid(word) ? word : NULL;
}

bool
reassign_read(const struct conf_desk *conf, struct arena *a, const char *args, const char **from, const char **to)
{
    static const char *const joints[] = { "to ", "till ", "til ", "-> ", "=> ", "> " };
    const char *s = command_fold(a, args);
    for (const char *p = s; *p != '\0'; p++) {          /* names have blanks: where it divides so that both sides are somebody */
        if (*p != ' ' && *p != ',')
            continue;
        const char *rest = p + strspn(p, " ,");
        for (size_t i = 0; i < countof(joints); i++)
            if (str_starts_nocase(rest, joints[i]))
                rest += strlen(joints[i]) + strspn(rest + strlen(joints[i]), " ");
        *from = staff_named(conf, arena_strndup(a, s, (size_t)(p - s)), true);
        *to = str_eq_nocase(rest, "queue") ? "queue" : staff_named(conf, rest, false);
        if (*from != NULL && *to != NULL)
            return true;
    }
    return false;
}

/* Who may hand over what is another's. */
static bool
may_reassign(const struct conf_desk *conf, const char *who, const char *from)
{
    return addr_equal(who, from) || (conf->manager != NULL && addr_equal(conf->manager, who)) || (conf->director != NULL && addr_equal(conf->director, who));
}

/* ---- handing over */

struct receiver { const char *addr; const char **lines; size_t n; };
struct handing { struct turn *t; const char *from, *to, *by, *why; struct receiver *v; size_t n; size_t moved; };

static struct receiver *
receiver_of(struct handing *h, const char *addr)
{
    for (size_t i = 0; i < h->n; i++)
        if (addr_equal(h->v[i].addr, addr))
            return &h->v[i];
    h->v[h->n] = (struct receiver){ .addr = addr };
    return &h->v[h->n++];
}

static void
receiver_told(struct handing *h, const char *addr, const Td__Case *c)
{
    struct reader r = reader_staff(h->t, addr);
    struct receiver *to = receiver_of(h, addr);
    arena_push(h->t->a, &to->lines, &to->n, (void *)case_in_list(h->t, &r, c));
}

/* Whom the queue chooses; who leaves is not chosen again. */
static const char *
queue_chooses(struct handing *h, const Td__Case *c, const char **why)
{
    const struct conf_queue *queue = conf_queue_find(h->t->conf, c->queue);
    const char *person = assign_choose(h->t, c, queue ? queue->assign : NULL, why);
    return person != NULL && addr_equal(person, h->from) ? NULL : person;
}

static void
case_hand_over(struct handing *h, const Td__Case *before)
{
    struct turn *t = h->t;
    struct desk_case_change *ch = turn_change(t, before);
    struct act act = { .t = t, .ch = ch, .by = h->by, .why = h->why, .at = t->now };
    const char *why = NULL, *person = h->to;
    if (person == NULL && (person = queue_chooses(h, ch->after, &why)) != NULL)
        act.why = arena_printf(t->a, "%s; %s", h->why, why ? why : "");
    if (!assign_silently(&act, person))
        return;
    h->moved++;
    if (person != NULL) {
        receiver_told(h, person, ch->after);
        return;
    }
    struct conf_strings line = who_addresses(t, ch->after, "queue");
    for (size_t i = 0; i < line.n; i++)
        if (!addr_equal(line.v[i], h->from))
            receiver_told(h, line.v[i], ch->after);
}

static void
receivers_write(struct handing *h)
{
    for (size_t i = 0; i < h->n; i++) {
        const struct receiver *to = &h->v[i];
        struct reader r = reader_staff(h->t, to->addr);
        struct letter w = { .kind = TD__LETTER__KIND__DIGEST, .to = to->addr, .reply = DESK_TOKEN_DIGEST };
        if (addr_equal(to->addr, h->by) || !addr_valid(to->addr))
            continue;                   /* the answer says it */
        w.fields.v[FIELD_TITLE] = say_words(h->t, &r, h->to ? "handed" : "handed-queue", arena_printf(h->t->a, "%zu", to->n), person_words(h->t, h->from), NULL);
        w.fields.list[FIELD_CASES] = to->lines;
        w.fields.n[FIELD_CASES] = to->n;
        letter_write(h->t, &w);
    }
}

/* All that the facts have of this person. How many cases moved; *left: how many there are beside. */
static size_t
hand_over(struct turn *t, const char *from, const char *to, const char *by, const char *why, uint64_t *left)
{
    struct handing h = { .t = t, .from = from, .to = to, .by = by, .why = why };
    const char *key = addr_key(t->a, from);
    *left = 0;
    h.v = arena_alloc(t->a, (t->conf->staff.n + 2) * sizeof *h.v);
    t->handing_over = true;
    for (size_t i = 0; i < t->f->needs->n; i++) {
        if (t->f->needs->v[i].why != need_mine || strcmp(t->f->needs->v[i].word, key) != 0)
            continue;
        for (size_t k = 0; k < t->f->v[i].n_cases; k++)
            case_hand_over(&h, t->f->v[i].cases[k]);
        *left = t->f->v[i].count - t->f->v[i].n_cases;
        break;
    }
    receivers_write(&h);
    return h.moved;
}

static void
said(struct command_run *r, const char *from, const char *to)
{
    struct turn *t = r->t;
    uint64_t left;
    bool queue = strcmp(to, "queue") == 0;
    if (!queue && addr_equal(from, to)) {
        run_done(r, SAID_NO_CHANGE, "reassign", NULL);
        return;
    }
    size_t n = hand_over(t, from, queue ? NULL : to, r->mail->from, arena_printf(t->a, "all that %s had", from), &left);
    if (n == 0)
        run_say(r, false, "reassigned-none", person_words(t, from), NULL, NULL);
    else
        run_say(r, false, queue ? "reassigned-queue" : "reassigned", arena_printf(t->a, "%zu", n), person_words(t, from), queue ? NULL : person_words(t, to));
    if (left > 0)
        run_say(r, false, "reassigned-left", arena_printf(t->a, "%llu", (unsigned long long)left), NULL, NULL);
}

void
command_reassign(struct command_run *r, const char *args)
{
    const char *from, *to;
    if (args[0] == '\0')
        run_wrong(r, WRONG_NEEDS, "reassign", command_find("reassign", 8)->arguments);
    else if (!reassign_read(r->t->conf, r->t->a, args, &from, &to))
        run_say(r, true, "reassign-who", args, NULL, NULL);
    else if (!may_reassign(r->t->conf, r->mail->from, from))
        run_say(r, true, "reassign-may-not", NULL, NULL, NULL);
    else
        said(r, from, to);
}
