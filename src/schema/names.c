/* SPDX-License-Identifier: ISC
 *
 * Words as users see them. They are the names in ticketd.proto in lower case, so that the data dictionary is the only list.
 * "unknown" for a number that has no name.
 */
#include "ticketd/schema.h"
#include <pthread.h>
#include <string.h>

#define WORDS 64
#define WORD_LEN 24

struct words {
    const ProtobufCEnumDescriptor *of;
    char word[WORDS][WORD_LEN];         /* by number */
};

static struct words states = { .of = &td__state__descriptor };
static struct words kinds = { .of = &td__letter__kind__descriptor };
static struct words whats = { .of = &td__entry__what__descriptor };
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static void
words_fill(void)
{
    struct words *all[] = { &states, &kinds, &whats };

    for (size_t t = 0; t < countof(all); t++)
        for (unsigned i = 0; i < all[t]->of->n_values; i++) {
            const ProtobufCEnumValue *v = &all[t]->of->values[i];

            must(v->value >= 0 && v->value < WORDS && strlen(v->name) < WORD_LEN);
            memcpy(all[t]->word[v->value], v->name, strlen(v->name) + 1);
            str_lower(all[t]->word[v->value]);
        }
}

static const char *
word(const struct words *w, int number)
{
    pthread_once(&filled, words_fill);
    return number >= 0 && number < WORDS && *w->word[number] ? w->word[number] : "unknown";
}

const char *
schema_state_name(Td__State s)
{
    return word(&states, (int)s);
}

const char *
schema_letter_kind_name(Td__Letter__Kind k)
{
    return word(&kinds, (int)k);
}

const char *
schema_entry_name(Td__Entry__What w)
{
    return word(&whats, (int)w);
}
