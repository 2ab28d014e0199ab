/* SPDX-License-Identifier: ISC
 *
 * The answer of an OAuth2 token endpoint.
 */
#include "fuzz.h"
#include "../../src/intake/token.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct token_answer t = {0};

    if (token_read(200, (const char *)bytes, len, &t))
        must(t.access.len > 0 && t.access.len <= TOKEN_MAX && t.expires_in <= TOKEN_LIFETIME_MAX_S);
    else
        must(t.error[0] != 0 && !str_has_control(t.error));
    token_answer_free(&t);
    return 0;
}
