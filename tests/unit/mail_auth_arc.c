/* SPDX-License-Identifier: ISC
 *
 * ARC: what a list server or a forwarder found counts where the operator trusts the sealer, our own server has found the chain whole, and
 * nobody else has sealed later. lists.example.net is trusted, mx.example.com is ours, b.example writes.
 */
#include "mail_read.h"

#define OUR(arc) "Received: from lists.example.net by mx.example.com; Tue, 10 Mar 2026 10:00:00 +0000\n" \
    "Authentication-Results: mx.example.com; dmarc=fail header.from=b.example; dkim=fail header.d=b.example; dkim=pass header.d=lists.example.net; arc=" arc "\n"
#define SEAL(i, d) "ARC-Seal: i=" i "; a=rsa-sha256; t=1; cv=none;\n d=" d "; s=s; b=QUJD\n"
#define AMS(i, d) "ARC-Message-Signature: i=" i "; a=rsa-sha256; d=" d "; s=s; h=from:to; bh=x; b=y\n"
#define AAR(i, rest) "ARC-Authentication-Results: i=" i "; " rest "\n"
#define GOOD "lists.example.net; spf=pass smtp.mailfrom=b.example; dkim=pass header.d=b.example; dmarc=pass header.from=b.example"
#define SET(i, d, rest) SEAL(i, d) AMS(i, d) AAR(i, rest)
#define HOP "Received: from mail.b.example by lists.example.net; Tue, 10 Mar 2026 09:59:00 +0000\n"
#define FROM "From: ann@b.example\nSubject: x\n\nhello\n"

static const char *const mx[] = {"mx.example.com"}, *const sealers[] = {"Lists.Example.Net", "forward.example"}, *const google[] = {"google.com"}, *const mx_google[] = {"mx.google.com"};

struct row { const char *label, *mail; bool aligned; };

static void
rows_check(const struct row *rows, size_t n, struct mail_options o)
{
    o.limits = mail_limits_default;
    for (size_t i = 0; i < n; i++) {
        struct arena *a = arena_new(0);
        size_t arc = 0;
        Td__Message *m = mail_scan((const uint8_t *)rows[i].mail, strlen(rows[i].mail), &o, a);
        if (!m->has_aligned || m->aligned != rows[i].aligned)
            fail_msg("%s: aligned %d", rows[i].label, m->aligned);
        for (size_t k = 0; k < m->n_auth_results; k++)
            arc += m->auth_results[k]->trusted && strcmp(m->auth_results[k]->authserv, "lists.example.net") == 0;
        assert_true(m->aligned || arc == 0);    /* what is not believed is not shown as believed */
        arena_free(&a);
    }
}

static void
chains(void **state)
{
    static const struct row rows[] = {
        {"one trusted sealer", OUR("pass") SET("1", "lists.example.net", GOOD) HOP FROM, true},
        {"a host below a trusted name", OUR("pass") SET("1", "mx7.lists.example.net", GOOD) HOP FROM, true},
        {"blanks in the tags, as they may stand", OUR("pass") "ARC-Seal: a=rsa-sha256; i = 1 ;\n d = lists.\n example.net ; b=x\n" AAR(" 1 ", GOOD) HOP FROM, true},
        {"our server did not look at ARC", "Authentication-Results: mx.example.com; dmarc=fail header.from=b.example\n" SET("1", "lists.example.net", GOOD) HOP FROM, false},
        {"our server found it broken", OUR("fail") SET("1", "lists.example.net", GOOD) HOP FROM, false},
        {"our server found no chain", OUR("none") SET("1", "lists.example.net", GOOD) HOP FROM, false},
        {"pass in a field that is not ours", "Authentication-Results: mx.evil.example; arc=pass\n" SET("1", "lists.example.net", GOOD) HOP FROM, false},
        {"pass below a foreign Received", "Authentication-Results: mx.example.com; spf=fail\n" HOP "Authentication-Results: mx.example.com; arc=pass\n" SET("1", "lists.example.net", GOOD) FROM, false},
        {"a sealer nobody trusts", OUR("pass") SET("1", "evil.example", GOOD) HOP FROM, false},
        {"a name that only ends alike", OUR("pass") SET("1", "evil-lists.example.net", GOOD) HOP FROM, false},
        {"a name in front of a trusted one", OUR("pass") SET("1", "lists.example.net.evil.example", GOOD) HOP FROM, false},
        {"a stranger sealed later and may have changed it all", OUR("pass") SET("2", "evil.example", "evil.example; arc=pass; dmarc=pass header.from=b.example") SET("1", "lists.example.net", GOOD) HOP FROM, false},
        {"two trusted ones, the later says what it found", OUR("pass") SET("2", "forward.example", "forward.example; dmarc=fail header.from=b.example; arc=pass (i=1)") SET("1", "lists.example.net", GOOD) HOP FROM, true},
        {"but not when the chain was broken then", OUR("pass") SET("2", "forward.example", "forward.example; dmarc=fail header.from=b.example; arc=fail") SET("1", "lists.example.net", GOOD) HOP FROM, false},
        {"the later one vouches itself", OUR("pass") SET("2", "lists.example.net", GOOD) SET("1", "evil.example", "evil.example; none") HOP FROM, true},
        {"DMARC failed there too", OUR("pass") SET("1", "lists.example.net", "lists.example.net; dmarc=fail header.from=b.example; dkim=pass header.d=b.example") HOP FROM, false},
        {"it vouches for somebody else", OUR("pass") SET("1", "lists.example.net", "lists.example.net; dmarc=pass header.from=evil.example; dkim=pass header.d=evil.example") HOP FROM, false},
        {"no DMARC there, DKIM of the author", OUR("pass") SET("1", "lists.example.net", "lists.example.net; dmarc=none header.from=b.example; dkim=pass header.d=b.example") HOP FROM, true},
        {"nothing was checked there", OUR("pass") SET("1", "lists.example.net", "lists.example.net; none") HOP FROM, false},
        {"results without their seal", OUR("pass") AAR("1", GOOD) HOP FROM, false},
        {"a seal without results", OUR("pass") SEAL("1", "lists.example.net") HOP FROM, false},
        {"two results of one instance", OUR("pass") SET("1", "lists.example.net", GOOD) AAR("1", GOOD) HOP FROM, false},
        {"two seals of one instance", OUR("pass") SET("1", "lists.example.net", GOOD) SEAL("1", "evil.example") HOP FROM, false},
        {"a gap", OUR("pass") SET("2", "lists.example.net", GOOD) HOP FROM, false},
        {"instance 0", OUR("pass") SET("0", "lists.example.net", GOOD) HOP FROM, false}, {"instance 51", OUR("pass") SET("51", "lists.example.net", GOOD) HOP FROM, false},
        {"instance -1", OUR("pass") SET("-1", "lists.example.net", GOOD) HOP FROM, false}, {"instance x", OUR("pass") SET("1x", "lists.example.net", GOOD) HOP FROM, false},
        {"no instance", OUR("pass") "ARC-Seal: d=lists.example.net\nARC-Authentication-Results: " GOOD "\n" HOP FROM, false},
        {"d hidden in another tag", OUR("pass") "ARC-Seal: i=1; b=d=lists.example.net; d=evil.example\n" AAR("1", GOOD) HOP FROM, false},
        {"two From addresses", OUR("pass") SET("1", "lists.example.net", GOOD) HOP "From: ann@b.example, eve@b.example\n\n", false},
        {"no domain", OUR("pass") SET("1", "", GOOD) HOP FROM, false},
    };

    (void)state;
    rows_check(rows, countof(rows), (struct mail_options){.authserv = mx, .n_authserv = 1, .sealers = sealers, .n_sealers = 2});
    for (size_t i = 0; i < countof(rows); i++) {        /* nobody is trusted unless it is said */
        struct row untrusted = {rows[i].label, rows[i].mail, false};
        rows_check(&untrusted, 1, (struct mail_options){.authserv = mx, .n_authserv = 1});
        struct mail_options nobody = {.sealers = sealers, .n_sealers = 2, .limits = mail_limits_default};
        struct arena *a = arena_new(0);
        assert_false(mail_scan((const uint8_t *)rows[i].mail, strlen(rows[i].mail), &nobody, a)->has_aligned);
        arena_free(&a);
    }
}

/* Our own server seals too, on top of what it has checked. */
static void
own_seals(void **state)
{
#define G_TOP "Received: by 2002:a05:6a10:1:: with SMTP id x; Tue, 10 Mar 2026 10:00:02 -0800\n"
#define G_AR(arc) "Received: from lists.example.net by mx.google.com with ESMTPS id y; Tue, 10 Mar 2026 10:00:01 -0800\n" \
    "Authentication-Results: mx.google.com; dkim=pass header.i=@lists.example.net; dmarc=fail (p=REJECT) header.from=b.example; arc=" arc "\n"
    static const struct row rows[] = {
        {"ours on top, the trusted one below", G_TOP SET("2", "google.com", "mx.google.com; dmarc=fail header.from=b.example; arc=pass") G_AR("pass") SET("1", "lists.example.net", GOOD) HOP FROM, true},
        {"ours on top, a stranger's below", G_TOP SET("2", "google.com", "mx.google.com; dmarc=fail header.from=b.example; arc=pass") G_AR("pass") SET("1", "evil.example", GOOD) HOP FROM, false},
        {"one that claims to be ours, below a foreign server", G_TOP G_AR("pass") "Received: from x by evil.example; Tue, 10 Mar 2026 09:00:00 +0000\n" SET("2", "google.com", "mx.google.com; arc=pass") SET("1", "lists.example.net", GOOD) FROM, false},
    };
    static const struct row trusted[] = {
        {"the sealer is our own kind and trusted", G_TOP G_AR("pass") SET("1", "google.com", "mx.google.com; dmarc=pass header.from=b.example") FROM, true},
    };

    (void)state;
    rows_check(rows, countof(rows), (struct mail_options){.authserv = mx_google, .n_authserv = 1, .sealers = sealers, .n_sealers = 2});
    rows_check(trusted, countof(trusted), (struct mail_options){.authserv = mx_google, .n_authserv = 1, .sealers = google, .n_sealers = 1});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(chains), cmocka_unit_test(own_seals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
