/* SPDX-License-Identifier: ISC
 *
 * Bytes as text and back: hexadecimal, base32 (RFC 4648, lower case, no padding), big-endian numbers for ordered keys.
 * Decoders are strict: one text for one value, for tokens are compared as text elsewhere.
 */
#include "ticketd/base.h"
#include <string.h>

static const char base32_alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

void
hex_encode(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool
hex_decode(const char *s, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(s[2 * i]);
        int low = high < 0 ? -1 : hex_digit(s[2 * i + 1]);

        if (low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return !s[2 * len];
}

size_t
base32_encode(const uint8_t *bytes, size_t len, char *out)
{
    size_t n = 0;
    unsigned held = 0, bits = 0;

    for (size_t i = 0; i < len; i++) {
        held = (held << 8 | bytes[i]) & 0xfff;
        for (bits += 8; bits >= 5; bits -= 5)
            out[n++] = base32_alphabet[held >> (bits - 5) & 31];
    }
    if (bits)
        out[n++] = base32_alphabet[held << (5 - bits) & 31];
    out[n] = '\0';
    return n;
}

static int
base32_digit(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= '2' && c <= '7')
        return c - '2' + 26;
    return -1;
}

bool
base32_decode(const char *s, size_t s_len, uint8_t *out, size_t *out_len)
{
    size_t n = 0;
    unsigned held = 0, bits = 0;

    for (size_t i = 0; i < s_len; i++) {
        int digit = base32_digit(s[i]);

        if (digit < 0)
            return false;
        held = (held << 5 | (unsigned)digit) & 0xfff;
        bits += 5;
        if (bits < 8)
            continue;
        if (n == *out_len)
            return false;
        bits -= 8;
        out[n++] = (uint8_t)(held >> bits);
    }
    if (bits >= 5 || held & ((1u << bits) - 1))         /* a digit too many, or bits that no encoder writes */
        return false;
    *out_len = n;
    return true;
}

void
be64_put(uint8_t out[8], uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        out[i] = (uint8_t)v;
}

uint64_t
be64_get(const uint8_t in[8])
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++)
        v = v << 8 | in[i];
    return v;
}
