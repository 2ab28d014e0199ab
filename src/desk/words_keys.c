/* SPDX-License-Identifier: ISC
 *
 * What LANG/words.txt holds: a row a key, with the shape that its value must have. A language without one of them, or with
 * another shape, is not loaded.
 */
#include "command.h"

#include <string.h>

static const struct word_row rows[] = {
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
    /* phrases in a longer message: priority is asked for, words before them that deny it, and how an answer to "did you send this?" that says no begins */
    { "answer.asks-priority", .list = true }, { "answer.denial", .list = true }, { "answer.not-mine", .list = true },
    { "answer.other", .list = true }, { "answer.unsubscribe", .list = true }, { "answer.admit", .list = true },
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
    /* attachments */
    { "say.attached", .args = 1 },              /* names */
    { "say.part-left", .args = 2 },             /* name and size, the command that fetches it */
    { "say.part-too-large", .args = 1 },        /* name and size */
    { "say.undelivered", .args = 1 },          /* whom an answer did not reach */
    { .key = "say.marked-spam" }, { .key = "say.marked-virus" },        /* by our own filter */
    { "say.wrote", .args = 1 },                 /* who */
    { "say.collected", .args = 1 }, { "say.collected-more", .args = 1 }, { "say.digest-more", .args = 1 },      /* how many */
    { .key = "say.letters" }, { .key = "say.letters-none" }, { "say.meant", .args = 1 },        /* what was meant */
    { "say.letter-field", .args = 3 }, { "say.letter-field-near", .args = 3 }, { "say.letter-gap", .args = 3 },         /* field and letter, what is meant, all fields */
    { "say.handed", .args = 2 }, { "say.handed-queue", .args = 2 },    /* how many, whose */
    { "say.reassigned", .args = 3 }, { "say.reassigned-queue", .args = 2 }, { "say.reassigned-none", .args = 1 },       /* how many, whose, to whom */
    { "say.reassigned-left", .args = 1 }, { "say.reassign-who", .args = 1 }, { .key = "say.reassign-may-not" },
    { "say.line-empty", .args = 1 }, { "say.list-answer", .args = 1 }, /* number */
    { "say.waits-since", .args = 1 },           /* day */
    { "say.away", .args = 3 },                  /* first day, last day, first day back */
    { "say.away-told", .args = 1 },             /* who */
    { .key = "say.away-queue" }, { .key = "say.away-kept" }, { .key = "say.away-many" }, { .key = "say.back" }, { .key = "say.back-absent" },
    { .key = "say.step-asked" }, { .key = "say.step-escalated" }, { .key = "say.step-merged" },
    /* who is on a case, and who may open one */
    { .key = "say.left" }, { .key = "say.leave-own" }, { .key = "say.leave-confirm" }, { .key = "say.not-proven" },
    { "say.parked-asks", .args = 1 }, { "say.admitted", .args = 1 },   /* whose address */
    { "say.bounced-off", .args = 2 },           /* address, how many letters */
    { "say.taken-out", .args = 2 },             /* who says so, number of the new case */
    { .key = "say.register-asked" }, { "say.register-done", .args = 1 }, { "say.register-no", .args = 1 }, { "say.register-already", .args = 1 },   /* whose address */
    { .key = "say.register-refused" }, { .key = "say.register-lapsed" },
    { .key = "link.other" }, { .key = "link.leave" }, { .key = "link.admit" }, { .key = "link.register" }, { .key = "link.register-no" },
    { .key = "link.other-body" }, { .key = "link.leave-body" }, { .key = "link.admit-body" }, { .key = "link.register-body" }, { .key = "link.register-no-body" },
    { .key = "say.not-on-case" },               /* a notice: the sender was parked */
    { .key = "time.overtime" }, { .key = "time.billable" },
    /* the mail that a link makes: its subject, and the line that it begins with */
    { .key = "link.status" }, { .key = "link.cases" }, { .key = "link.close" }, { .key = "link.escalate" }, { .key = "link.approve" }, { .key = "link.decline" },
    { .key = "link.reopen" }, { .key = "link.kind" }, { .key = "link.rate" }, { .key = "link.confirm" },
    { .key = "link.status-body" }, { .key = "link.cases-body" }, { .key = "link.close-body" }, { .key = "link.escalate-body" }, { .key = "link.approve-body" },
    { .key = "link.decline-body" }, { .key = "link.reopen-body" }, { .key = "link.kind-body" }, { .key = "link.rate-body" }, { .key = "link.confirm-body" },
    /* what a customer sees of a case's history */
    { "history.opened", .args = 1 }, { "history.appended", .args = 1 }, { "history.relayed", .args = 1 },      /* who */
    { .key = "history.reopened" }, { .key = "history.asked" }, { .key = "history.escalated" },
    /* entries of the journal, in answers to #show and #history: entry.NAME, with - for _ */
    { .key = "entry.opened" }, { .key = "entry.appended" }, { .key = "entry.duplicate" }, { .key = "entry.parked" }, { .key = "entry.machine" },
    { .key = "entry.letter" }, { .key = "entry.sent" }, { .key = "entry.failed" }, { .key = "entry.escalated" }, { .key = "entry.warned" },
    { .key = "entry.breached" }, { .key = "entry.silenced" }, { .key = "entry.report" }, { .key = "entry.reopened" }, { .key = "entry.state" },
    { .key = "entry.alarm" }, { .key = "entry.unparsed" }, { .key = "entry.linked" }, { .key = "entry.assigned" }, { .key = "entry.queue" },
    { .key = "entry.priority" }, { .key = "entry.kind" }, { .key = "entry.field" }, { .key = "entry.tag" }, { .key = "entry.note" },
    { .key = "entry.time" }, { .key = "entry.relayed" }, { .key = "entry.escalation-asked" }, { .key = "entry.escalation-accepted" },
    { .key = "entry.escalation-declined" }, { .key = "entry.reminded" }, { .key = "entry.approval" }, { .key = "entry.rated" },
    { .key = "entry.merged" }, { .key = "entry.split" }, { .key = "entry.admitted" }, { .key = "entry.refused" }, { .key = "entry.watch" },
    { .key = "entry.command" }, { .key = "entry.held" }, { .key = "entry.undone" }, { .key = "entry.spam" }, { .key = "entry.clock" }, { .key = "entry.left" },
    /* alarms */
    { .key = "alarm.unread" }, { .key = "alarm.budget" }, { "alarm.budget-one", .args = 1 },       /* an address or a domain */
    { "alarm.notices", .args = 2 },             /* who, how many */
    { "alarm.undelivered", .args = 2 },         /* kind of letter, to whom */
    { "alarm.reload", .args = 1 }, { "alarm.reload-more", .args = 1 },         /* how many cases */
    { "alarm.queue-gone", .args = 2 }, { "alarm.priority-gone", .args = 2 }, { "alarm.person-gone", .args = 2 }, { "alarm.nobody-left", .args = 2 },    /* what, what instead */
    { "alarm.not-fetched", .args = 2 }, { "alarm.not-worked-on", .args = 2 }, { "alarm.erased-again", .args = 1 },  /* mailbox, UID there or number of the mail here */
};

#define HELP "help."

const struct word_row *
word_row_find(const char *key)
{
    static const struct word_row zone = { .key = "zone.*" }, help = { .key = "help.*" };
    for (size_t i = 0; i < countof(rows); i++)
        if (strcmp(rows[i].key, key) == 0)
            return &rows[i];
    for (size_t i = 0; i < SAIDS; i++)
        if (strcmp(said_rows[i].key, key) == 0)
            return &said_rows[i];
    for (size_t i = 0; i < command_rows_n && strncmp(key, HELP, strlen(HELP)) == 0; i++)
        if (strcmp(command_rows[i].word, key + strlen(HELP)) == 0)
            return &help;
    return strncmp(key, "zone.", 5) == 0 && key[5] != '\0' ? &zone : NULL;
}

const char *
word_key_needed(size_t i)
{
    if (i < countof(rows))
        return rows[i].key;
    i -= countof(rows);
    if (i < SAIDS)
        return said_rows[i].key;
    i -= SAIDS;
    return i < command_rows_n ? command_rows[i].help : NULL;
}
