/* SPDX-License-Identifier: ISC
 *
 * What LANG/words.txt holds: a row a key, with the shape that its value must have. A language without one of them, or with
 * another shape, is not loaded.
 */
#include "words.h"

#include <string.h>

const struct word_row word_rows[] = {
    /* days, months and how a date is written */
    { "days", .parts = 7 },                     /* Monday first */
    { "months", .parts = 12 },
    { "date", .fields = "weekday day month hour minute" },
    { "date-year", .fields = "weekday day month year hour minute" },    /* for dates of another year */
    { "day", .fields = "weekday day month" },
    { "day-year", .fields = "weekday day month year" },
    /* spans of time: one, several */
    { "span.minute", .parts = 2 },
    { "span.hour", .parts = 2 },
    { "span.day", .parts = 2 },
    /* targets: one, several; months also one and a half */
    { "target.minute", .parts = 2 },
    { "target.hour", .parts = 2 },
    { "target.day", .parts = 2 },
    { "target.month", .parts = 3 },
    /* zones: zone.NAME for those with a word of their own */
    { "zone", .args = 1 },
    /* states: what they are called and what they mean, where the desk says nothing */
    { .key = "state.new" }, { .key = "state.assigned" }, { .key = "state.progress" }, { .key = "state.waiting" }, { .key = "state.resolved" }, { .key = "state.closed" },
    { .key = "meaning.new" }, { .key = "meaning.assigned" }, { .key = "meaning.progress" }, { .key = "meaning.waiting" }, { .key = "meaning.resolved" }, { .key = "meaning.closed" },
    /* clocks of the usual names */
    { .key = "clock.assign" }, { .key = "clock.respond" }, { .key = "clock.interim" }, { .key = "clock.resolve" },
    /* a customer's whole message of a few words */
    { "answer.ok", .list = true }, { "answer.not-ok", .list = true }, { "answer.close", .list = true }, { "answer.escalate", .list = true }, { "answer.around", .list = true },
    { "answer.yes", .list = true }, { "answer.no", .list = true },
    /* sentences */
    { "say.clock-customer", .args = 2 },        /* clock, date */
    { "say.clock-left", .args = 3 },            /* clock, span, date */
    { "say.clock-due", .args = 2 },             /* clock, date */
    { "say.clock-late", .args = 3 },            /* clock, span, date */
    { "say.clock-paused", .args = 2 },          /* clock, target */
    { "say.clock-met", .args = 2 },             /* clock, date */
    { .key = "say.closed" }, { "say.open", .args = 1 },        /* hours */
    { "say.days", .args = 2 },                  /* first day, last day */
    { "say.day", .args = 2 },                   /* day, what is other */
    { "say.day-named", .args = 3 },             /* day, what is other, why */
    { .key = "say.proof-auth" }, { .key = "say.proof-token" }, { .key = "say.proof-none" },
    { "say.skipped", .args = 2 },               /* who, after how long */
    { "say.request-unanswered", .args = 1 },    /* when the customer asked for priority */
    { "say.step-queue", .args = 1 }, { "say.step-assignee", .args = 1 }, { "say.step-state", .args = 1 },       /* what a case is now */
    { "say.step-priority", .args = 1 }, { "say.step-kind", .args = 1 },
    { "say.step-relay", .args = 1 },            /* who has answered */
    { "say.undelivered", .args = 1 },          /* whom an answer did not reach */
    { .key = "say.step-asked" }, { .key = "say.step-escalated" }, { .key = "say.step-merged" },
};
const size_t word_rows_n = countof(word_rows);

const struct word_row *
word_row_find(const char *key)
{
    static const struct word_row zone = { .key = "zone.*" };
    for (size_t i = 0; i < word_rows_n; i++)
        if (strcmp(word_rows[i].key, key) == 0)
            return &word_rows[i];
    return strncmp(key, "zone.", 5) == 0 && key[5] != '\0' ? &zone : NULL;
}
