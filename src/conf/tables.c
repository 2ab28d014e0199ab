/* SPDX-License-Identifier: ISC
 *
 * The language of ticketd.conf. A row is a setting: name, type, where it is kept, then what differs from "optional, without
 * default". The help is what ticketd.conf(5) says, word for word, a sentence a line there: write it for the operator, in
 * whole sentences, with no backslash and no sentence that begins with a dot or an apostrophe.
 * ONE and LIST compare the member's type with the setting's while compiling.
 */
#include "rows.h"

#include <string.h>

/* ---- limits */

static const struct setting limits_rows[] = {
    ONE("intake-mail", size, conf_limits, intake_mail, .fallback = "150MiB", .min = KIB, .max = GIB,
        .help = "The largest mail that is taken in. LMTP answers 552 to a larger one; of one in an IMAP folder or a Maildir the first 256 KiB become a case, and staff are told."),
    ONE("parse-mail", size, conf_limits, parse_mail, .fallback = "50MiB", .min = KIB, .max = GIB,
        .help = "The largest mail that is read. A larger one is kept as it is, becomes a case, and staff are told that it was not read."),
    ONE("headers", number, conf_limits, headers, .fallback = "1000", .min = 10, .max = 1000000,
        .help = "How many header fields of a mail are read."),
    ONE("header-length", small_size, conf_limits, header_len, .fallback = "64KiB", .min = KIB, .max = 16 * MIB,
        .help = "The longest header field, folded lines included. What is longer is cut."),
    ONE("parts", number, conf_limits, parts, .fallback = "500", .min = 1, .max = 100000,
        .help = "How many MIME parts of a mail are read."),
    ONE("depth", number, conf_limits, depth, .fallback = "20", .min = 1, .max = 100,
        .help = "How deep MIME parts may lie in one another."),
    ONE("text", size, conf_limits, text, .fallback = "4MiB", .min = KIB, .max = 64 * MIB,
        .help = "How much readable text of a mail is read."),
    ONE("free-space", size, conf_limits, free_space, .fallback = "256MiB", .min = 0, .max = 1024 * GIB,
        .help = "With less free space on the disk of the state directory no mail is taken in: LMTP answers 452, IMAP and Maildir wait."),
    ONE("backlog", number, conf_limits, backlog, .fallback = "2000", .min = 1, .max = 1000000,
        .help = "How many mails may be in hand, taken from their source but not yet stored, before intake waits or answers 452."),
    ONE("backlog-bytes", size, conf_limits, backlog_bytes, .fallback = "512MiB", .min = MIB, .max = 1024 * GIB,
        .help = "The same, in bytes."),
    ONE("parse-workers", number, conf_limits, parse_workers, .fallback = "2", .min = 1, .max = 64,
        .help = "How many processes read mail. One a processor is a good number."),
    ONE("compose-workers", number, conf_limits, compose_workers, .fallback = "1", .min = 1, .max = 64,
        .help = "How many processes write letters."),
    ONE("parse-timeout", time, conf_limits, parse_timeout_s, .fallback = "10s", .min = 1, .max = 10 * MINUTE,
        .help = "How long reading one mail may take. A worker that takes longer is replaced; after a second try the mail is kept unread."),
    ONE("parse-memory", size, conf_limits, parse_memory, .fallback = "1GiB", .min = 256 * MIB, .max = GIB,
        .help = "How much address space a process that reads mail may take. A mail that needs more is kept unread."),
};
static const struct section limits = {
    .name = "limits", .kind = -1, SETTINGS(limits_rows), .size = sizeof (struct conf_limits), .array = offsetof(struct conf, limits),
    .help = "Bounds that keep hostile or broken mail from doing harm. The defaults suit nearly everybody.",
};

/* ---- how a server is reached: the same for relays and IMAP */

#define PASSWORD_HELP "The password: a file that only its owner can read (mode 0600), or credential:NAME for one that systemd hands over."
#define TOKEN_HELP "A file with an OAuth2 access token, kept fresh by another program. It is read before each connection."
#define OAUTH_HELP "The oauth section that fetches access tokens, instead of a token-file."
#define TLS_HELP "tls begins encrypted, starttls changes over to it and goes no further without, none stays plain, for loopback only. "
#define CA_HELP "Certificates to trust (PEM), instead of the system's. The server's certificate and name are always checked."

static const struct setting relay_rows[] = {
    ONE("transport", choice, conf_relay, transport, .choices = "smtp maildir", .fallback = "smtp",
        .help = "How letters leave: over SMTP to a smarthost, or as files into a Maildir."),
    ONE("host", host, conf_relay, host, ONLY("transport", "smtp"), .required = true,
        .help = "The smarthost. Its certificate must carry this name."),
    ONE("port", number, conf_relay, port, ONLY("transport", "smtp"), .min = 1, .max = 65535,
        .help = "Its port. The default is 465 with tls, 587 with starttls and 25 with none."),
    ONE("tls", tls, conf_relay, tls, ONLY("transport", "smtp"), .choices = "tls starttls none", .fallback = "starttls",
        .help = TLS_HELP),
    ONE("ca-file", file, conf_relay, ca_file, ONLY("transport", "smtp"), .help = CA_HELP),
    ONE("auth", choice, conf_relay, auth, ONLY("transport", "smtp"), .choices = "none plain login xoauth2", .fallback = "plain",
        .help = "How ticketd proves who it is; none for a relay that knows it by its address."),
    ONE("user", text, conf_relay, user, ONLY("auth", "plain login xoauth2"), .required = true,
        .help = "The name to log in with."),
    ONE("password", secret, conf_relay, password, ONLY("auth", "plain login"), .required = true, .help = PASSWORD_HELP),
    ONE("token-file", secret, conf_relay, token_file, ONLY("auth", "xoauth2"), .help = TOKEN_HELP),
    ONE("oauth", ref, conf_relay, oauth, ONLY("auth", "xoauth2"), .of = "oauth", .help = OAUTH_HELP),
    ONE("helo", domain, conf_relay, helo, ONLY("transport", "smtp"),
        .help = "The name in EHLO. The default is hostname."),
    ONE("path", path, conf_relay, path, ONLY("transport", "maildir"), .required = true,
        .help = "The Maildir. It is made if it is not there."),
    ONE("envelope", envelope, conf_relay, envelope, .choices = "signed plain null", .fallback = "signed",
        .help = "The envelope sender of automatic letters. "
                "signed is an address of the desk with a token, which ties a bounce to its letter; the desk's mailbox must take support+ANYTHING, so it works where the desk says reply-address = plus, and is plain elsewhere. "
                "plain is the desk's address. null is the empty sender, which nobody answers."),
    ONE("lanes", number, conf_relay, lanes, .fallback = "2", .min = 1, .max = 64,
        .help = "How many letters are on their way at the same time, each in a process and a connection of its own."),
    ONE("timeout", time, conf_relay, timeout_s, .fallback = "5m", .min = 1, .max = HOUR,
        .help = "How long the server may take for an answer."),
    ONE("give-up", time, conf_relay, give_up_s, .fallback = "5d", .min = 1, .max = 30 * DAY,
        .help = "How long a letter is tried again before it has failed and staff are told."),
    ONE("max-size", size, conf_relay, max_size, .fallback = "25MiB", .min = 64 * KIB, .max = 48 * MIB,
        .help = "The largest letter that it takes, as it travels: attachments grow by more than a third. "
                "When the server itself announces less (SIZE, RFC 1870), that counts from the first connection on. "
                "An answer of staff that would be larger is not sent, and its writer is told so at once; notices leave attachments out and name them."),
};
static const struct section relay = {
    .name = "relay", .title = TITLE_NAME, .kind = -1, SETTINGS(relay_rows), ARRAY(conf, relays, conf_relay), ITEM(conf_relay),
    .check = conf_check_relay, .help = "A way for letters to leave.",
};

static const struct setting oauth_rows[] = {
    ONE("endpoint", url, conf_oauth, endpoint, .required = true, .help = "The provider's token endpoint."),
    ONE("client-id", text, conf_oauth, client_id, .required = true, .help = "The name under which ticketd is registered there."),
    ONE("client-secret", secret, conf_oauth, client_secret, .help = "The secret that belongs to it, where the provider gave one; a file or credential:NAME."),
    ONE("refresh-token", secret, conf_oauth, refresh_token, .required = true,
        .help = "The refresh token to begin with; a file or credential:NAME. When the provider replaces it, ticketd keeps the new one in its store, sealed."),
    ONE("scope", text, conf_oauth, scope, .help = "The scope to ask for, if the provider wants one."),
    ONE("ca-file", file, conf_oauth, ca_file, .help = CA_HELP),
};
static const struct section oauth = {
    .name = "oauth", .title = TITLE_NAME, .kind = -1, SETTINGS(oauth_rows), ARRAY(conf, oauths, conf_oauth), ITEM(conf_oauth),
    .help = "Access tokens for mailboxes and relays that want OAuth2, fetched with a refresh token.",
};

/* ---- where mail comes from */

#define MAILBOX_DESK_HELP "The desk that its mail is for. Without it the recipients in the header decide, and where they do not, the only desk."
#define TRUST_HELP "Whether Authentication-Results in mail from here count at all. "

static const struct setting imap_rows[] = {
    ONE("desk", ref, conf_intake, desk, .of = "desk", .help = MAILBOX_DESK_HELP),
    ONE("host", host, conf_intake, host, .required = true, .help = "The server. Its certificate must carry this name."),
    ONE("port", number, conf_intake, port, .min = 1, .max = 65535, .help = "Its port. The default is 993 with tls, else 143."),
    ONE("tls", tls, conf_intake, tls, .choices = "tls starttls none", .fallback = "tls", .help = TLS_HELP),
    ONE("ca-file", file, conf_intake, ca_file, .help = CA_HELP),
    ONE("auth", choice, conf_intake, auth, .choices = "login plain xoauth2", .fallback = "login", .help = "How ticketd proves who it is."),
    ONE("user", text, conf_intake, user, .required = true, .help = "The name to log in with."),
    ONE("password", secret, conf_intake, password, ONLY("auth", "login plain"), .required = true, .help = PASSWORD_HELP),
    ONE("token-file", secret, conf_intake, token_file, ONLY("auth", "xoauth2"), .help = TOKEN_HELP),
    ONE("oauth", ref, conf_intake, oauth, ONLY("auth", "xoauth2"), .of = "oauth", .help = OAUTH_HELP),
    ONE("folder", text, conf_intake, folder, .fallback = "INBOX", .help = "The folder to watch."),
    ONE("move-to", text, conf_intake, move_to,
        .help = "A folder that mail is moved to once it is stored. Without it the mail stays, marked as read and with keyword."),
    ONE("keyword", keyword, conf_intake, keyword, .fallback = "TicketdTaken",
        .help = "The keyword that marks mail that is stored. Servers without keywords do not matter: ticketd keeps its own list."),
    ONE("start", choice, conf_intake, start, .choices = "new unseen all", .fallback = "new",
        .help = "What happens to mail that is there at the first contact. "
                "new leaves it alone, unseen takes in what nobody has read, all takes in everything; nobody is written to about mail from before."),
    ONE("poll", time, conf_intake, poll_s, .fallback = "5m", .min = 1, .max = DAY,
        .help = "How often to look where the server cannot tell of new mail by itself (IDLE)."),
    ONE("command-timeout", time, conf_intake, command_timeout_s, .fallback = "60s", .min = 1, .max = HOUR,
        .help = "How long the server may take for a command."),
    ONE("trust-auth", bool, conf_intake, trust_auth, .fallback = "true", .help = TRUST_HELP),
};
static const struct section imap = {
    .name = "imap", .title = TITLE_NAME, SETTINGS(imap_rows), ARRAY(conf, intakes, conf_intake), ITEM(conf_intake),
    .kind = CONF_INTAKE_IMAP, .kind_at = offsetof(struct conf_intake, kind), .check = conf_check_mailbox,
    .help = "A mailbox on an IMAP server. Names of imap, lmtp and maildir sections are all different; "
            "do not change one later: what was taken from the mailbox is remembered under it.",
};

static const struct setting lmtp_rows[] = {
    LIST("listen", listen, conf_intake, listen, .required = true,
        .help = "Where to listen: a loopback address with its port, the path of a socket, or systemd for the sockets of a socket unit."),
    ONE("mode", mode, conf_intake, socket_mode, .fallback = "0660", .help = "Permissions of a socket made from a path."),
    ONE("max-connections", number, conf_intake, max_connections, .fallback = "1000", .min = 1, .max = 10000,
        .help = "How many connections may be open."),
    ONE("any-recipient", bool, conf_intake, any_recipient, .fallback = "false",
        .help = "Whether every recipient is taken, for the desk named by desk. Otherwise recipients that are no desk's address are refused with 550."),
    ONE("desk", ref, conf_intake, desk, .of = "desk", .help = "The desk for any-recipient; used for nothing else."),
    ONE("trust-auth", bool, conf_intake, trust_auth, .fallback = "false",
        .help = TRUST_HELP "Say true if all mail comes through a server named in authserv."),
};
static const struct section lmtp = {
    .name = "lmtp", .title = TITLE_NAME, SETTINGS(lmtp_rows), ARRAY(conf, intakes, conf_intake), ITEM(conf_intake),
    .kind = CONF_INTAKE_LMTP, .kind_at = offsetof(struct conf_intake, kind), .check = conf_check_mailbox,
    .help = "A port or socket to which a mail server on the same machine delivers (LMTP, RFC 2033).",
};

static const struct setting maildir_rows[] = {
    ONE("path", path, conf_intake, path, .required = true, .help = "The Maildir to watch. It is made if it is not there."),
    ONE("desk", ref, conf_intake, desk, .of = "desk", .help = MAILBOX_DESK_HELP),
    ONE("rescan", time, conf_intake, rescan_s, .fallback = "1m", .min = 1, .max = DAY,
        .help = "How often to look even though nothing was announced."),
    ONE("trust-auth", bool, conf_intake, trust_auth, .fallback = "false",
        .help = TRUST_HELP "Say true if all mail comes through a server named in authserv."),
};
static const struct section maildir = {
    .name = "maildir", .title = TITLE_NAME, SETTINGS(maildir_rows), ARRAY(conf, intakes, conf_intake), ITEM(conf_intake),
    .kind = CONF_INTAKE_MAILDIR, .kind_at = offsetof(struct conf_intake, kind), .check = conf_check_mailbox,
    .help = "A Maildir on this machine. Mail that is stored moves from new to cur.",
};

/* ---- the top level */

static const struct setting root_rows[] = {
    ONE("state-directory", path, conf, state_directory, .fallback = "/var/lib/ticketd",
        .help = "Where everything is stored. It belongs to one ticketd alone and must be on a local disk."),
    ONE("control", socket, conf, control, .fallback = "/run/ticketd/control", .help = "The socket that ticketctl talks to."),
    ONE("control-group-read", group, conf, control_group_read, .help = "The group whose members may look at cases with ticketctl, beside root and ticketd's own user."),
    ONE("control-group-write", group, conf, control_group_write, .help = "The group whose members may also change things."),
    ONE("key-file", secret, conf, key_file,
        .help = "The master key that all stored data is sealed with: a file (mode 0600) with 64 hexadecimal digits, or credential:NAME. "
                "The default is master.key in the state directory, which is made at the first start. "
                "Keep a copy elsewhere: without the key the data is lost."),
    ONE("hostname", domain, conf, hostname, .help = "The name in LMTP's greeting and in EHLO. The default is the domain of the first desk's first address."),
    ONE("map-size", size, conf, map_size, .fallback = "64GiB", .min = MIB, .max = 64 * (1024 * GIB),
        .help = "How large the store may grow. It takes up only what it needs."),
    ONE("log", second, conf, log_debug, .choices = "normal debug", .fallback = "normal", .help = "How much is logged."),
};
static const struct section *const root_sections[] = { &limits, &conf_section_calendar, &oauth, &relay, &conf_section_desk, &imap, &lmtp, &maildir };
const struct section conf_root = {
    .kind = -1, SETTINGS(root_rows), SECTIONS(root_sections), .size = sizeof (struct conf), .check = conf_check_root,
    .help = "These stand outside of any section.",
};

/* ---- reading the tables */

void
conf_list_get(const void *at, void **v, size_t *n)
{
    memcpy(v, at, sizeof *v);
    memcpy(n, (const char *)at + sizeof *v, sizeof *n);
}

void
conf_list_set(void *at, void *v, size_t n)
{
    memcpy(at, &v, sizeof v);
    memcpy((char *)at + sizeof v, &n, sizeof n);
}

const struct setting *
conf_setting_find(const struct section *s, const char *name)
{
    for (size_t i = 0; i < s->n_settings; i++)
        if (!strcmp(s->settings[i].name, name))
            return &s->settings[i];
    return NULL;
}

const struct section *
conf_section_find(const struct section *s, const char *name)
{
    for (size_t i = 0; i < s->n_sections; i++)
        if (!strcmp(s->sections[i]->name, name))
            return s->sections[i];
    return NULL;
}

/* Only settings of type choice are asked about here. */
bool
conf_setting_applies(const struct section *section, const struct setting *s, const void *object)
{
    while (s->only_if) {
        const struct setting *other = conf_setting_find(section, s->only_if);
        const char *word;

        must(other && other->type == &conf_type_choice);
        memcpy(&word, (const char *)object + other->at, sizeof word);
        if (!conf_word_in(s->only_values, word, NULL))
            return false;
        s = other;
    }
    return true;
}
