/* SPDX-License-Identifier: ISC
 *
 * What the files of authentication share. Everything in here is a sender's word until a rule says whose it is.
 */
#ifndef MAIL_AUTH_H
#define MAIL_AUTH_H

#include "read.h"

#define AUTH_RESULTS_MAX 100u   /* of one mail: a hostile one must not fill the answer */

/* ---- authfield.c: one field by the grammar of RFC 8601 §2.2 */
struct auth_field {
    const char *authserv;       /* lower case; "" when the field has none */
    bool no_id;                 /* begins with a result at once, as Exchange Online writes it */
    bool none;                  /* says that nothing was checked */
    bool foreign_version;       /* of a grammar that is not ours: nothing in it counts */
    Td__AuthResult **v; size_t n;
};
/* Results are made in r->a and trusted by nobody yet; at most `room` of them. */
void auth_field_read(struct reading *r, const char *value, size_t len, size_t room, struct auth_field *out);
bool auth_field_has(const struct auth_field *f, const char *method);
/* The host after "by" in a Received field, in r->tmp. NULL: none of the kind that a host writes (qmail's own notes). */
const char *auth_received_by(struct reading *r, const struct field *f);

/* ---- authhost.c */
bool auth_same_organisation(const char *a, const char *b);
bool auth_id_is_ours(const struct mail_options *o, const char *id);
bool auth_host_is_ours(const struct mail_options *o, const char *host);

/* ---- auth.c */
/* Whether these fields, the topmost first, vouch for the domain: DMARC, or where it says nothing, DKIM or SPF. */
bool auth_vouches(const struct mail_options *o, const struct auth_field *f, size_t n, const char *domain);

/* ---- autharc.c: RFC 8617 */
/* Whether a sealer whom the operator trusts vouches for the domain. `foreign` is the number of the first field that our own servers
 * did not write. Our own server must have found the chain whole: that is the caller's to know. What is believed joins the message. */
bool auth_arc_vouches(struct reading *r, const struct header *h, size_t foreign, const char *domain);

#endif
