/* SPDX-License-Identifier: ISC
 *
 * The handlers of the commands: each looks whether what it is asked for can be, and calls the verb of act.c. What cannot be is
 * said in r->wrong; whoever runs them takes everything back then. Words below the commands are the caller's to send.
 */
#include "command.h"

#include <string.h>

#define MINUTES_MAX (24 * 60 * 31)
#define TAG_MAX 60
#define FIELD_VALUE_MAX 500

static Td__Case *
kase(const struct command_run *r)
{
    return r->act.ch->after;
}

static const char *
state_named(struct command_run *r)
{
    struct reader reader = reader_staff(r->t, r->mail->from);
    return state_words(r->t, &reader, kase(r)->state);
}

/* What is said when the verb changed something, and what when it was so already. */
static void
told(struct command_run *r, bool changed, enum said what, const char *one, const char *two, const char *word)
{
    if (changed)
        run_done(r, what, one, two);
    else
        run_done(r, SAID_NO_CHANGE, word, NULL);
}

static bool
needs(struct command_run *r, const char *word, const char *args)
{
    if (args[0] != '\0')
        return false;
    run_wrong(r, WRONG_NEEDS, word, command_find(word, strlen(word))->arguments);
    return true;
}

/* Words for the customer: below the commands, or on the command's own line. */
static bool
has_words(const struct command_run *r, const char *args)
{
    return args[0] != '\0' || r->words[0] != '\0';
}

static const char *
all_words(struct command_run *r, const char *args)
{
    if (r->mail->opened)                /* the words below are the case itself */
        return args;
    if (args[0] == '\0' || r->words[0] == '\0')
        return args[0] != '\0' ? args : r->words;
    return arena_printf(r->t->a, "%s\n\n%s", args, r->words);
}

/* "one, two, three" */
static void
list_add(struct buf *b, const char *word)
{
    buf_printf(b, "%s%s", b->len ? ", " : "", word);
}

static const char *
list_end(struct arena *a, struct buf *b)
{
    const char *s = b->len ? arena_strndup(a, b->data, b->len) : "-";
    buf_free(b);
    return s;
}

#define NAME_FIND(what, rows, n_rows)                                                                          \
    static const char *what##_find(struct command_run *r, const char *args, const char **all)                  \
    {                                                                                                          \
        const struct conf_desk *conf = r->t->conf;                                                             \
        struct buf b = { 0 };                                                                                  \
        for (size_t i = 0; i < conf->n_rows; i++) {                                                            \
            if (str_eq_nocase(conf->rows[i].name, args) || str_eq_nocase(conf->rows[i].label, args)) {         \
                buf_free(&b);                                                                                  \
                return conf->rows[i].name;                                                                     \
            }                                                                                                  \
            list_add(&b, conf->rows[i].name);                                                                  \
        }                                                                                                      \
        *all = list_end(r->t->a, &b);                                                                          \
        return NULL;                                                                                           \
    }
NAME_FIND(queue, queues, n_queues)
NAME_FIND(priority, priorities, n_priorities)
NAME_FIND(kind, kinds, n_kinds)
NAME_FIND(letter, letters, n_letters)

/* ---- who has it */

static bool
name_fits(const char *name, const char *args)
{
    size_t n = strlen(args);
    if (name == NULL || n < 2)
        return false;
    if (str_eq_nocase(name, args))
        return true;
    return str_starts_nocase(name, args) && name[n] == ' ';
}

/* An address, its local part, or a person's name or first name. NULL: said what is wrong. */
const char *
command_person(struct command_run *r, const char *args)
{
    const struct conf_desk *conf = r->t->conf;
    const char *found = NULL;
    struct buf all = { 0 }, fits = { 0 };
    size_t n = 0;
    if (args[0] == '@')
        args++;
    for (size_t i = 0; i < conf->staff.n; i++) {
        const char *addr = conf->staff.v[i];
        const struct conf_person *p = conf_person_find(conf, addr);
        size_t local = (size_t)(addr_domain(addr) - addr) - 1;
        list_add(&all, addr);
        if (addr_equal(addr, args)) {
            n = 1;
            found = addr;
            break;
        }
        if ((strlen(args) == local && strncasecmp(addr, args, local) == 0) || (p != NULL && name_fits(p->label, args))) {
            n++;
            found = addr;
            list_add(&fits, addr);
        }
    }
    if (n == 0)
        run_wrong(r, WRONG_PERSON, args, list_end(r->t->a, &all));
    else if (n > 1)
        run_wrong(r, WRONG_PERSONS, args, list_end(r->t->a, &fits));
    buf_free(&all);
    buf_free(&fits);
    return n == 1 ? found : NULL;
}

void
command_take(struct command_run *r, const char *args)
{
    bool changed = act_take(&r->act, r->mail->from);
    (void)args;
    if (kase(r)->begun_by == NULL || !addr_equal(kase(r)->begun_by, r->mail->from)) {
        kase(r)->begun_by = arena_strdup(r->t->a, r->mail->from);
        changed = true;
    }
    told(r, changed, SAID_TAKEN, NULL, NULL, "take");
}

void
command_assign(struct command_run *r, const char *args)
{
    const char *who;
    if (needs(r, "assign", args))
        return;
    if (str_eq_nocase(args, "none") || str_eq_nocase(args, "nobody")) {
        told(r, act_assign(&r->act, NULL), SAID_UNASSIGNED, NULL, NULL, "assign");
        return;
    }
    who = str_eq_nocase(args, "me") ? r->mail->from : command_person(r, args);
    if (who != NULL)
        told(r, act_assign(&r->act, who), SAID_ASSIGNED, who, NULL, "assign");
}

/* ---- what it is */

void
command_queue(struct command_run *r, const char *args)
{
    const char *all = NULL, *name;
    if (needs(r, "queue", args))
        return;
    name = queue_find(r, args, &all);
    if (name == NULL)
        run_wrong(r, WRONG_QUEUE, args, all);
    else
        told(r, act_queue(&r->act, name), SAID_QUEUE, name, NULL, "queue");
}

void
command_priority(struct command_run *r, const char *args)
{
    const char *all = NULL, *name;
    if (needs(r, "priority", args))
        return;
    name = priority_find(r, args, &all);
    if (name == NULL)
        run_wrong(r, WRONG_PRIORITY, args, all);
    else
        told(r, act_priority(&r->act, name), SAID_PRIORITY, name, NULL, "priority");
}

void
command_kind(struct command_run *r, const char *args)
{
    const char *all = NULL, *name;
    if (needs(r, "kind", args))
        return;
    name = kind_find(r, args, &all);
    if (name == NULL)
        run_wrong(r, WRONG_KIND, args, all);
    else
        told(r, act_kind(&r->act, name), SAID_KIND, name, NULL, "kind");
}

void
command_set(struct command_run *r, const char *args)
{
    const struct conf_desk *conf = r->t->conf;
    const char *value = args, *name;
    struct buf all = { 0 };
    if (needs(r, "set", args))
        return;
    args = value = command_fold(r->t->a, args);
    value += strcspn(args, " =:");
    name = arena_strndup(r->t->a, args, (size_t)(value - args));
    value += strspn(value, " =:");
    for (size_t i = 0; i < conf->n_fields; i++) {
        if (str_eq_nocase(conf->fields[i].name, name)) {
            value = arena_strndup(r->t->a, value, utf8_clip(value, FIELD_VALUE_MAX));
            told(r, act_field(&r->act, conf->fields[i].name, value), SAID_FIELD, name, value, "set");
            buf_free(&all);
            return;
        }
        list_add(&all, conf->fields[i].name);
    }
    run_wrong(r, WRONG_FIELD, name, list_end(r->t->a, &all));
}

static bool
tag_ok(const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++)
        if (strchr(" ,;\"\\{}#=", s[i]) != NULL || (unsigned char)s[i] < 0x21 || s[i] == 0x7f)
            return false;
    return n > 0 && n <= TAG_MAX && s[0] != '-';
}

void
command_tag(struct command_run *r, const char *args)
{
    if (needs(r, "tag", args))
        return;
    while (*args != '\0') {
        size_t n = strcspn(args, " ,");
        bool off = args[0] == '-';
        const char *tag = arena_strndup(r->t->a, args + off, n - off);
        if (!tag_ok(tag))
            run_wrong(r, WRONG_TAG, tag, NULL);
        else
            told(r, act_tag(&r->act, tag, !off), off ? SAID_UNTAG : SAID_TAG, tag, NULL, "tag");
        args += n;
        args += strspn(args, " ,");
    }
}

/* ---- what was done */

void
command_note(struct command_run *r, const char *args)
{
    const char *words = all_words(r, args);
    if (words[0] == '\0' && r->mail->n_attachments == 0)
        run_wrong(r, WRONG_NEEDS, "note", "WORDS");
    else if (act_note(&r->act, words))
        run_done(r, SAID_NOTE, NULL, NULL);
}

/* "45m", "45 min", "1h30m", "1h 30", "1.5h", "1,5 h", "1:30", "90"; what follows is *rest. 0: no time. */
static unsigned
minutes_read(const char *s, const char **rest)
{
    static const struct { const char *word; unsigned factor; } units[] = { { "minutes", 1 }, { "minuter", 1 }, { "minutter", 1 }, { "minute", 1 }, { "min", 1 },
        { "m", 1 }, { "hours", 60 }, { "hour", 60 }, { "timmar", 60 }, { "timme", 60 }, { "timer", 60 }, { "time", 60 }, { "tim", 60 }, { "hrs", 60 }, { "hr", 60 },
        { "t", 60 }, { "h", 60 } };
    double total = 0;
    bool any = false;
    for (unsigned pass = 0; pass < 2; pass++) {
        const char *p = s;
        double v = 0, place = 0.1;
        unsigned factor = pass == 0 ? 0 : 1;
        while (*p == ' ')
            p++;
        if (*p < '0' || *p > '9')
            break;
        for (unsigned digits = 0; *p >= '0' && *p <= '9' && digits < 6; p++, digits++)
            v = v * 10 + (*p - '0');
        if ((*p == '.' || *p == ',') && p[1] >= '0' && p[1] <= '9')
            for (p++; *p >= '0' && *p <= '9'; p++, place /= 10)
                v += place * (*p - '0');
        if (pass == 0 && *p == ':' && p[1] >= '0' && p[1] <= '5' && p[2] >= '0' && p[2] <= '9' && (p[3] == '\0' || p[3] == ' ')) {
            *rest = p + 3;
            return (unsigned)(v * 60) + (unsigned)((p[1] - '0') * 10 + (p[2] - '0'));
        }
        const char *unit = p + strspn(p, " ");
        for (size_t i = 0; i < countof(units); i++) {
            size_t n = strlen(units[i].word);
            char after = str_starts_nocase(unit, units[i].word) ? unit[n] : 'x';
            if (after == '\0' || after == ' ' || after == ',' || after == '.' || (after >= '0' && after <= '9')) {
                factor = units[i].factor;
                p = unit + n;
                break;
            }
        }
        if (pass == 0 && factor == 0 && (*p == '\0' || *p == ' '))
            factor = 1;                 /* bare minutes */
        if (factor == 0)
            break;
        total += v * factor;
        any = true;
        s = p;
        if (factor == 1)
            break;
    }
    *rest = s;
    return any && total > 0 && total <= MINUTES_MAX ? (unsigned)(total + 0.5) : 0;
}

static bool
flag_take(const char **s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(words[i]);
        if (str_starts_nocase(*s, words[i]) && strchr(" ,.;", (*s)[len]) != NULL) {
            *s += len + strspn(*s + len, " ,.;");
            return true;
        }
    }
    return false;
}

void
command_time(struct command_run *r, const char *args)
{
    static const char *const over[] = { "overtime", "övertid", "overtid", "overarbejde" };
    static const char *const bill[] = { "billable", "debiterbar", "debiterbart", "fakturerbar", "fakturerbart", "fakturerbar tid" };
    bool overtime = false, billable = false;
    const char *rest;
    if (needs(r, "time", args))
        return;
    args = command_fold(r->t->a, args);
    unsigned minutes = minutes_read(args, &rest);
    if (minutes == 0) {
        run_wrong(r, WRONG_TIME, args, NULL);
        return;
    }
    rest += strspn(rest, " ,.;");
    for (bool more = true; more;) {
        bool o = flag_take(&rest, over, countof(over)), b = flag_take(&rest, bill, countof(bill));
        overtime |= o;
        billable |= b;
        more = o || b;
    }
    const char *span = minutes % 60 == 0 ? arena_printf(r->t->a, "%uh", minutes / 60)
        : minutes > 60 ? arena_printf(r->t->a, "%uh%um", minutes / 60, minutes % 60) : arena_printf(r->t->a, "%um", minutes);
    if (act_time(&r->act, minutes, overtime, billable, rest))
        run_done(r, SAID_TIME, arena_printf(r->t->a, "%s%s%s%s%s", span, overtime ? ", " : "", overtime ? words_get(r->reader.words, "time.overtime") : "",
                                            billable ? ", " : "", billable ? words_get(r->reader.words, "time.billable") : ""), NULL);
}

void
command_watch(struct command_run *r, const char *args)
{
    bool off = str_eq_nocase(args, "off") || str_eq_nocase(args, "no") || str_eq_nocase(args, "none");
    told(r, act_watch(&r->act, r->mail->from, !off), off ? SAID_UNWATCH : SAID_WATCH, NULL, NULL, "watch");
}

void
command_letter(struct command_run *r, const char *args)
{
    const struct conf_desk *conf = r->t->conf;
    const char *all = NULL, *names[200], *name, *near;
    struct template_fields fields = { .v = { NULL } };
    size_t len, n = 0;
    args = command_fold(r->t->a, args);
    len = letter_name_length(args);
    if (args[0] == '\0') {
        r->result = letters_list(r);
        run_say(r, false, conf->n_letters > 0 ? "letters" : "letters-none", NULL, NULL, NULL);
        return;
    }
    const char *given = arena_strndup(r->t->a, args, len);
    name = letter_find(r, given, &all);
    if (name == NULL) {
        run_wrong(r, WRONG_LETTER, given, all);
        for (size_t i = 0; i < conf->n_letters && n < countof(names); i++)
            names[n++] = conf->letters[i].name;
        near = name_near(given, names, n);
        if (near != NULL)
            run_say(r, true, "meant", near, NULL, NULL);
        return;
    }
    if (letter_fields_read(r, conf_letter_find(conf, name), args + len, &fields) && act_letter(&r->act, name, &fields))
        run_done(r, SAID_LETTER, name, NULL);
}

/* ---- where it stands */

static void
state_go(struct command_run *r, Td__State state, const char *word, const char *args)
{
    const struct conf_kind *kind = kase(r)->kind ? conf_kind_find(r->t->conf, kase(r)->kind) : NULL;
    if (state == TD__STATE__RESOLVED && kind != NULL && kind->resolve_words && !has_words(r, args)) {
        run_wrong(r, WRONG_WORDS, word, NULL);
        return;
    }
    told(r, act_state(&r->act, state, NULL), SAID_STATE, state_named(r), NULL, word);
}

void
command_state(struct command_run *r, const char *args)
{
    static const Td__State states[] = { TD__STATE__NEW, TD__STATE__ASSIGNED, TD__STATE__PROGRESS, TD__STATE__WAITING, TD__STATE__RESOLVED, TD__STATE__CLOSED };
    struct buf all = { 0 };
    if (needs(r, "state", args))
        return;
    for (size_t i = 0; i < countof(states); i++) {
        const char *name = schema_state_name(states[i]);
        const struct conf_state *conf = conf_state_find(r->t->conf, name);
        if (str_eq_nocase(name, args) || (conf != NULL && str_eq_nocase(conf->label, args))) {
            buf_free(&all);
            state_go(r, states[i], "state", "");
            return;
        }
        list_add(&all, name);
    }
    run_wrong(r, WRONG_STATE, args, list_end(r->t->a, &all));
}

void
command_wait(struct command_run *r, const char *args)
{
    state_go(r, TD__STATE__WAITING, "wait", args);
}

void
command_resolve(struct command_run *r, const char *args)
{
    state_go(r, TD__STATE__RESOLVED, "resolve", args);
}

void
command_close(struct command_run *r, const char *args)
{
    state_go(r, TD__STATE__CLOSED, "close", args);
}

void
command_reopen(struct command_run *r, const char *args)
{
    (void)args;
    if (kase(r)->state != TD__STATE__RESOLVED && kase(r)->state != TD__STATE__CLOSED)
        run_wrong(r, WRONG_NOT_CLOSED, "reopen", NULL);
    else if (act_state(&r->act, TD__STATE__PROGRESS, NULL))
        run_done(r, SAID_STATE, state_named(r), NULL);
}

void
command_estimate(struct command_run *r, const char *args)
{
    if (!has_words(r, args))
        run_wrong(r, WRONG_WORDS, "estimate", NULL);
    else if (act_approval(&r->act, "estimate", words_for_customer(r->t, all_words(r, args))))
        run_done(r, SAID_ESTIMATE, NULL, NULL);
}

void
command_ask_approval(struct command_run *r, const char *args)
{
    if (!has_words(r, args))
        run_wrong(r, WRONG_WORDS, "ask-approval", NULL);
    else if (act_approval(&r->act, "solution", words_for_customer(r->t, all_words(r, args))))
        run_done(r, SAID_APPROVAL, NULL, NULL);
}

/* ---- more urgency */

void
command_escalate(struct command_run *r, const char *args)
{
    const char *words = words_for_customer(r->t, all_words(r, args));
    told(r, act_escalation_accept(&r->act, words[0] ? words : NULL), SAID_ESCALATED, NULL, NULL, "escalate");
}

void
command_decline(struct command_run *r, const char *args)
{
    if (!kase(r)->has_escalation_asked_at)
        run_wrong(r, WRONG_NOTHING_ASKED, "decline", NULL);
    else if (!has_words(r, args))
        run_wrong(r, WRONG_WORDS, "decline", NULL);
    else if (act_escalation_decline(&r->act, words_for_customer(r->t, all_words(r, args))))
        run_done(r, SAID_DECLINED, NULL, NULL);
}

/* ---- what belongs to it */

struct first_ref { struct arena *a; const char *ref; };

static void
ref_take(void *u, const char *ref)
{
    struct first_ref *f = u;
    if (f->ref == NULL)
        f->ref = arena_strdup(f->a, ref);
}

void
command_merge(struct command_run *r, const char *args)
{
    struct first_ref f = { r->t->a, NULL };
    const Td__Case *into = NULL;
    uint64_t id;
    if (needs(r, "merge", args))
        return;
    mail_case_refs(args, strlen(args), ref_take, &f);
    if (f.ref != NULL && desk_number_check(r->t->d->key, r->t->conf->prefix, f.ref, &id) == DESK_NUMBER_OK)
        into = turn_case(r->t, id);
    if (into == NULL)
        run_wrong(r, WRONG_NUMBER, args, NULL);
    else if (into->id == kase(r)->id)
        run_wrong(r, WRONG_SAME, NULL, NULL);
    else if (!act_merge_possible(&r->act, into))
        run_wrong(r, WRONG_MERGE, into->number, NULL);
    else
        told(r, act_merge(&r->act, into), SAID_MERGED, into->number, NULL, "merge");
}

void
command_spam(struct command_run *r, const char *args)
{
    (void)args;
    told(r, act_spam(&r->act), SAID_SPAM, NULL, NULL, "spam");
}

static Td__Participant *
participant_with(Td__Case *c, const char *addr, const char *role)
{
    for (size_t i = 0; i < c->n_participants; i++)
        if ((addr == NULL || addr_equal(c->participants[i]->address->addr, addr)) && (role == NULL || strcmp(c->participants[i]->role, role) == 0))
            return c->participants[i];
    return NULL;
}

void
command_park(struct command_run *r, const char *args)
{
    if (needs(r, "park", args))
        return;
    Td__Participant *p = participant_with(kase(r), args, "cc");
    if (p == NULL) {
        run_wrong(r, addr_valid(args) ? WRONG_NOT_YOURS : WRONG_ADDRESS, args, NULL);
        return;
    }
    p->role = (char *)"parked";
    turn_entry(r->t, r->act.ch, TD__ENTRY__WHAT__PARKED, r->act.by, "taken off the case")->detail = arena_strdup(r->t->a, p->address->addr);
    run_done(r, SAID_PARKED, p->address->addr, NULL);
}

/* Without an address the one who waits, when it is one. */
void
command_admit(struct command_run *r, const char *args)
{
    Td__Case *c = kase(r);
    Td__Participant *p = participant_with(c, args[0] ? args : NULL, "parked");
    size_t waiting = 0;
    for (size_t i = 0; i < c->n_participants; i++)
        waiting += strcmp(c->participants[i]->role, "parked") == 0;
    if (args[0] == '\0' && waiting != 1) {
        run_wrong(r, WRONG_NOBODY, "admit", NULL);
        return;
    }
    if (p == NULL) {
        if (!addr_valid(args)) {
            run_wrong(r, WRONG_ADDRESS, args, NULL);
            return;
        }
        if (participant_with(c, args, "cc") != NULL || addr_equal(c->requester->addr, args)) {
            run_done(r, SAID_NO_CHANGE, "admit", NULL);
            return;
        }
    }
    const char *addr = p ? p->address->addr : args;
    struct act admits = r->act;
    admits.why = "let onto the case";
    people_admit(&admits, addr);
    run_done(r, SAID_ADMITTED, addr, NULL);
}
