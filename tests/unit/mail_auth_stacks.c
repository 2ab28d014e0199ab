/* SPDX-License-Identifier: ISC
 *
 * Authentication-Results as real servers write them, alone and in stacks, and as senders forge them. One row a mail: whether it is
 * aligned, and what each result is read as. mx.example.com is ours; b.example is who writes.
 */
#include "mail_read.h"

static const char *const mx[] = {"mx.example.com"};
#define OURS .authserv = mx, .n_authserv = 1
#define FROM "From: Ann <ann@b.example>\nSubject: x\n\nhello\n"
#define FORGED "Authentication-Results: mx.example.com; dmarc=pass header.from=b.example; dkim=pass header.d=b.example; spf=pass smtp.mailfrom=b.example\n"
#define OUTSIDE "Received: from mail.b.example (mail.b.example [203.0.113.9]) by mx.example.com (Postfix) with ESMTPS id 1; Tue, 10 Mar 2026 10:00:00 +0000\n"

struct row { const char *label, *mail, *want; };

/* "y dkim=pass@b.example! …": aligned, then the results, with ! when they are trusted. */
static void
rows_check(const struct row *rows, size_t n, const struct mail_options *options)
{
    for (size_t i = 0; i < n; i++) {
        struct mail_options o = *options;
        struct arena *a = arena_new(0);
        struct buf b = {0};
        o.limits = mail_limits_default;
        Td__Message *m = mail_scan((const uint8_t *)rows[i].mail, strlen(rows[i].mail), &o, a);
        buf_puts(&b, m->has_aligned ? m->aligned ? "y" : "n" : "?");
        for (size_t k = 0; k < m->n_auth_results; k++) {
            const Td__AuthResult *r = m->auth_results[k];
            buf_printf(&b, " %s=%s@%s%s", r->method, r->result, r->domain == NULL ? "" : r->domain, r->trusted ? "!" : "");
        }
        if (strncmp(rows[i].want, "…", strlen("…")) == 0)       /* only whether it is aligned */
            b.data[1] = 0;
        test_same(rows[i].label, b.data, strncmp(rows[i].want, "…", strlen("…")) == 0 ? rows[i].want + strlen("…") : rows[i].want);
        buf_free(&b);
        arena_free(&a);
    }
}

static void
grammar(void **state)
{
    static const struct row rows[] = {
        {"version 1", "Authentication-Results: mx.example.com 1; dkim=pass header.d=b.example\n" FROM, "y dkim=pass@b.example!"},
        {"version 2 is another grammar", "Authentication-Results: mx.example.com 2; dkim=pass header.d=b.example\n" FROM, "n dkim=pass@b.example"},
        {"a method's version 1", "Authentication-Results: mx.example.com; dkim/1=pass header.d=b.example\n" FROM, "y dkim=pass@b.example!"},
        {"a method's version 2 is another method", "Authentication-Results: mx.example.com; dkim/2=pass header.d=b.example\n" FROM, "n dkim/2=pass@!"},
        {"folded everywhere", "Authentication-Results:\n mx.example.com\n ;\n dkim\n =\n pass\n (a\n comment)\n header\n .\n d\n =\n b.example\n" FROM, "y dkim=pass@b.example!"},
        {"nested comments with everything", "Authentication-Results: mx.example.com (a(b;dkim=fail)c\\)); dkim=pass (x (y; z=\"1) ;dmarc=fail\") header.d=b.example\n" FROM, "y dkim=pass@b.example!"},
        {"a comment that never ends", "Authentication-Results: mx.example.com; spf=fail (dkim=pass header.d=b.example\n" FROM, "n spf=fail@!"},
        {"a quote that never ends", "Authentication-Results: mx.example.com; spf=fail reason=\"x; dkim=pass header.d=b.example\n" FROM, "n spf=fail@!"},
        {"a backslash at the end", "Authentication-Results: mx.example.com; spf=fail (\\\n" FROM, "n spf=fail@!"},
        {"escaped quotes", "Authentication-Results: mx.example.com; spf=fail reason=\"a \\\"; dkim=pass header.d=b.example; \\\" b\"; dkim=none\n" FROM, "n spf=fail@! dkim=none@!"},
        {"a local part that wants to be a result", "Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=\"a; dkim=pass header.d=b.example; x\"@evil.example\n" FROM, "n spf=pass@evil.example!"},
        {"an address with two @", "Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=x@b.example@evil.example\n" FROM, "n spf=pass@evil.example!"},
        {"reasons of OpenDKIM", "Authentication-Results: mx.example.com; dkim=pass reason=\"1024-bit key; insecure key\"\n\theader.d=b.example header.i=@b.example header.b=ab/cd+ef;\n\tdkim-adsp=pass; dkim-atps=neutral\n" FROM,
            "y dkim=pass@b.example! dkim-adsp=pass@! dkim-atps=neutral@!"},
        {"an unquoted reason of many words", "Authentication-Results: mx.example.com; dkim=pass reason=good signature header.d=b.example\n" FROM, "y dkim=pass@b.example!"},
        {"no blank anywhere", "Authentication-Results:mx.example.com;dkim=pass(ok)header.d=b.example;spf=none\n" FROM, "y dkim=pass@b.example! spf=none@!"},
        {"semicolons too many", "Authentication-Results: mx.example.com;;; dkim=pass header.d=b.example;;\n" FROM, "y dkim=pass@b.example!"},
        {"a result without a method", "Authentication-Results: mx.example.com; =pass header.d=b.example; dkim=pass\n" FROM, "n dkim=pass@!"},
        {"a method without a result", "Authentication-Results: mx.example.com; dkim; dkim= ; spf=\n" FROM, "n dkim=@! spf=@!"},
        {"passed is not pass", "Authentication-Results: mx.example.com; dkim=passed header.d=b.example; spf=pass/fail smtp.mailfrom=b.example\n" FROM, "n dkim=passed@b.example! spf=pass/fail@b.example!"},
        {"pass in quotes", "Authentication-Results: mx.example.com; dkim=\"pass\" header.d=\"b.example\"\n" FROM, "y dkim=pass@b.example!"},
        {"header.d before header.i", "Authentication-Results: mx.example.com; dkim=pass header.i=@b.example header.d=evil.example\n" FROM, "n dkim=pass@evil.example!"},
        {"the first of two header.d", "Authentication-Results: mx.example.com; dkim=pass header.d=evil.example header.d=b.example\n" FROM, "n dkim=pass@evil.example!"},
        {"another property type", "Authentication-Results: mx.example.com; dkim=pass body.d=b.example policy.d=b.example x.header.d=b.example\n" FROM, "n dkim=pass@!"},
        {"header.from is not who signed", "Authentication-Results: mx.example.com; dkim=pass header.from=ann@b.example\n" FROM, "n dkim=pass@!"},
        {"the address in <>", "Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=<ann@b.example>\n" FROM, "y spf=pass@b.example!"},
        {"the null sender", "Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=<> smtp.helo=b.example\n" FROM, "n spf=pass@!"},
        {"a trailing dot", "Authentication-Results: mx.example.com; dkim=pass header.d=b.example.\n" FROM, "y dkim=pass@b.example!"},
        {"none", "Authentication-Results: mx.example.com; none\n" FROM, "n"},
        {"none with its comment and version", "Authentication-Results: mx.example.com 1 (x); none (nothing to see)\n" FROM, "n"},
        {"an id alone", "Authentication-Results: mx.example.com\n" FROM, "n"},
        {"nothing at all", "Authentication-Results:\n" FROM, "n"},
        {"Yahoo's words before the first semicolon", "Authentication-Results: mx.example.com  from=b.example; domainkeys=neutral (no sig);  from=b.example; dkim=pass (ok) header.d=b.example\n" FROM,
            "y domainkeys=neutral@! from=b.example@! dkim=pass@b.example!"},
        {"binary and control characters", "Authentication-Results: mx.example.com; dkim=pass header.d=\x01\x80\xff" "b.example\n" FROM, "n dkim=pass@!"},
    };

    (void)state;
    rows_check(rows, countof(rows), &(struct mail_options){OURS});
}

/* What stands where in the mails of real servers. */
static void
stacks(void **state)
{
    static const struct row rows[] = {
        {"Postfix with OpenDKIM and OpenDMARC: under its own Received", OUTSIDE
            "Authentication-Results: mx.example.com; dmarc=pass (p=none dis=none) header.from=b.example\n"
            "Authentication-Results: mx.example.com;\n\tdkim=pass (2048-bit key; unprotected) header.d=b.example header.i=@b.example header.a=rsa-sha256 header.s=s1 header.b=AbCd;\n\tdkim-atps=neutral\n" FROM,
            "y dmarc=pass@b.example! dkim=pass@b.example! dkim-atps=neutral@!"},
        {"with policyd-spf below", OUTSIDE
            "Authentication-Results: mx.example.com; dkim=none\n"
            "Authentication-Results: mx.example.com; spf=pass (mailfrom) smtp.mailfrom=b.example (client-ip=203.0.113.9; helo=mail.b.example; envelope-from=ann@b.example; receiver=<UNKNOWN>)\n"
            "Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=203.0.113.9\n" FROM, "y dkim=none@! spf=pass@b.example!"},
        {"LMTP into Dovecot on top", "Return-Path: <ann@b.example>\nDelivered-To: support@example.com\nReceived: from mx.example.com ([127.0.0.1])\n\tby mx.example.com with LMTP\n\tid abc\n\t(envelope-from <ann@b.example>); Tue, 10 Mar 2026 10:00:01 +0000\n"
            OUTSIDE "Authentication-Results: mx.example.com; dmarc=pass header.from=b.example\n" FROM, "y dmarc=pass@b.example!"},
        {"amavis: back over loopback", "Received: from mx.example.com (localhost [127.0.0.1]) by mx.example.com (Postfix) with ESMTP id 2; Tue, 10 Mar 2026 10:00:02 +0000\n"
            "X-Virus-Scanned: Debian amavisd-new at mx.example.com\nAuthentication-Results: mx.example.com (amavisd-new); dkim=pass (2048-bit key) header.d=b.example\n"
            "Received: from mx.example.com ([127.0.0.1]) by localhost (mx.example.com [127.0.0.1]) (amavisd-new, port 10024) with ESMTP id 3; Tue, 10 Mar 2026 10:00:01 +0000\n"
            OUTSIDE "Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=b.example\n" FROM, "y dkim=pass@b.example! spf=fail@b.example!"},
        {"SpamAssassin as a pipe: its own Received", "Received: by mx.example.com (Postfix, from userid 112) id 4; Tue, 10 Mar 2026 10:00:02 +0000\nX-Spam-Checker-Version: SpamAssassin 4.0.0 on mx.example.com\n"
            OUTSIDE "Authentication-Results: mx.example.com; dkim=pass header.d=b.example\n" FROM, "y dkim=pass@b.example!"},
        {"rspamd, one field", "Received: from mail.b.example (mail.b.example [203.0.113.9])\n\t(using TLSv1.3) by mx.example.com (Postfix) with ESMTPS id 5\n\tfor <support@example.com>; Tue, 10 Mar 2026 10:00:00 +0000\n"
            "Authentication-Results: mx.example.com;\n\tdkim=pass header.d=b.example header.s=s1 header.b=\"AbC/dE+f\";\n\tspf=pass (mx.example.com: domain of ann@b.example designates 203.0.113.9 as permitted sender) smtp.mailfrom=ann@b.example;\n\tdmarc=pass (policy=reject) header.from=b.example\n" FROM,
            "y dkim=pass@b.example! spf=pass@b.example! dmarc=pass@b.example!"},
        {"Exim", "Received: from mail.b.example ([203.0.113.9])\n\tby mx.example.com with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384\n\t(Exim 4.96)\n\t(envelope-from <ann@b.example>)\n\tid 1; Tue, 10 Mar 2026 10:00:00 +0000\n"
            "Authentication-Results: mx.example.com;\n\tiprev=pass (mail.b.example) smtp.remote-ip=203.0.113.9;\n\tspf=pass smtp.mailfrom=b.example;\n\tdkim=pass header.d=b.example header.s=s1 header.a=rsa-sha256;\n\tdmarc=pass header.from=b.example;\n\tarc=none\n" FROM,
            "y iprev=pass@! spf=pass@b.example! dkim=pass@b.example! dmarc=pass@b.example! arc=none@!"},
        {"qmail: its own note on top", "Received: (qmail 27189 invoked by uid 89); 10 Mar 2026 10:00:00 -0000\nReceived: from mail.b.example (HELO mail.b.example) (203.0.113.9)\n  by mx.example.com with ESMTPS; 10 Mar 2026 10:00:00 -0000\n"
            "Authentication-Results: mx.example.com; dkim=pass header.d=b.example\n" FROM, "y dkim=pass@b.example!"},
        {"Sendmail with milters: above its own Received", "Authentication-Results: mx.example.com; dmarc=pass (p=reject dis=none) header.from=b.example\nAuthentication-Results: mx.example.com; dkim=pass header.d=b.example\n"
            "Received: from mail.b.example (mail.b.example [203.0.113.9])\n\tby mx.example.com (8.17.1/8.17.1) with ESMTPS id x; Tue, 10 Mar 2026 10:00:00 GMT\n" FROM, "y dmarc=pass@b.example! dkim=pass@b.example!"},
        {"Courier", "Received: from mail.b.example (mail.b.example [::ffff:203.0.113.9])\n  by mx.example.com with ESMTP; Tue, 10 Mar 2026 10:00:00 +0000\n  id 1\nAuthentication-Results: mx.example.com;\n  spf=pass smtp.mailfrom=ann@b.example;\n dkim=pass header.i=@b.example\n" FROM,
            "y spf=pass@b.example! dkim=pass@b.example!"},
        {"two of our hosts", "Received: from mx.example.com (mx.example.com [198.51.100.1]) by store7.example.com (Postfix) with LMTP id 6; Tue, 10 Mar 2026 10:00:03 +0000\n" OUTSIDE
            "Authentication-Results: mx.example.com; dkim=pass header.d=b.example\n" FROM, "y dkim=pass@b.example!"},
        {"forged: below the sender's server", OUTSIDE "Authentication-Results: mx.example.com; dkim=none\nReceived: from x by mail.b.example; Tue, 10 Mar 2026 09:59:59 +0000\n" FORGED FROM,
            "n dkim=none@! dmarc=pass@b.example dkim=pass@b.example spf=pass@b.example"},
        {"forged: with an own Received of ours below a foreign one", OUTSIDE "Authentication-Results: mx.example.com; dkim=none\nReceived: from x by mail.b.example; Tue, 10 Mar 2026 09:59:59 +0000\n" OUTSIDE FORGED FROM,
            "n dkim=none@! dmarc=pass@b.example dkim=pass@b.example spf=pass@b.example"},
        {"forged: a lower field of ours gives no method that a higher one has", OUTSIDE "Authentication-Results: mx.example.com; dmarc=fail header.from=b.example; dkim=none; spf=fail smtp.mailfrom=b.example\n" FORGED FROM, "…n"},
        {"forged: under a field that says that nothing was checked", OUTSIDE "Authentication-Results: mx.example.com; none\n" FORGED FROM, "…n"},
        {"forged: another id", OUTSIDE "Authentication-Results: mx.example.org; dmarc=pass header.from=b.example\n" FROM, "n dmarc=pass@b.example"},
        {"forged: ids that look like ours", OUTSIDE "Authentication-Results: mx.example.com.evil.example; dmarc=pass header.from=b.example\nAuthentication-Results: evil.mx.example.com; dkim=pass header.d=b.example\nAuthentication-Results: mx.example.co\xd0\xbc; dkim=pass header.d=b.example\n" FROM, "…n"},
        {"forged: Authentication-Results-Original", OUTSIDE "Authentication-Results-Original: mx.example.com; dmarc=pass header.from=b.example\nX-Authentication-Results: mx.example.com; dmarc=pass header.from=b.example\nOld-Authentication-Results: mx.example.com; dmarc=pass header.from=b.example\n" FROM, "n"},
        {"forged: a Received whose HELO is called by", "Received: from by (by mx.example.com) by relay.evil.example; Tue, 10 Mar 2026 10:00:00 +0000\n" FORGED FROM, "…n"},
        {"a HELO called by does not cost us our own", "Received: from by (evil.example [203.0.113.9]) by mx.example.com (Postfix) id 7; Tue, 10 Mar 2026 10:00:00 +0000\nAuthentication-Results: mx.example.com; dkim=pass header.d=b.example\n" FROM, "y dkim=pass@b.example!"},
        {"forged: a Received without by", "Received: from somewhere; Tue, 10 Mar 2026 10:00:00 +0000\n" FORGED FROM, "…n"},
        {"two From addresses", OUTSIDE "Authentication-Results: mx.example.com; dmarc=pass header.from=b.example\nFrom: ann@b.example, eve@b.example\nSubject: x\n\n", "n dmarc=pass@b.example!"},
        {"Sender and Resent-From are nobody", OUTSIDE "Authentication-Results: mx.example.com; dmarc=pass header.from=evil.example; dkim=pass header.d=evil.example\nSender: ann@evil.example\nResent-From: ann@evil.example\n" FROM,
            "n dmarc=pass@evil.example! dkim=pass@evil.example!"},
        {"two words on one policy", OUTSIDE "Authentication-Results: mx.example.com; dmarc=fail header.from=b.example; dmarc=pass header.from=b.example; dkim=pass header.d=b.example\n" FROM, "…n"},
        {"two words on one envelope", OUTSIDE "Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=b.example; spf=fail smtp.mailfrom=b.example\n" FROM, "…n"},
        {"HELO and envelope of one server", OUTSIDE "Authentication-Results: mx.example.com; spf=none smtp.helo=mail.b.example; spf=pass smtp.mailfrom=b.example\n" FROM, "…y"},
        {"DMARC that names nobody leaves it to DKIM", OUTSIDE "Authentication-Results: mx.example.com; dmarc=pass policy.published-domain-policy=none; dkim=pass header.d=b.example\n" FROM, "…y"},
        {"DMARC that names nobody, and no DKIM", OUTSIDE "Authentication-Results: mx.example.com; dmarc=pass policy.published-domain-policy=none; dkim=pass header.d=esp.example\n" FROM, "…n"},
        {"best guesses prove nothing", OUTSIDE "Authentication-Results: mx.example.com; dmarc=bestguesspass action=none header.from=b.example; dkim=none; spf=softfail smtp.mailfrom=b.example\n" FROM, "…n"},
        {"relayed through a list: its DKIM is not the author's", OUTSIDE "Authentication-Results: mx.example.com; dmarc=fail (p=none) header.from=b.example; dkim=pass header.d=lists.example.net; dkim=fail header.d=b.example; arc=pass\n"
            "ARC-Seal: i=1; a=rsa-sha256; d=lists.example.net; cv=none; b=x\nARC-Authentication-Results: i=1; lists.example.net; dmarc=pass header.from=b.example\n" FROM, "…n"},
    };

    (void)state;
    rows_check(rows, countof(rows), &(struct mail_options){OURS});
}

static void
other_names(void **state)
{
    static const char *const ids[] = {".messagingengine.com", "bimi.icloud.com", "dmarc.icloud.com"}, *const hosts[] = {"filter.cloud.example", ".prod.internal"};
    static const struct row rows[] = {
        {"an id for each of many hosts", "Authentication-Results: mx5.messagingengine.com; dkim=pass header.d=b.example\n" FROM, "…y"},
        {"but not the name itself", "Authentication-Results: messagingengine.com; dkim=pass header.d=b.example\n" FROM, "…n"},
        {"nor one that only ends alike", "Authentication-Results: evilmessagingengine.com; dkim=pass header.d=b.example\n" FROM, "…n"},
        {"several ids of one stack", "Authentication-Results: bimi.icloud.com; bimi=none\nAuthentication-Results: dmarc.icloud.com; dmarc=pass header.from=b.example\n" FROM, "…y"},
        {"a content filter elsewhere", "Received: from mx by filter.cloud.example\nReceived: from x by in1.messagingengine.com\nAuthentication-Results: mx5.messagingengine.com; dkim=pass header.d=b.example\n" FROM, "…y"},
        {"the mailbox server", "Received: from mx by store-3.prod.internal (Cyrus) with LMTPA\nAuthentication-Results: mx5.messagingengine.com; dkim=pass header.d=b.example\n" FROM, "…y"},
        {"a host that is not listed", "Received: from mx by other.cloud.example\nAuthentication-Results: mx5.messagingengine.com; dkim=pass header.d=b.example\n" FROM, "…n"},
        {"a host is no id", "Authentication-Results: filter.cloud.example; dkim=pass header.d=b.example\n" FROM, "…n"},
    };

    (void)state;
    rows_check(rows, countof(rows), &(struct mail_options){.authserv = ids, .n_authserv = 3, .hosts = hosts, .n_hosts = 2});
}

static void
expected_methods(void **state)
{
    static const char *const two[] = {"dmarc", "DKIM"}, *const one[] = {"spf", "dkim", "dmarc"};
    static const struct row of_two[] = {
        {"both in their places", OUTSIDE "Authentication-Results: mx.example.com; dmarc=pass header.from=b.example\nAuthentication-Results: mx.example.com; dkim=pass header.d=b.example\n" FROM, "…y"},
        {"both in one field", OUTSIDE "Authentication-Results: mx.example.com; dkim=pass header.d=b.example; dmarc=none\n" FROM, "…y"},
        {"the upper filter was down: a forged one below counts for nothing", OUTSIDE "Authentication-Results: mx.example.com; dkim=none\n" FORGED FROM, "…n"},
        {"both were down", OUTSIDE FORGED FROM, "…y"},         /* nothing can tell: the server must remove such fields */
        {"both were down, another one spoke", OUTSIDE "Authentication-Results: mx.example.com; iprev=fail\n" FORGED FROM, "…n"},
        {"DMARC missing, DKIM in the topmost place", OUTSIDE "Authentication-Results: mx.example.com; dkim=pass header.d=b.example\n" FROM, "…y"},
        {"SPF is not listed: it may stand beside the others", OUTSIDE "Authentication-Results: mx.example.com; dmarc=none\nAuthentication-Results: mx.example.com; dkim=none; spf=pass smtp.mailfrom=b.example\n" FROM, "…y"},
        {"but not below them", OUTSIDE "Authentication-Results: mx.example.com; dmarc=none\nAuthentication-Results: mx.example.com; dkim=none\nAuthentication-Results: mx.example.com; spf=pass smtp.mailfrom=b.example\n" FROM, "…n"},
    };
    static const struct row of_one[] = {
        {"all there", OUTSIDE "Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=b.example; dkim=none; dmarc=pass header.from=b.example\n" FROM, "…y"},
        {"forged: what the first field lacks", OUTSIDE "Authentication-Results: mx.example.com; iprev=pass\n" FORGED FROM, "…n"},
    };

    (void)state;
    rows_check(of_two, countof(of_two), &(struct mail_options){OURS, .expects = two, .n_expects = 2});
    rows_check(of_one, countof(of_one), &(struct mail_options){OURS, .expects = one, .n_expects = 3});
}

#define EXO_TOP "Received: from AS8PR01MB1.eurprd01.prod.outlook.com (2603:10a6:20b::1) by\n DB9PR01MB2.eurprd01.prod.outlook.com with HTTPS; Tue, 10 Mar 2026 10:00:03 +0000\n" \
    "Received: from AM6PR0502CA1.eurprd05.prod.outlook.com (2603:10a6:209:1::1) by\n AS8PR01MB1.eurprd01.prod.outlook.com with Microsoft SMTP Server\n (version=TLS1_2) id 15.20; Tue, 10 Mar 2026 10:00:02 +0000\n"
#define EXO_IN "Received: from mail.b.example (203.0.113.9) by\n AM5EUR02FT1.mail.protection.outlook.com (10.152.8.1) with Microsoft SMTP Server\n id 15.20; Tue, 10 Mar 2026 10:00:01 +0000\n"
static void
exchange_online(void **state)
{
    static const struct row rows[] = {
        {"as it comes", EXO_TOP "Authentication-Results: spf=pass (sender IP is 203.0.113.9)\n smtp.mailfrom=b.example; dkim=pass (signature was verified)\n header.d=b.example;dmarc=pass action=none\n header.from=b.example;compauth=pass reason=100\n"
            "Received-SPF: Pass (protection.outlook.com: domain of b.example designates 203.0.113.9 as permitted sender)\n" EXO_IN FROM, "y spf=pass@b.example! dkim=pass@b.example! dmarc=pass@b.example! compauth=pass@!"},
        {"the older one, with our domain between", EXO_TOP "Authentication-Results: spf=pass (sender IP is 203.0.113.9)\n smtp.mailfrom=b.example; example.com; dkim=pass (signature was verified)\n header.d=b.example;example.com; dmarc=bestguesspass action=none\n header.from=b.example;\n" EXO_IN FROM,
            "y spf=pass@b.example! dkim=pass@b.example! dmarc=bestguesspass@b.example!"},
        {"unsigned", EXO_TOP "Authentication-Results: spf=none (sender IP is 203.0.113.9)\n smtp.mailfrom=b.example; dkim=none (message not signed)\n header.d=none;dmarc=none action=none header.from=b.example;compauth=fail reason=001\n" EXO_IN FROM, "…n"},
        {"what the sender brought was renamed", EXO_TOP "Authentication-Results: spf=fail (sender IP is 203.0.113.9)\n smtp.mailfrom=b.example; dkim=none header.d=none;dmarc=fail action=none header.from=b.example;compauth=fail reason=000\n" EXO_IN
            "Authentication-Results-Original: dmarc=pass action=none header.from=b.example;\nauthentication-results-original: spf=pass smtp.mailfrom=b.example\n" FROM, "…n"},
        {"the sender's tenant has said something too: the topmost counts", EXO_TOP "Authentication-Results: spf=fail smtp.mailfrom=b.example; dkim=none header.d=none;dmarc=fail action=oreject header.from=b.example;compauth=fail reason=000\n"
            "Received: from PA4.eurprd.prod.outlook.com by AM5.eurprd.prod.outlook.com; Tue, 10 Mar 2026 10:00:00 +0000\nauthentication-results: dkim=pass (signature was verified)\n header.d=b.example;dmarc=pass action=none header.from=b.example;\n" FROM, "…n"},
        {"forged: below the sender's own server", EXO_TOP EXO_IN "Received: from x by mail.b.example; Tue, 10 Mar 2026 09:59:59 +0000\nAuthentication-Results: spf=pass smtp.mailfrom=b.example;dmarc=pass action=none header.from=b.example;compauth=pass reason=100\n" FROM, "…n"},
        {"blanks about the first method", EXO_TOP "Authentication-Results: dkim = pass header.d = b.example\n" FROM, "…y"},
        {"a foreign id is still foreign", EXO_TOP "Authentication-Results: mx.evil.example; dmarc=pass header.from=b.example\n" FROM, "…n"},
        {"hosts that end alike", "Received: from x by mail.evil-outlook.com\nAuthentication-Results: dmarc=pass header.from=b.example\n" FROM, "…n"},
        {"an organisation's own tenant name proves no other's", EXO_TOP "Authentication-Results: spf=pass smtp.mailfrom=evil.onmicrosoft.com; dkim=pass header.d=evil.onmicrosoft.com;dmarc=none action=none header.from=good.onmicrosoft.com\nFrom: a@good.onmicrosoft.com\n\n", "…n"},
    };
    static const struct row not_asked[] = {
        {"a field without an id is nobody's", "Authentication-Results: spf=pass smtp.mailfrom=b.example;dmarc=pass action=none header.from=b.example;compauth=pass reason=100\n" FROM, "…n"},
        {"an id after the methods is none", "Authentication-Results: dmarc=pass action=none header.from=b.example; mx.example.com\n" FROM, "…n"},
    };

    (void)state;
    rows_check(rows, countof(rows), &(struct mail_options){.exchange_online = true});
    rows_check(not_asked, countof(not_asked), &(struct mail_options){OURS});
}

static void
organisations(void **state)
{
    static const struct { const char *a, *b; bool relaxed; } rows[] = {
        {"b.example", "b.example", true}, {"mail.b.example", "b.example", true}, {"mail.b.example", "news.b.example", true}, {"b.example", "c.example", false},
        {"bb.example", "b.example", false}, {"a.co.uk", "b.co.uk", false}, {"x.a.co.uk", "a.co.uk", true}, {"a.com.au", "b.com.au", false}, {"a.adv.br", "b.adv.br", false},
        {"a.tokyo.jp", "a.tokyo.jp", true}, {"a.chiyoda.tokyo.jp", "b.chiyoda.tokyo.jp", false}, {"m.a.chiyoda.tokyo.jp", "a.chiyoda.tokyo.jp", true}, {"a.lg.jp", "b.lg.jp", false},
        {"a.k12.ma.us", "b.k12.ma.us", false}, {"mail.svt.se", "svt.se", true}, {"bounce.hp.de", "hp.de", true}, {"a.github.io", "b.github.io", false},
        {"a.onmicrosoft.com", "b.onmicrosoft.com", false}, {"mail.a.onmicrosoft.com", "a.onmicrosoft.com", true}, {"a.msk.ru", "b.msk.ru", false}, {"x.gov.uk", "y.gov.uk", false},
        {"com", "com", true}, {"a.com", "com", false}, {"co.uk", "a.co.uk", false}, {"a.nhs.uk", "b.nhs.uk", false}, {"a.waw.pl", "b.waw.pl", false},
    };

    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        for (int swap = 0; swap < 2; swap++)
            for (int strict = 0; strict < 2; strict++) {
                struct mail_options o = {OURS, .limits = mail_limits_default, .strict_alignment = strict};
                struct arena *a = arena_new(0);
                const char *mail = arena_printf(a, "Authentication-Results: mx.example.com; dkim=pass header.d=%s\nFrom: x@%s\n\n", swap ? rows[i].b : rows[i].a, swap ? rows[i].a : rows[i].b);
                Td__Message *m = mail_scan((const uint8_t *)mail, strlen(mail), &o, a);
                bool want = strict ? strcmp(rows[i].a, rows[i].b) == 0 : rows[i].relaxed;
                if (!m->has_aligned || m->aligned != want)
                    fail_msg("%s and %s, %s: aligned %d", rows[i].a, rows[i].b, strict ? "strict" : "relaxed", m->aligned);
                arena_free(&a);
            }
}

/* A field may be as long as a header may be, and there may be as many as a mail may have. */
static void
hostile_amounts(void **state)
{
    static const char *const pieces[] = {"(", ")", "\"", "\\", ";", "=", "a=b;", "dkim=pass header.d=b.example;", "dkim=pass a.", ".a", "a.b=c ", "/", "((", "by "};

    (void)state;
    for (size_t i = 0; i < countof(pieces); i++) {
        struct buf b = {0};
        struct mail_options o = {OURS, .limits = mail_limits_default};
        struct arena *a = arena_new(0);
        o.limits.header_len = 4u << 20;
        for (int k = 0; k < 3; k++) {
            buf_puts(&b, k == 0 ? "Received: " : "\nAuthentication-Results: mx.example.com; ");
            while (b.len < (size_t)(k + 1) << 20)
                buf_puts(&b, pieces[i]);
        }
        buf_puts(&b, "\n" FROM);
        Td__Message *m = mail_scan((const uint8_t *)b.data, b.len, &o, a);
        assert_true(m->n_auth_results <= 100);
        buf_free(&b);
        arena_free(&a);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grammar), cmocka_unit_test(stacks), cmocka_unit_test(other_names), cmocka_unit_test(expected_methods), cmocka_unit_test(exchange_online),
        cmocka_unit_test(organisations), cmocka_unit_test(hostile_amounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
