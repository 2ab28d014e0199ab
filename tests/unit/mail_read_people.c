/* SPDX-License-Identifier: ISC
 *
 * People who look like machines. Each row is a person's mail: it counts as a reply, is no delivery report, and may be answered unless its
 * label says why not. A false "machine" loses a customer's words, so this table only ever grows.
 */
#include "mail_read.h"

#define TO "To: support@desk.example\nMessage-ID: <m@b.example>\nDate: Tue, 10 Mar 2026 10:00:00 +0000\n"
#define BOUNCE_TEXT "This is the mail system at host mx.b.example.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<u@h.example>: host mx.h.example said: 550 5.1.1 user unknown\n"

/* answers: a answerable, l list */
static const struct { const char *label, *mail, *want; } people[] = {
    {"plain", "From: Anna <anna@b.example>\n" TO "Subject: help\n\nIt broke.\n", "a-"},
    {"subject of an answering machine", "From: anna@b.example\n" TO "Subject: Automatic reply: not working\n\nOur automatic reply does not work, please look.\n", "a-"},
    {"out of office as the matter", "From: anna@b.example\n" TO "Subject: Out of office message is wrong\n\nI am out of the office next week; how do I set the message?\n", "a-"},
    {"vacation", "From: anna@b.example\n" TO "Subject: Vacation days not counted\n\nI was on vacation until Friday.\n", "a-"},
    {"Swedish vacation", "From: anna@b.example\n" TO "Subject: Semester 2026\n\nJag är ledig i juli, hur anmäler jag semester?\n", "a-"},
    {"German absence", "From: anna@b.example\n" TO "Subject: Abwesenheitsnotiz einrichten\n\nBitte um Hilfe, ich bin im Urlaub.\n", "a-"},
    {"delivery as the matter", "From: anna@b.example\n" TO "Subject: Delivery failed\n\nYour parcel could not be delivered, says the driver.\n", "a-"},
    {"bounce as the matter", "From: anna@b.example\n" TO "Subject: Undeliverable mail\n\nMy mails to u@h.example come back: 550 5.1.1 user unknown. Why?\n", "a-"},
    {"a quoted bounce", "From: anna@b.example\n" TO "Subject: mail came back\n\nSee:\n\n> This is the mail system at host mx.b.example.\n> <u@h.example>: 550 5.1.1 user unknown\n> could not be delivered\n", "a-"},
    {"a bounce forwarded inline", "From: anna@b.example\n" TO "Subject: Fwd: Undelivered Mail Returned to Sender\n\nWhat is this?\n\n---------- Forwarded message ---------\nFrom: Mail Delivery System <MAILER-DAEMON@mx.b.example>\n"
        "Date: Tue, 10 Mar 2026 at 09:00\nSubject: Undelivered Mail Returned to Sender\nTo: <anna@b.example>\n\n" BOUNCE_TEXT, "a-"},
    {"a bounce forwarded as attachment", "From: anna@b.example\n" TO "Subject: Fw: failure notice\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nPlease look.\n--x\nContent-Type: message/rfc822\n\n"
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.b.example\nSubject: failure notice\nAuto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary=y\n\n--y\n\nSorry.\n--y\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.b.example\n\nFinal-Recipient: rfc822; u@h.example\nAction: failed\nStatus: 5.1.1\n\n--y--\n--x--\n", "a-"},
    {"the report's parts attached loose", "From: anna@b.example\n" TO "Subject: these came\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nPlease look.\n--x\nContent-Type: message/delivery-status\n"
        "Content-Disposition: attachment; filename=details.txt\n\nReporting-MTA: dns; mx.b.example\n\nFinal-Recipient: rfc822; u@h.example\nAction: failed\nStatus: 5.1.1\n\n--x--\n", "a-"},
    {"a read receipt asked for", "From: anna@b.example\n" TO "Subject: help\nDisposition-Notification-To: anna@b.example\nReturn-Receipt-To: anna@b.example\nX-Confirm-Reading-To: anna@b.example\n\nhello\n", "a-"},
    {"Auto-Submitted: no", "From: anna@b.example\n" TO "Auto-Submitted: no\n\nhello\n", "a-"},
    {"Auto-Submitted: No (comment)", "From: anna@b.example\n" TO "Auto-Submitted: No (a person)\n\nhello\n", "a-"},
    {"Auto-Submitted, empty", "From: anna@b.example\n" TO "Auto-Submitted:\n\nhello\n", "a-"},
    {"X-Autoreply: no", "From: anna@b.example\n" TO "X-Autoreply: no\n\nhello\n", "a-"},
    {"suppress receipts alone", "From: anna@b.example\n" TO "X-Auto-Response-Suppress: DR, NDR, RN, NRN\n\nhello\n", "a-"},
    {"suppress none", "From: anna@b.example\n" TO "X-Auto-Response-Suppress: None\n\nhello\n", "a-"},
    {"suppress all: do not answer", "From: anna@b.example\n" TO "X-Auto-Response-Suppress: All\nSubject: Urlaub Planung\n\nBitte Urlaub eintragen.\n", "--"},
    {"Precedence: first-class", "From: anna@b.example\n" TO "Precedence: first-class\n\nhello\n", "a-"},
    {"Precedence: normal", "From: anna@b.example\n" TO "Precedence: normal\n\nhello\n", "a-"},
    {"Precedence: bulk: do not answer", "From: anna@b.example\n" TO "Precedence: bulk\nSubject: Re: [CAS-05304-9LGW] printer\nIn-Reply-To: <x@desk.example>\n\nYes, that helped.\n", "--"},
    {"bulk, and subject of a machine", "From: anna@b.example\n" TO "Precedence: bulk\nSubject: Automatic reply: not working\n\nPlease look at it.\n", "--"},
    {"junk: do not answer", "From: anna@b.example\n" TO "Precedence: junk\nSubject: Ferie\n\nWann ist mein Konto wieder da?\n", "--"},
    {"through a list", "From: anna@b.example\n" TO "List-Id: <users.lists.example>\nList-Post: <mailto:users@lists.example>\nPrecedence: list\nSender: users-bounces@lists.example\nReturn-Path: <users-bounces+x=y@lists.example>\n\nhello\n", "-l"},
    {"through Google groups", "From: 'Anna' via support <support@b.example>\n" TO "Mailing-list: list support@b.example; contact support+owners@b.example\nX-Google-Group-Id: 1\nPrecedence: list\n\nhello\n", "-l"},
    {"list subject of absence", "From: anna@b.example\n" TO "List-Id: <users.lists.example>\nPrecedence: bulk\nSubject: Out of office plugin crashes\n\nThe out of office plugin crashes when I return.\n", "-l"},
    {"list talk of bounces", "From: anna@b.example\n" TO "List-Id: <postfix.lists.example>\nSubject: Undelivered Mail Returned to Sender\n\n" BOUNCE_TEXT, "-l"},
    {"list through a null path", "Return-Path: <>\nFrom: anna@b.example\n" TO "List-Id: <postfix.lists.example>\nSubject: delivery status notification\n\nWhy? 550 5.1.1 user unknown, undeliverable\n", "-l"},
    {"an old majordomo", "Sender: owner-users@lists.example\nFrom: anna@b.example\n" TO "Precedence: bulk\n\nhello\n", "-l"},
    {"named Postmaster", "From: Postmaster <anna@b.example>\n" TO "Subject: Mail delivery failed for order 5\n\nThe order could not be delivered. Can you look?\n", "a-"},
    {"Peter Postmaster", "From: Peter Postmaster <peter.postmaster@b.example>\n" TO "Subject: failure notice\n\nYour server says the error 550 blocked.\n", "a-"},
    {"a postmaster who writes", "Return-Path: <postmaster@b.example>\nFrom: Postmaster <postmaster@b.example>\n" TO "Subject: Your server rejects our mail\n\nHi,\nour mail to support2@desk.example bounced with 550 5.7.1 blocked.\nCan you look?\nRegards, Pat\n", "--"},
    {"a postmaster with Thunderbird", "From: postmaster@b.example\n" TO "User-Agent: Mozilla Thunderbird\nSubject: Undeliverable mails\n\nAll our mails to you are undeliverable: 550 5.7.1 blocked u@desk.example\n", "--"},
    {"a postmaster without a return path", "From: Postmaster <postmaster@b.example>\n" TO "Subject: Mail delivery failed to your server\n\nHello,\nour mail could not be delivered to you: 550 5.7.1 blocked.\nBest regards\nPat\n", "--"},
    {"a postmaster and what came back", "Return-Path: <postmaster@b.example>\nFrom: postmaster@b.example\n" TO "Subject: failure notice\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nThis could not be delivered to you, "
        "can you look? Thanks, Pat\n--x\nContent-Type: message/rfc822\n\nFrom: pat@b.example\nSubject: hello\n\nhello\n--x--\n", "--"},
    {"a Courier by name", "From: Jane Courier <jane@b.example>\n" TO "Subject: parcel delivery failed\n\nCould not be delivered, user unknown at the door.\n", "a-"},
    {"named Root", "From: Maria Root <root@b.example>\n" TO "Subject: backup failed\n\nThe backup failed, the error is 552 too large.\nPlease help.\n", "a-"},
    {"admin of a shop", "From: admin@b.example\n" TO "Subject: mail delivery\n\nWe have not been delivered the goods.\n", "a-"},
    {"info address", "From: info@b.example\n" TO "Subject: delivery delayed\n\nThe delivery is delayed, says the error 450 boxes missing.\n", "a-"},
    {"local part like noreply", "From: noreplyson@b.example\n" TO "\nhello\n", "a-"},
    {"local part like bounce", "From: bouncer@b.example\n" TO "\nhello\n", "a-"},
    {"local part like daemon", "From: daemond@b.example\n" TO "Subject: mail delivery failed\n\nIt failed: user unknown 550 5.1.1\n", "a-"},
    {"noreply as the domain", "From: anna@noreply.example\n" TO "\nhello\n", "a-"},
    {"noreply as the name", "From: \"no-reply\" <anna@b.example>\n" TO "Subject: delivery failed\n\nPlease call me, it failed.\n", "a-"},
    {"noreply: cannot be answered", "From: no-reply@shop.example\n" TO "Subject: Your delivery failed\n\nYour parcel could not be delivered. A new delivery attempt follows.\n", "--"},
    {"calendar invitation", "From: anna@b.example\n" TO "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\nPlease come.\n--x\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n--x--\n", "a-"},
    {"somebody's calendar answer attached", "From: anna@b.example\n" TO "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nSee the attached answer.\n--x\nContent-Type: text/calendar; name=a.ics\nContent-Disposition: attachment; filename=a.ics\n\n"
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n--x--\n", "a-"},
    {"and before the words", "From: anna@b.example\n" TO "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/calendar\nContent-Disposition: attachment; filename=a.ics\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n--x\n\n"
        "What does this answer mean?\n--x--\n", "a-"},
    {"rule passed it on", "From: anna@b.example\n" TO "X-MS-Exchange-Inbox-Rules-Loop: boss@b.example\n\nhello\n", "a-"},
    {"Groupwise passed it on", "From: anna@b.example\n" TO "X-Autogenerated: Forward\n\nhello\n", "a-"},
    {"sieve stood on its way", "From: anna@b.example\n" TO "X-Sieve: CMU Sieve 2.4\n\nhello\n", "a-"},
    {"delivered by TMDA", "From: anna@b.example\n" TO "X-Delivery-Agent: TMDA/1.1\nX-TMDA-Fingerprint: abc\n\nhello\n", "a-"},
    {"spam was checked", "From: anna@b.example\n" TO "X-Spam-Status: No\nX-Spam-Report: auto-replied\n\nhello\n", "a-"},
    {"a mailer called Vacationer", "From: anna@b.example\n" TO "X-Mailer: Apple Mail (2.3445)\n\nI am on vacation.\n", "a-"},
    {"a ticket system's agent", "From: Bob <support@other.example>\n" TO "X-RT-Loop-Prevention: other.example\nRT-Ticket: other #5\nManaged-By: RT\nSubject: [other #5] printer\n\nWe need the serial number.\n", "--"},
    {"a GitHub comment", "From: Bob <notifications@github.com>\n" TO "X-GitHub-Reason: mention\nList-Id: <x.github.com>\nPrecedence: list\n\nBob left a comment\n", "-l"},
    {"ticketd's own marks mean nothing", "From: anna@b.example\n" TO "X-Ticketd-Kind: ack\nX-Ticketd-Case: CAS-00001-AAAA\n\nhello\n", "a-"},
    {"a header in the text", "From: anna@b.example\n" TO "\nAuto-Submitted: auto-replied\nPrecedence: bulk\nX-Failed-Recipients: u@h.example\n", "a-"},
    {"a header in the quote", "From: anna@b.example\n" TO "\nThis is what I got:\n> From: MAILER-DAEMON@x.example\n> Auto-Submitted: auto-replied\n> Final-Recipient: rfc822; u@h.example\n> Action: failed\n> Status: 5.1.1\n", "a-"},
    {"the report pasted", "From: anna@b.example\n" TO "Subject: Undelivered Mail Returned to Sender\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; u@h.example\nAction: failed\nStatus: 5.1.1\n", "a-"},
    {"a report type in a comment", "From: anna@b.example\n" TO "Content-Type: text/plain; charset=utf-8; x=\"report\"\n\nmultipart/report; report-type=delivery-status\n", "a-"},
    {"reply to a bounce's subject", "From: anna@b.example\nReturn-Path: <anna@b.example>\n" TO "Subject: Re: Undeliverable: your case\nIn-Reply-To: <x@desk.example>\n\nThis is what came back, could not be delivered: 550 5.1.1 <u@h.example>\n", "a-"},
    {"a person of the mail team", "From: Mail Team <mailteam@b.example>\n" TO "Subject: mail delivery delayed\n\nDelivery is delayed; 4.4.1 seen at u@h.example.\nRegards\n", "a-"},
    {"sender noreply, author a person", "From: Anna <anna@b.example>\nSender: no-reply@forms.example\n" TO "\nhello\n", "a-"},
    {"answers go elsewhere", "From: Anna <anna@b.example>\nReply-To: no-reply@b.example\n" TO "\nhello\n", "a-"},
    {"short answer", "From: anna@b.example\n" TO "Subject: Re: x\n\nok\n", "a-"},
    {"nothing but a subject", "From: anna@b.example\n" TO "Subject: call me\n\n", "a-"},
    {"an empty mail called failure", "From: anna@b.example\n" TO "Subject: failure notice\n\n", "a-"},
    {"telephone numbers", "From: anna@b.example\n" TO "Subject: delivery failed\n\nCall 555-1234 or 550 1234, I am unable to receive at u@h.example\n", "a-"},
    {"Finnish person on leave", "From: anna@b.example\n" TO "Subject: Lomalla, mutta kone rikki\n\nOlen poissa toimistolta, kone ei toimi.\n", "a-"},
    {"French absence", "From: anna@b.example\n" TO "Subject: Absence du technicien\n\nLe technicien est absent, que faire ?\n", "a-"},
    {"please confirm", "From: anna@b.example\n" TO "Subject: Please confirm your order\n\nPlease confirm.\n", "a-"},
    {"a null path, a person's words", "Return-Path: <>\nFrom: anna@b.example\n" TO "Subject: Re: [CAS-05304-9LGW] printer\n\nThe printer works now, the error 550 sheets is gone.\n", "--"},
};

static void
are_people(void **state)
{
    size_t wrong = 0;

    (void)state;
    assert_true(countof(people) >= 60);
    for (size_t i = 0; i < countof(people); i++) {
        struct test_mail t = test_parse(people[i].mail);
        const Td__Machine *m = t.m->machine;
        char got[3] = {m->answerable ? 'a' : '-', m->list ? 'l' : '-', 0};
        if (!m->counts_as_reply || m->delivery_report != NULL || strcmp(got, people[i].want) != 0) {
            print_error("%s: got %s%s%s, want %s; %s\n", people[i].label, got, m->counts_as_reply ? "" : " no reply", m->delivery_report != NULL ? " report" : "", people[i].want,
                m->n_why > 0 ? m->why[0] : "");
            wrong++;
        }
        test_done(&t);
    }
    assert_int_equal(wrong, 0);
}

/* And machines that must stay machines: neither answered nor counted. */
static const struct { const char *label, *header, *text; } machines[] = {
    {"Exchange Online", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nSubject: Automatic reply: x", "Away."},
    {"Gmail", "Precedence: bulk\nX-Autoreply: yes\nAuto-Submitted: auto-replied\nSubject: Re: x", "Away."},
    {"Zimbra", "Precedence: bulk\nAuto-Submitted: auto-replied (zimbra; vacation)\nSubject: Re: x", "Away."},
    {"Sieve", "Precedence: bulk\nAuto-Submitted: auto-replied (vacation)\nSubject: Auto: x", "Away."},
    {"vacation(1)", "Precedence: bulk\nX-Mailer: vacation 1.2\nSubject: away", "Away."},
    {"an old vacation", "Precedence: bulk\nSubject: Out of office: x", "I am out of the office until Monday."},
    {"an old vacation, German", "Precedence: junk\nSubject: Abwesenheitsnotiz: x", "Ich bin im Urlaub und ab Montag wieder erreichbar."},
    {"Exchange 2007", "X-Auto-Response-Suppress: All\nSubject: Out of Office: x", "I am on annual leave."},
    {"a null path", "Return-Path: <>\nSubject: Automatiskt svar: x", "Hej."},
    {"Groupwise", "X-Autogenerated: Reply\nSubject: Re: x", "Away."},
    {"cPanel", "X-Autorespond: x\nX-Precedence: bulk\nSubject: away", "Away."},
    {"qmail-autoresponder", "Delivered-To: Autoresponder\nSubject: away", "Away."},
    {"iCloud", "X-Apple-Action: VACATION/\nSubject: away", "Away."},
    {"FirstClass", "X-FC-MachineGenerated: true\nSubject: away", "Away."},
    {"osTicket's acknowledgement", "X-Mailer: osTicket Mailer\nPrecedence: auto_reply\nX-Autoreply: yes\nSubject: Ticket 5 opened", "Thank you."},
    {"Zammad's acknowledgement", "X-Loop: yes\nX-Zammad-Ticket-AutoReply: x\nSubject: Ticket 5", "Thank you."},
    {"FreeScout's acknowledgement", "X-FreeScout-Mail-Type: auto.reply\nSubject: Re: x", "Thank you."},
    {"Request Tracker's acknowledgement", "X-RT-Loop-Prevention: x\nAuto-Submitted: auto-replied\nSubject: [x #5] AutoReply: y", "Thank you."},
    {"OTRS's acknowledgement", "X-OTRS-Loop: yes\nPrecedence: bulk\nAuto-Submitted: auto-replied\nSubject: [Ticket#5] RE: y", "Thank you."},
    {"Jira", "X-JIRA-FingerPrint: x\nAuto-Submitted: auto-generated\nSubject: [JIRA] x", "Created."},
    {"a challenge", "Return-Path: <>\nSubject: Please confirm your message to anna", "Click here."},
    {"TMDA's challenge", "Auto-Submitted: auto-replied\nX-Delivery-Agent: TMDA\nSubject: Please confirm", "Reply to this."},
    {"cron", "X-Cron-Env: <SHELL=/bin/sh>\nSubject: Cron <root@x> run-parts", "Done."},
    {"receipt", "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\nSubject: Read: x", "--b\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;a@b.example\n--b--\n"},
    {"complaint", "Content-Type: multipart/report; report-type=feedback-report; boundary=b\nSubject: FW: x", "--b\n\nComplaint.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n"},
    {"calendar's answer", "Content-Type: multipart/alternative; boundary=b\nSubject: Accepted: x", "--b\n\nYes.\n--b\nContent-Type: text/calendar; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n--b--\n"},
};

static void
are_machines(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(machines); i++) {
        struct buf b = {0};
        buf_printf(&b, "From: Anna <anna@b.example>\nTo: support@desk.example\n%s\n\n%s\n", machines[i].header, machines[i].text);
        struct test_mail t = test_parse(b.data);
        if (t.m->machine->answerable || t.m->machine->counts_as_reply || t.m->machine->delivery_report != NULL || t.m->machine->n_why == 0)
            fail_msg("%s: answerable %d, counts %d", machines[i].label, t.m->machine->answerable, t.m->machine->counts_as_reply);
        test_done(&t);
        buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(are_people), cmocka_unit_test(are_machines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
