/* SPDX-License-Identifier: ISC
 *
 * The reading side of mail, among its own files. A `reading` is one mail being read: the message that is filled, the arena that
 * keeps it, a scratch arena that goes when the reading ends. Everything here works on lengths, never recurses on input, and is linear.
 */
#ifndef MAIL_READ_H
#define MAIL_READ_H

#include "ticketd/mail.h"

#define READ_MAX_WARNINGS 40u   /* a hostile mail must not fill the answer with them */
#define READ_MAX_WHY 20u
#define READ_MAX_LIST 5000u     /* addresses of one field, Message-IDs of one field */

struct reading {
    Td__Message *m;
    struct arena *a;            /* lives as long as the message */
    struct arena *tmp;          /* lives as long as the reading */
    const struct mail_options *o;
    const char *hint;           /* the first charset that the body names: for raw 8-bit text in the header; may be NULL */
};
/* Once for each text; at most READ_MAX_WARNINGS. */
void reading_warn(struct reading *r, const char *fmt, ...) printf_like(2, 3);
void reading_why(struct reading *r, const char *fmt, ...) printf_like(2, 3);

/* ---- scan.c: a header block */
struct field {                  /* value: unfolded, without NUL, trimmed; raw bytes otherwise; NUL-terminated */
    const char *name, *value;
    size_t name_len, len;
};
struct header {
    struct field *f;
    size_t n;
    size_t body;                /* where the body begins */
};
/* Reads the header block at the start of `bytes`. Fields live in r->tmp. `top`: the mail's own, where a mail without header is possible. */
void header_scan(struct reading *r, const uint8_t *bytes, size_t len, bool top, struct header *out);
const struct field *header_first(const struct header *h, const char *name);     /* NULL: absent */
const char *header_value(const struct header *h, const char *name);             /* NULL: absent */
bool field_is(const struct field *f, const char *name);
/* The end of the line that begins at `at`: *next is where the following one begins. */
size_t line_end(const uint8_t *bytes, size_t len, size_t at, size_t *next);
/* Old Macintosh line ends, CR alone in all of the header, become LF in a copy; any other mail is answered as it is. */
const uint8_t *lines_repair(struct reading *r, const uint8_t *bytes, size_t len);

/* ---- message.c: header fields to message; used for the mail itself and for mails inside it */
void message_fill(struct reading *r, const struct header *h);

/* ---- word.c: RFC 2047. `hint`: the body's charset, for raw 8-bit text; may be NULL */
char *word_decode(struct reading *r, const char *raw, size_t len, const char *hint);
/* Length of the well-formed encoded word at s, 0: none. */
size_t word_length(const char *s, size_t len);

/* ---- charset.c */
void charset_init(void);
bool charset_known(const char *name, size_t len);
/* ASCII keeps its place in it: it may be the charset of raw 8-bit text in a header. NULL: no. */
bool charset_keeps_ascii(const char *name);
/* Appends UTF-8 without NUL. `declared` may be NULL. *odd (may be NULL) gets a static text when the label was wrong or bytes were replaced. */
void charset_text(const char *declared, const uint8_t *in, size_t len, struct buf *out, const char **odd);
/* Exactly as named, for what names itself (encoded words); false: unknown name, nothing appended. */
bool charset_exact(const char *name, const uint8_t *in, size_t len, struct buf *out);

/* ---- decode.c: RFC 2045 */
struct base64_state { uint32_t bits; unsigned n; };
void base64_feed(struct base64_state *s, const uint8_t *in, size_t len, struct buf *out);   /* skips what is no alphabet, begins anew after '=' */
void quoted_printable_decode(const uint8_t *in, size_t len, struct buf *out);
bool decode_is_base64(const char *encoding);
void decode_transfer(const char *encoding, const uint8_t *in, size_t len, struct buf *out);
/* A uuencoded file that begins at or after `at`: its name, where it stands, its bytes. false: none. */
struct uu_file { size_t begin, end; const char *name; size_t name_len; };
bool uu_find(const uint8_t *in, size_t len, size_t at, struct uu_file *out);
void uu_decode(const uint8_t *in, size_t len, const struct uu_file *f, struct buf *out);

/* ---- address.c */
struct address_list { Td__Address **v; size_t n; };
void address_parse(struct reading *r, const char *raw, size_t len, const char *hint, struct address_list *out);

/* ---- param.c: Content-Type and Content-Disposition (RFC 2045, 2231, and what is sent instead) */
struct param { const char *name, *value; };     /* name in lower case, value as it stands, continuations joined, percent decoded into UTF-8 */
struct content {
    const char *type;           /* "text/plain", in lower case; for a disposition its word. NULL: unreadable */
    struct param *p;
    size_t n;
};
void content_parse(struct reading *r, const char *raw, size_t len, const char *hint, struct content *out);
const char *content_param(const struct content *c, const char *name);

/* ---- date.c, refs.c */
bool date_parse(const char *s, size_t len, int64_t *out);
void refs_parse(struct reading *r, const char *raw, size_t len, size_t *n, char ***list);
const char *refs_message_id(struct reading *r, const char *raw, size_t len);

/* ---- auth.c: RFC 8601 and DESIGN 6; organisation.c */
void auth_read(struct reading *r, const struct header *h);
/* "mail.example.co.uk" to "example.co.uk"; an approximation on the strict side. Borrowed from `domain`. */
const char *auth_organisation(const char *domain);

/* ---- filtermark.c: m->filter, when a filter of ours has marked the mail */
void filter_read(struct reading *r, const struct header *h);

/* ---- machine.c, dsn.c */
void machine_header(struct reading *r, const struct header *h);
struct leaves;
void machine_body(struct reading *r, const struct header *h, struct leaves *l);
Td__DeliveryReport *dsn_read(struct reading *r, const struct header *h, struct leaves *l);

/* ---- normalise.c: limits and repairs; tree.c: GMime, leaves; body.c: what is shown, what is attached */
struct leaf {
    uint32_t part;              /* from 1, stable for the same mail */
    const char *type;           /* lower case */
    const char *charset, *name, *encoding, *content_id;
    const char *disposition;    /* NULL, "inline", "attachment", … */
    const struct branch { unsigned alternative, branch; } *chain;   /* the multipart/alternatives around it, outermost first, and which branch of each it is in */
    size_t n_chain;
    unsigned alternative;       /* the number of the innermost, 0: none */
    bool related, flowed, delsp, shown, hidden;         /* hidden: the other spelling of something shown */
    bool body;                  /* the text of a winmail.dat: shown when the mail has no other, never a file */
    const uint8_t *raw;         /* undecoded */
    size_t raw_len;
    struct buf own;             /* decoded, when `decoded` */
    bool decoded;
};
struct leaves { struct leaf *v; size_t n, cap; const char *root; unsigned alternatives; };     /* root: type of the whole, lower case */
/* Writes a copy of the mail that no reader can misunderstand, within the limits, and describes its leaves in order (raw: not yet set). */
void normalise(struct reading *r, const uint8_t *bytes, size_t len, const struct header *h, struct buf *copy, struct leaves *out);
void tree_init(void);
struct leaf *leaf_add(struct leaves *l);
/* copy is kept by the caller as long as the leaves. */
void tree_read(struct reading *r, const uint8_t *bytes, size_t len, const struct header *h, struct buf *copy, struct leaves *out);
const struct buf *leaf_bytes(struct leaf *l);
void leaves_free(struct leaves *l);
const char *name_neutral(struct reading *r, const char *name);  /* a file name that harms nobody; NULL when nothing is left */
void body_read(struct reading *r, const uint8_t *bytes, size_t len, const struct header *h);
/* A leaf as text, with the marks of quotes (below); LF line ends. */
void leaf_text(struct reading *r, struct leaf *l, struct buf *out);

/* ---- text */
/* ---- htmlsafe.c, htmlallow.c: safe HTML (mail.h) */
/* Appends it; false: it would be more than `max` bytes, and nothing is appended. */
bool html_safe(struct reading *r, const char *html, size_t len, size_t max, struct buf *out);
bool html_allows(const char *name, size_t len);
bool html_allows_attribute(const char *element, size_t n, const char *name, size_t len, const char *value, size_t v);
/* Appends the declarations that are allowed, "a: b; c: d". */
void html_style_safe(const char *s, size_t len, struct buf *out);
void html_escape(const char *s, size_t len, struct buf *out);

void html_to_text(struct reading *r, const char *html, size_t len, struct buf *out);
void flowed_to_text(const char *in, size_t len, bool delsp, struct buf *out);
void quote_reply_text(struct reading *r, const char *text, size_t len, struct buf *out);
void forward_read(struct reading *r, struct leaves *l, const char *text, size_t len);
void language_init(void);
const char *language_guess(struct reading *r, const char *text, const char *declared);
/* The files inside a winmail.dat, as further leaves, and its text as a leaf that is a body. */
void tnef_read(struct reading *r, const uint8_t *in, size_t len, struct leaves *out);
/* ---- rtf.c. Unpacks at most `max` bytes; false: it is no packed RTF. */
bool rtf_unpack(const uint8_t *in, size_t len, size_t max, struct buf *out);
void rtf_to_text(struct reading *r, const char *s, size_t len, struct buf *out);

/* ---- what an HTML mark of a quote or signature becomes while text is made: private-use characters, gone from every answer */
#define MARK_QUOTE_OPEN  "\xef\xb7\x90"     /* U+FDD0: a noncharacter, cannot come from a mail (it is replaced) */
#define MARK_QUOTE_CLOSE "\xef\xb7\x91"     /* U+FDD1 */
#define MARK_CUT         "\xef\xb7\x92"     /* U+FDD2: from here on all is quoted */
#define MARK_SIGNATURE   "\xef\xb7\x93"     /* U+FDD3: a signature begins here */
#define MARK_SIGNATURE_END "\xef\xb7\x94"   /* U+FDD4 */
#define MARK_INDENT_OPEN "\xef\xb7\x95"     /* U+FDD5: indented; a quote only if the line above announces one */
#define MARK_INDENT_CLOSE "\xef\xb7\x96"    /* U+FDD6 */

/* ---- small character readings */
static inline bool is_blank(int c) { return c == ' ' || c == '\t'; }
static inline bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static inline int lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
static inline bool is_digit(int c) { return c >= '0' && c <= '9'; }
static inline bool is_alpha(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static inline bool is_alnum(int c) { return is_digit(c) || is_alpha(c); }
static inline int hex_value(int c) { return is_digit(c) ? c - '0' : lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1; }
bool mem_eq_nocase(const char *a, const char *b, size_t len);
/* The character at s[i]; *size its bytes (1 and U+FFFD for what is none). The long one takes those beyond ASCII alone. */
uint32_t utf8_at_long(const char *s, size_t len, size_t i, size_t *size);
static inline uint32_t
utf8_at(const char *s, size_t len, size_t i, size_t *size)
{
    *size = 1;
    return (unsigned char)s[i] < 0x80 ? (unsigned char)s[i] : utf8_at_long(s, len, i, size);
}
void utf8_put(uint32_t c, struct buf *out);

#endif
