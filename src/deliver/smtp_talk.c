/* SPDX-License-Identifier: ISC
 *
 * What was said between the library and the relay, and what it means for the letter. Pure: lines in, outcome out.
 * The library gives one code for a whole transfer; here its commands and the relay's replies are overheard, so that a refusal
 * of ours (greeting, login) is not taken for a refusal of the letter, and the text is the reply that decided.
 * The relay's words are a stranger's: printable ASCII, 200 bytes, nothing else leaves here. Commands may hold secrets: only
 * their first word is looked at.
 */
#include "smtp.h"

#include <string.h>

void
smtp_talk_start(struct smtp_talk *t, bool need_utf8)
{
    bool utf8 = t->utf8;
    uint64_t size = t->size;

    *t = (struct smtp_talk){ .stage = SMTP_CONNECT, .utf8 = utf8, .size = size, .need_utf8 = need_utf8 };
}

void
smtp_talk_command(struct smtp_talk *t, const char *bytes, size_t len)
{
    static const struct { const char *word; enum smtp_stage stage; } words[] = {
        { "EHLO", SMTP_HELLO }, { "HELO", SMTP_HELLO }, { "STARTTLS", SMTP_STARTTLS }, { "AUTH", SMTP_AUTH },
        { "MAIL", SMTP_MAIL }, { "RCPT", SMTP_RCPT }, { "DATA", SMTP_DATA },
    };

    if (t->stage == SMTP_DATA && t->code == 354)        /* the letter itself, not a command */
        return;
    for (size_t i = 0; i < countof(words); i++) {
        size_t n = strlen(words[i].word);

        if (len > n && memcmp(bytes, words[i].word, n) == 0) {
            t->stage = words[i].stage;
            if (t->stage == SMTP_HELLO) {
                t->utf8 = false;
                t->size = 0;
            }
            return;
        }
    }
}

static bool
reply_code(const char *s, size_t len, unsigned *code, bool *more)
{
    for (size_t i = 0; i < 3; i++)
        if (i >= len || s[i] < '0' || s[i] > '9')
            return false;
    *code = (unsigned)((s[0] - '0') * 100 + (s[1] - '0') * 10 + s[2] - '0');
    *more = len > 3 && s[3] == '-';
    return *code >= 200 && *code < 600;
}

static void
text_add(struct smtp_talk *t, const char *s, size_t len)
{
    if (t->text_len && t->text_len < SMTP_TEXT_MAX)
        t->text[t->text_len++] = ' ';
    for (size_t i = 0; i < len && t->text_len < SMTP_TEXT_MAX; i++)
        t->text[t->text_len++] = s[i] >= 0x20 && s[i] < 0x7f ? s[i] : '?';
    t->text[t->text_len] = '\0';
}

/* "SIZE 10240000"; without a number, or with 0, it names no limit. */
static uint64_t
size_said(const char *s, size_t len)
{
    uint64_t n = 0;

    if (len < 6 || !str_starts_nocase(s, "SIZE "))
        return 0;
    for (size_t i = 5; i < len && s[i] >= '0' && s[i] <= '9' && n < UINT64_MAX / 100; i++)
        n = n * 10 + (uint64_t)(s[i] - '0');
    return n;
}

bool
smtp_talk_reply(struct smtp_talk *t, const char *bytes, size_t len)
{
    unsigned code;
    bool more, continued = t->more;

    while (len > 0 && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n'))
        len--;
    if (!reply_code(bytes, len, &code, &more) || code == 221)
        return true;
    if (t->stage == SMTP_HELLO && len >= 12 && str_starts_nocase(bytes + 4, "SMTPUTF8"))
        t->utf8 = true;
    if (t->stage == SMTP_HELLO && code < 300 && len > 4 && size_said(bytes + 4, len - 4) > 0)
        t->size = size_said(bytes + 4, len - 4);
    if (!continued)
        t->text_len = 0;
    if (continued && len > 4)           /* the code once is enough */
        text_add(t, bytes + 4, len - 4);
    else if (!continued)
        text_add(t, bytes, len);
    if (t->text_len > 3 && t->text[3] == '-')
        t->text[3] = ' ';
    t->code = code;
    t->more = more;
    if (t->stage == SMTP_MAIL && !more && code < 300 && t->need_utf8 && !t->utf8) {
        t->utf8_missing = true;
        return false;
    }
    return true;
}

void
smtp_talk_outcome(const struct smtp_talk *t, const struct smtp_end *e, Td__SendOutcome *out)
{
    bool refused = t->code >= 400 && !t->more;

    out->code = 0;
    out->unknown = false;
    out->has_auth_failed = out->auth_failed = false;
    out->has_relay_size = t->size > 0;
    out->relay_size = t->size;
    if (t->utf8_missing) {
        out->code = 553;
        out->text = (char *)"553 5.6.7 the relay takes no address outside ASCII (no SMTPUTF8)";
        return;
    }
    out->text = (char *)(refused || (e->ok && t->text_len) ? t->text : e->error);
    if (e->ok) {
        out->code = t->code;
        return;
    }
    if (t->code == 354) {               /* the letter was on its way; without its last byte it cannot have been taken */
        out->unknown = t->body_read;
        return;
    }
    if (!refused)
        return;
    /* 530 and 534, 535, 538 are about us whatever was asked (RFC 4954 6) */
    out->has_auth_failed = out->auth_failed = t->stage == SMTP_AUTH || t->code == 530 || t->code == 534 || t->code == 535 || t->code == 538;
    if (t->stage >= SMTP_AUTH || out->auth_failed || t->code < 500)
        out->code = t->code;            /* else 5yz to the greeting, EHLO or STARTTLS: no word on the letter */
}
