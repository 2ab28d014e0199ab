/* SPDX-License-Identifier: ISC
 *
 * The words of all patterns as one automaton (Aho and Corasick, 1975), and which of them stand in a text: one pass, whatever the
 * number of words. The text is a stranger's: the work is a few steps a byte and once more each word, no text makes it more.
 */
#include "literals.h"

#include <stdlib.h>
#include <string.h>

struct node {
    uint32_t child, sibling;            /* 0: none */
    uint32_t fail;                      /* the longest end of this word that begins one */
    uint32_t next_end;                  /* along fail, the nearest node at which a word ends; 0: none */
    uint32_t ends;                      /* 1 + index in ends[]; 0: no word ends here */
    uint32_t seen;                      /* the text in which its words were told last */
    char c;
};
struct end { uint32_t pattern, next; };

struct literal_set {
    size_t patterns;
    bool *always;                       /* by pattern: it has no words */
    struct node *nodes; size_t n_nodes, room_nodes;
    struct end *ends; size_t n_ends, room_ends;
    uint32_t texts;
    bool linked;
};

static uint32_t
node_add(struct literal_set *s)
{
    if (s->n_nodes == s->room_nodes) {
        s->room_nodes = s->room_nodes ? 2 * s->room_nodes : 256;
        s->nodes = mem_grow(s->nodes, s->room_nodes * sizeof *s->nodes);
    }
    s->nodes[s->n_nodes] = (struct node){ 0 };
    return (uint32_t)s->n_nodes++;
}

struct literal_set *
literal_set_new(size_t patterns)
{
    struct literal_set *s = mem_alloc(sizeof *s);

    s->patterns = patterns;
    s->always = mem_alloc((patterns + 1) * sizeof *s->always);
    (void)node_add(s);
    return s;
}

void
literal_set_free(struct literal_set **sp)
{
    struct literal_set *s = *sp;

    if (s == NULL)
        return;
    free(s->always);
    free(s->nodes);
    free(s->ends);
    free(s);
    *sp = NULL;
}

static uint32_t
child_of(const struct literal_set *s, uint32_t node, char c)
{
    uint32_t k = s->nodes[node].child;

    while (k != 0 && s->nodes[k].c != c)
        k = s->nodes[k].sibling;
    return k;
}

static void
word_add(struct literal_set *s, size_t pattern, const struct literal *l)
{
    uint32_t at = 0;

    for (size_t i = 0; i < l->len; i++) {
        uint32_t k = child_of(s, at, l->text[i]);

        if (k == 0) {
            k = node_add(s);
            s->nodes[k].c = l->text[i];
            s->nodes[k].sibling = s->nodes[at].child;
            s->nodes[at].child = k;
        }
        at = k;
    }
    if (s->n_ends == s->room_ends) {
        s->room_ends = s->room_ends ? 2 * s->room_ends : 64;
        s->ends = mem_grow(s->ends, s->room_ends * sizeof *s->ends);
    }
    s->ends[s->n_ends] = (struct end){ (uint32_t)pattern, s->nodes[at].ends };
    s->nodes[at].ends = (uint32_t)++s->n_ends;
}

void
literal_set_add(struct literal_set *s, size_t pattern, const struct literals *l)
{
    must(pattern < s->patterns);
    s->linked = false;
    if (l->n == 0)
        s->always[pattern] = true;
    for (size_t i = 0; i < l->n; i++)
        word_add(s, pattern, &l->v[i]);
}

static uint32_t
step(const struct literal_set *s, uint32_t at, char c)
{
    for (;;) {
        uint32_t k = child_of(s, at, c);

        if (k != 0 || at == 0)
            return k;
        at = s->nodes[at].fail;
    }
}

/* In the order of their length, so that what a node falls back to is linked before it. */
static void
link_nodes(struct literal_set *s)
{
    uint32_t *queue = mem_alloc(s->n_nodes * sizeof *queue);
    size_t head = 0, tail = 0;

    for (queue[tail++] = 0; head < tail; head++) {
        uint32_t at = queue[head];

        for (uint32_t k = s->nodes[at].child; k != 0; k = s->nodes[k].sibling) {
            struct node *n = &s->nodes[k];

            n->fail = at == 0 ? 0 : step(s, s->nodes[at].fail, n->c);
            n->next_end = s->nodes[n->fail].ends != 0 ? n->fail : s->nodes[n->fail].next_end;
            queue[tail++] = k;
        }
    }
    free(queue);
    s->linked = true;
}

/* A letter as the words have it; 0: one that no word holds. Goes on to the next. */
static char
letter_next(const char **p, const char *end)
{
    const unsigned char *c = (const unsigned char *)*p;

    if (*c < 0x80) {
        ++*p;
        return (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
    }
    for (++*p; *p < end && ((unsigned char)**p & 0xc0) == 0x80; ++*p)
        ;
    if (*p - (const char *)c == 2 && c[0] == 0xc5 && c[1] == 0xbf)
        return 's';                     /* U+017F, long s */
    if (*p - (const char *)c == 3 && c[0] == 0xe2 && c[1] == 0x84 && c[2] == 0xaa)
        return 'k';                     /* U+212A, Kelvin */
    return 0;
}

void
literal_set_find(struct literal_set *s, const char *text, size_t len, bool *found)
{
    const char *p = text, *end = text + len;
    uint32_t at = 0;

    if (!s->linked)
        link_nodes(s);
    for (size_t i = 0; i < s->patterns; i++)
        found[i] |= s->always[i];
    s->texts++;
    while (p < end) {
        char c = letter_next(&p, end);

        at = c == 0 ? 0 : step(s, at, c);
        for (uint32_t k = s->nodes[at].ends != 0 ? at : s->nodes[at].next_end; k != 0 && s->nodes[k].seen != s->texts; k = s->nodes[k].next_end) {
            s->nodes[k].seen = s->texts;
            for (uint32_t e = s->nodes[k].ends; e != 0; e = s->ends[e - 1].next)
                found[s->ends[e - 1].pattern] = true;
        }
    }
}
