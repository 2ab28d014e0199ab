/* SPDX-License-Identifier: ISC
 *
 * A new master key without a stop: it is made beside the old one, the slots are wrapped anew into a second file, and when that
 * has taken its name the new key takes its own; then everything is sealed anew, a little each second. A credential cannot be
 * made anew by us: that is done while core is down.
 */
#include "loop.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define SLOTS_A_TICK 20000
#define ROWS_A_TIME 500                 /* in one transaction */
#define TICK_MS 100                     /* of one second, while anything is left to do */
#define CREDENTIAL "credential:"

/* Both to be freed. */
static void
places(const struct conf *conf, char **path, char **fresh)
{
    struct buf b = { 0 };
    *path = conf->key_file != NULL ? mem_strdup(conf->key_file) : path_join(conf->state_directory, "master.key");
    buf_printf(&b, "%s.new", *path);
    *fresh = b.data;
}

int
rotate_resume(const struct conf *conf, uint8_t key[32])
{
    struct buf text = { 0 };
    char *path, *fresh;
    places(conf, &path, &fresh);
    int err = strncmp(path, CREDENTIAL, strlen(CREDENTIAL)) == 0 ? ENOENT : conf_secret(fresh, NULL, &text);
    if (err == 0 && (text.len != 64 || !hex_decode(text.data, key, 32)))
        err = EINVAL;
    if (text.data != NULL)
        sodium_memzero(text.data, text.len);
    buf_free(&text);
    free(path);
    free(fresh);
    return err;
}

void
rotate_settle(const struct conf *conf)
{
    char *path, *fresh;
    places(conf, &path, &fresh);
    if (rename(fresh, path) != 0)
        log_line(LOG_ALARM, "action=rotate why=\"%s cannot take the place of %s: %s\" status=alarm", fresh, path, strerror(errno));
    free(path);
    free(fresh);
}

void
rotate_order(struct loop *l, int fd)
{
    struct buf said = { 0 };
    uint8_t key[32];
    char *path, *fresh;
    places(l->conf, &path, &fresh);
    if (strncmp(path, CREDENTIAL, strlen(CREDENTIAL)) == 0) {
        control_reply(fd, EX_USAGE, "the master key is a credential: stop ticketd, then ticketctl rotate --new-key FILE", NULL);
    } else if (store_rotating(l->store) || store_resealing(l->store)) {
        control_reply(fd, EX_TEMPFAIL, "a rotation is under way", NULL);
    } else {
        (void)unlink(fresh);
        int err = start_key_make(fresh, key);
        enum store_rc rc = err == 0 ? store_rotate_begin(l->store, key) : STORE_IO;
        if (rc != STORE_OK)
            buf_printf(&said, "%s: %s", fresh, err != 0 ? strerror(err) : store_rc_name(rc));
        else
            buf_puts(&said, "{\"done\":[{\"rotation\":\"begun\"}]}\n");
        control_reply(fd, rc == STORE_OK ? 0 : EX_CANTCREAT, rc == STORE_OK ? NULL : said.data, rc == STORE_OK ? &said : NULL);
        log_line(LOG_NOTE, "action=rotate status=%s", rc == STORE_OK ? "begun" : "failed");
    }
    sodium_memzero(key, sizeof key);
    buf_free(&said);
    free(path);
    free(fresh);
}

void
rotate_tick(struct loop *l)
{
    bool switched = false, done = false;
    enum store_rc rc = STORE_OK;
    if (store_rotating(l->store)) {
        rc = store_rotate_step(l->store, SLOTS_A_TICK, &switched);
        if (rc != STORE_OK)
            log_line(LOG_FAIL, "action=rotate why=%s status=given-up", log_value(store_rc_name(rc)));
        if (switched) {
            rotate_settle(l->conf);
            log_line(LOG_NOTE, "action=rotate status=switched");
        }
    } else if (store_resealing(l->store)) {
        int64_t began_ms = loop_now_ms();
        do
            rc = store_reseal(l->store, ROWS_A_TIME, &done);
        while (rc == STORE_OK && !done && loop_now_ms() - began_ms < TICK_MS);
        if (done && rc == STORE_OK)
            log_line(LOG_NOTE, "action=rotate status=done");
    }
}
