/* SPDX-License-Identifier: ISC
 *
 * Scripts: made from a seed, written as one line a step, read again. KIND A B SALT TURNS, numbers in decimal, the salt in hex.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t
dice_u64(struct dice *d)
{
    uint64_t z = d->s += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

unsigned
dice_below(struct dice *d, unsigned n)
{
    return n == 0 ? 0 : (unsigned)(dice_u64(d) % n);
}

/* How often each comes, in percent of the steps; mails: does it count as one? */
static const struct { const char *name; unsigned weight; bool mail; } kinds[STEP_KINDS] = {
    [STEP_MAIL] = { "mail", 30, true },       [STEP_REPLY] = { "reply", 12, true },   [STEP_STAFF] = { "staff", 16, true },
    [STEP_AGAIN] = { "again", 6, true },      [STEP_MACHINE] = { "machine", 6, true }, [STEP_HOSTILE] = { "hostile", 6, true },
    [STEP_ADVANCE] = { "advance", 10, false }, [STEP_RELAY] = { "relay", 3, false },   [STEP_CRASH] = { "crash", 7, false },
    [STEP_DIE] = { "die", 4, false },         [STEP_IMAP] = { "imap", 3, false },     [STEP_RELOAD] = { "reload", 1, false },
    [STEP_STOP] = { "stop", 1, false },       [STEP_DISK] = { "disk", 2, false },
};

const char *
step_name(enum step_kind k)
{
    return kinds[k].name;
}

static void
script_add(struct script *s, struct step step)
{
    s->v = mem_grow(s->v, (s->n + 1) * sizeof *s->v);
    s->v[s->n++] = step;
}

static struct step
step_make(struct dice *d, unsigned calm)
{
    unsigned total = 0, k = 0;
    for (unsigned i = 0; i < STEP_KINDS; i++)
        total += kinds[i].weight;
    unsigned at = dice_below(d, total);
    while (at >= kinds[k].weight)
        at -= kinds[k++].weight;
    if (k == STEP_CRASH && dice_percent(d, calm))
        k = STEP_MAIL;                  /* some runs crash at every turn, some live long */
    return (struct step){ .kind = (enum step_kind)k, .a = dice_below(d, 1000), .b = dice_below(d, 1000), .salt = dice_u64(d),
                          .turns = dice_percent(d, 50) ? dice_below(d, 4) : dice_below(d, 60) };
}

void
script_make(uint64_t seed, unsigned mails, struct script *out)
{
    struct dice d = { seed };
    unsigned calm = dice_below(&d, 101);
    *out = (struct script){ 0 };
    for (unsigned n = 0; n < mails;) {
        struct step s = step_make(&d, calm);
        n += kinds[s.kind].mail;
        script_add(out, s);
    }
}

void
script_write(const struct script *s, struct buf *out)
{
    for (size_t i = 0; i < s->n; i++)
        buf_printf(out, "%-8s %3u %3u %016llx %u\n", kinds[s->v[i].kind].name, s->v[i].a, s->v[i].b, (unsigned long long)s->v[i].salt, s->v[i].turns);
}

static bool
line_read(const char *line, struct step *s)
{
    char name[16];
    unsigned long long salt;
    if (sscanf(line, "%15s %u %u %llx %u", name, &s->a, &s->b, &salt, &s->turns) != 5)
        return false;
    s->salt = salt;
    for (unsigned k = 0; k < STEP_KINDS; k++)
        if (strcmp(kinds[k].name, name) == 0) {
            s->kind = (enum step_kind)k;
            return true;
        }
    return false;
}

bool
script_read(const char *path, struct script *out)
{
    FILE *f = fopen(path, "re");
    char line[200];
    bool good = f != NULL;
    *out = (struct script){ 0 };
    while (good && fgets(line, sizeof line, f) != NULL) {
        struct step s = { 0 };
        if (line[0] == '#' || line[0] == '\n')
            continue;
        good = line_read(line, &s);
        if (good)
            script_add(out, s);
    }
    if (f != NULL)
        fclose(f);
    return good;
}
