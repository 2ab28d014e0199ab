/* SPDX-License-Identifier: ISC
 *
 * The desk's patterns over a message's subject and new words (PCRE2: UTF, Unicode classes, caseless, JIT). The patterns are
 * the operator's and trusted to mean well; the text is a stranger's and may be made to run a careless pattern for ever.
 * PCRE2's match limit alone does not stop that: it starts anew at every place of the text, so `\s*foo` on a page of blanks
 * stays under it and takes minutes. Therefore each pattern is compiled with automatic callouts, and the callout counts
 * steps and bytes gone over, against a budget for the pattern and one for the mail. Counting, not time: the same text gives
 * the same hits everywhere. Compiling needs executable memory, so it comes before the sandbox.
 */
#include "ticketd/mail.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (256u << 10)           /* of new words looked at; what follows is not matched */
#define WORDS_MAX 200u
#define MATCH_LIMIT 1000000u            /* backtracks from one place: a guard behind the budget */
#define HEAP_LIMIT_KIB 1024u            /* for patterns that JIT cannot compile */
#define PATTERN_STEPS 4000000           /* of one pattern in one mail */
#define MAIL_STEPS 50000000            /* of all patterns in one mail */
#define BYTES_A_STEP 16                 /* going over this many bytes costs one step */
#define JIT_STACK_MAX (1u << 20)

struct mail_patterns {
    size_t n;
    pcre2_code **codes;                 /* NULL: not added, or in error */
    pcre2_match_data *data;             /* of one pair: where the whole match lies */
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    int64_t pattern_steps, mail_steps;  /* left */
    PCRE2_SIZE last;                    /* where the last callout was */
};

struct place { const char *text; size_t len; Td__CaseRef__Where where; };

static int
count_steps(pcre2_callout_block *at, void *u)
{
    struct mail_patterns *p = u;
    PCRE2_SIZE gone = at->current_position > p->last ? at->current_position - p->last : p->last - at->current_position;
    int64_t cost = 1 + (int64_t)(gone / BYTES_A_STEP);

    p->last = at->current_position;
    p->pattern_steps -= cost;
    p->mail_steps -= cost;
    return p->pattern_steps < 0 || p->mail_steps < 0 ? PCRE2_ERROR_MATCHLIMIT : 0;
}

struct mail_patterns *
mail_patterns_new(size_t n)
{
    struct mail_patterns *p = mem_alloc(sizeof *p);

    p->n = n;
    p->codes = mem_alloc((n > 0 ? n : 1) * sizeof *p->codes);
    p->data = pcre2_match_data_create(1, NULL);
    p->context = pcre2_match_context_create(NULL);
    p->stack = pcre2_jit_stack_create(32u << 10, JIT_STACK_MAX, NULL);
    must(p->data != NULL && p->context != NULL);
    pcre2_set_match_limit(p->context, MATCH_LIMIT);
    pcre2_set_heap_limit(p->context, HEAP_LIMIT_KIB);
    pcre2_set_callout(p->context, count_steps, p);
    if (p->stack != NULL)               /* NULL: this PCRE2 has no JIT; the interpreter gives the same hits */
        pcre2_jit_stack_assign(p->context, NULL, p->stack);
    return p;
}

void
mail_patterns_free(struct mail_patterns **pp)
{
    struct mail_patterns *p = *pp;

    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n; i++)
        pcre2_code_free(p->codes[i]);
    free(p->codes);
    pcre2_jit_stack_free(p->stack);
    pcre2_match_context_free(p->context);
    pcre2_match_data_free(p->data);
    free(p);
    *pp = NULL;
}

bool
mail_patterns_add(struct mail_patterns *p, size_t index, const char *regex, uint32_t *offset, char message[256])
{
    /* \C could cut a character, which PCRE2_NO_UTF_CHECK in matching must never see. */
    const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
    PCRE2_SIZE at = 0;
    int rc = 0;

    must(index < p->n);
    pcre2_code_free(p->codes[index]);
    p->codes[index] = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, options, &rc, &at, NULL);
    *offset = (uint32_t)at;
    message[0] = '\0';
    if (p->codes[index] == NULL) {
        if (pcre2_get_error_message(rc, (PCRE2_UCHAR *)message, 256) < 0)
            snprintf(message, 256, "error %d", rc);
        return false;
    }
    /* Where JIT does not know an item or has no memory, the interpreter matches. */
    (void)pcre2_jit_compile(p->codes[index], PCRE2_JIT_COMPLETE);
    return true;
}

/* What it matched, fit for a log line: white space and control characters folded to single blanks, clipped. */
static char *
hit_words(const char *s, size_t len, struct arena *a)
{
    char *words = arena_alloc(a, WORDS_MAX + 1);
    size_t n = 0, clip;

    if (words == NULL)
        return NULL;
    for (size_t i = 0; i < len && n < WORDS_MAX; i++) {
        bool blank = (unsigned char)s[i] <= ' ' || s[i] == 0x7f;

        if (!blank)
            words[n++] = s[i];
        else if (n > 0 && words[n - 1] != ' ')
            words[n++] = ' ';
    }
    /* A character cut in two has lost its tail: go back to its lead. */
    for (clip = n; clip > 0 && !utf8_valid(words, clip); clip--)
        ;
    while (clip > 0 && words[clip - 1] == ' ')
        clip--;
    words[clip] = '\0';
    return words;
}

static bool
over_limit(int rc)
{
    return rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_HEAPLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT || rc == PCRE2_ERROR_JIT_STACKLIMIT;
}

/* One pattern over one text: a hit, a warning, or nothing. */
static void
pattern_match(struct mail_patterns *p, size_t index, const struct place *t, Td__Message *m, struct arena *a)
{
    const PCRE2_SIZE *span;
    Td__Hit *hit;
    int rc;

    p->last = 0;
    rc = pcre2_match(p->codes[index], (PCRE2_SPTR)t->text, t->len, 0, PCRE2_NO_UTF_CHECK, p->data, p->context);
    if (rc == PCRE2_ERROR_NOMATCH)
        return;
    if (rc < 0) {
        arena_push(a, &m->warnings, &m->n_warnings,
                   arena_printf(a, "pattern %zu was given up in the %s: %s (%d)", index,
                                t->where == TD__CASE_REF__WHERE__SUBJECT ? "subject" : "text",
                                over_limit(rc) ? "over its limit" : "error", rc));
        return;
    }
    span = pcre2_get_ovector_pointer(p->data);
    hit = schema_new(a, &td__hit__descriptor);
    if (hit == NULL)
        return;
    hit->pattern = (uint32_t)index;
    hit->where = t->where;
    must(span[0] <= span[1]);           /* \K in a lookahead is refused in compiling */
    hit->words = hit_words(t->text + span[0], span[1] - span[0], a);
    if (hit->words != NULL)
        arena_push(a, &m->hits, &m->n_hits, hit);
}

/* A text that may be matched without a check of its UTF-8: checked once, clipped. */
static bool
place_make(struct place *t, const char *text, size_t max, Td__CaseRef__Where where)
{
    if (text == NULL)
        return false;
    *t = (struct place){ text, utf8_clip(text, max), where };
    return utf8_valid(t->text, t->len);
}

void
mail_patterns_match(struct mail_patterns *p, Td__Message *m, struct arena *a)
{
    struct place places[2];
    size_t n = 0;

    n += place_make(&places[n], m->subject, TEXT_MAX, TD__CASE_REF__WHERE__SUBJECT);
    n += place_make(&places[n], m->reply_text, TEXT_MAX, TD__CASE_REF__WHERE__TEXT);
    p->mail_steps = MAIL_STEPS;
    for (size_t i = 0; i < p->n; i++) {
        if (p->mail_steps < 0) {
            arena_push(a, &m->warnings, &m->n_warnings, arena_printf(a, "patterns from %zu on were not matched: this mail has had its share", i));
            break;
        }
        p->pattern_steps = PATTERN_STEPS;
        for (size_t k = 0; k < n && p->codes[i] != NULL; k++)
            pattern_match(p, i, &places[k], m, a);
    }
}
