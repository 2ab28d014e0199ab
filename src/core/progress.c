/* SPDX-License-Identifier: ISC
 *
 * How far a long run has come, for whoever watches it: a bar on the terminal that standard error is, from the second second on,
 * taken away at the end. Where standard error is no terminal, nothing.
 */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WIDTH 40
#define BEGIN_MS 1000
#define STEP_MS 100

static int64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
progress_begin(struct progress *p, const char *what)
{
    const char *term = getenv("TERM");
    *p = (struct progress){ .what = what, .on = isatty(STDERR_FILENO) != 0 && term != NULL && strcmp(term, "dumb") != 0 };
    p->began_ms = p->on ? now_ms() : 0;
}

void
progress_show(struct progress *p, uint64_t done, uint64_t of)
{
    int64_t now = p->on ? now_ms() : 0;
    if (!p->on || now - p->began_ms < BEGIN_MS || now - p->shown_ms < STEP_MS)
        return;
    unsigned percent = of > 0 && done < of ? (unsigned)((double)done / (double)of * 100) : of > 0 ? 100 : 0, filled = percent * WIDTH / 100;
    char bar[WIDTH + 1];
    memset(bar, '.', WIDTH);
    memset(bar, '#', filled);
    bar[WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %3u %%", p->what, bar, percent);
    fflush(stderr);
    p->shown_ms = now;
}

void
progress_end(struct progress *p)
{
    if (p->on && p->shown_ms > 0)
        fputs("\r\033[K", stderr);
    p->on = false;
}
