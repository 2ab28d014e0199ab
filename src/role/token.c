/* SPDX-License-Identifier: ISC
 *
 * token: turns an OAuth2 refresh token into access tokens, over HTTPS to one endpoint. Holds the refresh token of one
 * account and nothing else; the mailboxes' roles never see it. RFC 6749.
 */
#include "ticketd/intake.h"
#include "ticketd/role.h"
#include <stdlib.h>
#include <sysexits.h>

int
main(void)
{
    struct arena *a = arena_new(1u << 18);
    struct frame f;

    role_start("token");
    frame_receive_or_exit(a, &f);
    if (f.body->body_case != TD__FRAME__BODY_TOKEN_SETUP)
        exit(EX_PROTOCOL);
    role_sandbox_enter(SANDBOX_NET, f.body->token_setup->ca_file);
    token_run(f.body->token_setup);
}
