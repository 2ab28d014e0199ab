/* SPDX-License-Identifier: ISC
 *
 * For the comparison in tests/bench/parse --compare: what a reader built on a library alone shares. Each file is read in a process of its
 * own, for libraries crash; each answer has the keys that tests/bench/corpus looks at.
 */
#ifndef BENCH_READER_H
#define BENCH_READER_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Fills "from", "to", "cc", "subject", "text", "attachments" of an answer from the bytes of a mail. */
typedef void reader(const char *bytes, size_t len, json_t *answer);

static inline json_t *
reader_text(const char *s)
{
    json_t *j = s == NULL ? json_null() : json_string(s);

    return j != NULL ? j : json_string("");     /* not UTF-8 */
}

static inline json_t *
reader_address(const char *name, const char *addr)
{
    return json_pack("{s:o, s:o}", "name", reader_text(name != NULL && *name != 0 ? name : NULL), "addr", reader_text(addr));
}

static inline void
reader_attach(json_t *answer, const char *name, const char *type, size_t size)
{
    json_array_append_new(json_object_get(answer, "attachments"), json_pack("{s:o, s:o, s:I}", "name", reader_text(name), "type", reader_text(type), "size", (json_int_t)size));
}

static inline void
reader_file(const char *path, reader *read_mail)
{
    json_t *answer = json_pack("{s:s, s:n, s:[], s:[], s:n, s:s, s:[], s:{s:b, s:b, s:n, s:[]}}", "file", path, "from", "to", "cc", "subject", "text", "", "attachments",
        "machine", "answerable", 1, "counts_as_reply", 1, "delivery_report", "why");
    FILE *f = fopen(path, "rb");
    char *bytes = malloc(64u << 20), *line;
    size_t len = f == NULL || bytes == NULL ? 0 : fread(bytes, 1, 64u << 20, f);

    read_mail(bytes, len, answer);
    json_object_set(answer, "reply_text", json_object_get(answer, "text"));
    line = json_dumps(answer, 0);
    if (line != NULL)
        puts(line);
}

static inline int
reader_main(int argc, char **argv, reader *read_mail)
{
    for (int i = 1; i < argc; i++) {
        pid_t pid;
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
            reader_file(argv[i], read_mail);
            fflush(stdout);
            _exit(0);
        }
        waitpid(pid, NULL, 0);
    }
    return 0;
}

#endif
