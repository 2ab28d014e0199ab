/* SPDX-License-Identifier: ISC
 *
 * What staff are told of their commands: for each the key of its sentence in LANG/words.txt, and how many arguments that may
 * fill in.
 */
#include "command.h"

const struct word_row said_rows[SAIDS] = {
    [SAID_TAKEN] = { .key = "said.taken" },
    [SAID_ASSIGNED] = { .key = "said.assigned", .args = 1 },
    [SAID_UNASSIGNED] = { .key = "said.unassigned" },
    [SAID_QUEUE] = { .key = "said.queue", .args = 1 },
    [SAID_PRIORITY] = { .key = "said.priority", .args = 1 },
    [SAID_KIND] = { .key = "said.kind", .args = 1 },
    [SAID_STATE] = { .key = "said.state", .args = 1 },
    [SAID_NOTE] = { .key = "said.note" },
    [SAID_TIME] = { .key = "said.time", .args = 1 },
    [SAID_FIELD] = { .key = "said.field", .args = 2 },
    [SAID_TAG] = { .key = "said.tag", .args = 1 },
    [SAID_UNTAG] = { .key = "said.untag", .args = 1 },
    [SAID_WATCH] = { .key = "said.watch" },
    [SAID_UNWATCH] = { .key = "said.unwatch" },
    [SAID_LETTER] = { .key = "said.letter", .args = 1 },
    [SAID_ESCALATED] = { .key = "said.escalated" },
    [SAID_DECLINED] = { .key = "said.declined" },
    [SAID_ESTIMATE] = { .key = "said.estimate" },
    [SAID_APPROVAL] = { .key = "said.approval" },
    [SAID_MERGED] = { .key = "said.merged", .args = 1 },
    [SAID_SPAM] = { .key = "said.spam" },
    [SAID_PARKED] = { .key = "said.parked", .args = 1 },
    [SAID_ADMITTED] = { .key = "said.admitted", .args = 1 },
    [SAID_RELAY] = { .key = "said.relay", .args = 1 },
    [SAID_RELAY_AT] = { .key = "said.relay-at", .args = 2 },
    [SAID_ALSO_HELD] = { .key = "said.also-held", .args = 1 },
    [SAID_MEANWHILE] = { .key = "said.meanwhile" },
    [SAID_NOT_PASSED] = { .key = "said.not-passed", .args = 1 },
    [SAID_UNDONE] = { .key = "said.undone" },
    [SAID_OPENED] = { .key = "said.opened", .args = 1 },
    [SAID_NEXT] = { .key = "said.next", .args = 1 },
    [SAID_NOTHING_NEXT] = { .key = "said.nothing-next" },
    [SAID_NO_CHANGE] = { .key = "said.no-change", .args = 1 },
    [SAID_REMIND] = { .key = "said.remind", .args = 1 },
    [SAID_SPLIT] = { .key = "said.split", .args = 1 },
    [SAID_FOUND] = { .key = "said.found", .args = 1 },
    [SAID_FOUND_NONE] = { .key = "said.found-none" },
    [SAID_RELEASED] = { .key = "said.released", .args = 1 },
    [WRONG_UNKNOWN] = { .key = "wrong.unknown", .args = 1 },
    [WRONG_UNKNOWN_NEAR] = { .key = "wrong.unknown-near", .args = 2 },
    [WRONG_LATE] = { .key = "wrong.late", .args = 1 },
    [WRONG_TOO_MANY] = { .key = "wrong.too-many" },
    [WRONG_NO_CASE] = { .key = "wrong.no-case", .args = 1 },
    [WRONG_NEEDS] = { .key = "wrong.needs", .args = 2 },
    [WRONG_PERSON] = { .key = "wrong.person", .args = 2 },
    [WRONG_PERSONS] = { .key = "wrong.persons", .args = 2 },
    [WRONG_QUEUE] = { .key = "wrong.queue", .args = 2 },
    [WRONG_PRIORITY] = { .key = "wrong.priority", .args = 2 },
    [WRONG_KIND] = { .key = "wrong.kind", .args = 2 },
    [WRONG_STATE] = { .key = "wrong.state", .args = 2 },
    [WRONG_TIME] = { .key = "wrong.time", .args = 1 },
    [WRONG_NUMBER] = { .key = "wrong.number", .args = 1 },
    [WRONG_SAME] = { .key = "wrong.same" },
    [WRONG_MERGE] = { .key = "wrong.merge", .args = 1 },
    [WRONG_FIELD] = { .key = "wrong.field", .args = 2 },
    [WRONG_LETTER] = { .key = "wrong.letter", .args = 2 },
    [WRONG_WORDS] = { .key = "wrong.words", .args = 1 },
    [WRONG_NOTHING_ASKED] = { .key = "wrong.nothing-asked", .args = 1 },
    [WRONG_NOTHING_HELD] = { .key = "wrong.nothing-held" },
    [WRONG_NOT_CLOSED] = { .key = "wrong.not-closed", .args = 1 },
    [WRONG_CLOSED] = { .key = "wrong.closed" },
    [WRONG_ADDRESS] = { .key = "wrong.address", .args = 1 },
    [WRONG_NOT_NEW] = { .key = "wrong.not-new", .args = 1 },
    [WRONG_NOBODY] = { .key = "wrong.nobody", .args = 1 },
    [WRONG_DATE] = { .key = "wrong.date", .args = 1 },
    [WRONG_NONE_DONE] = { .key = "wrong.none-done" },
    [WRONG_NOT_YOURS] = { .key = "wrong.not-yours", .args = 1 },
    [WRONG_TAG] = { .key = "wrong.tag", .args = 1 },
    [WRONG_UNREACHABLE] = { .key = "wrong.unreachable", .args = 1 },
    [WRONG_TOO_LARGE] = { .key = "wrong.too-large", .args = 2 },
    [WRONG_NO_MAIL] = { .key = "wrong.no-mail", .args = 1 },
};

static const char *
said(const struct command_run *r, enum said what, const char *one, const char *two)
{
    return words_fill(r->reader.words, said_rows[what].key, (const char *const[3]){ one, two }, r->t->a);
}

/* What is done and what is wrong are lists of the letter that answers. */
void
run_done(struct command_run *r, enum said what, const char *one, const char *two)
{
    arena_push(r->t->a, &r->done, &r->n_done, (void *)said(r, what, one, two));
}

void
run_wrong(struct command_run *r, enum said what, const char *one, const char *two)
{
    arena_push(r->t->a, &r->wrong, &r->n_wrong, (void *)said(r, what, one, two));
}

void
run_say(struct command_run *r, bool wrong, const char *key, const char *one, const char *two, const char *three)
{
    const char *words = say_words(r->t, &r->reader, key, one, two, three);
    if (wrong)
        arena_push(r->t->a, &r->wrong, &r->n_wrong, (void *)words);
    else
        arena_push(r->t->a, &r->done, &r->n_done, (void *)words);
}
