/* SPDX-License-Identifier: ISC
 *
 * The table of ticketctl's verbs and options, and how it is read.
 */
#include "ticketd/verb.h"
#include "ticketd/base.h"

#include <string.h>

const struct verb verbs[] = {
    { "list", "", "all desk queue state priority assignee overdue text sort columns", "the cases in the order of work", VERB_READER, VERB_READS, false },
    { "next", "", "desk queue", "the case to take", VERB_READER, VERB_READS, false },
    { "show", "CASE", "html", "one case and its journal", VERB_READER, VERB_READS, false },
    { "explain", "CASE", "", "where its clocks stand, and why", VERB_READER, VERB_READS, true },
    { "report", "", "desk since until month by html csv", "what was done and what was reached of each target", VERB_READER, VERB_READS, true },
    { "status", "", "", "how ticketd is", VERB_READER, VERB_READS, false },
    { "search", "WORDS...", "desk since until limit", "cases by the words in them, newest first", VERB_READER, VERB_READS, false },
    { "queue", "", "desk", "the letters that wait to go out", VERB_READER, VERB_READS, false },
    { "audit", "[MAILBOX]", "all", "what became of every mail that was seen", VERB_READER, VERB_READS, false },
    { "check", "", "repair", "is every promise kept in the store?", VERB_READER, VERB_READS, false },
    { "backup", "FOLDER", "keys", "a consistent copy of the data, while mail flows", VERB_READER, VERB_READS, false },
    { "restore", "FOLDER", "keys old-key force", "a store from a backup, where there is none", VERB_HERE, VERB_WRITES, false },
    { "export", "[CASE] FOLDER", "person", "all that is kept of a case, or of what a person opened", VERB_READER, VERB_READS, false },
    { "rotate", "", "new-key", "a new master key, without a stop", VERB_CORE, VERB_WRITES, false },
    { "unhold", "[LETTER]", "all drop", "letters that a restore holds back go out, or end", VERB_CORE, VERB_WRITES, false },
    { "erase", "[CASE]", "person", "a case, or all that a person opened, for ever", VERB_CORE, VERB_WRITES, false },
    { "assign", "CASE PERSON", "as", "gives a case to somebody", VERB_CORE, VERB_WRITES, false },
    { "requeue", "CASE QUEUE", "as", "hands a case over to another line", VERB_CORE, VERB_WRITES, false },
    { "note", "CASE WORDS...", "as", "words that stay inside; without any, from standard input", VERB_CORE, VERB_WRITES, false },
    { "reply", "CASE WORDS...", "as", "words for the customer; without any, from standard input", VERB_CORE, VERB_WRITES, false },
    { "close", "CASE [WORDS...]", "as", "closes a case, with words for the customer or without", VERB_CORE, VERB_WRITES, false },
    { "release", "CASE", "drop", "mail of staff that is held is carried out, or dropped", VERB_CORE, VERB_WRITES, false },
    { "do", "CASE COMMAND [WORDS...]", "as", "any command that staff can give by mail, see ticketd-mail(7)", VERB_CORE, VERB_WRITES, false },
    { "resend", "LETTER", "", "a letter goes out once more, or now", VERB_CORE, VERB_WRITES, false },
    { "revoke", "PERSON|CASE|TOKEN", "", "addresses with a token that were given out count no more", VERB_CORE, VERB_WRITES, false },
    { "reload", "", "", "reads the configuration anew, and says what is wrong with it", VERB_CORE, VERB_WRITES, false },
    { "mailbox", "ACTION MAILBOX", "", "pause: a mailbox is left alone; resume: no longer", VERB_CORE, VERB_WRITES, false },
    { "top", "", "desk queue every once", "status and cases, over and over", VERB_READER, VERB_READS, false },
    { "completion", "SHELL", NULL, "what bash, zsh or fish has to know of all this", VERB_HERE, VERB_READS, false },
    { "parse", "FILE...", NULL, "what ticketd understands of a mail", VERB_HERE, VERB_READS, false },
    { "simulate", "", NULL, "what it would do with a mailbox", VERB_HERE, VERB_READS, false },
    { "test-rules", "FILE", NULL, "what each rule says of a mail", VERB_HERE, VERB_READS, false },
};
const size_t verbs_n = countof(verbs);

const struct verb_option verb_options[] = {
    { "all", NULL, "closed cases too", VALUE_NONE },
    { "desk", "NAME", "of this desk alone", VALUE_DESK },
    { "queue", "NAME", "of this queue alone", VALUE_QUEUE },
    { "state", "STATE", "in this state", VALUE_STATE },
    { "priority", "NAME", "of this priority", VALUE_PRIORITY },
    { "assignee", "ADDRESS", "that this person has; none: nobody", VALUE_PERSON },
    { "overdue", NULL, "past a target", VALUE_NONE },
    { "text", "WORDS", "with these words in number, subject, requester or tags", VALUE_FREE },
    { "sort", "COLUMN", "in this order; -COLUMN: the other way round", VALUE_COLUMN },
    { "columns", "LIST", "what to show, with commas between", VALUE_COLUMN },
    { "since", "DATE", "from then on", VALUE_FREE },
    { "until", "DATE", "before then", VALUE_FREE },
    { "month", "YYYY-MM", "this month alone", VALUE_FREE },
    { "by", "GROUP", "counts by month, desk, queue, priority or customer", VALUE_FREE },
    { "html", "FILE", "as a page of its own; - is standard output", VALUE_FILE },
    { "csv", NULL, "the counts as CSV", VALUE_NONE },
    { "limit", "N", "at most so many; 100 without it", VALUE_FREE },
    { "every", "SECONDS", "between two looks; 5 without it", VALUE_FREE },
    { "once", NULL, "one look", VALUE_NONE },
    { "as", "PERSON", "in the name of one of the staff", VALUE_PERSON },
    { "repair", NULL, "makes indexes, timers and counters anew; the daemon must be down", VALUE_NONE },
    { "keys", "FILE", "where the copy of the file keys is", VALUE_FILE },
    { "new-key", "FILE", "the new master key, while the daemon is down", VALUE_FILE },
    { "old-key", "FILE", "the master key of when the backup was made, if it was rotated since", VALUE_FILE },
    { "force", NULL, "also a copy with faults", VALUE_NONE },
    { "person", "ADDRESS", "every case that this address opened", VALUE_FREE },
    { "drop", NULL, "it is not theirs: without effect", VALUE_NONE },
};
const size_t verb_options_n = countof(verb_options);

const struct verb *
verb_find(const char *name)
{
    for (size_t i = 0; i < verbs_n; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

const struct verb_option *
verb_option_find(const char *name)
{
    for (size_t i = 0; i < verb_options_n; i++)
        if (strcmp(verb_options[i].name, name) == 0)
            return &verb_options[i];
    return NULL;
}

bool
verb_takes(const struct verb *v, const char *option)
{
    size_t len = strlen(option);
    for (const char *p = v->options; p != NULL && *p != '\0'; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        if (n == len && strncmp(p, option, n) == 0)
            return true;
        p += n;
    }
    return false;
}

bool
verb_operand_next(const char **at, struct verb_operand *out)
{
    static const struct { const char *name; enum verb_value is; } kinds[] = {
        { "CASE", VALUE_CASE }, { "PERSON", VALUE_PERSON }, { "QUEUE", VALUE_QUEUE }, { "FILE", VALUE_FILE }, { "FOLDER", VALUE_FOLDER }, { "MAILBOX", VALUE_MAILBOX },
    };
    const char *p = *at + strspn(*at, " ");
    size_t n;
    if (*p == '\0')
        return false;
    *out = (struct verb_operand){ .optional = *p == '[', .is = VALUE_FREE };
    p += out->optional;
    n = strcspn(p, " .]");
    must(n < sizeof out->name);
    memcpy(out->name, p, n);
    out->many = strncmp(p + n, "...", 3) == 0;
    p += n + strcspn(p + n, " ");
    for (size_t i = 0; i < countof(kinds); i++)
        if (strcmp(kinds[i].name, out->name) == 0)
            out->is = kinds[i].is;
    *at = p;
    return true;
}
