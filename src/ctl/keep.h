/* SPDX-License-Identifier: ISC
 *
 * ticketctl's words for looking after the store: check, backup, restore, export, import, and what core does on request.
 * keep.c has the words and options, keep_read.c what the reader does, keep_write.c what needs the store for itself.
 */
#ifndef CTL_KEEP_H
#define CTL_KEEP_H

#include "ask.h"
#include "ticketd/ctl.h"

#include <jansson.h>
#include <stdio.h>

/* ---- keep.c */
const char *keep_word(int argc, char **argv);   /* the verb on this command line if it is one of these, else NULL */
int keep_main(int argc, char **argv);           /* its exit code */

struct keep_options {
    struct asking how;
    bool json, repair, all, drop, force;
    const char *keys, *person, *new_key, *old_key;
};
/* The question is asked, the answer read; NULL: *code says how to end, and why was said. */
json_t *keep_ask(const struct keep_options *o, Td__Request *r, int *code);
/* Numbers of a check, and what it found, as a person reads them. The exit code: 0, or EX_DATAERR. */
int keep_check_print(const struct keep_options *o, json_t *doc);

/* ---- keep_read.c: rows of ctl_verbs[] */
uint32_t verb_check(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error);
uint32_t verb_export(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error);
uint32_t verb_backup(const struct ctl_source *s, const Td__Request *r, struct buf *out, struct buf *error);
#define KEEP_VERBS \
    { "check", verb_check }, \
    { "backup", verb_backup }, \
    { "export", verb_export },

struct keep_report;                             /* collects findings as JSON, a bounded number of them */
struct check_options;
struct check_counts;
struct keep_report *keep_report_new(struct check_options *o);   /* sets o->found */
void keep_report_end(struct keep_report **rp, const struct check_counts *n, struct buf *out);   /* appends one JSON object */

/* ---- keep_write.c */
/* The store of the configuration, open for writing under core's lock, with its policy. */
struct own { struct conf *conf; struct desk *desk; struct store *store; char *state; };
int own_open(struct own *w, const struct keep_options *o);      /* 0, or an exit code after a sentence */
int own_conf(struct own *w, const struct keep_options *o);      /* only configuration and state directory */
int own_master(const struct own *w, const struct keep_options *o, uint8_t key[32]);
int own_become(const char *path);                               /* root becomes who owns this */
void own_close(struct own *w);
int keep_fail(int code, const char *fmt, ...) printf_like(2, 3);
void keep_random(void *u, void *out, size_t len);
int keep_repair(const struct keep_options *o);
int keep_erase_down(const struct keep_options *o, const char *number);
int keep_rotate_down(const struct keep_options *o);
int own_key_read(const char *where, uint8_t key[32]);           /* 64 hexadecimal digits, 0600; 0, or an exit code after a sentence */
int keep_release_down(const struct keep_options *o, uint64_t letter);

/* ---- keep_backup.c, keep_restore.c */
int keep_backup(struct keep_options *o, const char *folder);
int keep_export_run(struct keep_options *o, const char *number, const char *folder);     /* number NULL: o->person */
int keep_restore_run(const struct keep_options *o, const char *folder);
int keep_digest(int fd, char hex[65], uint64_t *bytes);         /* of a file from its start; 0 or errno */
#define BACKUP_NOTE "backup.json"

#endif
