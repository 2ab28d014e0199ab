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
    {"person speaks of it en", "From: Anna <anna@cust.example>\nSubject: Re: Automatic reply: [CAS-05304-9LGW] x\nIn-Reply-To: <o@desk.example>\n" TO "\nI am out of the office until Monday with no access to email.\n", "a-"},
    {"person, no evidence en", "From: Anna <anna@cust.example>\nSubject: Automatic reply: [CAS-05304-9LGW] x\n" TO "\nI am out of the office until Monday with no access to email.\n", "a-"},
    {"person speaks of it sv", "From: Anna <anna@cust.example>\nSubject: Re: Automatiskt svar: x\nIn-Reply-To: <o@desk.example>\n" TO "\nJag är på semester och åter den 3 augusti.\n", "a-"},
    {"person, no evidence sv", "From: Anna <anna@cust.example>\nSubject: Automatiskt svar: x\n" TO "\nJag är på semester och åter den 3 augusti.\n", "a-"},
    {"person speaks of it da", "From: Anna <anna@cust.example>\nSubject: Re: Automatisk svar: x\nIn-Reply-To: <o@desk.example>\n" TO "\nJeg er på ferie og er tilbage mandag.\n", "a-"},
    {"person, no evidence da", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\n" TO "\nJeg er på ferie og er tilbage mandag.\n", "a-"},
    {"person speaks of it no", "From: Anna <anna@cust.example>\nSubject: Re: Automatisk svar: x\nIn-Reply-To: <o@desk.example>\n" TO "\nJeg er på ferie og er tilbake mandag.\n", "a-"},
    {"person, no evidence no", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\n" TO "\nJeg er på ferie og er tilbake mandag.\n", "a-"},
    {"person speaks of it de", "From: Anna <anna@cust.example>\nSubject: Re: Automatische Antwort: x\nIn-Reply-To: <o@desk.example>\n" TO "\nIch bin bis 3.8. nicht im Büro.\n", "a-"},
    {"person, no evidence de", "From: Anna <anna@cust.example>\nSubject: Automatische Antwort: x\n" TO "\nIch bin bis 3.8. nicht im Büro.\n", "a-"},
    {"person speaks of it nl", "From: Anna <anna@cust.example>\nSubject: Re: Automatisch antwoord: x\nIn-Reply-To: <o@desk.example>\n" TO "\nIk ben afwezig tot maandag.\n", "a-"},
    {"person, no evidence nl", "From: Anna <anna@cust.example>\nSubject: Automatisch antwoord: x\n" TO "\nIk ben afwezig tot maandag.\n", "a-"},
    {"person speaks of it fr", "From: Anna <anna@cust.example>\nSubject: Re: Réponse automatique : x\nIn-Reply-To: <o@desk.example>\n" TO "\nJe suis absent du bureau jusqu'au 3 août.\n", "a-"},
    {"person, no evidence fr", "From: Anna <anna@cust.example>\nSubject: Réponse automatique : x\n" TO "\nJe suis absent du bureau jusqu'au 3 août.\n", "a-"},
    {"person speaks of it es", "From: Anna <anna@cust.example>\nSubject: Re: Respuesta automática: x\nIn-Reply-To: <o@desk.example>\n" TO "\nEstoy fuera de la oficina hasta el lunes.\n", "a-"},
    {"person, no evidence es", "From: Anna <anna@cust.example>\nSubject: Respuesta automática: x\n" TO "\nEstoy fuera de la oficina hasta el lunes.\n", "a-"},
    {"person speaks of it it", "From: Anna <anna@cust.example>\nSubject: Re: Risposta automatica: x\nIn-Reply-To: <o@desk.example>\n" TO "\nSono fuori ufficio fino a lunedì.\n", "a-"},
    {"person, no evidence it", "From: Anna <anna@cust.example>\nSubject: Risposta automatica: x\n" TO "\nSono fuori ufficio fino a lunedì.\n", "a-"},
    {"person speaks of it pl", "From: Anna <anna@cust.example>\nSubject: Re: Odpowiedź automatyczna: x\nIn-Reply-To: <o@desk.example>\n" TO "\nJestem na urlopie do poniedziałku.\n", "a-"},
    {"person, no evidence pl", "From: Anna <anna@cust.example>\nSubject: Odpowiedź automatyczna: x\n" TO "\nJestem na urlopie do poniedziałku.\n", "a-"},
    {"person speaks of it fi", "From: Anna <anna@cust.example>\nSubject: Re: Automaattinen vastaus: x\nIn-Reply-To: <o@desk.example>\n" TO "\nOlen lomalla maanantaihin asti.\n", "a-"},
    {"person, no evidence fi", "From: Anna <anna@cust.example>\nSubject: Automaattinen vastaus: x\n" TO "\nOlen lomalla maanantaihin asti.\n", "a-"},
    {"person speaks of it pt", "From: Anna <anna@cust.example>\nSubject: Re: Resposta automática: x\nIn-Reply-To: <o@desk.example>\n" TO "\nEstou de férias até segunda-feira.\n", "a-"},
    {"person, no evidence pt", "From: Anna <anna@cust.example>\nSubject: Resposta automática: x\n" TO "\nEstou de férias até segunda-feira.\n", "a-"},
    {"roundcube user person", "From: anna@cust.example\nSubject: Re: x\nUser-Agent: Roundcube Webmail/1.6\n" TO "\nyes works\n", "a-"},
    {"cal request", "From: anna@cust.example\nSubject: Meeting\nContent-Type: multipart/alternative; boundary=B\n" TO "\n--B\nContent-Type: text/plain\n\nCome please\n--B\nContent-Type: text/calendar; charset=\"utf-8\"; method=REQUEST\n\nBEGIN:VCALENDAR\nPRODID:x\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@cust.example\nEND:VEVENT\nEND:VCALENDAR\n--B--\n", "a-"},
    {"rt correspondence", "From: \"Bob via RT\" <help@other.example>\nSubject: [other #5] x\nX-RT-Loop-Prevention: other.example\nRT-Ticket: other #5\nManaged-BY: RT 4.4.3\nRT-Originator: bob@other.example\nPrecedence: bulk\nIn-Reply-To: <o@desk.example>\n" TO "\nCould you send the serial number?\n", "--"},
    {"znuny agent", "From: Service <service@other.example>\nSubject: [Ticket#2026031012000015] RE: x\nX-Mailer: Znuny Mail Service (6.5)\nX-Powered-By: Znuny\n" TO "\nBitte senden Sie die Nummer.\n", "--"},
    {"servicenow bare", "From: IT Service Desk <other@service-now.com>\nSubject: INC001 comments added\nX-ServiceNow-Generated: true\nX-ServiceNow-Source: Notification-abc\n" TO "\nBob wrote: please send the number\n", "--"},
    {"mailman2", "From: anna@cust.example\nSubject: [Users] x\nX-BeenThere: users@lists.example\nX-Mailman-Version: 2.1.39\nPrecedence: list\nList-Id: Users <users.lists.example>\nList-Post: <mailto:users@lists.example>\nSender: \"Users\" <users-bounces@lists.example>\nErrors-To: users-bounces@lists.example\n" TO "\nI have a question\n", "-l"},
    {"mailman3", "From: Anna via Users <users@lists.example>\nSubject: [Users] x\nX-Mailman-Version: 3.3\nPrecedence: list\nList-Id: <users.lists.example>\nArchived-At: <https://x>\nMessage-ID-Hash: X\n" TO "\nq\n", "-l"},
    {"google groups", "From: Anna <anna@cust.example>\nSubject: x\nMailing-list: list users@googlegroups.com; contact users+owners@googlegroups.com\nList-ID: <users.googlegroups.com>\nX-Google-Group-Id: 123\nPrecedence: list\nSender: users@googlegroups.com\n" TO "\nq\n", "-l"},
    {"ezmlm", "From: anna@cust.example\nSubject: x\nMailing-List: contact users-help@lists.example; run by ezmlm\nPrecedence: bulk\nDelivered-To: mailing list users@lists.example\n" TO "\nq\n", "-l"},
    {"sympa", "From: anna@cust.example\nSubject: x\nX-Loop: users@lists.example\nX-Sequence: 12\nErrors-To: users-owner@lists.example\nPrecedence: list\nSender: users-request@lists.example\nX-no-archive: yes\nList-Id: <users.lists.example>\n" TO "\nq\n", "-l"},
    {"listserv", "From: anna@cust.example\nSubject: x\nSender: Users list <USERS@LISTSERV.EXAMPLE>\nPrecedence: list\nList-Help: <https://x>\n" TO "\nq\n", "-l"},
    {"human reply via list", "From: anna@cust.example\nSubject: Re: [Users] [CAS-05304-9LGW] x\nIn-Reply-To: <o@desk.example>\nList-Id: <users.lists.example>\nPrecedence: list\n" TO "\nThat helped.\n", "-l"},
    {"list person out of office words", "From: anna@cust.example\nSubject: out of office plugin\nList-Id: <users.lists.example>\nPrecedence: list\n" TO "\nI am out of the office and the plugin fails\n", "-l"},
    {"bulk person", "From: anna@cust.example\nSubject: Re: [CAS-05304-9LGW] x\nPrecedence: bulk\nIn-Reply-To: <o@desk.example>\n" TO "\nIt works, thanks\n", "--"},
    {"person subject undelivered", "From: anna@cust.example\nSubject: Undelivered mail\nX-Mailer: Microsoft Outlook 16.0\n" TO "\nMail to you came back with 550 5.1.1 user unknown, undeliverable. Regards\n", "a-"},
    {"person auto-submitted no", "From: anna@cust.example\nSubject: Out of office\nAuto-Submitted: no\n" TO "\nI am out of the office.\n", "a-"},
    {"person: list of suppress by Outlook", "From: anna@cust.example\nSubject: hi\nX-Auto-Response-Suppress: DR, OOF, AutoReply\nX-MS-Has-Attach: yes\n" TO "\nI am on vacation next week, please call before.\n", "--"},
    {"person named Noreply-Hater", "From: \"Anna (no-reply please)\" <anna@cust.example>\nSubject: hi\n" TO "\nhello\n", "a-"},
    {"contact form", "From: wordpress@cust.example\nReply-To: anna@gmail.com\nSubject: Contact form\nX-Mailer: PHPMailer 6.8 (https://github.com/PHPMailer/PHPMailer)\n" TO "\nName: Anna\nMessage: my printer broke\n", "a-"},
    {"scanner", "From: scanner@cust.example\nSubject: Scan from printer\nX-Mailer: KONICA MINOLTA\n" TO "\nattached\n", "a-"},
    {"person forwards NDR inline from Outlook", "From: Anna <anna@cust.example>\nSubject: FW: Undeliverable: hello\n" TO "\nWhat is this?\n\nFrom: Microsoft Outlook <MicrosoftExchange329e@cust.example>\nSent: Tuesday, March 10, 2026 11:05 AM\nTo: Anna <anna@cust.example>\nSubject: Undeliverable: hello\n\nYour message to bob@desk.example couldn't be delivered. 550 5.1.1\n", "a-"},
    {"person postmaster asks", "Return-Path: <postmaster@cust.example>\nFrom: Postmaster <postmaster@cust.example>\nSubject: Undeliverable mail from your server\n" TO "\nHello,\n\nyour server sends undeliverable mail to us: \"550 5.1.1 <x@cust.example> user unknown\". Could you stop this?\n\nBest regards\nPer, postmaster team\n", "--"},
    {"person admin asks", "From: System Administrator <admin@cust.example>\nSubject: Mail delivery failed\n" TO "\nHello,\n\nmail delivery failed to you again this morning, see the log:\nMar 10 10:00:00 mx postfix/smtp: to=<support@desk.example>, status=bounced (host said: 550 5.7.1 blocked)\n\nThanks for a look\nPer\n", "a-"},
    {"person notification address", "From: Shop <notification@shop.example>\nSubject: Delivery failed\n" TO "\nDear customer, delivery of your parcel failed, the address could not be found. Call +44 550 5551234.\n", "a-"},
    {"info person", "From: Info <info@cust.example>\nSubject: Returned mail\n" TO "\nThe mail I sent you returned to sender: user unknown anna@cust.example 550. Please advise.\n", "a-"},
    {"support other system", "From: Support <support@other.example>\nSubject: Delivery Status Notification\n" TO "\nHi, we could not deliver our newsletter to you, error 550 5.7.1 at x@desk.example. Could you whitelist us?\nRegards\n", "a-"},
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

/* The same with their own senders: answering machines in twelve languages by each kind of evidence, receipts, challenges, calendars, ticket systems. */
static const struct { const char *label, *header, *text; } more_machines[] = {
    {"oof exchange en", "From: Anna <anna@cust.example>\nSubject: Automatic reply: [CAS-05304-9LGW] x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "I am out of the office until Monday with no access to email."},
    {"oof precedence only en", "From: Anna <anna@cust.example>\nSubject: Automatic reply: [CAS-05304-9LGW] x\nPrecedence: bulk", "I am out of the office until Monday with no access to email."},
    {"oof null path only en", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Automatic reply: [CAS-05304-9LGW] x", "I am out of the office until Monday with no access to email."},
    {"oof suppress all en", "From: Anna <anna@cust.example>\nSubject: Automatic reply: [CAS-05304-9LGW] x\nX-Auto-Response-Suppress: All", "I am out of the office until Monday with no access to email."},
    {"oof answers, no header en", "From: Anna <anna@cust.example>\nSubject: Automatic reply: [CAS-05304-9LGW] x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "I am out of the office until Monday with no access to email."},
    {"oof exchange sv", "From: Anna <anna@cust.example>\nSubject: Automatiskt svar: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Jag är på semester och åter den 3 augusti."},
    {"oof precedence only sv", "From: Anna <anna@cust.example>\nSubject: Automatiskt svar: x\nPrecedence: bulk", "Jag är på semester och åter den 3 augusti."},
    {"oof null path only sv", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Automatiskt svar: x", "Jag är på semester och åter den 3 augusti."},
    {"oof suppress all sv", "From: Anna <anna@cust.example>\nSubject: Automatiskt svar: x\nX-Auto-Response-Suppress: All", "Jag är på semester och åter den 3 augusti."},
    {"oof answers, no header sv", "From: Anna <anna@cust.example>\nSubject: Automatiskt svar: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Jag är på semester och åter den 3 augusti."},
    {"oof exchange da", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Jeg er på ferie og er tilbage mandag."},
    {"oof precedence only da", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\nPrecedence: bulk", "Jeg er på ferie og er tilbage mandag."},
    {"oof null path only da", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Automatisk svar: x", "Jeg er på ferie og er tilbage mandag."},
    {"oof suppress all da", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\nX-Auto-Response-Suppress: All", "Jeg er på ferie og er tilbage mandag."},
    {"oof answers, no header da", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Jeg er på ferie og er tilbage mandag."},
    {"oof exchange no", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Jeg er på ferie og er tilbake mandag."},
    {"oof precedence only no", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\nPrecedence: bulk", "Jeg er på ferie og er tilbake mandag."},
    {"oof null path only no", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Automatisk svar: x", "Jeg er på ferie og er tilbake mandag."},
    {"oof suppress all no", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\nX-Auto-Response-Suppress: All", "Jeg er på ferie og er tilbake mandag."},
    {"oof answers, no header no", "From: Anna <anna@cust.example>\nSubject: Automatisk svar: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Jeg er på ferie og er tilbake mandag."},
    {"oof exchange de", "From: Anna <anna@cust.example>\nSubject: Automatische Antwort: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Ich bin bis 3.8. nicht im Büro."},
    {"oof precedence only de", "From: Anna <anna@cust.example>\nSubject: Automatische Antwort: x\nPrecedence: bulk", "Ich bin bis 3.8. nicht im Büro."},
    {"oof null path only de", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Automatische Antwort: x", "Ich bin bis 3.8. nicht im Büro."},
    {"oof suppress all de", "From: Anna <anna@cust.example>\nSubject: Automatische Antwort: x\nX-Auto-Response-Suppress: All", "Ich bin bis 3.8. nicht im Büro."},
    {"oof answers, no header de", "From: Anna <anna@cust.example>\nSubject: Automatische Antwort: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Ich bin bis 3.8. nicht im Büro."},
    {"oof exchange nl", "From: Anna <anna@cust.example>\nSubject: Automatisch antwoord: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Ik ben afwezig tot maandag."},
    {"oof precedence only nl", "From: Anna <anna@cust.example>\nSubject: Automatisch antwoord: x\nPrecedence: bulk", "Ik ben afwezig tot maandag."},
    {"oof null path only nl", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Automatisch antwoord: x", "Ik ben afwezig tot maandag."},
    {"oof suppress all nl", "From: Anna <anna@cust.example>\nSubject: Automatisch antwoord: x\nX-Auto-Response-Suppress: All", "Ik ben afwezig tot maandag."},
    {"oof answers, no header nl", "From: Anna <anna@cust.example>\nSubject: Automatisch antwoord: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Ik ben afwezig tot maandag."},
    {"oof exchange fr", "From: Anna <anna@cust.example>\nSubject: Réponse automatique : x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Je suis absent du bureau jusqu'au 3 août."},
    {"oof precedence only fr", "From: Anna <anna@cust.example>\nSubject: Réponse automatique : x\nPrecedence: bulk", "Je suis absent du bureau jusqu'au 3 août."},
    {"oof null path only fr", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Réponse automatique : x", "Je suis absent du bureau jusqu'au 3 août."},
    {"oof suppress all fr", "From: Anna <anna@cust.example>\nSubject: Réponse automatique : x\nX-Auto-Response-Suppress: All", "Je suis absent du bureau jusqu'au 3 août."},
    {"oof answers, no header fr", "From: Anna <anna@cust.example>\nSubject: Réponse automatique : x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Je suis absent du bureau jusqu'au 3 août."},
    {"oof exchange es", "From: Anna <anna@cust.example>\nSubject: Respuesta automática: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Estoy fuera de la oficina hasta el lunes."},
    {"oof precedence only es", "From: Anna <anna@cust.example>\nSubject: Respuesta automática: x\nPrecedence: bulk", "Estoy fuera de la oficina hasta el lunes."},
    {"oof null path only es", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Respuesta automática: x", "Estoy fuera de la oficina hasta el lunes."},
    {"oof suppress all es", "From: Anna <anna@cust.example>\nSubject: Respuesta automática: x\nX-Auto-Response-Suppress: All", "Estoy fuera de la oficina hasta el lunes."},
    {"oof answers, no header es", "From: Anna <anna@cust.example>\nSubject: Respuesta automática: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Estoy fuera de la oficina hasta el lunes."},
    {"oof exchange it", "From: Anna <anna@cust.example>\nSubject: Risposta automatica: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Sono fuori ufficio fino a lunedì."},
    {"oof precedence only it", "From: Anna <anna@cust.example>\nSubject: Risposta automatica: x\nPrecedence: bulk", "Sono fuori ufficio fino a lunedì."},
    {"oof null path only it", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Risposta automatica: x", "Sono fuori ufficio fino a lunedì."},
    {"oof suppress all it", "From: Anna <anna@cust.example>\nSubject: Risposta automatica: x\nX-Auto-Response-Suppress: All", "Sono fuori ufficio fino a lunedì."},
    {"oof answers, no header it", "From: Anna <anna@cust.example>\nSubject: Risposta automatica: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Sono fuori ufficio fino a lunedì."},
    {"oof exchange pl", "From: Anna <anna@cust.example>\nSubject: Odpowiedź automatyczna: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Jestem na urlopie do poniedziałku."},
    {"oof precedence only pl", "From: Anna <anna@cust.example>\nSubject: Odpowiedź automatyczna: x\nPrecedence: bulk", "Jestem na urlopie do poniedziałku."},
    {"oof null path only pl", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Odpowiedź automatyczna: x", "Jestem na urlopie do poniedziałku."},
    {"oof suppress all pl", "From: Anna <anna@cust.example>\nSubject: Odpowiedź automatyczna: x\nX-Auto-Response-Suppress: All", "Jestem na urlopie do poniedziałku."},
    {"oof answers, no header pl", "From: Anna <anna@cust.example>\nSubject: Odpowiedź automatyczna: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Jestem na urlopie do poniedziałku."},
    {"oof exchange fi", "From: Anna <anna@cust.example>\nSubject: Automaattinen vastaus: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Olen lomalla maanantaihin asti."},
    {"oof precedence only fi", "From: Anna <anna@cust.example>\nSubject: Automaattinen vastaus: x\nPrecedence: bulk", "Olen lomalla maanantaihin asti."},
    {"oof null path only fi", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Automaattinen vastaus: x", "Olen lomalla maanantaihin asti."},
    {"oof suppress all fi", "From: Anna <anna@cust.example>\nSubject: Automaattinen vastaus: x\nX-Auto-Response-Suppress: All", "Olen lomalla maanantaihin asti."},
    {"oof answers, no header fi", "From: Anna <anna@cust.example>\nSubject: Automaattinen vastaus: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Olen lomalla maanantaihin asti."},
    {"oof exchange pt", "From: Anna <anna@cust.example>\nSubject: Resposta automática: x\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <o@desk.example>\nX-MS-Exchange-Inbox-Rules-Loop: anna@cust.example", "Estou de férias até segunda-feira."},
    {"oof precedence only pt", "From: Anna <anna@cust.example>\nSubject: Resposta automática: x\nPrecedence: bulk", "Estou de férias até segunda-feira."},
    {"oof null path only pt", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Resposta automática: x", "Estou de férias até segunda-feira."},
    {"oof suppress all pt", "From: Anna <anna@cust.example>\nSubject: Resposta automática: x\nX-Auto-Response-Suppress: All", "Estou de férias até segunda-feira."},
    {"oof answers, no header pt", "From: Anna <anna@cust.example>\nSubject: Resposta automática: x\nIn-Reply-To: <o@desk.example>\nReferences: <o@desk.example>", "Estou de férias até segunda-feira."},
    {"gmail vacation", "From: Anna <anna@gmail.com>\nSubject: Away Re: your case\nPrecedence: bulk\nX-Autoreply: yes\nAuto-Submitted: auto-replied\nIn-Reply-To: <o@desk.example>", "I am away."},
    {"lotus oof", "From: anna@cust.example\nSubject: Anna B is out of the office (returning 12/08/2026)\nAuto-Submitted: auto-generated\nX-MIMETrack: Serialize", "I will be out of the office starting 03.08.2026 and will not return until 12.08.2026."},
    {"lotus oof old, precedence none but null path", "Return-Path: <>\nFrom: anna@cust.example\nSubject: Anna B/CUST is out of the office.\nX-Mailer: Lotus Notes Release 6.5", "I will be out of the office starting 03.08.2026 and will not return until 12.08.2026."},
    {"lotus german oof", "Return-Path: <>\nFrom: anna@cust.example\nSubject: Anna B ist außer Haus.", "Ich werde ab 03.08.2026 nicht im Büro sein. Ich kehre zurück am 12.08.2026."},
    {"groupwise rule reply", "From: Anna <anna@cust.example>\nSubject: Re: x (Out of office)\nX-Autogenerated: Reply\nX-Mailer: Novell GroupWise Internet Agent", "Away."},
    {"zimbra", "From: anna@cust.example\nSubject: Re: x\nAuto-Submitted: auto-replied (zimbra; vacation)\nPrecedence: bulk", "Away"},
    {"dovecot sieve", "From: anna@cust.example\nSubject: Auto: x\nAuto-Submitted: auto-replied (vacation)\nPrecedence: bulk\nX-Sieve: Pigeonhole Sieve 0.5\nIn-Reply-To: <o@desk.example>", "Away"},
    {"exim autoreply transport", "From: anna@cust.example\nSubject: On vacation\nAuto-Submitted: auto-replied\nIn-Reply-To: <o@desk.example>", "Away"},
    {"cpanel", "From: anna@cust.example\nSubject: Autoreply: x\nX-Autorespond: x\nX-Loop: anna@cust.example\nX-Precedence: bulk\nAuto-Submitted: auto-replied", "Away"},
    {"plesk", "From: anna@cust.example\nSubject: Re: x\nX-Mailer: Plesk autoresponder\nPrecedence: bulk", "Away"},
    {"gmx/web.de", "From: anna@web.de\nSubject: Automatische Abwesenheitsnotiz: x\nAuto-Submitted: auto-replied\nX-UI-Out-Filterresults: x", "weg"},
    {"T-Online", "From: anna@t-online.de\nSubject: Abwesenheitsmeldung\nPrecedence: junk\nX-TOI-AUTORESPONDER: 1", "Ich bin bis Montag abwesend."},
    {"yahoo", "From: anna@yahoo.com\nSubject: Yahoo! Auto Response\nX-Yahoo-Auto-Response: x\nAuto-Submitted: auto-replied", "away"},
    {"yahoo bare", "Return-Path: <>\nFrom: anna@yahoo.com\nSubject: Yahoo! Auto Response", "away"},
    {"hotmail", "From: anna@hotmail.com\nSubject: Automatic reply\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "away"},
    {"mdaemon autoresponder", "From: anna@cust.example\nSubject: RE: x\nX-MDAutoResponder: yes\nAuto-Submitted: auto-replied", "away"},
    {"communigate", "From: anna@cust.example\nSubject: Vacation\nX-Autogenerated: Reply\nX-Mailer: CommuniGate Pro", "away"},
    {"qmail-autorespond", "Delivered-To: Autoresponder\nFrom: anna@cust.example\nSubject: Re: x\nX-Mailer: qmail-autoresponder", "away"},
    {"open-xchange", "From: anna@cust.example\nSubject: x\nAuto-Submitted: auto-replied (vacation)", "weg"},
    {"hMailServer", "Return-Path: <>\nFrom: anna@cust.example\nSubject: Re: x\nAuto-Submitted: auto-replied", "weg"},
    {"icloud", "From: anna@icloud.com\nSubject: Re: x\nX-Apple-Action: VACATION/1", "away"},
    {"proton", "From: anna@proton.me\nSubject: Auto: x\nAuto-Submitted: auto-replied\nX-Autoreply: yes\nX-Autorespond: yes\nPrecedence: auto_reply", "away"},
    {"fastmail", "From: anna@fastmail.com\nSubject: Re: x\nAuto-Submitted: auto-replied\nX-Sieve: x", "away"},
    {"zoho", "From: anna@zoho.com\nSubject: Auto Response from anna\nAuto-Submitted: auto-replied\nX-Mailer: Zoho Mail", "away"},
    {"receipt thunderbird", "From: Anna <anna@cust.example>\nSubject: Return Receipt (displayed) - x\nReferences: <o@desk.example>\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B", "--B\nContent-Type: text/plain; charset=utf-8\n\nThis is a Return Receipt for the mail that you sent.\n--B\nContent-Type: message/disposition-notification\n\nReporting-UA: x; Thunderbird\nFinal-Recipient: rfc822;anna@cust.example\nOriginal-Message-ID: <o@desk.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--B--"},
    {"receipt outlook", "From: Anna <anna@cust.example>\nSubject: Read: x\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B", "--B\nContent-Type: text/plain; charset=utf-8\n\nYour message was read on Tuesday.\n--B\nContent-Type: message/disposition-notification\n\nReporting-UA: x; Thunderbird\nFinal-Recipient: rfc822;anna@cust.example\nOriginal-Message-ID: <o@desk.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--B--"},
    {"receipt no report-type", "From: Anna <anna@cust.example>\nSubject: Gelesen: x\nContent-Type: multipart/report; boundary=B", "--B\nContent-Type: text/plain; charset=utf-8\n\nIhre Nachricht wurde gelesen\n--B\nContent-Type: message/disposition-notification\n\nReporting-UA: x; Thunderbird\nFinal-Recipient: rfc822;anna@cust.example\nOriginal-Message-ID: <o@desk.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--B--"},
    {"receipt as mixed, by exchange", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Läst: x\nContent-Type: multipart/mixed; boundary=B", "--B\nContent-Type: text/plain; charset=utf-8\n\nMeddelandet lästes\n--B\nContent-Type: message/disposition-notification\n\nReporting-UA: x; Thunderbird\nFinal-Recipient: rfc822;anna@cust.example\nOriginal-Message-ID: <o@desk.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--B--"},
    {"receipt not read", "From: Anna <anna@cust.example>\nSubject: Not read: x\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B", "--B\nContent-Type: text/plain; charset=utf-8\n\nYour message was deleted without being read\n--B\nContent-Type: message/disposition-notification\n\nReporting-UA: x; Thunderbird\nFinal-Recipient: rfc822;anna@cust.example\nOriginal-Message-ID: <o@desk.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--B--"},
    {"notes receipt text", "Return-Path: <>\nFrom: Anna <anna@cust.example>\nSubject: Return Receipt", "    Return Receipt\n                                                           \n   Your       x\n   document:\n   was       Anna B/CUST\n   received\n   by:\n   at:       10.03.2026 11:00:00"},
    {"arf yahoo", "From: feedback@arf.mail.yahoo.com\nSubject: FW: x\nContent-Type: multipart/report; report-type=feedback-report; boundary=B", "--B\nContent-Type: text/plain\n\nThis is an email abuse report.\n--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Yahoo!-Mail-Feedback/2.0\nVersion: 0.1\n--B\nContent-Type: message/rfc822\n\nMessage-ID: <o@desk.example>\nFrom: support@desk.example\n\nx\n--B--"},
    {"arf without report type", "From: feedback@x.example\nSubject: x\nContent-Type: multipart/report; boundary=B", "--B\nContent-Type: text/plain\n\nThis is an email abuse report.\n--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--B\nContent-Type: message/rfc822\n\nMessage-ID: <o@desk.example>\n\nx\n--B--"},
    {"tls-rpt", "From: noreply@tls.example\nSubject: Report Domain: desk.example Submitter: x Report-ID: <1>\nTLS-Report-Domain: desk.example\nTLS-Report-Submitter: x\nContent-Type: multipart/report; report-type=\"tlsrpt\"; boundary=B", "--B\nContent-Type: text/plain\n\nThis is an aggregate TLS report\n--B\nContent-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n--B--"},
    {"boxbe", "From: anna@cust.example\nSubject: Re: x (Message requires your action)\nX-Boxbe-Challenge: 1", "Hello, your message about \"x\" was waitlisted."},
    {"tmda", "From: anna@cust.example\nSubject: Please confirm your message\nX-TMDA-Confirm: x\nAuto-Submitted: auto-replied", "Reply"},
    {"spamarrest", "From: anna@cust.example\nReturn-Path: <>\nSubject: Re: x (verification)\nX-SpamArrest-Verify: 1\nPrecedence: bulk", "Please verify your message by clicking below to complete the verification process. You have to do this only once."},
    {"earthlink", "From: anna@earthlink.net\nReturn-Path: <>\nSubject: RE: x\nX-ELNK-Info: spv=0;", "This email address is protected by EarthLink spamBlocker. Your email message has been redirected to a \"suspect email\" folder. In order for your message to be moved to this recipient's Inbox, he or she must add your email address to a list of allowed senders."},
    {"mailinblack", "From: Anna via Mailinblack <noreply@mailinblack.com>\nSubject: Veuillez confirmer votre email\nAuto-Submitted: auto-replied", "Cliquez"},
    {"bluebottle", "From: anna@bluebottle.com\nSubject: Re: x\nX-Bluebottle-Request: 1\nAuto-Submitted: auto-replied", "Verify"},
    {"cal outlook", "From: anna@cust.example\nSubject: Accepted: Meeting\nContent-Type: multipart/alternative; boundary=B", "--B\nContent-Type: text/plain\n\n\n--B\nContent-Type: text/calendar; charset=\"utf-8\"; method=REPLY\n\nBEGIN:VCALENDAR\nPRODID:x\nVERSION:2.0\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@cust.example\nEND:VEVENT\nEND:VCALENDAR\n--B--"},
    {"cal google", "From: anna@gmail.com\nSender: Google Calendar <calendar-notification@google.com>\nSubject: Accepted: Meeting @ Tue 10 Mar\nContent-Type: multipart/mixed; boundary=A", "--A\nContent-Type: multipart/alternative; boundary=B\n\n--B\nContent-Type: text/plain\n\nAnna has accepted this invitation.\n--B\nContent-Type: text/calendar; charset=\"UTF-8\"; method=REPLY\n\nBEGIN:VCALENDAR\nPRODID:x\nVERSION:2.0\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@cust.example\nEND:VEVENT\nEND:VCALENDAR\n--B--\n--A\nContent-Type: application/ics; name=\"invite.ics\"\nContent-Disposition: attachment; filename=\"invite.ics\"\n\nBEGIN:VCALENDAR\nPRODID:x\nVERSION:2.0\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@cust.example\nEND:VEVENT\nEND:VCALENDAR\n--A--"},
    {"cal apple", "From: anna@icloud.com\nSubject: Accepted: Meeting\nContent-Type: multipart/alternative; boundary=B", "--B\nContent-Type: text/plain\n\nAnna accepted your invitation\n--B\nContent-Type: text/calendar;\n method=REPLY;\n charset=UTF-8\n\nBEGIN:VCALENDAR\nPRODID:x\nVERSION:2.0\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@cust.example\nEND:VEVENT\nEND:VCALENDAR\n--B--"},
    {"cal apple mixed", "From: anna@icloud.com\nSubject: Accepted: Meeting\nX-Mailer: iPhone Mail (20A)\nContent-Type: multipart/mixed; boundary=B", "--B\nContent-Type: text/calendar; name=iCal-20260310.ics; charset=utf-8; method=REPLY\nContent-Disposition: inline; filename=iCal-20260310.ics\n\nBEGIN:VCALENDAR\nPRODID:x\nVERSION:2.0\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@cust.example\nEND:VEVENT\nEND:VCALENDAR\n--B--"},
    {"cal base64", "From: anna@cust.example\nSubject: Declined: Meeting\nContent-Type: text/calendar; method=REPLY; charset=utf-8\nContent-Transfer-Encoding: base64", "QkVHSU46VkNBTEVOREFSDQpQUk9ESUQ6eA0KVkVSU0lPTjoyLjANCk1FVEhPRDpSRVBMWQ0KQkVH\nSU46VkVWRU5UDQpVSUQ6MQ0KQVRURU5ERUU7UEFSVFNUQVQ9QUNDRVBURUQ6bWFpbHRvOmFubmFA\nY3VzdC5leGFtcGxlDQpFTkQ6VkVWRU5UDQpFTkQ6VkNBTEVOREFSDQo="},
    {"rt 4", "From: \"Help via RT\" <help@other.example>\nSubject: [other #5] AutoReply: x\nX-RT-Loop-Prevention: other.example\nRT-Ticket: other #5\nManaged-BY: RT 4.4.3\nRT-Originator: support@desk.example\nAuto-Submitted: auto-replied\nPrecedence: bulk", "Greetings,\n\nThis message has been automatically generated."},
    {"rt 3 without auto", "From: \"Help via RT\" <help@other.example>\nSubject: [other #5] AutoReply: x\nX-RT-Loop-Prevention: other.example\nRT-Ticket: other #5\nManaged-BY: RT 3.8\nPrecedence: bulk", "This message has been automatically generated in response to the creation of a trouble ticket"},
    {"otrs autoreply", "From: Service <service@other.example>\nSubject: [Ticket#2026031012000015] RE: x\nX-Mailer: OTRS Mail Service (6.0.30)\nX-Powered-By: OTRS (https://otrs.com/)\nX-OTRS-Loop: yes\nPrecedence: bulk\nAuto-Submitted: auto-replied", "Danke"},
    {"zendesk ack", "From: Other Support <support@other.zendesk.com>\nSubject: [Request received] x\nX-Mailer: Zendesk Mailer\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-Zendesk-From-Account-Id: abc\nX-Delivery-Context: event-id-1", "##- Please type your reply above this line -##\n\nYour request (5) has been received"},
    {"freshdesk ack", "From: Other <support@other.freshdesk.com>\nSubject: Ticket Received - x\nAuto-Submitted: auto-replied\nX-Auto-Response-Suppress: DR, RN, OOF, AutoReply\nX-FD-Email-Category: 1", "A ticket with id #5 has been created"},
    {"jsm", "From: Other <jira@other.atlassian.net>\nSubject: OTH-5 x\nX-JIRA-FingerPrint: 123\nAuto-Submitted: auto-generated\nPrecedence: bulk", "Just confirming that we got your request."},
    {"zammad", "From: Other <support@other.example>\nSubject: [Ticket#5] Thank you\nX-Powered-By: Zammad - Helpdesk/Support (https://zammad.org/)\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-replied\nPrecedence: bulk\nX-Zammad-Ticket-AutoReply: x", "got it"},
    {"osticket", "From: Other <support@other.example>\nSubject: Support Ticket Opened [#5]\nX-Mailer: osTicket Mailer\nPrecedence: auto_reply\nX-Autoreply: yes\nX-Auto-Response-Suppress: DR, RN, OOF, AutoReply\nAuto-Submitted: auto-replied", "Dear"},
    {"servicenow", "From: IT Service Desk <other@service-now.com>\nSubject: Your request REQ001 has been opened\nX-ServiceNow-Generated: true\nX-ServiceNow-Source: Notification-abc\nX-ServiceNow-SysEmail-Version: 2\nPrecedence: bulk\nAuto-Submitted: auto-generated", "opened"},
    {"hubspot", "From: Other <support@other.hubspot.example>\nSubject: We have your ticket\nX-HS-Cid: 1\nPrecedence: bulk\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-replied", "got"},
    {"intercom", "From: Operator from Other <operator@other.intercom-mail.com>\nSubject: Re: x\nX-Intercom-Bin: inbox\nAuto-Submitted: auto-replied\nX-Auto-Response-Suppress: OOF", "We typically reply in a day"},
    {"helpscout", "From: Other <help@other.example>\nSubject: Re: x\nX-Mailer: Help Scout\nX-Autoreply: yes\nX-HelpScout-Message-Type: auto-reply\nAuto-Submitted: auto-replied", "got"},
    {"kayako", "From: Other <help@other.example>\nSubject: [#ABC-123-45678]: x\nX-Mailer: Kayako Resolve v4\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-replied", "got"},
    {"debian bts ack", "From: owner@bugs.debian.org (Debian Bug Tracking System)\nSubject: Bug#123456: Acknowledgement (x)\nX-Loop: owner@bugs.debian.org\nX-Debian-PR-Message: ack 123456\nPrecedence: bulk\nAuto-Submitted: auto-replied", "Thank you"},
    {"oof through list", "From: anna@cust.example\nSubject: Out of office: x\nAuto-Submitted: auto-replied\nList-Id: <users.lists.example>\nPrecedence: list", "away"},
    {"monitoring nagios", "From: nagios@cust.example\nSubject: ** PROBLEM Service Alert: x is CRITICAL **\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated", "x"},
    {"mailbox rules agent forward keeps author", "From: anna@cust.example\nSubject: printer broken\nAuto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "hello"},
    {"mailer-daemon spam without words", "From: MAILER-DAEMON@cust.example\nSubject: hi", "buy"},
    {"root cron", "From: root@cust.example (Cron Daemon)\nSubject: Cron <root@x> /bin/true\nX-Cron-Env: <SHELL=/bin/sh>\nAuto-Submitted: auto-generated", "err"},
};

static void
are_machines_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(more_machines); i++) {
        struct buf b = {0};
        buf_printf(&b, "%s\nTo: support@desk.example\nMIME-Version: 1.0\n%s\n%s\n", more_machines[i].header, strstr(more_machines[i].header, "Content-Type") == NULL ? "Content-Type: text/plain; charset=utf-8\n" : "",
            more_machines[i].text);
        struct test_mail t = test_parse(b.data);
        if (t.m->machine->answerable || t.m->machine->counts_as_reply || t.m->machine->delivery_report != NULL || t.m->machine->n_why == 0)
            fail_msg("%s: answerable %d, counts %d", more_machines[i].label, t.m->machine->answerable, t.m->machine->counts_as_reply);
        test_done(&t);
        buf_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(are_people), cmocka_unit_test(are_machines), cmocka_unit_test(are_machines_too)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
