/* SPDX-License-Identifier: ISC
 *
 * deliver: letters out. One lane is one process that sends one letter to one recipient at a time and keeps its connection.
 * Neither role touches the store or knows what a case is; the outcome of every try is a frame.
 */
#ifndef TICKETD_DELIVER_H
#define TICKETD_DELIVER_H

#include "ticketd/schema.h"

/* RFC 5321 through libcurl's easy interface. The outcome is read from the response code first; an answer that never came
 * after the final dot is `unknown`. */
_Noreturn void smtp_run(const Td__RelaySetup *setup);
/* Maildir: tmp, fsync, rename to new, fsync of the folder. The file name is made from letter and recipient, so that a second
 * try of the same letter replaces the first, and one that a reader moved to cur/ is not written again. Adds Return-Path and
 * Delivered-To; the rest is the letter with LF line ends. */
_Noreturn void drop_run(const Td__RelaySetup *setup);
/* Makes path/new, path/cur and path/tmp where they are absent. 0 or errno. Called before the sandbox closes. */
int drop_make(const char *path);

#endif
