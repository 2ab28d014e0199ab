/* SPDX-License-Identifier: ISC
 *
 * One mistake each in a sound configuration: one complaint each, with the right line. And several at once, files inside
 * files, secrets, missing files.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticketd/conf.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const sound[] = {
    /*  1 */ "state-directory = \"state\"",
    /*  2 */ "control = control",
    /*  3 */ "limits { headers = 1000 }",
    /*  4 */ "calendar \"office\" {",
    /*  5 */ "    zone = \"Europe/London\"",
    /*  6 */ "    open = { \"Mon-Fri 09:00-17:00\" }",
    /*  7 */ "    closed = { \"2026-12-24\" }",
    /*  8 */ "}",
    /*  9 */ "relay \"smarthost\" {",
    /* 10 */ "    host = \"smtp.example.com\"",
    /* 11 */ "    tls = \"starttls\"",
    /* 12 */ "    auth = \"plain\"",
    /* 13 */ "    user = \"u\"",
    /* 14 */ "    password = \"relay.password\"",
    /* 15 */ "}",
    /* 16 */ "oauth \"m365\" {",
    /* 17 */ "    endpoint = \"https://login.example.com/token\"",
    /* 18 */ "    client-id = \"id\"",
    /* 19 */ "    refresh-token = \"refresh\"",
    /* 20 */ "}",
    /* 21 */ "desk \"support\" {",
    /* 22 */ "    address = { \"support@example.com\", \"help@example.com\" }",
    /* 23 */ "    prefix = \"CAS\"",
    /* 24 */ "    relay = \"smarthost\"",
    /* 25 */ "    calendar = \"office\"",
    /* 26 */ "    budget { recipient-hour = 10 all-day = 100 }",
    /* 27 */ "    priority \"urgent\" {",
    /* 28 */ "        clock \"respond\" { target = \"1h\" escalate = { \"0m boss@example.com\" } }",
    /* 29 */ "    }",
    /* 30 */ "    priority \"normal\" { default = true }",
    /* 31 */ "    rule \"down\" {",
    /* 32 */ "        text = { 'system (is )?down' }",
    /* 33 */ "        priority = \"urgent\"",
    /* 34 */ "    }",
    /* 35 */ "}",
    /* 36 */ "desk \"sales\" {",
    /* 37 */ "    address = \"sales@example.com\"",
    /* 38 */ "    prefix = \"SAL\"",
    /* 39 */ "    relay = \"smarthost\"",
    /* 40 */ "    calendar = \"office\"",
    /* 41 */ "    priority \"normal\" { default = true }",
    /* 42 */ "}",
    /* 43 */ "imap \"mail\" {",
    /* 44 */ "    desk = \"support\"",
    /* 45 */ "    host = \"imap.example.com\"",
    /* 46 */ "    user = \"u\"",
    /* 47 */ "    password = \"imap.password\"",
    /* 48 */ "}",
    /* 49 */ "lmtp \"in\" { listen = { \"127.0.0.1:2424\" } }",
    /* 50 */ "maildir \"box\" { path = \"box\" }",
};

/* Line `at` becomes `text`; then exactly one complaint, at line `line`, that holds `want`. */
static const struct { const char *label; size_t at; const char *text; int line; const char *want; } mistakes[] = {
    /* structure */
    { "unknown setting", 2, "controll = \"x\"", 2, "unknown setting \"controll\" in the top level, expected control" },
    { "unknown setting, nothing near", 13, "user = u\nflavour = \"x\"", 14, "unknown setting \"flavour\" in relay, expected transport, host, " },
    { "unknown section", 3, "limit { headers = 10 }", 3, "unknown section \"limit\" in the top level, expected limits" },
    { "unknown section, nothing near", 3, "webserver \"x\" {\n port = 80 {\n }\n}", 3, "unknown section \"webserver\"" },
    { "unknown in one line", 26, "budget { per-hour = 10 all-day = 100 }", 26, "unknown setting \"per-hour\" in budget, expected recipient-hour" },
    { "setting of another section", 26, "budget { acknowledge = true }", 26, "unknown setting \"acknowledge\" in budget" },
    { "duplicate scalar", 13, "user = \"u\"\nhost = \"b.example.com\"", 14, "host is there already (line 10), expected it once" },
    { "duplicate list", 7, "open = { \"Sat-Sun 10:00-11:00\" }", 7, "open is there already (line 6)" },
    { "duplicate section title", 36, "desk \"support\" {", 36, "desk \"support\" is there already (line 21), expected another name" },
    { "duplicate priority", 30, "priority urgent { default = true }", 30, "priority \"urgent\" is there already (line 27)" },
    { "duplicate untitled section", 3, "limits { }\nlimits {\n headers = 5\n}", 4, "limits is there already, expected it once" },
    { "duplicate untitled section, brace below", 3, "limits { }\nlimits\n{\n headers = 5\n}", 4, "limits is there already, expected it once" },
    { "section without a name", 9, "relay {", 9, "relay without a name, expected relay \"NAME\" {" },
    { "section with a name too many", 3, "limits \"a\" { headers = 1000 }", 3, "limits does not have a name, expected limits {" },
    { "bad name", 43, "imap \"my box\" {", 43, "bad name of imap, expected 1 to 64 letters, digits, . _ and -" },
    { "name in broken quotes", 43, "imap \"mail {", 43, "imap: a string is not closed on its line" },
    { "no equals sign", 10, "host \"smtp.example.com\"", 10, "a string after host, expected \"=\"" },
    { "no value", 10, "host =", 10, "host: no value, expected a host name" },
    { "list for a scalar", 10, "host = { \"a.example.com\" }", 10, "host: a list, expected one value" },
    { "no comma", 22, "address = { \"a@example.com\" \"b@example.com\" }", 22, "address: a string in a list, expected \",\" or \"}\" after this value" },
    { "two commas", 22, "address = { \"a@example.com\",, \"b@example.com\" }", 22, "address: \",\" in a list" },
    { "value with blanks", 3, "limits { text = 4096 MiB }", 3, "unexpected \"MiB\", expected quotes around a value with blanks" },
    { "semicolon", 2, "control = \"x\";", 2, "a semicolon, expected nothing at the end of a setting" },
    { "foreign character", 2, "control = \"x\" !", 2, "a character that means nothing here" },
    { "unclosed list", 22, "address = { \"support@example.com\"", 22, "address: a word in a list, expected \",\" or \"}\"" },
    { "unclosed list, comma", 22, "address = { \"support@example.com\",\n", 22, "address: a word in a list, expected {" },
    { "unclosed section, then another", 8, "", 9, "relay cannot stand in calendar (line 4), expected a \"}\" before it" },
    { "unclosed desk", 42, "", 43, "imap cannot stand in desk (line 36), expected a \"}\" before it" },
    { "unclosed priority", 29, "", 30, "priority cannot stand in priority (line 27), expected a \"}\" before it" },
    { "unclosed budget", 26, "budget { all-day = 100", 27, "priority cannot stand in budget (line 26), expected a \"}\" before it" },
    { "unclosed at the end", 50, "maildir \"box\" { path = \"box\"", 50, "maildir is never closed, expected \"}\"" },
    { "stray brace", 20, "}\n}", 21, "\"}\" closes nothing" },
    { "stray brace at the end", 50, "maildir \"box\" { path = \"box\" } }", 50, "\"}\" closes nothing" },
    { "stray brace in a desk", 26, "}", 26, "\"}\" closes desk, but priority in line 27 belongs to it, expected one \"}\" less" },
    { "lost opening brace", 21, "desk \"support\"", 21, "a word after desk, expected \"{\"" },
    { "text where a setting belongs", 2, "\"control\" = \"x\"", 2, "a string, expected a setting or a section" },
    { "unterminated string", 10, "host = \"smtp.example.com", 10, "host: a string is not closed on its line" },
    { "unterminated single quote", 32, "text = { 'system (is )?down }", 32, "text: a string is not closed on its line" },
    { "unterminated string in a list", 22, "address = { \"support@example.com, \"help@example.com\" }", 22, "address: a string is not closed on its line" },
    { "unterminated comment", 50, "maildir \"box\" { path = \"box\" }\n/* and so on\nand on", 51, "a comment is never closed, expected */" },
    { "variable", 14, "password = \"${CREDENTIALS_DIRECTORY}/relay\"", 14, "password: \"${\" in a string" },
    { "variable in a list", 22, "address = { 'support@${HOST}' }", 22, "address: \"${\" in a string" },
    { "variable behind a backslash", 32, "text = { 'a\\${x}' }", 32, "text: \"${\" in a string" },
    { "control character behind a backslash", 32, "text = { 'a\\\tx' }", 32, "text: a control character in a string" },
    { "lone backslash", 32, "text = { \"\\bdown\\b\" }", 32, "text: a lone backslash between double quotes, expected \\\\ or single quotes" },
    { "control character", 46, "user = \"u\tv\"", 46, "user: a control character in a string" },
    { "not UTF-8", 46, "user = \"\xe5ke\"", 46, "user: a string that is not UTF-8" },
    { "include without a name", 3, "include(other.conf)", 3, "include: not understood, expected include(\"FILE\")" },
    { "include of nothing", 3, "include(\"nowhere.conf\")", 3, "nowhere.conf: No such file or directory, expected a configuration file" },
    /* values */
    { "bad size", 3, "limits { text = \"4 megs\" }", 3, "text: bad value \"4 megs\", expected a size such as" },
    { "size out of range", 3, "limits { text = \"1TiB\" }", 3, "text: \"1TiB\" is out of range, expected \"1KiB\" to \"64MiB\"" },
    { "bad number", 3, "limits { headers = many }", 3, "headers: bad value \"many\", expected a whole number" },
    { "negative number", 3, "limits { headers = -5 }", 3, "headers: bad value \"-5\", expected a whole number" },
    { "number out of range", 45, "host = \"imap.example.com\"\nport = 70000", 46, "port: \"70000\" is out of range, expected 1 to 65535" },
    { "number far out of range", 45, "host = \"imap.example.com\"\nport = 4294967297", 46, "port: \"4294967297\" is out of range" },
    { "bad time", 46, "user = u\npoll = \"5 min\"", 47, "poll: bad value \"5 min\", expected a time such as" },
    { "time out of range", 46, "user = u\npoll = \"2d\"", 47, "poll: \"2d\" is out of range, expected \"1s\" to \"1d\"" },
    { "bad boolean", 30, "priority \"normal\" { default = maybe }", 30, "default: bad value \"maybe\", expected true or false" },
    { "bad choice", 11, "tls = \"ssl\"", 11, "tls: bad value \"ssl\", expected one of: tls starttls none" },
    { "bad choice, a prefix of one", 12, "auth = \"pla\"", 12, "auth: bad value \"pla\", expected one of: none plain login xoauth2" },
    { "bad mode", 49, "lmtp \"in\" { listen = { \"systemd\" } mode = 0999 }", 49, "mode: bad value \"0999\", expected an octal mode" },
    { "bad duration", 28, "clock \"respond\" { target = \"8\" }", 28, "target: bad value \"8\", expected working time such as" },
    { "no duration at all", 28, "clock \"respond\" { target = \"0h\" }", 28, "target: bad value \"0h\", expected more than nothing" },
    { "bad step, no address", 28, "clock \"respond\" { target = \"1h\" escalate = { \"4h\" } }", 28, "escalate: bad value \"4h\", expected a duration and somebody" },
    { "bad step, no duration", 28, "clock \"respond\" { target = \"1h\" escalate = {\n\"0m a@example.com\",\n\"later b@example.com\" } }", 30, "escalate: bad value" },
    { "bad address", 22, "address = { \"support@example.com\",\n\"help at example.com\" }", 23, "address: bad value \"help at example.com\", expected an address" },
    { "bad address, domain", 37, "address = \"sales@example..com\"", 37, "address: bad value" },
    { "no name in ASCII", 22, "address = { \"support@b\xc3\xbc" "cher.example\" }", 1, "hostname is missing, and b\xc3\xbc" "cher.example cannot stand for it" },
    { "bad domain", 2, "hostname = \"mail_.example.com\"", 2, "hostname: bad value" },
    { "bad domain, dots", 2, "hostname = \"mail..example.com\"", 2, "hostname: bad value" },
    { "bad host", 10, "host = \"smtp.example.com:587\"", 10, "host: bad value" },
    { "bad prefix", 23, "prefix = \"cas\"", 23, "prefix: bad value \"cas\", expected 2 to 10 capital letters and digits" },
    { "short prefix", 23, "prefix = \"C\"", 23, "prefix: bad value \"C\"" },
    { "bad zone", 5, "zone = \"Europe/Londn\"", 5, "zone: bad value \"Europe/Londn\", expected a time zone" },
    { "zone that climbs", 5, "zone = \"../../etc/passwd\"", 5, "zone: bad value" },
    { "folder as zone", 5, "zone = \"Europe\"", 5, "zone: bad value" },
    { "bad hours, day", 6, "open = { \"Mo-Fr 09:00-17:00\" }", 6, "open: bad value \"Mo-Fr 09:00-17:00\", expected days and hours" },
    { "bad hours, time", 6, "open = { \"Mon-Fri 9-17\" }", 6, "open: bad value" },
    { "bad hours, backwards", 6, "open = {\n\"Mon-Thu 09:00-17:00\",\n\"Fri 17:00-09:00\" }", 8, "open: bad value \"Fri 17:00-09:00\"" },
    { "bad hours, no span", 6, "open = { \"Mon-Fri\" }", 6, "open: bad value" },
    { "bad hours, range of ranges", 6, "open = { \"Mon-Wed-Fri 09:00-10:00\" }", 6, "open: bad value" },
    { "bad hours, overlap", 6, "open = { \"Mon-Fri 09:00-12:00 11:00-17:00\" }", 6, "open: bad value" },
    { "bad hours, past midnight", 6, "open = { \"Mon-Fri 09:00-24:01\" }", 6, "open: bad value" },
    { "no hours", 6, "open = { }", 4, "open is missing in calendar, expected days and hours" },
    { "bad date", 7, "closed = { \"2026-02-29\" }", 7, "closed: bad value \"2026-02-29\", expected a date" },
    { "bad date, shape", 7, "closed = { \"24.12.2026\" }", 7, "closed: bad value" },
    { "bad language", 24, "relay = \"smarthost\"\nlanguage = { \"en\", \"english\" }", 25, "language: bad value \"english\"" },
    { "bad listen", 49, "lmtp \"in\" { listen = { \"2424\" } }", 49, "listen: bad value \"2424\", expected a loopback address" },
    { "open listen", 49, "lmtp \"in\" { listen = { \"0.0.0.0:2424\" } }", 49, "listen: bad value \"0.0.0.0:2424\", expected a loopback address" },
    { "bad URL", 17, "endpoint = \"http://login.example.com/token\"", 17, "endpoint: bad value" },
    { "bad credential", 14, "password = \"credential:../x\"", 14, "password: bad value \"credential:../x\"" },
    { "empty value", 46, "user = \"\"", 46, "user: bad value \"\"" },
    /* what is missing, what leads nowhere */
    { "missing address", 22, "", 21, "address is missing in desk, expected an address" },
    { "missing host", 10, "", 9, "host is missing in relay, expected a host name" },
    { "missing zone", 5, "", 4, "zone is missing in calendar, expected a time zone" },
    { "missing target", 28, "clock \"respond\" { }", 28, "target is missing in clock" },
    { "auth without user", 13, "", 9, "user is missing in relay" },
    { "auth without secret", 14, "", 9, "password is missing in relay" },
    { "imap without secret", 47, "", 43, "password is missing in imap" },
    { "xoauth2 without token", 9, "relay \"x\" {\nhost = \"::1\"\nauth = \"xoauth2\"\nuser = u\n}\nrelay \"smarthost\" {", 11, "auth: xoauth2 without a token, expected token-file or oauth" },
    { "both tokens", 47, "auth = xoauth2\ntoken-file = \"t\"\noauth = \"m365\"", 49, "token-file and oauth, expected only one of them" },
    { "password that means nothing", 12, "auth = \"none\"\n}\nrelay \"other\" {\nhost = \"localhost\"\nauth = \"none\"", 17, "user means nothing here, expected it only with auth = plain login xoauth2" },
    { "maildir with a host", 9, "relay \"box\" {\ntransport = \"maildir\"\npath = \"out\"\nhost = \"localhost\"\n}\nrelay \"smarthost\" {", 12, "host means nothing here, expected it only with transport = smtp" },
    { "unknown relay", 24, "relay = \"smarthst\"", 24, "relay: there is no relay \"smarthst\", expected smarthost" },
    { "unknown calendar", 40, "calendar = \"home\"", 40, "calendar: there is no calendar \"home\", expected office" },
    { "unknown calendar of a clock", 28, "clock \"respond\" {\ntarget = \"1h\"\ncalendar = \"home\"\n}", 30, "calendar: there is no calendar \"home\"" },
    { "unknown desk", 44, "desk = \"suport\"", 44, "desk: there is no desk \"suport\", expected support, sales" },
    { "unknown oauth", 47, "auth = xoauth2\noauth = \"google\"", 48, "oauth: there is no oauth \"google\", expected m365" },
    { "unknown priority", 33, "priority = \"high\"", 33, "priority: there is no priority \"high\", expected urgent, normal" },
    { "priority of another desk", 41, "priority \"normal\" { default = true }\nrule \"x\" {\nsubject = 'x'\npriority = urgent\n}", 44, "priority: there is no priority \"urgent\", expected normal" },
    { "no default priority", 30, "priority \"normal\" { }", 21, "desk \"support\" has no default priority, expected default = true" },
    { "two default priorities", 27, "priority \"urgent\" {\ndefault = true", 31, "default: priority \"urgent\" is the desk's default already (line 28)" },
    { "no priority", 41, "", 36, "desk \"sales\" has no priority" },
    { "duplicate address", 37, "address = {\n\"sales@example.com\",\n\"HELP@example.com\"\n}", 39, "address HELP@example.com is in use already (t.conf:22), expected each address once" },
    { "same prefix", 38, "prefix = \"CAS\"", 38, "prefix CAS is in use already (t.conf:23), expected each desk to have its own" },
    { "same mailbox name", 50, "maildir \"in\" { path = \"box\" }", 50, "mailbox name in is in use already (t.conf:49), expected another name" },
    { "same Maildir", 50, "maildir \"box\" { path = \"box\" }\nmaildir \"box2\" { path = \"./box\" }", 51, "is in use already (t.conf:50), expected a Maildir of its own" },
    { "outbox watched", 20, "}\nrelay \"out\" { transport = maildir path = box }", 51, "is in use already (t.conf:21), expected a Maildir of its own" },
    { "same port", 50, "lmtp \"more\" { listen = { \"127.0.0.1:2424\" } }", 50, "listener 127.0.0.1:2424 is in use already (t.conf:49)" },
    { "plain relay", 11, "tls = \"none\"", 11, "tls: none would send passwords and mail to smtp.example.com in the clear, expected tls or starttls" },
    { "plain imap", 46, "user = \"u\"\ntls = none", 47, "tls: none would send passwords and mail to imap.example.com" },
    { "any recipient for nobody", 49, "lmtp \"in\" {\nlisten = \"systemd\"\nany-recipient = true\n}", 51, "any-recipient: for which desk is not said" },
    { "rule that never matches", 32, "unless = { 'x' }", 31, "rule \"down\" asks nothing, expected text, subject or another condition" },
    { "rule for an unknown queue", 33, "queue = \"web\"", 33, "queue: there is no queue \"web\", expected" },
    { "second of a list unknown", 33, "tag = x\nadd-letter = { \"none\" }", 34, "add-letter: there is no letter \"none\", expected" },
    { "rule sets an unknown field", 33, "set = { \"app=x\" }", 33, "set: there is no field \"app\", expected the name of one" },
    { "assigned to a stranger", 33, "assign = \"bo@elsewhere.example\"", 33, "assign: bo@elsewhere.example is not staff of the desk" },
    { "no such state", 32, "text = 'x' stop = on }\nstate \"done\" { tell = true }\nrule \"x\" { text = 'a'", 33, "state \"done\" is none, expected new, assigned" },
    { "days backwards", 32, "text = 'x' stop = on }\nperson \"a@example.com\" { absent = { \"2026-07-31..2026-07-06\" } }\nrule \"x\" { text = 'a'", 33, "absent: bad value \"2026-07-31..2026-07-06\"" },
    { "person without an address", 32, "text = 'x' stop = on }\nperson \"anna\" { nights = true }\nrule \"x\" { text = 'a'", 33, "person \"anna\": bad address" },
    { "queue staffed by a stranger", 32, "text = 'x' stop = on }\nqueue \"q\" { staff = { \"x@elsewhere.example\" } }\nrule \"x\" { text = 'a'", 33, "staff: x@elsewhere.example is not staff" },
    { "queue hands over to nobody", 32, "text = 'x' stop = on }\nqueue \"q\" { next = \"w\" }\nrule \"x\" { text = 'a'", 33, "next: there is no queue \"w\", expected q" },
    { "queue hands over to itself", 32, "text = 'x' stop = on }\nqueue \"q\" {\nnext = \"q\"\n}\nrule \"x\" { text = 'a'", 34, "next: queue \"q\" itself, expected another one" },
    { "queue watches nothing", 32, "text = 'x' stop = on }\nqueue \"q\" { watch = { \"w\" } }\nrule \"x\" { text = 'a'", 33, "watch: there is no queue \"w\"" },
    { "queue, bad method", 32, "text = 'x' stop = on }\nqueue \"q\" { assign = \"random\" }\nrule \"x\" { text = 'a'", 33, "assign: bad value \"random\", expected one of: none first least-loaded round-robin" },
    { "queue, bad manager", 32, "text = 'x' stop = on }\nqueue \"q\" { manager = \"boss\" }\nrule \"x\" { text = 'a'", 33, "manager: bad value \"boss\", expected an address" },
    { "two default queues", 32, "text = 'x' stop = on }\nqueue \"q\" { default = on }\nqueue \"w\" {\ndefault = on }\nrule \"x\" { text = 'a'", 35, "default: queue \"q\" is the desk's default already (line 33), expected one" },
    { "clock of a queue, bad target", 32, "text = 'x' stop = on }\nqueue \"q\" { clock \"resolve\" {\ntarget = \"2 days\" } }\nrule \"x\" { text = 'a'", 34, "target: bad value \"2 days\", expected working time" },
    { "clock of a kind, no target", 32, "text = 'x' stop = on }\nkind \"k\" {\nclock \"resolve\" { } }\nrule \"x\" { text = 'a'", 34, "target is missing in clock" },
    { "clock of the desk, bad state", 32, "text = 'x' stop = on }\nclock \"resolve\" { target = \"1h\"\npause = { \"waiting\", \"asleep\" } }\nrule \"x\" { text = 'a'", 34, "pause: bad value \"asleep\", expected one of: new assigned progress waiting resolved closed" },
    { "clock stopped by what does not happen", 32, "text = 'x' stop = on }\nclock \"resolve\" { target = \"1h\" stop = { \"lunch\" } }\nrule \"x\" { text = 'a'", 33, "stop: bad value \"lunch\", expected take, relay, wait" },
    { "clock stopped by an unknown field", 32, "text = 'x' stop = on }\nclock \"resolve\" { target = \"1h\" stop = { \"resolve\",\n\"field:fixed\" } }\nrule \"x\" { text = 'a'", 34, "stop: there is no field \"fixed\"" },
    { "clock started by no clock", 32, "text = 'x' stop = on }\nclock \"resolve\" { target = \"1h\"\nstart = \"asign\" }\nrule \"x\" { text = 'a'", 34, "start: there is no clock \"asign\", expected the name of one or open" },
    { "clock started by itself", 32, "text = 'x' stop = on }\nclock \"resolve\" { target = \"1h\" start = \"resolve\" }\nrule \"x\" { text = 'a'", 33, "start: clock \"resolve\" itself, expected another one or open" },
    { "clock warns too late", 32, "text = 'x' stop = on }\nclock \"resolve\" { target = \"1h\" warn = 100 }\nrule \"x\" { text = 'a'", 33, "warn: \"100\" is out of range, expected 0 to 99" },
    { "clock warns nobody", 32, "text = 'x' stop = on }\nclock \"resolve\" { target = \"1h\" warn = 80 warn-to = { \"everybody\" } }\nrule \"x\" { text = 'a'", 33, "warn-to: bad value \"everybody\"" },
    { "step to somebody unknown", 32, "text = 'x' stop = on }\nclock \"resolve\" { target = \"1h\" escalate = { \"0m manager boss\" } }\nrule \"x\" { text = 'a'", 33, "escalate: bad value \"0m manager boss\"" },
    { "kind of an unknown priority", 32, "text = 'x' stop = on }\nkind \"k\" { priority = \"high\" }\nrule \"x\" { text = 'a'", 33, "priority: there is no priority \"high\", expected urgent, normal" },
    { "kind of an unknown queue", 32, "text = 'x' stop = on }\nkind \"k\" { queue = \"q\" }\nrule \"x\" { text = 'a'", 33, "queue: there is no queue \"q\"" },
    { "two default kinds", 32, "text = 'x' stop = on }\nkind \"k\" { default = on }\nkind \"l\" { default = on }\nrule \"x\" { text = 'a'", 34, "default: kind \"k\" is the desk's default already (line 33)" },
    { "kind twice", 32, "text = 'x' stop = on }\nkind \"k\" { offered = on }\nkind \"k\" { first = on }\nrule \"x\" { text = 'a'", 34, "kind \"k\" is there already" },
    { "person, unknown calendar", 32, "text = 'x' stop = on }\nperson \"a@example.com\" { calendar = \"nights\" }\nrule \"x\" { text = 'a'", 33, "calendar: there is no calendar \"nights\", expected office" },
    { "person, bad language", 32, "text = 'x' stop = on }\nperson \"a@example.com\" { language = \"english\" }\nrule \"x\" { text = 'a'", 33, "language: bad value \"english\"" },
    { "person, bad capacity", 32, "text = 'x' stop = on }\nperson \"a@example.com\" { capacity = \"some\" }\nrule \"x\" { text = 'a'", 33, "capacity: bad value \"some\", expected a whole number" },
    { "person twice", 32, "text = 'x' stop = on }\nperson \"a@example.com\" { }\nperson \"a@example.com\" { }\nrule \"x\" { text = 'a'", 34, "person \"a@example.com\" is there already" },
    { "customer without an address", 32, "text = 'x' stop = on }\ncustomer \"c\" { language = \"sv\" }\nrule \"x\" { text = 'a'", 33, "address is missing in customer, expected an address, a domain, or file:" },
    { "customer, bad domain", 32, "text = 'x' stop = on }\ncustomer \"c\" { address = { \"c.example\",\n\"not a domain\" } }\nrule \"x\" { text = 'a'", 34, "address: bad value \"not a domain\"" },
    { "customer, no such file", 32, "text = 'x' stop = on }\ncustomer \"c\" { address = { \"file:customers.txt\" } }\nrule \"x\" { text = 'a'", 33, "customers.txt: No such file or directory, expected a file with an address or domain a line" },
    { "customer of another", 32, "text = 'x' stop = on }\ncustomer \"c\" { address = { \"c.example\" } }\ncustomer \"d\" { address = { \"x@c.example\", \"C.example\" } }\nrule \"x\" { text = 'a'", 34, "address: c.example belongs to another customer already (t.conf:33), expected each address once" },
    { "consultant is a stranger", 32, "text = 'x' stop = on }\ncustomer \"c\" { address = { \"c.example\" }\nconsultant = \"bo@elsewhere.example\" }\nrule \"x\" { text = 'a'", 34, "consultant: bo@elsewhere.example is not staff of the desk" },
    { "consultant for an unknown kind", 32, "text = 'x' stop = on }\ncustomer \"c\" { address = { \"c.example\" } consultant-kind = { \"k\" } }\nrule \"x\" { text = 'a'", 33, "consultant-kind: there is no kind \"k\"" },
    { "customer, unknown calendar", 32, "text = 'x' stop = on }\ncustomer \"c\" { address = { \"c.example\" } calendar = \"theirs\" }\nrule \"x\" { text = 'a'", 33, "calendar: there is no calendar \"theirs\"" },
    { "customer, bad contact", 32, "text = 'x' stop = on }\ncustomer \"c\" { address = { \"c.example\" } contact = \"c.example\" }\nrule \"x\" { text = 'a'", 33, "contact: bad value \"c.example\", expected an address" },
    { "customer, bad admin", 32, "text = 'x' stop = on }\ncustomer \"c\" { address = { \"c.example\" } admin = { \"a@c.example\",\n\"it\" } }\nrule \"x\" { text = 'a'", 34, "admin: bad value \"it\", expected an address" },
    { "field, bad name", 32, "text = 'x' stop = on }\nfield \"my app\" { pattern = { \"x\" } }\nrule \"x\" { text = 'a'", 33, "field" },
    { "field for an unknown kind", 32, "text = 'x' stop = on }\nfield \"app\" { pattern = { \"x\" } kind = { \"k\" } }\nrule \"x\" { text = 'a'", 33, "kind: there is no kind \"k\"" },
    { "field twice", 32, "text = 'x' stop = on }\nfield \"app\" { pattern = { \"x\" } }\nfield \"app\" { pattern = { \"y\" } }\nrule \"x\" { text = 'a'", 34, "field \"app\" is there already" },
    { "rule for an unknown kind", 32, "text = 'x' stop = on }\nrule \"y\" { text = \"a\"\nkind = \"k\" }\nrule \"x\" { text = 'a'", 34, "kind: there is no kind \"k\"" },
    { "rule after an unknown kind", 32, "text = 'x' stop = on }\nrule \"y\" { if-kind = { \"k\" } stop = on }\nrule \"x\" { text = 'a'", 33, "if-kind: there is no kind \"k\"" },
    { "rule after an unknown field", 32, "text = 'x' stop = on }\nrule \"y\" { if-field = { \"app=x\" } stop = on }\nrule \"x\" { text = 'a'", 33, "if-field: there is no field \"app\"" },
    { "rule for an unknown customer", 32, "text = 'x' stop = on }\nrule \"y\" { customer = { \"c\" } stop = on }\nrule \"x\" { text = 'a'", 33, "customer: there is no customer \"c\"" },
    { "rule at no time", 32, "text = 'x' stop = on }\nrule \"y\" { when = \"night\" stop = on }\nrule \"x\" { text = 'a'", 33, "when: bad value \"night\", expected one of: open closed" },
    { "rule for a bad sender", 32, "text = 'x' stop = on }\nrule \"y\" { sender = { \"a@b.example\",\n\"@\" } stop = on }\nrule \"x\" { text = 'a'", 34, "sender: bad value \"@\"" },
    { "rule, senders not in a file", 32, "text = 'x' stop = on }\nrule \"y\" { text = \"a\" unless-sender = { \"file:none\" } stop = on }\nrule \"x\" { text = 'a'", 33, "none: No such file or directory" },
    { "rule in a bad language", 32, "text = 'x' stop = on }\nrule \"y\" { language = { \"en\", \"deutsch\" } stop = on }\nrule \"x\" { text = 'a'", 33, "language: bad value \"deutsch\"" },
    { "rule beyond a month", 32, "text = 'x' stop = on }\nrule \"y\" { month-end-before = 32 stop = on }\nrule \"x\" { text = 'a'", 33, "month-end-before: \"32\" is out of range, expected 0 to 31" },
    { "rule with an unknown letter", 32, "text = 'x' stop = on }\nrule \"y\" { text = \"a\" letter = \"upload\" }\nrule \"x\" { text = 'a'", 33, "letter: there is no letter \"upload\"" },
    { "rule begins in no state", 32, "text = 'x' stop = on }\nrule \"y\" { text = \"a\" state = \"done\" }\nrule \"x\" { text = 'a'", 33, "state: bad value \"done\", expected one of: new" },
    { "rule with a bad tag", 32, "text = 'x' stop = on }\nrule \"y\" { text = \"a\" tag = { \"a b\" } }\nrule \"x\" { text = 'a'", 33, "tag: bad value \"a b\"" },
    { "rule sets without a value", 32, "text = 'x' stop = on }\nfield \"app\" { }\nrule \"y\" { text = \"a\" set = { \"app\" } }\nrule \"x\" { text = 'a'", 34, "set: \"app\" without a value, expected NAME=VALUE" },
    { "rule twice", 32, "text = 'x' stop = on }\nrule \"y\" { text = \"a\" stop = on }\nrule \"y\" { text = \"b\" stop = on }\nrule \"x\" { text = 'a'", 34, "rule \"y\" is there already" },
    { "state, bad reminder", 32, "text = 'x' stop = on }\nstate \"waiting\" { remind = { \"3wd\",\n\"a week\" } }\nrule \"x\" { text = 'a'", 34, "remind: bad value \"a week\"" },
    { "state, a reminder after the closing", 32, "text = 'x' stop = on }\nstate \"waiting\" { remind = { \"1wd\",\n\"4wd\" } close = \"3wd\" }\nrule \"x\" { text = 'a'", 34, "remind: \"4wd\" never comes" },
    { "state, closing of what is closed", 32, "text = 'x' stop = on }\nstate \"closed\" { tell = true\nclose = \"3wd\" }\nrule \"x\" { text = 'a'", 34, "close: such a case is closed already" },
    { "state, a reminder of what is closed", 32, "text = 'x' stop = on }\nstate \"closed\" { tell = true\nremind = \"3wd\" }\nrule \"x\" { text = 'a'", 34, "remind: nobody waits" },
    { "approved to a stranger", 26, "approved-to = { \"bo@elsewhere.example\" }", 26, "approved-to: bo@elsewhere.example is not staff of the desk" },
    { "state, bad closing", 32, "text = 'x' stop = on }\nstate \"waiting\" { close = \"soon\" }\nrule \"x\" { text = 'a'", 33, "close: bad value \"soon\"" },
    { "state twice", 32, "text = 'x' stop = on }\nstate \"waiting\" { tell = on }\nstate \"waiting\" { tell = off }\nrule \"x\" { text = 'a'", 34, "state \"waiting\" is there already" },
    { "letter without a subject", 32, "text = 'x' stop = on }\nletter \"l\" { text = { \"x\" } }\nrule \"x\" { text = 'a'", 33, "subject is missing in letter" },
    { "letter without words", 32, "text = 'x' stop = on }\nletter \"l\" { subject = \"x\" }\nrule \"x\" { text = 'a'", 33, "text is missing in letter" },
    { "letter, bad sort", 32, "text = 'x' stop = on }\nletter \"l\" { subject = \"x\" text = { \"x\" } kind = \"ack\" }\nrule \"x\" { text = 'a'", 33, "kind: bad value \"ack\", expected one of: update referral refusal" },
    { "escalation to no priority", 32, "text = 'x' stop = on }\nescalation { priority = \"high\" }\nrule \"x\" { text = 'a'", 33, "priority: there is no priority \"high\"" },
    { "escalation, bad patience", 32, "text = 'x' stop = on }\nescalation { patience = \"a while\" }\nrule \"x\" { text = 'a'", 33, "patience: bad value \"a while\"" },
    { "escalation to nobody", 32, "text = 'x' stop = on }\nescalation { to = { \"boss\" } }\nrule \"x\" { text = 'a'", 33, "to: bad value \"boss\"" },
    { "bad manager", 32, "text = 'x' stop = on }\nmanager = \"carin\"\nrule \"x\" { text = 'a'", 33, "manager: bad value \"carin\", expected an address" },
    { "who may register", 32, "text = 'x' stop = on }\nregister = \"friends\"\nrule \"x\" { text = 'a'", 33, "register: bad value \"friends\", expected one of: anyone customers" },
    { "unknown quiet hours", 32, "text = 'x' stop = on }\nquiet = \"nights\"\nrule \"x\" { text = 'a'", 33, "quiet: there is no calendar \"nights\"" },
    { "bad announcement", 32, "text = 'x' stop = on }\nannounce = \"soon\"\nrule \"x\" { text = 'a'", 33, "announce: bad value \"soon\"" },
    { "bad survey", 32, "text = 'x' stop = on }\nsurvey = \"perhaps\"\nrule \"x\" { text = 'a'", 33, "survey: bad value \"perhaps\", expected true or false" },
    { "unknown setting of a rule", 32, "text = 'x' stop = on }\nrule \"y\" { text = \"a\" prioritty = \"urgent\" }\nrule \"x\" { text = 'a'", 33, "unknown setting \"prioritty\" in rule, expected priority" },
    { "unknown section of a desk", 32, "text = 'x' stop = on }\nqeue \"q\" { }\nrule \"x\" { text = 'a'", 33, "unknown section \"qeue\" in desk, expected queue" },
    { "rule that does nothing", 33, "", 31, "rule \"down\" does nothing, expected priority, queue, kind or another effect" },
};

static char folder[] = "/tmp/ticketd-conf-XXXXXX";

static void
file_write(const char *name, const char *text, unsigned mode)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(name, mode), 0);
}

/* The sound configuration with one line replaced (at 0: none). */
static void
config_write(const char *name, size_t at, const char *text)
{
    struct buf b = { 0 };

    for (size_t i = 0; i < countof(sound); i++)
        buf_printf(&b, "%s\n", i + 1 == at ? text : sound[i]);
    file_write(name, b.data, 0644);
    buf_free(&b);
}

/* Loads and must fail; the complaints. */
static char *
complaints_of(const char *name, bool check_files)
{
    struct buf errors = { 0 };
    struct conf *c = conf_load(name, check_files, &errors);

    if (c)
        print_error("%s: loaded without a complaint\n", name);
    assert_null(c);
    assert_true(errors.len > 0);
    return errors.data;
}

static size_t
lines_of(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += *s == '\n';
    return n;
}

/* One complaint, at this line, that holds `want`. */
static bool
mistake_told(const char *label, size_t at, const char *text, int line, const char *want, bool check_files)
{
    char begin[20], *got;
    bool good;

    config_write("t.conf", at, text);
    got = complaints_of("t.conf", check_files);
    snprintf(begin, sizeof begin, "t.conf:%d: ", line);
    good = !strncmp(got, begin, strlen(begin)) && strstr(got, want) && lines_of(got) == 1;
    if (!good)
        print_error("%s: want %s…%s…, got\n%s", label, begin, want, got);
    free(got);
    return good;
}

static void
one_mistake(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < countof(mistakes); i++)
        wrong += !mistake_told(mistakes[i].label, mistakes[i].at, mistakes[i].text, mistakes[i].line, mistakes[i].want, false);
    assert_int_equal(wrong, 0);
}

static void
sound_one(void **state)
{
    struct buf errors = { 0 };
    struct conf *c;

    (void)state;
    config_write("t.conf", 0, NULL);
    c = conf_load("t.conf", false, &errors);
    if (!c)
        print_error("%s", errors.data);
    assert_non_null(c);
    assert_int_equal(errors.len, 0);
    conf_free(&c);
    buf_free(&errors);
}

/* All of them, in the order of the file, whichever pass found them. */
static void
several_at_once(void **state)
{
    static const char want[] =
        "t.conf:2: state-directory is there already (line 1), expected it once\n"
        "t.conf:3: headers: \"5\" is out of range, expected 10 to 1000000\n"
        "t.conf:3: unexpected \"x\", expected quotes around a value with blanks\n"
        "t.conf:5: zone: bad value \"Europe/Londn\", expected a time zone such as Europe/London, from /usr/share/zoneinfo/\n"
        "t.conf:6: open: bad value \"always\", expected days and hours such as \"Mon-Fri 09:00-12:00 13:00-17:00\"\n"
        "t.conf:9: address: bad value \"nobody\", expected an address such as support@example.com\n"
        "t.conf:10: unknown setting \"prefx\" in desk, expected prefix\n";
    char *got;

    (void)state;
    file_write("t.conf", "state-directory = a\nstate-directory = b\nlimits { headers = 5 x }\ncalendar \"c\" {\nzone = \"Europe/Londn\"\n"
               "open = { always }\n}\ndesk \"d\" {\naddress = { \"nobody\" }\nprefx = \"D\"\n}\n", 0644);
    got = complaints_of("t.conf", false);
    assert_string_equal(got, want);
    free(got);
}

static void
no_desk(void **state)
{
    char *got;

    (void)state;
    file_write("t.conf", "# nothing\n", 0644);
    got = complaints_of("t.conf", false);
    assert_string_equal(got, "t.conf:1: no desk, expected at least one section desk \"NAME\" { … }\n");
    free(got);
    got = complaints_of("nowhere/t.conf", false);
    assert_string_equal(got, "nowhere/t.conf:1: cannot read nowhere/t.conf: No such file or directory, expected a configuration file\n");
    free(got);
    got = complaints_of("/", false);
    assert_string_equal(got, "/:1: cannot read /: Is a directory, expected a configuration file\n");
    free(got);
}

static void
included_files(void **state)
{
    char *got;

    (void)state;
    mkdir("sub", 0755);
    config_write("t.conf", 49, "include(\"sub/lmtp.conf\")  # and more");
    file_write("sub/lmtp.conf", "# one\ninclude(\"port.conf\")\nlmtp \"b\" { listen = { \"systemd\", \"nonsense\" } }\n", 0644);
    file_write("sub/port.conf", "lmtp \"c\" { listen = \"127.0.0.1:x\" }\n\n\nlmtp \"d\" {\n", 0644);
    got = complaints_of("t.conf", false);
    assert_string_equal(got, "sub/port.conf:1: listen: bad value \"127.0.0.1:x\", expected a loopback address such as 127.0.0.1:2424, the path of a socket, or systemd\n"
                             "sub/port.conf:4: lmtp is never closed, expected \"}\"\n"
                             "sub/lmtp.conf:3: listen: bad value \"nonsense\", expected a loopback address such as 127.0.0.1:2424, the path of a socket, or systemd\n");
    free(got);
    file_write("sub/lmtp.conf", "}\n", 0644);
    config_write("t.conf", 46, "user = u\ninclude(\"sub/lmtp.conf\")");
    got = complaints_of("t.conf", false);
    assert_string_equal(got, "sub/lmtp.conf:1: \"}\" closes nothing, expected a section to be open in this file\n");
    free(got);
    /* into itself, alone and as often as it can */
    file_write("sub/lmtp.conf", "include(\"lmtp.conf\")\n", 0644);
    got = complaints_of("t.conf", false);
    assert_string_equal(got, "sub/lmtp.conf:1: include: more than 8 files in one another or 200 in all, expected fewer\n");
    free(got);
    file_write("sub/lmtp.conf", "include(\"lmtp.conf\")\ninclude(\"lmtp.conf\")\ninclude(\"lmtp.conf\")\n", 0644);
    got = complaints_of("t.conf", false);
    assert_non_null(strstr(got, "sub/lmtp.conf:3: include: more than 8 files"));
    free(got);
    unlink("sub/port.conf");
    unlink("sub/lmtp.conf");
    rmdir("sub");
}

/* Lists of senders in files: whose lines they are is told with the file's own line. */
static void
senders_in_files(void **state)
{
    static const char rule[] = "text = 'x' stop = on }\nrule \"vip\" { sender = { \"a@vip.example\", \"file:vip.txt\" } stop = on }\nrule \"x\" { text = 'a'";
    static const char only[] = "text = 'x' stop = on }\nrule \"vip\" { sender = { \"file:vip.txt\" } stop = on }\nrule \"x\" { text = 'a'";
    struct buf errors = { 0 };
    struct conf *c;
    char *got;

    (void)state;
    file_write("vip.txt", "# those who pay\nBoss@VIP.example   # the first\n\n  @big.Example\t\r\nsmall.example", 0644);
    config_write("t.conf", 32, rule);
    c = conf_load("t.conf", false, &errors);
    if (!c)
        print_error("%s", errors.data);
    assert_non_null(c);
    assert_int_equal(c->desks[0].rules[1].sender.n, 4);
    assert_true(conf_address_in(&c->desks[0].rules[1].sender, "boss@vip.example"));
    assert_true(conf_address_in(&c->desks[0].rules[1].sender, "x@BIG.example"));
    assert_true(conf_address_in(&c->desks[0].rules[1].sender, "x@small.example"));
    assert_false(conf_address_in(&c->desks[0].rules[1].sender, "b@vip.example"));
    conf_free(&c);
    file_write("vip.txt", "a@b.example\nnot an address\n", 0644);
    got = complaints_of("t.conf", false);
    assert_non_null(strstr(got, "t.conf:33: /"));
    assert_non_null(strstr(got, "vip.txt:2: bad value \"not an address\", expected an address or a domain\n"));
    free(got);
    file_write("vip.txt", "# nobody yet\n", 0644);
    config_write("t.conf", 32, only);
    got = complaints_of("t.conf", false);
    assert_non_null(strstr(got, "vip.txt: nothing in it, expected an address or a domain a line\n"));
    assert_int_equal(lines_of(got), 1);
    free(got);
    unlink("vip.txt");
    buf_free(&errors);
}

static void
files_checked(void **state)
{
    static const struct { const char *label; size_t at; const char *text; int line; const char *want; } rows[] = {
        { "no secret", 47, "password = \"missing\"", 47, "/missing: No such file or directory, expected a file with mode 0600" },
        { "secret for all", 47, "password = \"open\"", 47, "password: others than its owner may read /" },
        { "empty secret", 47, "password = \"empty\"", 47, "/empty: it is empty, expected" },
        { "folder as a secret", 47, "password = \".\"", 47, "expected a file with mode 0600" },
        { "no holidays", 7, "holidays = {\n\"missing.ics\" }", 8, "holidays: cannot read /" },
        { "no certificates", 11, "ca-file = \"missing.pem\"", 11, "ca-file: cannot read /" },
        { "folder as certificates", 11, "ca-file = \"/tmp\"", 11, "ca-file: cannot read /tmp: Is a directory" },
        { "no templates", 24, "relay = smarthost\ntemplates = \"missing\"", 25, "templates: cannot read /" },
        { "file as templates", 24, "relay = smarthost\ntemplates = \"open\"", 25, "/open: Not a directory" },
        { "no group", 2, "control-group-read = \"no-such-group\"", 2, "control-group-read: bad value \"no-such-group\", expected a group" },
    };
    struct buf errors = { 0 };
    struct conf *c;
    size_t wrong = 0;

    (void)state;
    file_write("relay.password", "secret\n", 0600);
    file_write("imap.password", "secret\n", 0600);
    file_write("refresh", "secret\n", 0600);
    file_write("open", "secret\n", 0644);
    file_write("empty", "\n", 0600);
    config_write("t.conf", 0, NULL);
    c = conf_load("t.conf", true, &errors);
    assert_non_null(c);
    conf_free(&c);
    for (size_t i = 0; i < countof(rows); i++) {
        config_write("t.conf", rows[i].at, rows[i].text);
        c = conf_load("t.conf", false, &errors);        /* without a look at files all is well */
        assert_non_null(c);
        conf_free(&c);
        wrong += !mistake_told(rows[i].label, rows[i].at, rows[i].text, rows[i].line, rows[i].want, true);
    }
    assert_int_equal(wrong, 0);
    buf_free(&errors);
}

static void
secrets(void **state)
{
    struct buf b = { 0 };
    char here[4096];

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    file_write("imap.password", "pass word\n", 0600);
    file_write("open", "x", 0644);
    assert_int_equal(conf_secret("imap.password", NULL, &b), 0);
    assert_string_equal(b.data, "pass word");
    buf_clear(&b);
    assert_int_equal(conf_secret("open", NULL, &b), EPERM);
    assert_int_equal(conf_secret("missing", NULL, &b), ENOENT);
    assert_int_equal(conf_secret("credential:open", here, &b), 0);
    assert_string_equal(b.data, "x");
    assert_int_equal(conf_secret("credential:open", NULL, &b), ENOENT);
    assert_int_equal(conf_secret("credential:../open", here, &b), EINVAL);
    assert_int_equal(conf_secret("credential:..", here, &b), EINVAL);
    assert_int_equal(conf_secret("credential:", here, &b), EINVAL);
    buf_free(&b);
}

/* A reload after bad ones: nothing of them stays behind in libconfuse. */
static void
good_after_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < 100; i++) {
        config_write("t.conf", mistakes[i % countof(mistakes)].at, mistakes[i % countof(mistakes)].text);
        free(complaints_of("t.conf", false));
    }
    sound_one(state);
}

static int
folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int
folder_remove(void **state)
{
    static const char *const names[] = { "t.conf", "relay.password", "imap.password", "refresh", "open", "empty" };

    (void)state;
    for (size_t i = 0; i < countof(names); i++)
        unlink(names[i]);
    return chdir("/") || rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_one), cmocka_unit_test(one_mistake), cmocka_unit_test(several_at_once), cmocka_unit_test(no_desk),
        cmocka_unit_test(included_files), cmocka_unit_test(senders_in_files), cmocka_unit_test(files_checked), cmocka_unit_test(secrets), cmocka_unit_test(good_after_bad),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
