/* SPDX-License-Identifier: ISC
 *
 * The table of commands: one row a word. What is not done is not in here; the help that staff get by mail and the manual
 * are made from it and from the words of help.WORD.
 */
#include "command.h"

#include <string.h>

const struct command_row command_rows[] = {
    { .word = "take", .help = "help.take", .arguments = "", .run = command_take },
    { .word = "assign", .help = "help.assign", .arguments = "PERSON|me|none", .run = command_assign },
    { .word = "queue", .help = "help.queue", .arguments = "QUEUE", .run = command_queue },
    { .word = "priority", .help = "help.priority", .arguments = "PRIORITY", .run = command_priority },
    { .word = "kind", .help = "help.kind", .arguments = "KIND", .run = command_kind },
    { .word = "state", .help = "help.state", .arguments = "STATE", .phase = PHASE_AFTER, .run = command_state },
    { .word = "wait", .help = "help.wait", .arguments = "[WORDS]", .prose = true, .phase = PHASE_AFTER, .run = command_wait },
    { .word = "resolve", .help = "help.resolve", .arguments = "[WORDS]", .prose = true, .phase = PHASE_AFTER, .run = command_resolve },
    { .word = "close", .help = "help.close", .arguments = "[WORDS]", .prose = true, .phase = PHASE_AFTER, .run = command_close },
    { .word = "reopen", .help = "help.reopen", .arguments = "", .phase = PHASE_BEFORE, .run = command_reopen },
    { .word = "note", .help = "help.note", .arguments = "WORDS", .prose = true, .words = WORDS_INSIDE, .run = command_note },
    { .word = "time", .help = "help.time", .arguments = "45m|1h30m [overtime] [billable] [WORDS]", .prose = true, .run = command_time },
    { .word = "tag", .help = "help.tag", .arguments = "[-]TAG", .run = command_tag },
    { .word = "merge", .help = "help.merge", .arguments = "NUMBER", .phase = PHASE_AFTER, .words = WORDS_INSIDE, .run = command_merge },
    { .word = "park", .help = "help.park", .arguments = "ADDRESS", .run = command_park },
    { .word = "admit", .help = "help.admit", .arguments = "[ADDRESS]", .who = WHO_ADMIN_TOO, .run = command_admit },
    { .word = "spam", .help = "help.spam", .arguments = "", .phase = PHASE_AFTER, .words = WORDS_INSIDE, .run = command_spam },
    { .word = "release", .help = "help.release", .arguments = "", .phase = PHASE_AFTER, .run = command_release },
    { .word = "escalate", .help = "help.escalate", .arguments = "[WORDS]", .prose = true, .phase = PHASE_AFTER, .words = WORDS_TAKEN, .run = command_escalate },
    { .word = "decline", .help = "help.decline", .arguments = "WORDS", .prose = true, .phase = PHASE_AFTER, .words = WORDS_TAKEN, .run = command_decline },
    { .word = "estimate", .help = "help.estimate", .arguments = "WORDS", .prose = true, .phase = PHASE_AFTER, .words = WORDS_TAKEN, .run = command_estimate },
    { .word = "ask-approval", .help = "help.ask-approval", .arguments = "WORDS", .prose = true, .phase = PHASE_AFTER, .words = WORDS_TAKEN, .run = command_ask_approval },
    { .word = "set", .help = "help.set", .arguments = "NAME VALUE", .prose = true, .run = command_set },
    { .word = "letter", .help = "help.letter", .arguments = "[NAME [FIELD=VALUE ...]]", .phase = PHASE_AFTER, .run = command_letter },
    { .word = "watch", .help = "help.watch", .arguments = "[off]", .run = command_watch },
    { .word = "unsubscribe", .help = "help.unsubscribe", .arguments = "", .words = WORDS_INSIDE, .who = WHO_CUSTOMER_TOO, .run = command_unsubscribe },
    { .word = "undo", .help = "help.undo", .arguments = "", .words = WORDS_INSIDE, .run = command_undo },
    { .word = "for", .help = "help.for", .arguments = "ADDRESS", .caseless = true, .words = WORDS_INSIDE, .run = command_for },
    { .word = "next", .help = "help.next", .arguments = "[QUEUE]", .caseless = true, .words = WORDS_INSIDE, .run = command_next },
    { .word = "mine", .help = "help.mine", .arguments = "", .caseless = true, .words = WORDS_INSIDE, .run = command_mine },
    { .word = "search", .help = "help.search", .arguments = "NUMBER|ADDRESS", .caseless = true, .words = WORDS_INSIDE, .run = command_search },
    { .word = "show", .help = "help.show", .arguments = "[MAIL]", .words = WORDS_INSIDE, .run = command_show },
    { .word = "history", .help = "help.history", .arguments = "", .words = WORDS_INSIDE, .run = command_history },
    { .word = "remind", .help = "help.remind", .arguments = "DATE|3d|4h [WORDS]", .prose = true, .run = command_remind },
    { .word = "split", .help = "help.split", .arguments = "SUBJECT", .prose = true, .words = WORDS_INSIDE, .run = command_split },
    { .word = "away", .help = "help.away", .arguments = "until DATE | DATE..DATE", .caseless = true, .words = WORDS_INSIDE, .run = command_away },
    { .word = "back", .help = "help.back", .arguments = "", .caseless = true, .words = WORDS_INSIDE, .run = command_back },
    { .word = "reassign", .help = "help.reassign", .arguments = "PERSON PERSON|queue", .caseless = true, .words = WORDS_INSIDE, .run = command_reassign },
    { .word = "help", .help = "help.help", .arguments = "[COMMAND]", .caseless = true, .words = WORDS_INSIDE, .run = command_help },
};
const size_t command_rows_n = countof(command_rows);

void
commands_manual(const struct words *english, struct buf *out)
{
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < command_rows_n; i++) {
        const struct command_row *row = &command_rows[i];
        buf_printf(out, ".It Ic #%s%s%s\n%s\n", row->word, row->arguments[0] ? " Ar " : "", row->arguments, words_get(english, row->help));
        if (row->words == WORDS_INSIDE)
            buf_puts(out, "No words of the mail go to the customer.\n");
        if (row->who != WHO_STAFF)
            buf_puts(out, row->who == WHO_ADMIN_TOO ? "The requester of the case may write it too, and a customer's administrator about a colleague.\n"
                                                    : "Anybody on the case may write it too.\n");
        if (row->caseless)
            buf_puts(out, "It needs no case.\n");
    }
    buf_puts(out, ".El\n");
}

void
commands_run(struct command_run *r, const struct commands *c, enum command_phase phase)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct command_row *row = c->v[i].row;
        if (row == NULL || row->phase != phase)
            continue;
        if (r->act.ch == NULL && !row->caseless)
            run_wrong(r, WRONG_NO_CASE, row->word, NULL);
        else
            row->run(r, c->v[i].args);
    }
}
