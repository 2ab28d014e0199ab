/* SPDX-License-Identifier: ISC
 *
 * The desk's patterns over a message's subject, new words and attachments' names (PCRE2: UTF, Unicode classes, caseless, JIT). The patterns are
 * the operator's and trusted to mean well; the text is a stranger's and may be made to run a careless pattern for ever.
 * PCRE2's match limit alone does not stop that: it starts anew at every place of the text, so `\s*foo` on a page of blanks
 * stays under it and takes minutes. Therefore each pattern is compiled with automatic callouts, and the callout counts
 * steps and bytes gone over, against a budget for the pattern and one for the mail. Counting, not time: the same text gives
 * the same hits everywhere. Compiling needs executable memory, so it comes before the sandbox.
 * Most patterns cannot match without certain words (literals.c), and one pass over the text finds all words of all patterns:
 * the others are tried one by one, in their order. The hits are those of trying each.
 */
#include "ticketd/mail.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "literals.h"

#define TEXT_MAX (256u << 10)           /* of new words looked at; what follows is not matched */
#define ATTACHMENTS_MAX 200u            /* looked at */
#define WORDS_MAX 200u
#define GROUPS 10                       /* of which the first that caught something is the value */
#define MATCH_LIMIT 1000000u            /* backtracks from one place: a guard behind the budget */
#define HEAP_LIMIT_KIB 1024u            /* for patterns that JIT cannot compile */
#define PATTERN_STEPS 4000000           /* of one pattern in one mail */
#define MAIL_STEPS 50000000            /* of all patterns in one mail */
#define BYTES_A_STEP 16                 /* going over this many bytes costs one step */
#define JIT_STACK_MAX (1u << 20)
#define LEFT_OUT_MAX 100                /* named one by one */

struct mail_patterns {
    size_t n;
    pcre2_code **codes;                 /* NULL: not added, or in error */
    uint8_t *in;                        /* by pattern: MAIL_IN_… */
    unsigned in_any;                    /* of all of them */
    struct literal_set *literals;
    bool *may[MAIL_PLACES];             /* by place and pattern: its words are there; made new for each mail */
    pcre2_match_data *data;             /* where the whole match and its first groups lie */
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    int64_t pattern_steps, mail_steps;  /* left */
    PCRE2_SIZE last;                    /* where the last callout was */
};

struct place { const char *text; size_t len; unsigned in; };

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
    p->in = mem_alloc(n + 1);
    for (size_t i = 0; i < MAIL_PLACES; i++)
        p->may[i] = mem_alloc((n + 1) * sizeof *p->may[i]);
    p->literals = literal_set_new(n);
    p->data = pcre2_match_data_create(GROUPS, NULL);
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
    free(p->in);
    for (size_t i = 0; i < MAIL_PLACES; i++)
        free(p->may[i]);
    literal_set_free(&p->literals);
    pcre2_jit_stack_free(p->stack);
    pcre2_match_context_free(p->context);
    pcre2_match_data_free(p->data);
    free(p);
    *pp = NULL;
}

bool
mail_patterns_add(struct mail_patterns *p, size_t index, const char *regex, unsigned in, uint32_t *offset, char message[256])
{
    /* \C could cut a character, which PCRE2_NO_UTF_CHECK in matching must never see. */
    const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
    struct literals literals;
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
    p->in[index] = (uint8_t)in;
    p->in_any |= in;
    literals_of(regex, &literals);
    literal_set_add(p->literals, index, &literals);
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

static const char *
place_name(unsigned in)
{
    return in == MAIL_IN_SUBJECT ? "subject" : in == MAIL_IN_WORDS ? "text" : "attachments";
}

static Td__Hit *
hit_make(size_t index, unsigned in, const char *words, struct arena *a)
{
    Td__Hit *hit = words ? schema_new(a, &td__hit__descriptor) : NULL;

    if (hit == NULL)
        return NULL;
    hit->pattern = (uint32_t)index;
    hit->where = in == MAIL_IN_SUBJECT ? TD__CASE_REF__WHERE__SUBJECT : TD__CASE_REF__WHERE__TEXT;
    if (in == MAIL_IN_ATTACHMENTS)
        hit->has_attachment = hit->attachment = true;
    hit->words = (char *)words;
    return hit;
}

/* Nobody is to think that it does not match: it was not matched to its end. */
static void
give_up(size_t index, unsigned in, Td__Message *m, struct arena *a)
{
    Td__Hit *hit = hit_make(index, in, arena_strdup(a, ""), a);

    if (hit == NULL)
        return;
    hit->has_over_budget = hit->over_budget = true;
    arena_push(a, &m->hits, &m->n_hits, hit);
}

/* Of the groups, the first that caught something. */
static char *
hit_value(const struct mail_patterns *p, const char *text, struct arena *a)
{
    const PCRE2_SIZE *span = pcre2_get_ovector_pointer(p->data);

    for (size_t i = 1; i < GROUPS; i++)
        if (span[2 * i] != PCRE2_UNSET && span[2 * i] < span[2 * i + 1])
            return hit_words(text + span[2 * i], span[2 * i + 1] - span[2 * i], a);
    return NULL;
}

/* One pattern over one text: a hit, a warning, or nothing. false: neither it nor the rest of its places is to be tried. */
static bool
pattern_match(struct mail_patterns *p, size_t index, const struct place *t, Td__Message *m, struct arena *a)
{
    const PCRE2_SIZE *span = pcre2_get_ovector_pointer(p->data);
    Td__Hit *hit;
    int rc;

    p->last = 0;
    for (size_t i = 2; i < 2 * GROUPS; i++)     /* groups that a pattern does not have */
        pcre2_get_ovector_pointer(p->data)[i] = PCRE2_UNSET;
    rc = pcre2_match(p->codes[index], (PCRE2_SPTR)t->text, t->len, 0, PCRE2_NO_UTF_CHECK, p->data, p->context);
    if (rc == PCRE2_ERROR_NOMATCH)
        return true;
    if (rc < 0) {
        arena_push(a, &m->warnings, &m->n_warnings,
                   arena_printf(a, "pattern %zu was given up in the %s: %s (%d)", index, place_name(t->in), over_limit(rc) ? "over its limit" : "error", rc));
        give_up(index, t->in, m, a);
        return false;
    }
    must(span[0] <= span[1]);           /* \K in a lookahead is refused in compiling */
    hit = hit_make(index, t->in, hit_words(t->text + span[0], span[1] - span[0], a), a);
    if (hit != NULL) {
        hit->value = hit_value(p, t->text, a);
        arena_push(a, &m->hits, &m->n_hits, hit);
    }
    return t->in != MAIL_IN_ATTACHMENTS;        /* of attachments the first that matches will do */
}

/* A text that may be matched without a check of its UTF-8: checked once, clipped. */
static bool
place_make(struct place *t, const char *text, size_t max, unsigned in)
{
    if (text == NULL)
        return false;
    *t = (struct place){ text, utf8_clip(text, max), in };
    return utf8_valid(t->text, t->len);
}

/* Subject, new words, then "NAME (TYPE)" of each attachment, as far as any pattern looks there. */
static size_t
places_make(const struct mail_patterns *p, const Td__Message *m, struct place *places, struct arena *a)
{
    size_t n = 0;

    if (p->in_any & MAIL_IN_SUBJECT)
        n += place_make(&places[n], m->subject, TEXT_MAX, MAIL_IN_SUBJECT);
    if (p->in_any & MAIL_IN_WORDS)
        /* who forwards a mail means what stands in it */
        n += place_make(&places[n], m->forwarded != NULL && m->text != NULL ? m->text : m->reply_text, TEXT_MAX, MAIL_IN_WORDS);
    for (size_t i = 0; (p->in_any & MAIL_IN_ATTACHMENTS) && i < m->n_attachments && i < ATTACHMENTS_MAX; i++) {
        const Td__Attachment *f = m->attachments[i];
        const char *text = arena_printf(a, "%s%s(%s)", f->name ? f->name : "", f->name ? " " : "", f->type);

        n += place_make(&places[n], text, TEXT_MAX, MAIL_IN_ATTACHMENTS);
    }
    return n;
}

static size_t
place_index(unsigned in)
{
    return in == MAIL_IN_SUBJECT ? 0 : in == MAIL_IN_WORDS ? 1 : 2;
}

static bool
pattern_may(const struct mail_patterns *p, size_t index, unsigned in)
{
    return p->codes[index] != NULL && (p->in[index] & in) && p->may[place_index(in)][index];
}

static void
pattern_try(struct mail_patterns *p, size_t index, const struct place *places, size_t n, Td__Message *m, struct arena *a)
{
    bool go_on = true;

    p->pattern_steps = PATTERN_STEPS;
    for (size_t k = 0; k < n && go_on; k++)
        if (pattern_may(p, index, places[k].in))
            go_on = pattern_match(p, index, &places[k], m, a);
}

static void
left_out(const struct mail_patterns *p, size_t from, Td__Message *m, struct arena *a)
{
    size_t n = 0;

    arena_push(a, &m->warnings, &m->n_warnings, arena_printf(a, "patterns from %zu on were not matched: this mail has had its share", from));
    for (size_t i = from; i < p->n && n < LEFT_OUT_MAX; i++)
        for (unsigned in = MAIL_IN_SUBJECT; in <= MAIL_IN_ATTACHMENTS; in <<= 1)
            if (pattern_may(p, i, in)) {
                give_up(i, in, m, a);
                n++;
                break;
            }
}

void
mail_patterns_match(struct mail_patterns *p, Td__Message *m, struct arena *a)
{
    struct place places[2 + ATTACHMENTS_MAX];
    size_t n = places_make(p, m, places, a);

    p->mail_steps = MAIL_STEPS;
    for (size_t i = 0; i < MAIL_PLACES; i++)
        memset(p->may[i], 0, p->n * sizeof *p->may[i]);
    for (size_t k = 0; k < n; k++)
        literal_set_find(p->literals, places[k].text, places[k].len, p->may[place_index(places[k].in)]);
    for (size_t i = 0; i < p->n; i++) {
        if (p->mail_steps < 0) {
            left_out(p, i, m, a);
            break;
        }
        pattern_try(p, i, places, n, m, a);
    }
}
