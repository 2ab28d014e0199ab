/* SPDX-License-Identifier: ISC
 *
 * ticketctl top: how ticketd is and what is to be done, looked at over and over, as much of it as the terminal holds. Asks the
 * same questions as status and list; changes nothing.
 */
#include "top.h"
#include "print_inner.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define HEAD_LINES 6

static volatile sig_atomic_t ended;
static struct termios before;

static void
on_signal(int sig)
{
    (void)sig;
    ended = 1;
}

static json_t *
asked(const struct asking *how, const Td__Request *like, const char *verb, int *code)
{
    Td__Request r = *like;
    struct buf out = { 0 }, error = { 0 };
    bool daemon;
    json_t *doc = NULL;
    r.verb = (char *)verb;
    *code = ask(how, &r, &out, &error, &daemon);
    if (*code == 0)
        doc = json_loadb(out.data, out.len, JSON_ALLOW_NUL, NULL);
    else
        printf("ticketctl: %s\n", error.len > 0 ? error.data : "the question was refused");
    buf_free(&out);
    buf_free(&error);
    return doc;
}

static void
head(json_t *doc)
{
    json_t *d = json_object_get(doc, "daemon"), *n;
    const char *state;
    char now[64], mail[64];
    time_t t = time(NULL);
    struct tm tm;
    localtime_r(&t, &tm);
    (void)strftime(now, sizeof now, "%Y-%m-%d %H:%M:%S %Z", &tm);
    printf("ticketd at %s:", now);
    json_object_foreach(json_object_get(doc, "cases"), state, n)
        printf(" %lld %s", (long long)json_integer_value(n), state);
    if (!json_is_object(d)) {
        puts("\nthe daemon is not running\n");
        return;
    }
    print_local(print_string(d, "last_mail"), true, mail);
    printf("\n%lld letters wait, %lld mails in hand, last mail %s, %lld MiB free\n", (long long)json_integer_value(json_object_get(doc, "letters_waiting")),
           (long long)json_integer_value(json_object_get(d, "mails_in_hand")), mail, (long long)(json_integer_value(json_object_get(doc, "free_bytes")) >> 20));
    json_t *p;
    size_t i;
    json_array_foreach(json_object_get(doc, "problems"), i, p) {
        char *s = print_tamed(json_string_value(p), false);
        printf("%s%s", i > 0 ? "; " : "PROBLEMS: ", s);
        free(s);
    }
    puts(i > 0 ? "\n" : "all is well\n");
}

/* As many cases as there are lines. */
static void
list_cut(json_t *doc, bool terminal)
{
    struct winsize w;
    json_t *list = json_object_get(doc, "cases");
    if (!terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_row <= HEAD_LINES + 1)
        return;
    while (json_array_size(list) > (size_t)(w.ws_row - HEAD_LINES - 1))
        json_array_remove(list, json_array_size(list) - 1);
    json_object_set_new(doc, "more", json_false());
}

static int
look(const struct asking *how, const Td__Request *r, bool terminal)
{
    int code;
    if (terminal)
        fputs("\033[H\033[J", stdout);
    json_t *status = asked(how, r, "status", &code), *list = status != NULL ? asked(how, r, "list", &code) : NULL;
    if (status != NULL)
        head(status);
    if (list != NULL) {
        list_cut(list, terminal);
        print_list(list);
    }
    fflush(stdout);
    json_decref(status);
    json_decref(list);
    return code;
}

static void
terminal_take(void)
{
    struct termios raw;
    struct sigaction on = { .sa_handler = on_signal };
    (void)sigaction(SIGINT, &on, NULL);
    (void)sigaction(SIGTERM, &on, NULL);
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return;
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    fputs("\033[?1049h\033[?25l", stdout);
}

static void
terminal_give_back(void)
{
    fputs("\033[?25h\033[?1049l", stdout);
    fflush(stdout);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

int
top_run(const struct asking *how, const Td__Request *r)
{
    const char *every = ctl_argument(r, "every");
    long seconds = every != NULL ? strtol(every, NULL, 10) : 5;
    bool terminal = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO) && ctl_argument(r, "once") == NULL;
    if (seconds < 1 || seconds > 3600) {
        fputs("ticketctl: --every takes 1 to 3600 seconds\n", stderr);
        return EX_USAGE;
    }
    if (!terminal)
        return look(how, r, false);
    terminal_take();
    for (bool quit = false; !quit && !ended;) {
        struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
        char key = 0;
        (void)look(how, r, true);
        if (poll(&p, 1, (int)seconds * 1000) == 1)
            quit = read(STDIN_FILENO, &key, 1) != 1 || key == 'q';
    }
    terminal_give_back();
    return 0;
}
