/* SPDX-License-Identifier: ISC
 *
 * The configuration. Either it loads, and then what is printed of it loads again and prints the same, or every fault has a line.
 */
#include "fuzz.h"
#include "ticketd/conf.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static struct conf *
load(const void *bytes, size_t len, struct buf *errors)
{
    int fd = memfd_create("conf", MFD_CLOEXEC);
    char path[64];
    struct conf *c;

    must(fd >= 0 && full_write(fd, bytes, len) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    c = conf_load(path, false, errors);
    close(fd);
    return c;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct buf errors = {0}, once = {0}, twice = {0};
    struct conf *c;

    if (memmem(bytes, len, "include", 7) != NULL)       /* reads files of the machine */
        return 0;
    if ((c = load(bytes, len, &errors)) == NULL) {
        must(errors.len > 0);
    } else {
        conf_print(c, &once);
        conf_free(&c);
        buf_clear(&errors);
        c = load(once.data, once.len, &errors);
        must(c != NULL);
        conf_print(c, &twice);
        must(strcmp(once.data, twice.data) == 0);
        conf_free(&c);
    }
    buf_free(&errors);
    buf_free(&once);
    buf_free(&twice);
    return 0;
}
