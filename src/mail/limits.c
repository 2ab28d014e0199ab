/* SPDX-License-Identifier: ISC
 *
 * The limits of reading where no configuration names others. A file of its own, so that who needs only the numbers is not
 * linked with the libraries that read mail.
 */
#include "ticketd/mail.h"

const struct mail_limits mail_limits_default = {
    .mail = 50u << 20, .headers = 1000, .header_len = 64u << 10, .parts = 500, .depth = 20, .text = 4u << 20,
};
