/* SPDX-License-Identifier: ISC
 *
 * What was probably meant by a word that is none of ours: a typing mistake, the beginning of a command, or its name in the
 * writer's own language. It is only said, never done. Pure.
 */
#include "command.h"

#include <string.h>

#define WORD_MAX 32
#define NEAR_MAX 2                      /* typing mistakes in a word that is still recognised */

/* What the commands are called in Swedish, Danish and everyday English, in lower case. */
static const struct { const char *word, *command; } others[] = {
    { "ta", "take" }, { "tar", "take" }, { "mitt", "take" }, { "accept", "take" }, { "own", "take" }, { "tilldela", "assign" }, { "tildel", "assign" }, { "give", "assign" },
    { "kö", "queue" }, { "kø", "queue" }, { "line", "queue" }, { "linje", "queue" }, { "move", "queue" }, { "prioritet", "priority" }, { "prioritering", "priority" },
    { "urgent", "priority" }, { "type", "kind" }, { "sort", "kind" }, { "typ", "kind" }, { "slags", "kind" }, { "status", "state" }, { "läge", "state" }, { "tilstand", "state" },
    { "vänta", "wait" }, { "väntar", "wait" }, { "vent", "wait" }, { "venter", "wait" }, { "pending", "wait" }, { "hold", "wait" }, { "löst", "resolve" }, { "lös", "resolve" },
    { "løst", "resolve" }, { "løs", "resolve" }, { "klar", "resolve" }, { "klart", "resolve" }, { "solved", "resolve" }, { "done", "resolve" }, { "fixed", "resolve" },
    { "stäng", "close" }, { "stängt", "close" }, { "avsluta", "close" }, { "luk", "close" }, { "afslut", "close" }, { "end", "close" }, { "öppna", "reopen" },
    { "återöppna", "reopen" }, { "genåbn", "reopen" }, { "åbn", "reopen" }, { "open", "reopen" }, { "anteckning", "note" }, { "notera", "note" }, { "notat", "note" },
    { "intern", "note" }, { "internt", "note" }, { "internal", "note" }, { "comment", "note" }, { "private", "note" }, { "tid", "time" }, { "log", "time" }, { "hours", "time" },
    { "etikett", "tag" }, { "etiket", "tag" }, { "label", "tag" }, { "slåihop", "merge" }, { "sammanfoga", "merge" }, { "sammenlæg", "merge" }, { "flet", "merge" },
    { "join", "merge" }, { "dela", "split" }, { "del", "split" }, { "parkera", "park" }, { "parkér", "park" }, { "remove", "park" }, { "släppin", "admit" }, { "lukind", "admit" },
    { "allow", "admit" }, { "add", "admit" }, { "skräp", "spam" }, { "skräppost", "spam" }, { "junk", "spam" }, { "påminn", "remind" }, { "påminnelse", "remind" },
    { "påmind", "remind" }, { "påmindelse", "remind" }, { "snooze", "remind" }, { "eskalera", "escalate" }, { "eskaler", "escalate" }, { "avslå", "decline" },
    { "afslå", "decline" }, { "afvis", "decline" }, { "reject", "decline" }, { "offert", "estimate" }, { "uppskattning", "estimate" }, { "estimat", "estimate" },
    { "tilbud", "estimate" }, { "quote", "estimate" }, { "godkännande", "ask-approval" }, { "godkendelse", "ask-approval" }, { "approval", "ask-approval" },
    { "sätt", "set" }, { "sæt", "set" }, { "field", "set" }, { "fält", "set" }, { "felt", "set" }, { "brev", "letter" }, { "mall", "letter" }, { "skabelon", "letter" },
    { "template", "letter" }, { "macro", "letter" }, { "canned", "letter" }, { "bevaka", "watch" }, { "följ", "watch" }, { "følg", "watch" }, { "follow", "watch" },
    { "subscribe", "watch" }, { "nästa", "next" }, { "næste", "next" }, { "åt", "for" }, { "visa", "show" }, { "vis", "show" }, { "view", "show" }, { "historik", "history" },
    { "journal", "history" }, { "sök", "search" }, { "søg", "search" }, { "find", "search" }, { "mina", "mine" }, { "my", "mine" }, { "ångra", "undo" },
    { "fortryd", "undo" }, { "recall", "undo" }, { "cancel", "undo" }, { "hjälp", "help" }, { "hjælp", "help" }, { "commands", "help" },
};

/* Lower case of ASCII and Latin-1. */
static void
lower(const char *s, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        bool latin = i > 0 && (unsigned char)s[i - 1] == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97;
        out[i] = (char)((c >= 'A' && c <= 'Z') || latin ? c + 32 : c);
    }
    out[len] = '\0';
}

/* Letters to change, put in, take out or swap. */
static unsigned
distance(const char *a, const char *b)
{
    unsigned rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2];
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD_MAX || m > WORD_MAX)
        return NEAR_MAX + 1;
    for (size_t k = 0; k <= m; k++)
        last[k] = (unsigned)k;
    for (size_t i = 1; i <= n; i++) {
        now[0] = (unsigned)i;
        for (size_t k = 1; k <= m; k++) {
            unsigned best = last[k - 1] + (a[i - 1] != b[k - 1]);
            best = last[k] + 1 < best ? last[k] + 1 : best;
            best = now[k - 1] + 1 < best ? now[k - 1] + 1 : best;
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] && before[k - 2] + 1 < best)
                best = before[k - 2] + 1;
            now[k] = best;
        }
        unsigned *free_row = before;
        before = last, last = now, now = free_row;
    }
    return last[m];
}

/* How far apart, the beginning of one or one with an ending being near. */
static unsigned
apart(const char *low, size_t len, const char *word)
{
    unsigned d = distance(low, word);
    if (len >= 3 && (strncmp(word, low, len) == 0 || strncmp(low, word, strlen(word)) == 0))
        d = d < 1 ? d : 1;
    return d;
}

const char *
name_near(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL;
    char low[WORD_MAX + 1], name[WORD_MAX + 1];
    size_t len = strlen(word);
    unsigned least = NEAR_MAX + 1;
    if (len == 0 || len > WORD_MAX)
        return NULL;
    lower(word, len, low);
    for (size_t i = 0; i < n; i++) {
        size_t name_len = names[i] ? strlen(names[i]) : 0;
        if (name_len == 0 || name_len > WORD_MAX)
            continue;
        lower(names[i], name_len, name);
        unsigned d = apart(low, len, name);
        if (d < least && d < name_len) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

const struct command_row *
command_near(const char *word)
{
    const char *names[64];
    char low[WORD_MAX + 1];
    size_t len = strlen(word);
    if (len == 0 || len > WORD_MAX)
        return NULL;
    lower(word, len, low);
    for (size_t i = 0; i < countof(others); i++)
        if (strcmp(others[i].word, low) == 0)
            return command_find(others[i].command, strlen(others[i].command));
    must(command_rows_n <= countof(names));
    for (size_t i = 0; i < command_rows_n; i++)
        names[i] = command_rows[i].word;
    const char *near = name_near(word, names, command_rows_n);
    return near ? command_find(near, strlen(near)) : NULL;
}
