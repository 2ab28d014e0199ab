/* SPDX-License-Identifier: ISC
 *
 * Memory that is there or the process ends: for sizes that the program itself chose. Whatever a stranger can size belongs
 * in an arena with a cap. A bug found at run time ends here as well, with a line that says where.
 */
#include "ticketd/base.h"
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static _Noreturn void
mem_exhausted(size_t size)
{
    log_line(LOG_ALARM, "action=allocate size=%zu status=no-memory", size);
    _exit(EX_OSERR);
}

void *
mem_alloc(size_t size)
{
    void *p = calloc(1, size ? size : 1);

    if (!p)
        mem_exhausted(size);
    return p;
}

void *
mem_grow(void *old, size_t size)
{
    void *p = realloc(old, size ? size : 1);

    if (!p)
        mem_exhausted(size);
    return p;
}

char *
mem_strdup(const char *s)
{
    size_t len = strlen(s);
    char *p = mem_alloc(len + 1);

    memcpy(p, s, len);
    return p;
}

void
bug_at(const char *file, int line, const char *what)
{
    log_line(LOG_PANIC, "at=%s:%d what=%s status=abort", file, line, log_value(what));
    abort();
}
