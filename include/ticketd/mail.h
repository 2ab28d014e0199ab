/* SPDX-License-Identifier: ISC
 *
 * mail: bytes to message, letter to bytes. RFC 5322, 2045-2047, 2231, 3676, 3464, 8601.
 * Reads hostile bytes, so it runs only in the sandboxed worker `parse`; writing runs only in the worker `compose`.
 * Knows nothing of cases or rules. The same bytes and options give the same message: no clock, locale, environment or chance.
 */
#ifndef TICKETD_MAIL_H
#define TICKETD_MAIL_H

#include "ticketd/base.h"
#include "ticketd/schema.h"

struct mail_limits {                    /* past one of them the message is degraded and warnings[] says so */
    uint64_t mail;                      /* bytes; more: MAIL_UNPARSED, headers only */
    unsigned headers, header_len, parts, depth;
    uint64_t text;                      /* bytes of text[] kept */
};
extern const struct mail_limits mail_limits_default;    /* 50 MiB, 1000, 64 KiB, 500, 20, 4 MiB */

struct mail_options {
    struct mail_limits limits;
    /* whose results are trusted; without ids and exchange_online trusted is false everywhere and aligned absent */
    const char *const *authserv; size_t n_authserv;     /* ids of our own servers; ".x.example": every name below it */
    const char *const *hosts; size_t n_hosts;           /* what else our own servers are called in Received; likewise */
    const char *const *expects; size_t n_expects;       /* methods our server always writes, in the order of its fields from the top: one that is not
                                                           in its place has no result, and a lower field gives none of any method */
    const char *const *sealers; size_t n_sealers;       /* domains whose ARC seals are believed, where our server says arc=pass; and what is below them */
    bool strict_alignment;                              /* the From domain itself, not its organisation */
    bool exchange_online;                               /* its fields without an id count too, above the first Received that is not its own */
    const char *const *languages; size_t n_languages;   /* candidates, ISO 639-1; none: all that are known */
};

/* ---- reading */
/* Once a process, before the sandbox closes: opens the charset converters and language models and keeps them. */
void mail_init(void);
/* The first answer, by our own header scanner alone: from, sender, reply_to, to, cc, subject, message_id, date, in_reply_to,
 * references, delivered_to, return_path, auth_results, aligned, the header's part of machine. Never fails; no library touches the bytes.
 * Result lives in `a`. */
Td__Message *mail_scan(const uint8_t *bytes, size_t len, const struct mail_options *o, struct arena *a);
/* The whole answer: adds text, reply_text, attachments, machine, case_refs, forwarded, digest, language, warnings.
 * Never fails on hostile input: what cannot be understood is kept as bytes and named in warnings[]. */
Td__Message *mail_parse(const uint8_t *bytes, size_t len, const struct mail_options *o, struct arena *a);
/* Decoded bytes of the leaf that mail_parse() numbered `part`. false: there is none. */
bool mail_extract(const uint8_t *bytes, size_t len, uint32_t part, const struct mail_limits *l, struct buf *out);
/* The same of several, one behind the other; sizes[i] is that of parts[i]. false: one of them is not there, or all are more than l->mail. */
bool mail_extract_parts(const uint8_t *bytes, size_t len, const uint32_t *parts, size_t n, const struct mail_limits *l, uint64_t *sizes, struct buf *out);

/* ---- the desk's patterns (PCRE2, JIT, match and depth limits); compiled once before the sandbox closes */
struct mail_patterns;
/* What a pattern is matched against. */
enum { MAIL_IN_SUBJECT = 1, MAIL_IN_WORDS = 2, MAIL_IN_ATTACHMENTS = 4, MAIL_PLACES = 3 };
/* NULL pattern slots stay as errors: on failure *offset and message (>= 256 bytes) say what is wrong; the rest still compiles. */
struct mail_patterns *mail_patterns_new(size_t n);
bool mail_patterns_add(struct mail_patterns *p, size_t index, const char *regex, unsigned in, uint32_t *offset, char message[256]);
void mail_patterns_free(struct mail_patterns **pp);
/* Adds hits[] to m, in the order of the patterns, of each one at most for the subject, one for the new words (the first 256 KiB of
 * reply_text) and one for the attachments, each of which is "NAME (TYPE)". words: what matched, value: what its first group that took
 * part caught; white space folded, at most 200 bytes of whole characters. A pattern over its limit is a hit that says over_budget
 * and a warning that names its index; limits count steps, never time. */
void mail_patterns_match(struct mail_patterns *p, Td__Message *m, struct arena *a);

/* ---- small readings that others share; pure */
/* Subject without reply and forward prefixes ("Re:", "SV:", "AW: Re[2]:" …) and without a [CASE-NUMBER]; white space folded. */
const char *mail_bare_subject(const char *subject, struct arena *a);
/* Find what has the shape PREFIX-NNNNN-XXXX in UTF-8 text: any case, blanks around any dash, [#…] around it. Folded. Look-alike
 * letters and invisible characters make no number. Calls found() for each, in order. */
void mail_case_refs(const char *text, size_t len, void (*found)(void *u, const char *ref), void *u);
/* DESIGN 6: From, bare subject, decoded text with white space folded, attachment digests; without Message-ID the Date joins. BLAKE2b-256. */
void mail_digest(const Td__Message *m, uint8_t out[32]);
/* The JSON of INTERFACES.md for one file, as one line without line end. `own`: -1 unknown. */
void mail_to_json(const Td__Message *m, const char *file, int own, struct buf *out);

/* ---- safe HTML: Message.html. What was allowed of a mail's HTML, in a normal form: no script, form, frame, sheet, class or id, nothing
 * that is fetched from elsewhere, pictures only as src="cid:…". A reader in another process checks it once more with this: each token
 * against the same tables. Pure. */
#define MAIL_HTML_MAX 262144u
enum mail_html { MAIL_HTML_END, MAIL_HTML_BAD, MAIL_HTML_TEXT, MAIL_HTML_OPEN, MAIL_HTML_CLOSE };
struct mail_html_token {
    enum mail_html kind;
    const char *s; size_t len;          /* all of it, as it stands */
    const char *name; size_t name_len;  /* of an element, lower case */
};
enum mail_html mail_html_next(const char **at, struct mail_html_token *out);   /* BAD: it is no safe HTML, believe nothing of it */
bool mail_html_is_void(const char *name, size_t len);
bool mail_html_is_block(const char *name, size_t len);          /* begins a line, <br> too */
const char *mail_html_text(const char *s, size_t len, struct arena *a);         /* references read; NULL: it is not our text */
const char *mail_html_attribute(const struct mail_html_token *t, const char *name, struct arena *a);     /* NULL: it has none */

/* ---- writing */
/* Once a process, before the sandbox closes: what the writer's library opens at its first use. mail_compose() does it too. */
void mail_write_init(void);
/* The bytes of a letter, RFC 5322 with CRLF, 7-bit, lines of at most 998: a plain text part first, HTML as its alternative.
 * Refuses (false, *error a static text, `out` as before) any control character or invalid UTF-8 in a header value, any address
 * that is not addr_valid() and text that is not UTF-8. In-Reply-To and References leave out what is no Message-ID: a stranger's
 * odd one must not stop a case's letters. White space in subjects and names is folded; subjects are cut at 1,000 bytes.
 * Domains go out in their ASCII form; a recipient whose local part is not ASCII stands in To as an empty group with
 * its name (RFC 6857), a From or Reply-To of that kind is refused. The Date's zone is letter->zone_offset_s.
 * The same letter gives the same bytes: boundaries come from its Message-ID. */
bool mail_compose(const Td__Letter *letter, struct buf *out, const char **error);
/* The same with the letter's parts: bytes[i] is parts[i], borrowed, not copied; bytes NULL: it goes without them. Those with a Content-ID
 * stand beside the HTML (multipart/related), the others behind the text (multipart/mixed), base64. What a stranger called them is no
 * header of ours: a type that is none is application/octet-stream, so is a mail that cannot travel as it stands; names are encoded
 * (RFC 2231) and lose what is no letter of a name. */
struct mail_bytes { const uint8_t *bytes; size_t len; };
bool mail_compose_parts(const Td__Letter *letter, const struct mail_bytes *bytes, struct buf *out, const char **error);
/* How large it will be at most: as it stands with parts of these sizes. */
uint64_t mail_compose_size(const Td__Letter *letter);

#endif
