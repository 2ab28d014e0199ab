/* SPDX-License-Identifier: ISC
 *
 * What a sound configuration becomes: values, defaults, paths, order, look-ups; printing it and reading that again; the
 * sample; and that no bytes whatsoever make the reader fall over.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticketd/conf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAMPLE "ticketd.conf.sample"
#define TURNS 1500

static char folder[] = "/tmp/ticketd-conf-XXXXXX";
static char top[4096];                  /* of the source tree */

static const char whole[] =
    "state-directory = \"./state\"  # relative\n"
    "control-group-read = 'staff'\n"
    "map-size = \"1GiB\"  log = debug\n"
    "limits { headers = 50 header-length = 2KiB intake-mail = 1048576 parse-timeout = 1m30s }\n"
    "calendar \"a\" { zone = UTC open = { \"Mon-Sun 00:00-24:00\" } holidays = { \"uk.ics\", \"/abs/se.ics\" } }\n"
    "calendar \"b\" { zone = \"America/Argentina/Buenos_Aires\" open = \"Mon,Wed-Fri 09:00-12:00 13:00-17:00\" closed = { 2026-12-24, \"2028-02-29\", } }\n"
    "relay \"out\" { transport = maildir path = \"outbox\" envelope = null }\n"
    "relay \"post\" { host = \"::1\" tls = none auth = none }\n"
    "relay \"cloud\" { host = \"smtp.example.com\" tls = tls auth = xoauth2 user = \"u@example.com\" oauth = \"o\" lanes = 7 give-up = \"1d12h\" }\n"
    "oauth \"o\" { endpoint = \"https://id.example.com/token\" client-id = \"me\" client-secret = \"credential:cs\" refresh-token = \"rt\" }\n"
    "maildir \"spool\" { path = \"in box\" desk = \"two\" }\n"
    "imap \"post-box\" { host = \"imap.example.com\" user = \"a b\" password = \"credential:pw\" tls = starttls move-to = \"Gelesen/\xc3\x84lter\" }\n"
    "lmtp \"in\" { listen = { \"[::1]:2424\", \"run/lmtp\", \"systemd\" } mode = 600 }\n"
    "desk \"one\" {\n"
    "  include(\"sub/staff.conf\")\n"
    "  address = { \"Support@Example.COM\", help@example.com } prefix = CAS relay = out calendar = b\n"
    "  from-name = \"Say \\\"hi\\\" \\\\ \xc3\xa5\" reply-address = plus acknowledge = no reopen-window = 0s\n"
    "  rule \"first rule\" { text = { 'a\\d+', '\\bb\"c\\b' } unless = 'x\\\\y' priority = \"low\" }\n"
    "  priority \"high\" { label = \"Very high\" clock respond { target = 1h30m escalate = { \"0m a@example.com\", \"2wd  b@example.com\" } } clock \"resolve\" { target = \"1.5mo\" calendar = a } }\n"
    "  priority \"low\" { default = on }\n"
    "  rule \"second\" {\n    subject = { 'one', 'two' }\n    queue = q }\n"
    "  budget { all-day = 0 }\n"
    "  queue \"first\" { staff = s@example.com next = q } queue \"q\" { default = on }\n"
    "}\n"
    "desk \"two\" { address = two@example.com prefix = A2 relay = cloud calendar = a priority \"p\" { default = true } kind k { offered = on } rule r { subject = 'three' kind = k } }\n";

static const char staff[] = "staff = { \"s@example.com\" }\ntemplates = \"texts\"\n";

static void
file_write(const char *name, const char *bytes, size_t len)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static struct conf *
load(const char *name)
{
    struct buf errors = { 0 };
    struct conf *c = conf_load(name, false, &errors);

    if (!c)
        print_error("%s", errors.data);
    assert_non_null(c);
    assert_int_equal(errors.len, 0);
    buf_free(&errors);
    return c;
}

static struct conf *
load_whole(void)
{
    mkdir("sub", 0755);
    file_write("sub/staff.conf", staff, strlen(staff));
    file_write("t.conf", whole, strlen(whole));
    return load("t.conf");
}

/* `path` below the test's folder. */
static void
assert_path(const char *got, const char *path)
{
    char *want = path_join(folder, path);

    assert_string_equal(got, want);
    free(want);
}

static void
values(void **state)
{
    struct conf *c = load_whole();
    const struct conf_desk *d = &c->desks[0];

    (void)state;
    assert_path(c->file, "t.conf");
    assert_path(c->state_directory, "state");
    assert_string_equal(c->control, "/run/ticketd/control");
    assert_string_equal(c->hostname, "example.com");
    assert_null(c->key_file);
    assert_string_equal(c->control_group_read, "staff");
    assert_null(c->control_group_write);
    assert_int_equal(c->map_size, 1u << 30);
    assert_true(c->log_debug);
    assert_int_equal(c->limits.headers, 50);
    assert_int_equal(c->limits.header_len, 2048);
    assert_int_equal(c->limits.intake_mail, 1 << 20);
    assert_int_equal(c->limits.parse_timeout_s, 90);
    assert_int_equal(c->limits.parse_mail, 50 << 20);

    assert_int_equal(c->n_calendars, 2);
    assert_path(c->calendars[0].holidays.v[0], "uk.ics");
    assert_string_equal(c->calendars[0].holidays.v[1], "/abs/se.ics");
    assert_int_equal(c->calendars[1].closed.n, 2);
    assert_string_equal(c->calendars[1].closed.v[1], "2028-02-29");
    assert_int_equal(c->calendars[1].where.line, 6);

    assert_int_equal(c->n_desks, 2);
    assert_int_equal(d->addresses.n, 2);
    assert_string_equal(d->addresses.v[0], "Support@example.com");
    assert_string_equal(d->from_name, "Say \"hi\" \\ \xc3\xa5");
    assert_string_equal(d->zone, "America/Argentina/Buenos_Aires");
    assert_string_equal(d->queue, "q");
    assert_string_equal(d->staff.v[0], "s@example.com");
    assert_path(d->templates, "sub/texts");
    assert_true(d->plus_addressing);
    assert_false(d->acknowledge);
    assert_int_equal(d->reopen_s, 0);
    assert_int_equal(d->budget.all_day, 0);
    assert_int_equal(d->budget.recipient_hour, 10);
    assert_string_equal(d->languages.v[0], "en");
    assert_int_equal(d->n_priorities, 2);
    assert_string_equal(d->priorities[0].label, "Very high");
    assert_string_equal(d->priorities[1].label, "low");
    assert_int_equal(d->priorities[1].rank, 1);
    assert_true(d->priorities[1].is_default && !d->priorities[0].is_default);
    assert_int_equal(d->priorities[0].n_clocks, 2);
    assert_null(d->priorities[0].clocks[0].calendar);          /* the customer's, else the desk's */
    assert_string_equal(d->priorities[0].clocks[1].calendar, "a");
    assert_string_equal(d->priorities[0].clocks[1].target, "1.5mo");
    assert_int_equal(d->priorities[0].clocks[0].n_steps, 2);
    assert_string_equal(d->priorities[0].clocks[0].steps[1].after, "2wd");
    assert_string_equal(d->priorities[0].clocks[0].steps[1].to, "b@example.com");
    assert_string_equal(c->desks[1].from_name, "two");
    assert_non_null(strstr(c->desks[1].templates, "share/ticketd/templates"));
    assert_int_equal(c->desks[1].reopen_s, 14 * 86400);
    conf_free(&c);
    assert_null(c);
    conf_free(&c);
}

static void
servers(void **state)
{
    struct conf *c = load_whole();
    const struct conf_intake *in = c->intakes;

    (void)state;
    assert_int_equal(c->n_relays, 3);
    assert_path(c->relays[0].path, "outbox");
    assert_int_equal(c->relays[0].envelope, CONF_ENVELOPE_NULL);
    assert_int_equal(c->relays[1].port, 25);
    assert_int_equal(c->relays[1].tls, CONF_TLS_NONE);
    assert_int_equal(c->relays[1].envelope, CONF_ENVELOPE_SIGNED);
    assert_int_equal(c->relays[2].port, 465);
    assert_int_equal(c->relays[2].lanes, 7);
    assert_int_equal(c->relays[2].give_up_s, 36 * 3600);
    assert_int_equal(c->relays[2].timeout_s, 300);
    assert_string_equal(c->oauths[0].client_secret, "credential:cs");
    assert_path(c->oauths[0].refresh_token, "rt");
    assert_int_equal(c->n_intakes, 3);  /* in the order of the file, whatever their kind */
    assert_int_equal(in[0].kind, CONF_INTAKE_MAILDIR);
    assert_path(in[0].path, "in box");
    assert_string_equal(in[0].desk, "two");
    assert_int_equal(in[0].rescan_s, 60);
    assert_int_equal(in[1].kind, CONF_INTAKE_IMAP);
    assert_int_equal(in[1].port, 143);
    assert_true(in[1].trust_auth);
    assert_null(in[1].desk);
    assert_string_equal(in[1].start, "new");
    assert_string_equal(in[1].keyword, "TicketdTaken");
    assert_int_equal(in[2].kind, CONF_INTAKE_LMTP);
    assert_int_equal(in[2].socket_mode, 0600);
    assert_path(in[2].listen.v[1], "run/lmtp");
    assert_false(in[2].trust_auth);
    conf_free(&c);
}

static void
patterns(void **state)
{
    static const struct { const char *regex; int line; } want[] = {
        { "a\\d+", 18 }, { "\\bb\"c\\b", 18 }, { "x\\y", 18 }, { "one", 22 }, { "two", 22 }, { "three", 27 },
    };
    struct conf *c = load_whole();

    (void)state;
    assert_int_equal(conf_pattern_count(c), countof(want));
    for (size_t i = 0; i < countof(want); i++) {
        assert_string_equal(conf_pattern_at(c, i)->regex, want[i].regex);
        assert_int_equal(conf_pattern_at(c, i)->where.line, want[i].line);
        assert_string_equal(conf_pattern_at(c, i)->where.file, "t.conf");
    }
    assert_int_equal(conf_pattern_index(c, &c->desks[0].rules[0].text), 0);
    assert_int_equal(conf_pattern_index(c, &c->desks[0].rules[0].subject), 2);
    assert_int_equal(conf_pattern_index(c, &c->desks[0].rules[0].unless), 2);
    assert_int_equal(conf_pattern_index(c, &c->desks[0].rules[1].subject), 3);
    assert_int_equal(conf_pattern_index(c, &c->desks[1].rules[0].subject), 5);
    conf_free(&c);
}

static void
lookups(void **state)
{
    static const struct { const char *recipient, *desk; } rows[] = {
        { "support@example.com", "one" }, { "HELP@EXAMPLE.com", "one" }, { "help+abc@example.com", "one" }, { "two@example.com", "two" },
        { "two+x+y@Example.com", "two" }, { "three@example.com", NULL }, { "two@example.org", NULL }, { "", NULL }, { "+@example.com", NULL },
    };
    struct conf *c = load_whole();

    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        assert_ptr_equal(conf_desk_for(c, rows[i].recipient), conf_desk_find(c, rows[i].desk));
    assert_ptr_equal(conf_desk_find(c, "two"), &c->desks[1]);
    assert_ptr_equal(conf_calendar_find(c, "b"), &c->calendars[1]);
    assert_ptr_equal(conf_relay_find(c, "cloud"), &c->relays[2]);
    assert_ptr_equal(conf_oauth_find(c, "o"), &c->oauths[0]);
    assert_ptr_equal(conf_priority_find(&c->desks[0], "low"), &c->desks[0].priorities[1]);
    assert_null(conf_relay_find(c, "none"));
    assert_null(conf_priority_find(&c->desks[1], "low"));
    conf_free(&c);
}

/* Printed, read, printed: the same; from another folder too, since paths are absolute. */
static void
print_and_read(struct conf *c)
{
    struct buf first = { 0 }, second = { 0 };

    conf_print(c, &first);
    conf_free(&c);
    mkdir("sub", 0755);
    file_write("sub/printed.conf", first.data, first.len);
    c = load("sub/printed.conf");
    conf_print(c, &second);
    assert_string_equal(first.data, second.data);
    conf_free(&c);
    buf_free(&first);
    buf_free(&second);
    unlink("sub/printed.conf");
}

static void
printing(void **state)
{
    struct buf b = { 0 };
    struct conf *c = load_whole();

    (void)state;
    conf_print(c, &b);
    assert_non_null(strstr(b.data, "text             = { \"a\\\\d+\", \"\\\\bb\\\"c\\\\b\" }"));
    assert_non_null(strstr(b.data, "\nrelay \"post\" {\n    transport  = \"smtp\"\n    host       = \"::1\"\n    port       = 25\n"));
    assert_null(strstr(b.data, "keyword       = \"\""));
    buf_free(&b);
    print_and_read(c);
}

/* Every section of a desk, and every setting of it, stands in the sample. */
static void
sections_shown(const char *sample)
{
    static const struct { const char *section, *settings; } rows[] = {
        { "queue", "label default staff manager next watch assign handover" },
        { "kind", "label default first offered resolve-words priority queue" },
        { "person", "label calendar language skill absent capacity nights deputy digest" },
        { "customer", "address contact consultant consultant-kind calendar language dealer admin may-register" },
        { "field", "label pattern attachment value ask kind" },
        { "rule", "text subject attachment unless sender unless-sender recipient language customer if-kind if-field when month-end-before month-end-after "
                  "priority queue kind assign letter add-letter tag set state say stop" },
        { "state", "label meaning tell remind close" },
        { "letter", "label kind subject text field" },
        { "notices", "burst within wait hour" },
        { "escalation", "priority to patience notice" },
        { "clock", "target calendar start stop pause warn warn-to goal escalate" },
    };
    size_t missing = 0;

    for (size_t i = 0; i < countof(rows); i++) {
        char *words = mem_strdup(rows[i].settings), *save = NULL;

        for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
            bool found = false;

            for (const char *p = sample; !found && (p = strstr(p, rows[i].section)) != NULL; p++) {
                const char *brace = strchr(p, '{'), *end = brace ? strstr(brace, "\n    }") : NULL, *at = brace;

                if (p == sample || p[-1] != ' ' || !end || brace > strchr(p, '\n'))
                    continue;
                while (!found && (at = strstr(at, w)) != NULL && at < end) {
                    size_t len = strlen(w);

                    found = at[-1] == ' ' && at[len + strspn(at + len, " ")] == '=';
                    at++;
                }
            }
            if (!found) {
                print_error("%s: %s is not in the sample\n", rows[i].section, w);
                missing++;
            }
        }
        free(words);
    }
    assert_int_equal(missing, 0);
}

/* As it is, and with all that waits in it uncommented. */
static void
sample(void **state)
{
    struct buf text = { 0 }, all = { 0 };
    char *path = path_join(top, SAMPLE);
    struct conf *c = load(path);

    (void)state;
    assert_string_equal(c->desks[0].addresses.v[0], "support@example.com");
    assert_int_equal(c->n_intakes, 1);
    print_and_read(c);
    assert_int_equal(file_read(path, 1 << 20, &text), 0);
    for (char *line = strtok(text.data, "\n"); line; line = strtok(NULL, "\n")) {
        char *hash = line + strspn(line, " ");
        size_t blanks = *hash == '#' ? strspn(hash + 1, " ") : 9;

        if ((blanks == 0 && hash[1] != '#') || blanks == 4 || blanks == 8)
            *hash = ' ';
        buf_printf(&all, "%s\n", line);
    }
    file_write("t.conf", all.data, all.len);
    c = load("t.conf");
    assert_int_equal(c->n_intakes, 4);
    assert_int_equal(c->n_relays, 3);
    assert_string_equal(c->key_file, "credential:master-key");
    assert_int_equal(c->desks[0].n_queues, 2);
    assert_int_equal(c->desks[0].n_rules, 2);
    assert_string_equal(c->desks[0].rules[1].say, "Please have the address of the page at hand.");
    print_and_read(c);
    sections_shown(all.data);
    buf_free(&text);
    buf_free(&all);
    free(path);
}

/* ---- bytes that nobody meant */

static uint32_t seed = 20260310;

static uint32_t
chance(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* One or a few changes of the kinds that editors, disks and enemies make. */
static void
mutate(struct buf *b)
{
    static const char *const bits[] = { "{", "}", "\"", "'", "\\", "=", "${", ",", "(", "include(\"m.conf\")", "/*", "*/", "#", "\n", "desk \"support\" {",
                                        "priority", "\xff", "\t", ";", "+=", "limits", "rule {", "%s%n" };

    for (uint32_t i = chance(4) + 1; i > 0; i--) {
        size_t at = chance((uint32_t)b->len), len = chance(40);
        const char *bit = bits[chance(countof(bits))];

        len = len > b->len - at ? b->len - at : len;
        switch (chance(4)) {
        case 0:
            b->data[at] = (char)chance(256);
            break;
        case 1:
            memmove(b->data + at, b->data + at + len, b->len - at - len);
            b->len -= len;
            break;
        default:
            buf_puts(b, bit);
            memmove(b->data + at + strlen(bit), b->data + at, b->len - strlen(bit) - at);
            memcpy(b->data + at, bit, strlen(bit));
        }
    }
}

/* Loads or complains, each complaint with a line of the file; what loads can be printed and read again. */
static void
mutated(void **state)
{
    char *path = path_join(top, SAMPLE);
    struct buf sources[2] = { { 0 }, { 0 } };
    size_t loaded = 0, refused = 0;

    (void)state;
    assert_int_equal(file_read(path, 1 << 20, &sources[0]), 0);
    buf_puts(&sources[1], whole);
    for (size_t i = 0; i < TURNS; i++) {
        struct buf b = { 0 }, errors = { 0 };
        struct conf *c;

        buf_add(&b, sources[i % 2].data, sources[i % 2].len);
        mutate(&b);
        file_write("m.conf", b.data, b.len);
        c = conf_load("m.conf", false, &errors);
        assert_int_equal(!c, errors.len > 0);
        for (char *line = errors.len ? strtok(errors.data, "\n") : NULL; line; line = strtok(NULL, "\n")) {
            assert_true(strchr(line, ':') && atoi(strchr(line, ':') + 1) > 0);
            assert_null(strstr(line, "ticketd.conf(5) describes"));     /* libconfuse never sees what it would refuse */
        }
        loaded += c != NULL;
        refused += !c;
        if (c)
            print_and_read(c);
        buf_free(&b);
        buf_free(&errors);
    }
    assert_true(loaded > TURNS / 20 && refused > TURNS / 4);
    buf_free(&sources[0]);
    buf_free(&sources[1]);
    free(path);
    unlink("m.conf");
}

static int
folder_make(void **state)
{
    (void)state;
    return getcwd(top, sizeof top) && mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int
folder_remove(void **state)
{
    (void)state;
    unlink("t.conf");
    unlink("sub/staff.conf");
    rmdir("sub");
    return chdir("/") || rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values), cmocka_unit_test(servers), cmocka_unit_test(patterns), cmocka_unit_test(lookups),
        cmocka_unit_test(printing), cmocka_unit_test(sample), cmocka_unit_test(mutated),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
