/* SPDX-License-Identifier: ISC
 *
 * The settings of a desk: its people, lines, kinds, priorities, clocks, rules, states and letters. As in tables.c a row is a
 * setting, and its help is what ticketd.conf(5) says.
 */
#include "rows.h"

#define STATES "new assigned progress waiting resolved closed"
#define METHODS "none first least-loaded round-robin"
#define WHO_HELP "assignee, queue (everybody of the case's queue), manager (of the queue, else of the desk), director, contact (the customer's primary contact), alarm, or an address"
#define MATCH_HELP "An address, a domain (example.com), or file: and the path of a file with one of these a line, # beginning a comment."

/* ---- clocks, for a priority, a queue, a kind or the whole desk */

static const struct setting clock_rows[] = {
    ONE("target", duration, conf_clock, target, .required = true,
        .help = "When it is due, in open time of the calendar: hours and minutes (4h, 1h30m), working days (2wd), or months (1mo, 1.5mo)."),
    ONE("calendar", ref, conf_clock, calendar, .of = "calendar", .help = "The calendar it counts in. The default is the customer's, else the desk's."),
    ONE("start", name, conf_clock, start, .fallback = "open",
        .help = "What starts it: open is the arrival of the mail that opens the case, the name of another clock the moment at which that one is met."),
    LIST("stop", stop, conf_clock, stop,
        .help = "What meets it, the first of them: take, relay (an answer to the customer), wait, estimate, resolve, close, or field:NAME for a field that is set. "
                "The default is take, relay, wait and estimate for a clock named assign, relay for respond, and resolve and close for every other. Closing ends every clock."),
    LIST("pause", choice, conf_clock, pause, .choices = STATES, .help = "The states in which it stands still. The default is none."),
    ONE("warn", number, conf_clock, warn, .fallback = "0", .max = 99, .help = "When so many percent of the target are used up, a warning goes out; 0 for none."),
    LIST("warn-to", who, conf_clock, warn_to, .help = "Who gets the warning: " WHO_HELP ". The default is assignee."),
    ONE("goal", number, conf_clock, goal, .fallback = "0", .max = 100, .help = "The percentage of cases that should meet it, as published: the report shows it beside what was reached; 0 for none."),
    LIST("escalate", step, conf_clock, steps,
        .help = "Who is written to when the target has passed: how much later, in the same calendar, and whom: " WHO_HELP "; several with blanks between. 0m is at once."),
};
#define CLOCK_SECTION(id, parent, words)                                                                                           \
    static const struct section id##_clock = {                                                                                     \
        .name = "clock", .title = TITLE_NAME, .kind = -1, SETTINGS(clock_rows), ARRAY(parent, clocks, conf_clock), ITEM(conf_clock), \
        .help = words,                                                                                                             \
    };                                                                                                                             \
    static const struct section *const id##_sections[] = { &id##_clock }

CLOCK_SECTION(priority, conf_priority, "A target of this priority, by its name: assign, respond, interim, resolve or any other. "
              "Of clocks of one name that of the kind goes before that of the queue, then that of the priority, then the desk's.");
CLOCK_SECTION(queue, conf_queue, "A target in this queue. A running clock that comes here takes this target from the same start.");
CLOCK_SECTION(kind, conf_kind, "A target of this kind.");

/* ---- priorities, queues, kinds */

static const struct setting priority_rows[] = {
    ONE("label", text, conf_priority, label, .help = "The word for it in letters. The default is its name."),
    ONE("default", bool, conf_priority, is_default, .fallback = "false",
        .help = "What a case gets when no rule says otherwise. One priority of a desk must be it."),
    ONE("tell", bool, conf_priority, tell, .fallback = "false", .help = "Whether the customer is told, with the targets that follow, when a case is given it later."),
};
static const struct section priority = {
    .name = "priority", .title = TITLE_NAME, .kind = -1, SETTINGS(priority_rows), SECTIONS(priority_sections),
    ARRAY(conf_desk, priorities, conf_priority), ITEM(conf_priority),
    .help = "Priorities in the order of the file, the most urgent one first.",
};

static const struct setting queue_rows[] = {
    ONE("label", text, conf_queue, label, .help = "The word for it in letters. The default is its name."),
    ONE("default", bool, conf_queue, is_default, .fallback = "false",
        .help = "Where a case goes when no rule says otherwise. Without it the first queue of the file is it."),
    LIST("staff", address, conf_queue, staff, .help = "Who works there, in the order of being asked."),
    ONE("manager", address, conf_queue, manager, .help = "Who answers for it. The default is the desk's manager."),
    ONE("next", ref, conf_queue, next, .of = "queue", .help = "The queue that it hands over to."),
    LIST("watch", ref, conf_queue, watch, .of = "queue", .help = "Queues whose cases it goes on hearing of after it handed them over."),
    ONE("assign", choice, conf_queue, assign, .choices = METHODS,
        .help = "Who gets a case that comes here: none, the first of staff who is there, the one with the fewest open cases, or each in turn. "
                "A customer's consultant goes before; who is absent, outside of working hours or has as many cases as capacity says is passed over, unless nobody is left. The default is the desk's."),
    ONE("handover", prose, conf_queue, handover, .help = "What the customer is told when a case comes here: how it will be handled. The default names the queue alone."),
};
static const struct section queue = {
    .name = "queue", .title = TITLE_NAME, .kind = -1, SETTINGS(queue_rows), SECTIONS(queue_sections), ARRAY(conf_desk, queues, conf_queue), ITEM(conf_queue),
    .help = "A line of the desk. A desk without one has one queue of its own name, in which all staff work.",
};

static const struct setting kind_rows[] = {
    ONE("label", text, conf_kind, label, .help = "The word for it in letters. The default is its name."),
    ONE("default", bool, conf_kind, is_default, .fallback = "false", .help = "What a case is when no rule says otherwise. Without one it is of no kind."),
    ONE("first", bool, conf_kind, first, .fallback = "false", .help = "Whether such cases go before others of their priority."),
    ONE("offered", bool, conf_kind, offered, .fallback = "false", .help = "Whether the customer may choose it."),
    ONE("resolve-words", bool, conf_kind, resolve_words, .fallback = "false", .help = "Whether resolving such a case needs words to the customer."),
    ONE("priority", ref, conf_kind, priority, .of = "priority", .help = "The priority of such cases where no rule says another."),
    ONE("queue", ref, conf_kind, queue, .of = "queue", .help = "The queue of such cases where no rule says another."),
};
static const struct section kind = {
    .name = "kind", .title = TITLE_NAME, .kind = -1, SETTINGS(kind_rows), SECTIONS(kind_sections), ARRAY(conf_desk, kinds, conf_kind), ITEM(conf_kind),
    .help = "A kind of case.",
};

/* ---- people */

static const struct setting person_rows[] = {
    ONE("label", text, conf_person, label, .help = "The person's name, for letters."),
    ONE("calendar", ref, conf_person, calendar, .of = "calendar", .help = "When the person works. The default is the desk's."),
    ONE("language", language, conf_person, language, .help = "The language of letters to the person. The default is the desk's first."),
    ONE("login", text, conf_person, login, .help = "The person's login name on this machine: what that login does with ticketctl is done in this person's name."),
    LIST("skill", text, conf_person, skills, .help = "Kinds, and values of fields, that the person is good at: such cases go to those who have the skill."),
    LIST("absent", days, conf_person, absent, .help = "Days on which the person is away."),
    ONE("capacity", number, conf_person, capacity, .fallback = "0", .max = 100000, .help = "How many open cases the person can have before new ones go to others; 0 for any number."),
    ONE("nights", bool, conf_person, nights, .fallback = "false", .help = "Whether warnings and escalations reach the person in quiet hours too."),
    ONE("deputy", address, conf_person, deputy, .help = "The member of staff who gets what the person would be told while away."),
    ONE("digest", hour, conf_person, digest, .help = "When the person's digest comes, in the zone of the person's calendar, or off. The default is the desk's."),
};
static const struct section person = {
    .name = "person", .title = TITLE_TEXT, .kind = -1, SETTINGS(person_rows), ARRAY(conf_desk, persons, conf_person), ITEM(conf_person),
    .help = "One of the staff, by address. Whoever has a section is staff, in the list or not.",
};

static const struct setting customer_rows[] = {
    LIST("address", sender, conf_customer, addresses, .required = true, .help = "Who belongs to it. " MATCH_HELP),
    ONE("contact", address, conf_customer, contact, .help = "Its primary contact."),
    ONE("consultant", address, conf_customer, consultant, .help = "The member of staff who gets its cases."),
    LIST("consultant-kind", ref, conf_customer, consultant_kinds, .of = "kind", .help = "Only cases of these kinds go to the consultant. The default is all."),
    ONE("calendar", ref, conf_customer, calendar, .of = "calendar", .help = "The calendar that its clocks count in, where the clock names none."),
    ONE("language", language, conf_customer, language, .help = "The language of letters to it, where that of its mail is not sure."),
    ONE("dealer", address, conf_customer, dealer, .help = "Through whom it bought; letters can name it as {{dealer}}."),
    LIST("admin", address, conf_customer, admins, .help = "Who may admit colleagues by mail."),
    LIST("may-register", address, conf_customer, may_register, .help = "Who may open cases, beside admins. Without both everybody of the customer may."),
};
static const struct section customer = {
    .name = "customer", .title = TITLE_TEXT, .kind = -1, SETTINGS(customer_rows), ARRAY(conf_desk, customers, conf_customer), ITEM(conf_customer),
    .help = "A customer whom the desk knows. The most exact address counts.",
};

/* ---- what is read out of a mail */

static const struct setting field_rows[] = {
    ONE("label", text, conf_field, label, .help = "The word for it in letters. The default is its name."),
    LIST("pattern", pattern, conf_field, pattern, .help = "Regular expressions over subject and new words; the first group of the one that matches, else all of it, is the value."),
    LIST("attachment", pattern, conf_field, attachment, .help = "The same over the names and types of attachments, as in NAME (TYPE/SUBTYPE)."),
    ONE("value", text, conf_field, value, .help = "What the field becomes when something matches, instead of what matched."),
    ONE("ask", text, conf_field, ask, .help = "What the acknowledgement asks for when the field is missing, as an item of a list. It asks once."),
    LIST("kind", ref, conf_field, kinds, .of = "kind", .help = "It is asked for in cases of these kinds only. The default is all."),
};
static const struct section field = {
    .name = "field", .title = TITLE_NAME, .kind = -1, SETTINGS(field_rows), ARRAY(conf_desk, fields, conf_field), ITEM(conf_field),
    .help = "A fact about a case that is caught from the text, or set by staff.",
};

static const struct setting rule_rows[] = {
    LIST("text", pattern, conf_rule, text, .help = "Regular expressions of which one must match in the subject or in the words that the writer wrote now."),
    LIST("subject", pattern, conf_rule, subject, .help = "Regular expressions of which one must match in the subject."),
    LIST("attachment", pattern, conf_rule, attachment, .help = "Regular expressions of which one must match the name of an attachment, or its type in brackets behind it."),
    LIST("unless", pattern, conf_rule, unless, .help = "Regular expressions of which none may match in subject and words."),
    LIST("sender", sender, conf_rule, sender, .help = "The sender must be one of these. " MATCH_HELP),
    LIST("unless-sender", sender, conf_rule, unless_sender, .help = "The sender must be none of these."),
    LIST("recipient", sender, conf_rule, recipient, .help = "One of the addresses that the mail was written to must be one of these."),
    LIST("language", language, conf_rule, language, .help = "The mail must be in one of these languages."),
    LIST("customer", ref, conf_rule, customer, .of = "customer", .help = "The sender must belong to one of these customers."),
    LIST("if-kind", ref, conf_rule, if_kind, .of = "kind", .help = "An earlier rule must have made it one of these kinds."),
    LIST("if-field", set, conf_rule, if_field, .help = "One of these fields must have been caught: NAME, or NAME=VALUE."),
    ONE("when", choice, conf_rule, when, .choices = "open closed", .help = "The mail must arrive in the desk's working time, or outside of it."),
    ONE("month-end-before", number, conf_rule, month_end_before, .fallback = "0", .max = 31,
        .help = "The mail must arrive within so many working days before a month's end (the last one counts), or within month-end-after. 0 in both is any day."),
    ONE("month-end-after", number, conf_rule, month_end_after, .fallback = "0", .max = 31, .help = "Within so many working days after a month's begin."),
    ONE("priority", ref, conf_rule, priority, .of = "priority", .help = "The priority that the case gets."),
    ONE("queue", ref, conf_rule, queue, .of = "queue", .help = "The queue that the case goes to."),
    ONE("kind", ref, conf_rule, kind, .of = "kind", .help = "The kind that the case is of."),
    ONE("assign", text, conf_rule, assign, .help = "Who gets the case: an address of staff, or a word as in a queue's assign."),
    ONE("letter", ref, conf_rule, letter, .of = "letter", .help = "A prepared letter that goes out instead of the acknowledgement."),
    LIST("add-letter", ref, conf_rule, add_letters, .of = "letter", .help = "Prepared letters that go out beside it."),
    LIST("tag", name, conf_rule, tags, .help = "Tags that the case gets. Those of all rules that match are kept."),
    LIST("set", set, conf_rule, set, .help = "Fields that it gets: NAME=VALUE."),
    ONE("state", choice, conf_rule, state, .choices = STATES, .help = "The state that the case begins in. The default is new."),
    ONE("say", prose, conf_rule, say, .help = "A paragraph that the acknowledgement then has, after the desk's self-help."),
    ONE("stop", bool, conf_rule, stop, .fallback = "false", .help = "Whether the rules that follow are left out when this one matches."),
};
static const struct section rule = {
    .name = "rule", .title = TITLE_TEXT, .kind = -1, SETTINGS(rule_rows), ARRAY(conf_desk, rules, conf_rule), ITEM(conf_rule),
    .help = "What words, senders and times mean. Rules are tried in the order of the file; of the ones that match, the first that sets a thing has set it. "
            "With text, subject and attachment one of them is enough; all else that is given must hold. Patterns are Perl's (PCRE2), with no regard to case; "
            "put them between single quotes, where a backslash stays one.",
};

/* ---- the way of a case */

static const struct setting state_rows[] = {
    ONE("label", text, conf_state, label, .help = "The desk's word for it. The default is that of the reader's language."),
    ONE("meaning", text, conf_state, meaning, .help = "What it means, in a sentence for the customer."),
    ONE("tell", bool, conf_state, tell, .fallback = "false", .help = "Whether the customer is told when a case gets there."),
    LIST("remind", duration, conf_state, remind, .help = "How long after getting there the customer is reminded, in the desk's calendar."),
    ONE("close", duration, conf_state, close,
        .help = "How long after getting there the case is closed, when nobody has written. It does not happen while an estimate waits for the customer's word."),
    ONE("staff-letter", ref, conf_state, staff_letter, .of = "letter", .help = "A prepared letter that the case's assignee gets when it gets there."),
};
static const struct section state = {
    .name = "state", .title = TITLE_NAME, .kind = -1, SETTINGS(state_rows), ARRAY(conf_desk, states, conf_state), ITEM(conf_state),
    .help = "More about one of the states: new, assigned, progress, waiting, resolved and closed.",
};

static const struct setting letter_rows[] = {
    ONE("label", text, conf_letter, label, .help = "What it is, for staff."),
    ONE("kind", choice, conf_letter, kind, .choices = "update referral refusal", .fallback = "update", .help = "What sort of letter it is."),
    ONE("subject", text, conf_letter, subject, .required = true, .help = "Its subject, a template. The case number is added."),
    LIST("text", prose, conf_letter, paragraphs, .required = true, .help = "Its words, a template, a paragraph each value. Another language has its own in the file LANGUAGE/letters/NAME.txt of the desk's templates folder."),
    LIST("field", name, conf_letter, fields,
        .help = "Names, at most 8, that subject and text can hold as {{NAME}}. Staff fill them in with #letter NAME FIELD=VALUE; what is not given is the case's field of that name, and a letter with a gap is not sent."),
};
static const struct section letter = {
    .name = "letter", .title = TITLE_NAME, .kind = -1, SETTINGS(letter_rows), ARRAY(conf_desk, letters, conf_letter), ITEM(conf_letter),
    .help = "A prepared letter, sent by a rule or by staff.",
};

static const struct setting escalation_rows[] = {
    ONE("priority", ref, conf_escalation, priority, .of = "priority", .help = "The priority of a case whose escalation is accepted. The default is the first."),
    LIST("to", who, conf_escalation, to, .help = "Who hears of a request: " WHO_HELP ". The default is assignee and manager."),
    ONE("patience", duration, conf_escalation, patience, .help = "When nobody has reacted to a request for so long, it is escalated to the manager and the director."),
    ONE("notice", prose, conf_escalation, notice, .help = "What the customer must know before asking, such as what it may cost. It stands wherever escalation is offered."),
};
static const struct section escalation = {
    .name = "escalation", .kind = -1, SETTINGS(escalation_rows), .size = sizeof (struct conf_escalation), .array = offsetof(struct conf_desk, escalation),
    .help = "What happens when a customer asks for more urgency.",
};

static const struct setting report_rows[] = {
    ONE("target", duration, conf_report, target, .required = true,
        .help = "Within what time of the opening a case should be resolved or closed, in the desk's calendar and with no regard to waiting."),
    ONE("goal", number, conf_report, goal, .required = true, .max = 100, .help = "The percentage of cases that should be, as published."),
};
static const struct section report = {
    .name = "report", .title = TITLE_TEXT, .kind = -1, SETTINGS(report_rows), ARRAY(conf_desk, reports, conf_report), ITEM(conf_report),
    .help = "A figure over all cases that ticketctl report gives beside the clocks.",
};

static const struct setting budget_rows[] = {
    ONE("recipient-hour", number, conf_budget, recipient_hour, .fallback = "10", .max = 1000000, .help = "Letters to one address in an hour."),
    ONE("recipient-day", number, conf_budget, recipient_day, .fallback = "30", .max = 1000000, .help = "Letters to one address in a day."),
    ONE("domain-hour", number, conf_budget, domain_hour, .fallback = "100", .max = 1000000, .help = "Letters to one domain in an hour."),
    ONE("domain-day", number, conf_budget, domain_day, .fallback = "500", .max = 1000000, .help = "Letters to one domain in a day."),
    ONE("all-hour", number, conf_budget, all_hour, .fallback = "1000", .max = 1000000, .help = "Letters in all in an hour."),
    ONE("all-day", number, conf_budget, all_day, .fallback = "5000", .max = 1000000, .help = "Letters in all in a day."),
};
static const struct section budget = {
    .name = "budget", .kind = -1, SETTINGS(budget_rows), .size = sizeof (struct conf_budget), .array = offsetof(struct conf_desk, budget),
    .help = "How many automatic letters may go out, so that no loop becomes a storm. Beyond it the case is kept, nothing is sent, and staff are told.",
};

static const struct setting notices_rows[] = {
    ONE("burst", number, conf_notices, burst, .fallback = "10", .max = 100, .help = "So many notices to one person within the time of within leave one by one; what comes on top is collected into one letter. 0 collects nothing."),
    ONE("within", time, conf_notices, within_s, .fallback = "1m", .max = HOUR, .help = "The time in which notices are counted for burst."),
    ONE("wait", time, conf_notices, wait_s, .fallback = "2m", .max = HOUR, .help = "How long a letter with collected notices waits for more. Cases of the first priority and escalated ones do not wait."),
    ONE("hour", number, conf_notices, hour, .fallback = "120", .max = 1000000,
        .help = "Notices to one person in a clock hour. What comes on top is collected into one letter when the hour has passed, urgent or not, and alarm-to is told once."),
};
static const struct section notices = {
    .name = "notices", .kind = -1, SETTINGS(notices_rows), .size = sizeof (struct conf_notices), .array = offsetof(struct conf_desk, notices),
    .help = "How many letters about single cases one of the staff gets, so that a rush of mail does not bury anybody. Warnings, escalations and answers to commands are not counted.",
};

static const struct section desk_clock = {
    .name = "clock", .title = TITLE_NAME, .kind = -1, SETTINGS(clock_rows), ARRAY(conf_desk, clocks, conf_clock), ITEM(conf_clock),
    .help = "A target of every case of the desk.",
};
static const struct setting desk_rows[] = {
    LIST("address", address, conf_desk, addresses, .required = true,
        .help = "The desk's addresses. Letters come from the first one. No two desks share one."),
    ONE("from-name", text, conf_desk, from_name, .help = "The name that stands before the address in letters. The default is the desk's name."),
    ONE("prefix", prefix, conf_desk, prefix, .required = true,
        .help = "What case numbers begin with: CAS makes CAS-05304-9LGW. Do not change it later: numbers given out would no longer be known."),
    ONE("relay", ref, conf_desk, relay, .of = "relay", .required = true, .help = "The relay that sends its letters."),
    ONE("calendar", ref, conf_desk, calendar, .of = "calendar", .required = true, .help = "When it works."),
    LIST("language", language, conf_desk, languages, .fallback = "en",
        .help = "The languages it writes, as two letters. The first one is for those whose language is unknown or not among them."),
    LIST("authserv", authserv, conf_desk, authserv,
        .help = "Whose Authentication-Results count: the name your own mail server puts there. "
                "It must remove such fields when they come from outside. "
                "A name that begins with a dot stands for every name below it. "
                "Only fields above the first Received field of a foreign host count, and for each method the topmost one."),
    LIST("authserv-hosts", authserv, conf_desk, auth_hosts,
        .help = "What your own mail servers call themselves in Received fields (by), where that is neither an authserv name nor in the same domain: "
                "a content filter, the server with the mailboxes. A name that begins with a dot stands for every name below it."),
    LIST("authserv-expects", name, conf_desk, auth_expects,
        .help = "Methods that your mail server writes into every mail, in the order of its fields from the top, such as dmarc and dkim. "
                "Each counts only in the topmost field, or in the one right under that of the method listed before it: "
                "when a filter was not running, a forged field below cannot stand in for it. Methods that are not listed count only in those fields."),
    ONE("alignment", second, conf_desk, strict_alignment, .choices = "relaxed strict", .fallback = "relaxed",
        .help = "Which domain may prove a sender: with relaxed any of the same organisation, with strict only the one in the address."),
    LIST("trust-arc", domain, conf_desk, arc_sealers,
        .help = "Domains whose ARC seals are believed, such as that of a mailing list server: what they found when the mail reached them proves the sender, "
                "where your own server says arc=pass. Without it ARC counts for nothing."),
    ONE("exchange-online", bool, conf_desk, exchange_online, .fallback = "false",
        .help = "Whether the mailbox is at Exchange Online, which writes Authentication-Results without a name: "
                "then such fields count, above the first Received field of a host that is not Microsoft's. "
                "ARC is judged there (Set-ArcConfig) and not by trust-arc."),
    LIST("staff", address, conf_desk, staff, .help = "Addresses of those who work at this desk. A proven mail of one of them that reaches the desk on a case counts as its answer."),
    ONE("templates", folder, conf_desk, templates, .help = "A folder whose texts of letters go before those that come with ticketd, file by file; see LETTERS. The default is none but those."),
    ONE("reply-address", second, conf_desk, plus_addressing, .choices = "plain plus", .fallback = "plain",
        .help = "Where answers go. plus adds a token to the address (support+TOKEN@example.com), "
                "which finds the case even where subject and references are lost; the mailbox must take such addresses."),
    ONE("staff-proof", second, conf_desk, staff_both_proofs, .choices = "either both", .fallback = "either",
        .help = "What proves that staff wrote: either an authenticated sender or the person's own reply address of that case is enough, or both are needed. "
                "Other mail in the name of staff is held until the real person has answered a question."),
    ONE("notify", choice, conf_desk, notify, .choices = "assignee queue none", .fallback = "assignee",
        .help = "Who gets what a customer writes: the assignee, or the staff of the queue as long as nobody has the case; always the staff of the queue; or nobody."),
    ONE("away", choice, conf_desk, away, .choices = "deputy queue assignee", .fallback = "deputy",
        .help = "Who gets the notices and warnings of somebody who is away (absent, or #away): the person's deputy, else those of the queue who are there; always the latter; or the person all the same. When nobody is there the person gets them."),
    ONE("digest", hour, conf_desk, digest, .fallback = "off",
        .help = "When each of the staff gets the digest of the day: what is due, what has waited too long, and all open cases in the order of work. It comes on the person's working days, and not to who is away."),
    ONE("digest-empty", bool, conf_desk, digest_empty, .fallback = "false", .help = "Whether a digest goes out too when there is nothing in it."),
    ONE("digest-waiting", duration, conf_desk, digest_waiting, .fallback = "3wd", .help = "When a case has been in the state waiting for so long in the desk's calendar, the digest lists it among those that wait too long."),
    ONE("recall", time, conf_desk, recall_s, .fallback = "60s", .max = HOUR,
        .help = "So long an answer of staff waits before it goes to the customer; #undo takes it back."),
    ONE("notice-attachments", size, conf_desk, notice_attachments, .fallback = "5MiB", .min = 0, .max = 32 * MIB,
        .help = "Attachments of a mail that all together are no larger go with the notice about it; of others the largest are only named, and #show fetches them. "
                "A notice to several people is stored once for each of them. 0 names them all."),
    ONE("acknowledge", bool, conf_desk, acknowledge, .fallback = "true", .help = "Whether the sender of a new case is answered at once, with its number."),
    ONE("reopen-window", time, conf_desk, reopen_s, .fallback = "14d", .max = 3650 * DAY,
        .help = "How long after closing an answer opens the case again. Later answers open a new case that is linked to it."),
    ONE("retention", time, conf_desk, retain_s, .fallback = "0s", .max = 36500 * DAY,
        .help = "How long a case is kept after it was closed and last touched; then it is erased with its mails and letters, as ticketctl erase would. Looked at once a day. 0s: for ever."),
    ONE("thread-by-subject", time, conf_desk, same_subject_s, .fallback = "0s", .max = 365 * DAY,
        .help = "A mail that carries no other evidence joins an open case of the same sender with the same subject, when that case has changed within this time. "
                "0s switches it off: people write about different things under the same words."),
    LIST("note-address", address, conf_desk, note_addresses,
        .help = "Addresses among those of the desk, with or without an extension (support+note@example.com): what staff write there is a note, and none of it goes out. "
                "Nor does what they write to colleagues with the desk in Cc alone."),
    ONE("spam", choice, conf_desk, on_spam, .choices = "quiet held normal", .fallback = "quiet",
        .help = "What becomes of a new mail that your own mail server's filter marks as spam (X-Spam-Flag, X-Spam-Status, X-Spam, X-Rspamd-Action, Exchange's SCL and the like). "
                "quiet opens a case that is not acknowledged, announced to nobody and bound by no target until staff release it with #release; "
                "held keeps it in a closed case, as #spam does, until it is released; normal makes no difference. "
                "Such fields count where Authentication-Results would: from a source with trust-auth, above the first Received field of a host that neither authserv nor authserv-hosts names."),
    ONE("virus", choice, conf_desk, on_virus, .choices = "quiet held normal", .fallback = "quiet",
        .help = "The same for a mail with a virus (X-Virus-Status, X-Amavis-Alert and the like)."),
    ONE("spam-queue", ref, conf_desk, marked_queue, .of = "queue", .help = "The queue of cases that spam and virus = quiet open. The default is where they would have gone."),
    ONE("admit-colleagues", choice, conf_desk, colleagues, .choices = "ask customer domain", .fallback = "ask",
        .help = "Who comes onto a case at once with a proven mail of his own: nobody, until staff or the requester admit him; who belongs to the requester's customer section; "
                "or also who has an address in the requester's mail domain, unless that is a provider of mailboxes for everybody."),
    ONE("tell-parked", bool, conf_desk, tell_parked, .fallback = "false",
        .help = "Whether the requester is told of a mail to his case from somebody who is not on it, with a link that admits the sender. It is told once for each sender and shows the address alone. "
                "Without it such senders are named in status answers, and staff hear of them."),
    ONE("bounce-limit", number, conf_desk, bounce_limit, .fallback = "3", .max = 1000,
        .help = "When so many letters in a row did not reach somebody in copy, he is taken off the case and staff are told; 0 keeps him."),
    ONE("alarm-to", address, conf_desk, alarm_to, .help = "Who hears of what needs a person: mail that could not be read, letters that failed, budgets used up."),
    ONE("manager", address, conf_desk, manager, .help = "Who answers for the desk."),
    ONE("director", address, conf_desk, director, .help = "Whom escalations to director reach."),
    ONE("register", choice, conf_desk, registers, .choices = "anyone customers", .fallback = "anyone",
        .help = "Who may open cases. With customers a sender whom no customer section admits is told so politely, and the mail is kept in a closed case."),
    ONE("assign", choice, conf_desk, assign, .choices = METHODS, .fallback = "none", .help = "Who gets new cases, where the queue says nothing."),
    LIST("approved-to", address, conf_desk, approved_to,
        .help = "Members of staff who do what an estimate promised: when the customer has approved it, the case goes to one of them with the skill for it. The default leaves it where it is."),
    ONE("announce", duration, conf_desk, announce, .help = "So long ahead acknowledgements announce days on which the calendar has other hours and a note."),
    ONE("quiet", ref, conf_desk, quiet, .of = "calendar", .help = "Warnings and escalations to staff wait until this calendar opens, except to those with nights = true. The default is no quiet hours."),
    ONE("tell-merged", bool, conf_desk, tell_merged, .fallback = "true",
        .help = "Whether the customer is told under which number an open case of theirs goes on, when it is merged with another and they had got its number."),
    ONE("survey", bool, conf_desk, survey, .fallback = "false", .help = "Whether the customer is asked how it went when a case is closed."),
    ONE("survey-text", prose, conf_desk, survey_text, .help = "What the survey asks. The default is the template's question."),
    ONE("self-help", prose, conf_desk, self_help, .help = "What the acknowledgement says about helping oneself in the meantime."),
};
static const struct section *const desk_sections[] = { &budget, &notices, &escalation, &report, &desk_clock, &priority, &queue, &kind, &person, &customer, &field, &rule, &state, &letter };
const struct section conf_section_desk = {
    .name = "desk", .title = TITLE_NAME, .kind = -1, SETTINGS(desk_rows), SECTIONS(desk_sections), ARRAY(conf, desks, conf_desk), ITEM(conf_desk),
    .check = conf_check_desk,
    .help = "A help desk: some addresses, their cases, and the rules for them.",
};
