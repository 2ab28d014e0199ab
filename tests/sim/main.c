/* SPDX-License-Identifier: ISC
 *
 * sim: seeds or a script in, a verdict out. Every run is a process of its own, so that what one leaves behind no other sees, and
 * one that aborts is a finding like any other. A seed that fails is cut down to the steps that matter, and written as a script.
 */
#include "sim.h"
#include "ticketd/mail.h"

#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define RUN_SECONDS 300                 /* of real time, then a run is one that hangs */
#define SHRINK_RUNS 400
#define SHRINK_SECONDS 120

struct result { char failure[512]; uint64_t mails, deliveries, lives, crashes, commits, letters, resent; bool finished; };
struct options { uint64_t seed; unsigned seeds, mails; const char *script; bool verbose, shrink; const char *out; uint64_t total; };

/* Chance for keys and seals: a stream from the seed, so that a run is the same to the byte. */
static struct dice sealing;

static const char *
chance_name(void)
{
    return "sim";
}

static uint32_t
chance_u32(void)
{
    return (uint32_t)dice_u64(&sealing);
}

static void
chance_bytes(void *const out, const size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)(dice_u64(&sealing) >> 56);
}

static randombytes_implementation chance = { .implementation_name = chance_name, .random = chance_u32, .buf = chance_bytes };

static void
folder_remove(const char *folder)
{
    static const char *const files[] = { "state/data.mdb", "state/lock.mdb", "state/keys", "state/keys.new", "state/lock", "state/master.key",
                                         "state", "control", "lmtp", "password", "ticketd.conf", "" };
    for (size_t i = 0; i < countof(files); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)remove(path);
    }
}

static void
run_child(const struct script *s, const char *folder, bool verbose, struct result *r)
{
    alarm(RUN_SECONDS);
    sealing.s = 1;
    bool good = sim_run(s, folder, verbose);
    if (!good)
        memcpy(r->failure, S.failure, sizeof r->failure);
    r->mails = S.n_mails;
    r->deliveries = S.n_deliveries;
    r->lives = S.life;
    r->crashes = S.crashes;
    r->commits = S.commits;
    r->letters = S.n_sents;
    r->resent = S.resent;
    r->finished = true;
}

static void
run(const struct script *s, bool verbose, struct result *out)
{
    char folder[] = "/dev/shm/ticketd-sim-XXXXXX", other[] = "/tmp/ticketd-sim-XXXXXX", *made = mkdtemp(folder);
    struct result *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    if (made == NULL)
        made = mkdtemp(other);
    must(made != NULL && shared != MAP_FAILED);
    fflush(NULL);
    pid_t pid = fork();
    must(pid >= 0);
    if (pid == 0) {
        run_child(s, made, verbose, shared);
        fflush(NULL);
        _exit(0);
    }
    must(waitpid(pid, &status, 0) == pid);
    *out = *shared;
    if (!out->finished && out->failure[0] == '\0')
        snprintf(out->failure, sizeof out->failure, "%s: the run ended with signal %d, exit code %d", WIFSIGNALED(status) ? "signal" : "exit",
                 WIFSIGNALED(status) ? WTERMSIG(status) : 0, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
    munmap(shared, sizeof *shared);
    folder_remove(made);
}

/* ---- shrinking: delta debugging over the steps; the same promise must break */

static bool
same_fault(const char *a, const char *b)
{
    size_t n = strcspn(a, ":");
    return n == strcspn(b, ":") && strncmp(a, b, n) == 0;
}

static void
shrink(struct script *s, const char *failure)
{
    time_t end = time(NULL) + SHRINK_SECONDS;
    unsigned runs = 0;
    for (size_t piece = s->n / 2; piece > 0; piece /= 2)
        for (size_t at = 0; at < s->n && runs < SHRINK_RUNS && time(NULL) < end;) {
            size_t cut = piece < s->n - at ? piece : s->n - at;
            struct script less = { mem_alloc((s->n - cut + 1) * sizeof *less.v), s->n - cut };
            struct result r;
            memcpy(less.v, s->v, at * sizeof *less.v);
            memcpy(less.v + at, s->v + at + cut, (s->n - at - cut) * sizeof *less.v);
            run(&less, false, &r);
            runs++;
            if (r.failure[0] != '\0' && same_fault(r.failure, failure)) {
                free(s->v);
                *s = less;
            } else {
                free(less.v);
                at += cut;
            }
        }
}

static void
script_save(const struct script *s, const struct options *o, uint64_t seed, const char *failure)
{
    struct buf text = { 0 };
    char path[200];
    snprintf(path, sizeof path, "%s/sim-%llu.script", o->out, (unsigned long long)seed);
    buf_printf(&text, "# seed %llu, %u mails: %s\n", (unsigned long long)seed, o->mails, failure);
    script_write(s, &text);
    FILE *f = fopen(path, "we");
    if (f != NULL) {
        fputs(text.data, f);
        fclose(f);
    }
    printf("%s", text.data);
    printf("replay: make sim SCRIPT=%s\n", path);
    buf_free(&text);
}

static void
failed(struct script *s, const struct options *o, uint64_t seed, uint64_t mails, const char *failure)
{
    struct result r;
    printf("FAIL seed %llu after %llu mails: %s\n", (unsigned long long)seed, (unsigned long long)mails, failure);
    fflush(stdout);
    if (!o->shrink)
        return;
    shrink(s, failure);
    run(s, false, &r);
    printf("%zu steps are left: %s\n", s->n, r.failure);
    script_save(s, o, seed, r.failure);
}

/* ---- seeds */

static void
add(struct result *sum, const struct result *r)
{
    sum->mails += r->mails;
    sum->deliveries += r->deliveries;
    sum->lives += r->lives;
    sum->crashes += r->crashes;
    sum->commits += r->commits;
    sum->letters += r->letters;
    sum->resent += r->resent;
}

static int
seeds_run(const struct options *o)
{
    struct result sum = { .mails = 0 };
    unsigned seeds = 0, bad = 0;
    for (uint64_t seed = o->seed; bad == 0 && (o->total > 0 ? sum.mails < o->total : seeds < o->seeds); seed++, seeds++) {
        struct script s;
        struct result r;
        script_make(seed, o->mails, &s);
        run(&s, false, &r);
        add(&sum, &r);
        if (r.failure[0] != '\0') {
            bad++;
            failed(&s, o, seed, sum.mails, r.failure);
        }
        free(s.v);
        if (o->total > 0 && seeds % 100 == 99) {
            printf("… %u seeds, %llu mails\n", seeds + 1, (unsigned long long)sum.mails);
            fflush(stdout);
        }
    }
    printf("%s: %u seeds from %llu, %llu mails in %llu deliveries, %llu transmissions (%llu again), %llu commits, %llu lives, %llu crashes\n",
           bad > 0 ? "broken" : "ok", seeds, (unsigned long long)o->seed, (unsigned long long)sum.mails, (unsigned long long)sum.deliveries,
           (unsigned long long)sum.letters, (unsigned long long)sum.resent, (unsigned long long)sum.commits, (unsigned long long)sum.lives,
           (unsigned long long)sum.crashes);
    return bad > 0 ? 1 : 0;
}

static int
script_run(const struct options *o)
{
    struct script s;
    struct result r;
    if (!script_read(o->script, &s)) {
        fprintf(stderr, "sim: %s is no script\n", o->script);
        return EX_DATAERR;
    }
    run(&s, o->verbose, &r);
    printf("%s: %zu steps, %llu mails%s%s\n", r.failure[0] != '\0' ? "FAIL" : "ok", s.n, (unsigned long long)r.mails, r.failure[0] != '\0' ? ": " : "",
           r.failure);
    free(s.v);
    return r.failure[0] != '\0' ? 1 : 0;
}

static int
seed_show(const struct options *o)
{
    struct script s;
    struct result r;
    script_make(o->seed, o->mails, &s);
    run(&s, true, &r);
    printf("seed %llu: %s\n", (unsigned long long)o->seed, r.failure[0] != '\0' ? r.failure : "ok");
    free(s.v);
    return r.failure[0] != '\0' ? 1 : 0;
}

static int
usage(void)
{
    fprintf(stderr, "usage: sim [--seed N] [--seeds N | --total MAILS] [--mails N] [--no-shrink] [--out FOLDER] [--verbose]\n"
            "       sim --script FILE [--verbose]\n");
    return EX_USAGE;
}

int
main(int argc, char **argv)
{
    static const struct option names[] = { { "seed", 1, NULL, 's' }, { "seeds", 1, NULL, 'n' }, { "mails", 1, NULL, 'm' }, { "total", 1, NULL, 't' },
                                           { "script", 1, NULL, 'f' }, { "verbose", 0, NULL, 'v' }, { "no-shrink", 0, NULL, 'x' },
                                           { "out", 1, NULL, 'o' }, { NULL, 0, NULL, 0 } };
    struct options o = { .seed = 1, .seeds = 1, .mails = 400, .shrink = true, .out = "." };
    int c;
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (c == 's')
            o.seed = strtoull(optarg, NULL, 10);
        else if (c == 'n')
            o.seeds = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'm')
            o.mails = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 't')
            o.total = strtoull(optarg, NULL, 10);
        else if (c == 'f')
            o.script = optarg;
        else if (c == 'v')
            o.verbose = true;
        else if (c == 'x')
            o.shrink = false;
        else if (c == 'o')
            o.out = optarg;
        else
            return usage();
    }
    if (optind < argc || o.mails == 0)
        return usage();
    signal(SIGPIPE, SIG_IGN);
    (void)randombytes_set_implementation(&chance);
    must(sodium_init() >= 0);
    mail_init();
    mail_write_init();
    return o.script != NULL ? script_run(&o) : o.verbose ? seed_show(&o) : seeds_run(&o);
}
