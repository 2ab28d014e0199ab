/* SPDX-License-Identifier: ISC
 *
 * Everything that carries a MAC under the naming key: case numbers, Message-IDs, reply and bounce tokens. Keyed BLAKE2b
 * with a personal string for each use, so that one can never be taken for another. Compared in constant time.
 * What is checked here comes from strangers.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "desk_room.h"

#define NUMBER_ALPHABET "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#define SUFFIX_LEN 4
#define NUMBER_DIGITS_MAX 18
#define ID_MAC_BYTES 10                 /* 16 characters of base32 */
#define TOKEN_BYTES DESK_TOKEN_BYTES    /* 32 characters */
#define TOKEN_CHARS 32
#define TOKEN_MAC_AT 12
#define DAY_S 86400
#define FILETIME_EPOCH_S 11644473600u   /* from 1601 to 1970 */

/* out_len <= 32 */
static void
mac_make(const uint8_t key[DESK_KEY_BYTES], const char *personal, const void *in, size_t len, uint8_t *out, size_t out_len)
{
    uint8_t person[crypto_generichash_blake2b_PERSONALBYTES] = {0}, full[32];
    memcpy(person, personal, strnlen(personal, sizeof person));
    must(crypto_generichash_blake2b_salt_personal(full, sizeof full, in, len, key, DESK_KEY_BYTES, NULL, person) == 0);
    memcpy(out, full, out_len);
}

/* ---- case numbers */

static void
number_suffix(const uint8_t key[DESK_KEY_BYTES], uint64_t id, char out[SUFFIX_LEN + 1])
{
    uint8_t in[8], mac[3];
    be64_put(in, id);
    mac_make(key, "td case number", in, sizeof in, mac, sizeof mac);
    uint32_t bits = (uint32_t)mac[0] << 16 | (uint32_t)mac[1] << 8 | mac[2];
    for (int i = 0; i < SUFFIX_LEN; i++)
        out[i] = NUMBER_ALPHABET[bits >> (19 - 5 * i) & 31];
    out[SUFFIX_LEN] = '\0';
}

const char *
desk_number_make(const uint8_t key[DESK_KEY_BYTES], const char *prefix, uint64_t id, struct arena *a)
{
    char suffix[SUFFIX_LEN + 1];
    number_suffix(key, id, suffix);
    return arena_printf(a, "%s-%05llu-%s", prefix, (unsigned long long)id, suffix);
}

enum desk_number
desk_number_check(const uint8_t key[DESK_KEY_BYTES], const char *prefix, const char *text, uint64_t *id)
{
    size_t n = strlen(prefix), head = strcspn(text, "-"), digits = 0;
    enum desk_number wrong = head == n ? DESK_NUMBER_WRONG : DESK_NUMBER_FOREIGN;       /* "XCAS" may be somebody's own prefix */
    char suffix[SUFFIX_LEN + 1], given[SUFFIX_LEN + 1];
    uint64_t v = 0;

    if (head < n || text[head] != '-' || !str_starts_nocase(text + head - n, prefix))
        return DESK_NUMBER_FOREIGN;
    text += head + 1;
    for (; *text >= '0' && *text <= '9' && digits <= NUMBER_DIGITS_MAX; text++, digits++)
        v = v * 10 + (uint64_t)(*text - '0');
    if (digits == 0 || digits > NUMBER_DIGITS_MAX || *text++ != '-')
        return DESK_NUMBER_FOREIGN;
    if (strlen(text) != SUFFIX_LEN || v == 0)
        return wrong;
    for (int i = 0; i <= SUFFIX_LEN; i++)
        given[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
    number_suffix(key, v, suffix);
    if (sodium_memcmp(given, suffix, SUFFIX_LEN) != 0)
        return wrong;
    *id = v;
    return DESK_NUMBER_OK;
}

/* ---- Message-IDs: ticketd.CASE.LETTER.MAC@domain */

static void
id_mac(const uint8_t key[DESK_KEY_BYTES], uint64_t case_id, uint64_t letter_id, uint8_t mac[ID_MAC_BYTES])
{
    uint8_t in[16];
    be64_put(in, case_id);
    be64_put(in + 8, letter_id);
    mac_make(key, "td message-id", in, sizeof in, mac, ID_MAC_BYTES);
}

const char *
desk_message_id_make(const uint8_t key[DESK_KEY_BYTES], uint64_t case_id, uint64_t letter_id, const char *domain, struct arena *a)
{
    uint8_t mac[ID_MAC_BYTES];
    char text[ID_MAC_BYTES * 8 / 5 + 1];
    id_mac(key, case_id, letter_id, mac);
    base32_encode(mac, sizeof mac, text);
    return arena_printf(a, "ticketd.%llu.%llu.%s@%s", (unsigned long long)case_id, (unsigned long long)letter_id, text, domain);
}

void
desk_thread_index_make(const uint8_t key[DESK_KEY_BYTES], uint64_t case_id, int64_t opened_at, uint8_t out[DESK_THREAD_INDEX_BYTES])
{
    uint8_t in[8];
    uint64_t filetime = ((uint64_t)opened_at + FILETIME_EPOCH_S) * 10000000;     /* its upper six bytes of eight, the first of which is 1 till 2057 */
    be64_put(in, filetime);
    memcpy(out, in, 6);
    be64_put(in, case_id);
    mac_make(key, "td thread index", in, sizeof in, out + 6, DESK_THREAD_INDEX_BYTES - 6);
}

/* Digits up to a dot. No leading zeros: one id has one text. */
static bool
id_number(const char **s, uint64_t *out)
{
    uint64_t v = 0;
    size_t digits = 0;
    const char *from = *s;
    for (; **s >= '0' && **s <= '9' && digits <= NUMBER_DIGITS_MAX; (*s)++, digits++)
        v = v * 10 + (uint64_t)(**s - '0');
    *out = v;
    return digits > 0 && digits <= NUMBER_DIGITS_MAX && (*from != '0' || digits == 1) && *(*s)++ == '.';
}

bool
desk_message_id_check(const uint8_t key[DESK_KEY_BYTES], const char *message_id, uint64_t *case_id, uint64_t *letter_id)
{
    uint8_t want[ID_MAC_BYTES], given[ID_MAC_BYTES];
    size_t given_len = sizeof given;
    uint64_t c, l;
    const char *s = message_id;

    if (s == NULL || !str_starts_nocase(s, "ticketd."))
        return false;
    s += strlen("ticketd.");
    if (!id_number(&s, &c) || !id_number(&s, &l))
        return false;
    const char *at = strchr(s, '@');
    if (at == NULL || at - s != ID_MAC_BYTES * 8 / 5 || !base32_decode(s, (size_t)(at - s), given, &given_len) || given_len != sizeof given)
        return false;
    id_mac(key, c, l, want);
    if (sodium_memcmp(want, given, sizeof want) != 0)
        return false;
    *case_id = c;
    *letter_id = l;
    return true;
}

bool
desk_message_is_own(const uint8_t key[DESK_KEY_BYTES], const Td__Message *m)
{
    uint64_t c, l;
    return desk_message_id_check(key, m->message_id, &c, &l);
}

/* ---- tokens: purpose 1, id 5, recipient 4, day of expiry 2, MAC 8 bytes */

static void
recipient_hash(const uint8_t key[DESK_KEY_BYTES], const char *recipient, uint8_t out[4])
{
    char folded[ADDR_MAX + 1] = "";
    snprintf(folded, sizeof folded, "%s", recipient);
    str_lower(folded);          /* mail systems fold local parts on the way back */
    mac_make(key, "td recipient", folded, strlen(folded), out, 4);
}

const char *
desk_token_make(const uint8_t key[DESK_KEY_BYTES], enum desk_token purpose, uint64_t id, const char *recipient, int64_t expires_at, struct arena *a)
{
    uint8_t t[TOKEN_BYTES], be[8];
    char text[TOKEN_CHARS + 1];
    int64_t day = expires_at / DAY_S;

    must(id >> 40 == 0);
    if (day < 0)
        day = 0;
    if (day > UINT16_MAX)
        day = UINT16_MAX;
    t[0] = (uint8_t)purpose;
    be64_put(be, id);
    memcpy(t + 1, be + 3, 5);
    recipient_hash(key, recipient, t + 6);
    t[10] = (uint8_t)(day >> 8);
    t[11] = (uint8_t)day;
    mac_make(key, "td token", t, TOKEN_MAC_AT, t + TOKEN_MAC_AT, TOKEN_BYTES - TOKEN_MAC_AT);
    base32_encode(t, sizeof t, text);
    return arena_strdup(a, text);
}

enum desk_token
desk_token_claims(const char *token, size_t len)
{
    uint8_t t[TOKEN_BYTES];
    size_t got = sizeof t;
    if (len != TOKEN_CHARS || !base32_decode(token, len, t, &got) || got != sizeof t)
        return 0;
    return (enum desk_token)t[0];
}

bool
desk_token_read(const uint8_t key[DESK_KEY_BYTES], const char *token, size_t len, struct desk_token_says *out)
{
    uint8_t t[TOKEN_BYTES], mac[TOKEN_BYTES - TOKEN_MAC_AT], be[8] = {0};
    size_t got = sizeof t;

    if (len != TOKEN_CHARS || !base32_decode(token, len, t, &got) || got != sizeof t)
        return false;
    mac_make(key, "td token", t, TOKEN_MAC_AT, mac, sizeof mac);
    if (sodium_memcmp(mac, t + TOKEN_MAC_AT, sizeof mac) != 0)
        return false;
    memcpy(be + 3, t + 1, 5);
    *out = (struct desk_token_says){ .purpose = (enum desk_token)t[0], .id = be64_get(be), .day = (int64_t)t[10] << 8 | t[11] };
    memcpy(out->who, t + 6, sizeof out->who);
    memcpy(out->bytes, t, sizeof t);
    return true;
}

bool
desk_token_is_for(const uint8_t key[DESK_KEY_BYTES], const struct desk_token_says *says, const char *recipient)
{
    uint8_t who[sizeof says->who];
    if (strlen(recipient) > ADDR_MAX)
        return false;
    recipient_hash(key, recipient, who);
    return sodium_memcmp(who, says->who, sizeof who) == 0;
}

bool
desk_token_check(const uint8_t key[DESK_KEY_BYTES], enum desk_token purpose, const char *token, size_t len, const char *sender, int64_t now,
                 uint64_t *id, bool *for_sender)
{
    struct desk_token_says says;
    if (!desk_token_read(key, token, len, &says) || says.purpose != purpose || now / DAY_S > says.day)
        return false;
    *id = says.id;
    *for_sender = sender != NULL && desk_token_is_for(key, &says, sender);
    return true;
}
