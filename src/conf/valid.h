/* SPDX-License-Identifier: ISC
 *
 * What text must look like to be a domain, a date, …: functions of the text alone (and of the zones that are installed).
 */
#ifndef CONF_VALID_H
#define CONF_VALID_H

#include "ticketd/base.h"

#define ZONES "/usr/share/zoneinfo/"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

bool conf_only(const char *s, const char *set);         /* not empty, and no other bytes than these */
bool conf_word_in(const char *words, const char *word, size_t *index);     /* among blank-separated words; index may be NULL */
bool conf_domain_shaped(const char *d, bool utf8);      /* letter-digit-hyphen labels; with utf8 other letters too */
bool conf_domain_valid(const char *d);                  /* in ASCII */
bool conf_host_valid(const char *host);                 /* a domain or an IP address */
bool conf_host_is_loopback(const char *host);
bool conf_prefix_valid(const char *p);
bool conf_zone_valid(const char *z);
bool conf_url_valid(const char *url);                   /* https, or http to loopback */

#endif
