/* SPDX-License-Identifier: ISC
 *
 * Addresses with a token are taken back: one, all of a case, or all that a person was given. A token says until when it lasts
 * and so, by its purpose, on which day it was made; what is given out later on the day of the revocation lapses a day later,
 * so that the two are told apart. A row has done its work when the last of them would have lapsed by itself. Bounce addresses
 * prove nothing and find only what the relay says of a letter: they end one by one alone.
 */
#include <string.h>

#include "desk_room.h"

#define DAY_S 86400
#define LIFE_DAYS 400
#define LETTER_LIFE_DAYS 60             /* of those that are of a letter */
#define ROWS_MAX 500
#define TOKEN_CHARS 32

bool
desk_token_of_case(enum desk_token purpose)
{
    return purpose != DESK_TOKEN_BOUNCE && purpose != DESK_TOKEN_DIGEST;
}

static int64_t
life_days(enum desk_token purpose)
{
    return desk_token_of_case(purpose) ? LIFE_DAYS : LETTER_LIFE_DAYS;
}

/* ---- what counts no more */

/* The last day of those that this row ends; -1: it says nothing of this one. */
static int64_t
row_ends(const struct desk *d, const struct conf_desk *desk, const Td__Revoked *row, const struct desk_token_says *says)
{
    bool ends;
    if (row->has_token)
        return row->token.len == sizeof says->bytes && memcmp(row->token.data, says->bytes, sizeof says->bytes) == 0 ? says->day : -1;
    if (row->has_case_id)
        ends = desk_token_of_case(says->purpose) && says->id == row->case_id;
    else
        ends = says->purpose != DESK_TOKEN_BOUNCE && row->desk != NULL && row->address != NULL && strcmp(row->desk, desk->name) == 0 &&
               desk_token_is_for(d->key, says, row->address);
    return ends ? row->day + life_days(says->purpose) : -1;
}

static int64_t
ends_on(const struct desk *d, const struct desk_event *e, const struct desk_token_says *says)
{
    int64_t last = -1;
    for (size_t i = 0; e->revoked != NULL && i < e->revoked->n_rows; i++) {
        int64_t day = row_ends(d, e->desk, e->revoked->rows[i], says);
        if (day > last)
            last = day;
    }
    return last;
}

bool
token_revoked(const struct desk *d, const struct desk_event *e, const char *token, size_t len)
{
    struct desk_token_says says;
    if (e->revoked == NULL || !desk_token_read(d->key, token, len, &says))
        return false;
    return says.day <= ends_on(d, e, &says);
}

const char *
token_fresh(struct turn *t, enum desk_token purpose, uint64_t id, const char *recipient)
{
    int64_t at = t->now + life_days(purpose) * DAY_S;
    size_t tries = t->e->revoked != NULL ? t->e->revoked->n_rows + 1 : 0;       /* a row can be in the way once */
    const char *token = desk_token_make(t->d->key, purpose, id, recipient, at, t->a);
    struct desk_token_says says;
    for (; tries > 0 && desk_token_read(t->d->key, token, strlen(token), &says); tries--) {
        int64_t last = ends_on(t->d, t->e, &says);
        if (says.day > last)
            break;
        token = desk_token_make(t->d->key, purpose, id, recipient, (last + 1) * DAY_S, t->a);
    }
    return token;
}

/* ---- revoking */

enum desk_revoke
desk_revoke_read(const uint8_t key[DESK_KEY_BYTES], const char *word, struct desk_token_says *says)
{
    const char *plus = strchr(word, '+'), *token = plus != NULL ? plus + 1 : word;
    if (desk_token_read(key, token, strcspn(token, "@>"), says))
        return DESK_REVOKE_TOKEN;
    if (strchr(word, '@') != NULL)
        return addr_valid(word) ? DESK_REVOKE_PERSON : DESK_REVOKE_NOTHING;
    return DESK_REVOKE_CASE;
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_scope(const Td__Revoked *a, const Td__Revoked *b)
{
    if (a->has_token || b->has_token)
        return a->has_token && b->has_token && a->token.len == b->token.len && memcmp(a->token.data, b->token.data, a->token.len) == 0;
    if (a->has_case_id || b->has_case_id)
        return a->has_case_id && b->has_case_id && a->case_id == b->case_id;
    return same_text(a->desk, b->desk) && same_text(a->address, b->address);
}

/* The rows as they will be, without those that have done their work. */
static Td__Revocations *
rows_after(struct turn *t)
{
    if (t->out->revoked != NULL)
        return t->out->revoked;
    Td__Revocations *all = t->e->revoked != NULL ? schema_copy(t->a, t->e->revoked) : schema_new(t->a, &td__revocations__descriptor);
    size_t kept = 0;
    for (size_t i = 0; i < all->n_rows; i++)
        if (all->rows[i]->day + LIFE_DAYS >= t->now / DAY_S)
            all->rows[kept++] = all->rows[i];
    all->n_rows = kept;
    return t->out->revoked = all;
}

/* In the place of an older row of the same: what was given out since lapses a day later than what that ended. */
static void
row_add(struct turn *t, Td__Revoked *row)
{
    Td__Revocations *all = rows_after(t);
    row->at = t->now;
    row->day = t->now / DAY_S;
    row->by = arena_strdup(t->a, t->why);
    for (size_t i = 0; i < all->n_rows; i++) {
        if (!same_scope(all->rows[i], row))
            continue;
        if (all->rows[i]->day >= row->day)
            row->day = all->rows[i]->day + 1;
        all->rows[i] = row;
        return;
    }
    arena_push(t->a, &all->rows, &all->n_rows, row);
}

static void
refuse(struct turn *t, const char *why)
{
    arena_push(t->a, &t->out->wrong, &t->out->n_wrong, (void *)why);
}

static Td__Revoked *
row_new(struct turn *t)
{
    return schema_new(t->a, &td__revoked__descriptor);
}

static void
revoke_token(struct turn *t, const struct desk_token_says *says)
{
    Td__Revoked *row = row_new(t);
    row->has_token = true;
    row->token = (ProtobufCBinaryData){ sizeof says->bytes, arena_alloc(t->a, sizeof says->bytes) };
    memcpy(row->token.data, says->bytes, sizeof says->bytes);
    row->has_case_id = desk_token_of_case(says->purpose);
    row->case_id = row->has_case_id ? says->id : 0;
    row_add(t, row);
}

static void
revoke_person(struct turn *t, const char *addr)
{
    const struct conf *conf = t->d->conf;
    for (size_t i = 0; i < conf->n_desks; i++) {
        Td__Revoked *row = row_new(t);
        row->desk = arena_strdup(t->a, conf->desks[i].name);
        row->address = arena_strdup(t->a, addr_key(t->a, addr));
        row_add(t, row);
    }
}

static void
revoke_case(struct turn *t, uint64_t id)
{
    Td__Revoked *row = row_new(t);
    row->has_case_id = true;
    row->case_id = id;
    row_add(t, row);
}

/* Letters of what was merged into it lead to it too. */
static void
revoke_merged(struct turn *t, const char *number)
{
    uint64_t id;
    if (str_starts_nocase(number, "from ") && desk_number_check(t->d->key, t->conf->prefix, number + strlen("from "), &id) == DESK_NUMBER_OK)
        revoke_case(t, id);
}

static void
revoke_cases(struct turn *t, const Td__Case *found)
{
    revoke_case(t, found->id);
    if (t->e->case_id != found->id)
        revoke_case(t, t->e->case_id);
    for (size_t i = 0; i < t->f->needs->n; i++)
        for (size_t k = 0; k < t->f->v[i].n_entries; k++)
            if (t->f->v[i].entries[k]->what == TD__ENTRY__WHAT__MERGED && t->f->v[i].entries[k]->detail != NULL)
                revoke_merged(t, t->f->v[i].entries[k]->detail);
}

void
revoke_obey(struct turn *t, const Td__Case *found, const char *word)
{
    struct desk_token_says says;
    enum desk_revoke what = desk_revoke_read(t->d->key, word, &says);
    const char *done;
    if (what == DESK_REVOKE_NOTHING || (what == DESK_REVOKE_CASE && found == NULL)) {
        refuse(t, "this is no address, no case and no token of ours");
        return;
    }
    if (what == DESK_REVOKE_TOKEN) {
        revoke_token(t, &says);
        done = "one address with a token";
    } else if (what == DESK_REVOKE_PERSON) {
        revoke_person(t, word);
        done = arena_printf(t->a, "all addresses with a token that %s was given", word);
    } else {
        revoke_cases(t, found);
        done = arena_printf(t->a, "all addresses with a token of %s", found->number);
    }
    if (t->out->revoked->n_rows > ROWS_MAX) {
        t->out->revoked = NULL;
        refuse(t, "there are too many revocations; revoke a person or a case rather than single tokens");
        return;
    }
    done = arena_printf(t->a, "revoked: %s", done);
    const char *why = arena_printf(t->a, "%s: %s", t->why, done);
    if (found != NULL)
        turn_entry(t, turn_change(t, found), TD__ENTRY__WHAT__COMMAND, "operator", why);
    turn_told(t, "revoke", why);
    arena_push(t->a, &t->out->done, &t->out->n_done, (void *)done);
}
