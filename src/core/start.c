/* SPDX-License-Identifier: ISC
 *
 * Start-up: arguments, the master key, the store. Each step says in a sentence what went wrong and leaves with the exit
 * code of sysexits(3) that fits.
 */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_HEX 64

int
start_key_make(const char *path, uint8_t key[32])
{
    char hex[KEY_HEX + 2];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno;
    randombytes_buf(key, 32);
    hex_encode(key, 32, hex);
    hex[KEY_HEX] = '\n';
    int err = full_write(fd, hex, KEY_HEX + 1);
    if (err == 0 && fsync(fd) != 0)
        err = errno;
    close(fd);
    sodium_memzero(hex, sizeof hex);
    if (err != 0)
        (void)unlink(path);
    return err;
}

/* From key-file or a credential. The default file is made at the first start; one that was named is not. */
int
start_master_key(const struct conf *c, const char *credentials, uint8_t key[32], char error[256])
{
    struct buf text = { 0 };
    char *own = path_join(c->state_directory, "master.key");
    const char *where = c->key_file != NULL ? c->key_file : own;
    int err = conf_secret(where, credentials, &text);
    if (err == 0 && !(text.len == KEY_HEX && hex_decode(text.data, key, 32)))
        err = EINVAL;
    if (err == ENOENT && c->key_file == NULL) {
        char *data = path_join(c->state_directory, "data.mdb");
        if (access(data, F_OK) != 0)            /* never a new key for an old store */
            err = dir_make(c->state_directory, 0700);
        if (err == 0 || err == EEXIST)
            err = start_key_make(own, key);
        free(data);
    }
    if (err != 0)
        snprintf(error, 256, "the master key %s cannot be used: %s", where,
                 err == EPERM ? "it is open to others (chmod 600)" : err == EINVAL ? "64 hexadecimal digits were expected" : strerror(err));
    if (text.data != NULL)
        sodium_memzero(text.data, text.len);
    buf_free(&text);
    free(own);
    return err;
}
