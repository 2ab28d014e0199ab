/* SPDX-License-Identifier: ISC
 *
 * stream: TLS 1.2 and 1.3 by GnuTLS. The chain and the host name are verified inside the handshake, so that no byte of a
 * login can leave before. There is no way to turn that off. The trust is read anew for each connection: a changed CA
 * file needs no restart.
 */
#include "stream_private.h"
#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <string.h>

static const struct { unsigned status; const char *what; } certificate_faults[] = {
    { GNUTLS_CERT_UNEXPECTED_OWNER, "the name does not match" },
    { GNUTLS_CERT_EXPIRED, "it has expired" },
    { GNUTLS_CERT_NOT_ACTIVATED, "it is not valid yet" },
    { GNUTLS_CERT_REVOKED, "it is revoked" },
    { GNUTLS_CERT_SIGNER_NOT_FOUND, "its issuer is unknown" },
    { GNUTLS_CERT_SIGNER_NOT_CA, "its issuer is no CA" },
    { GNUTLS_CERT_INSECURE_ALGORITHM, "it is signed by a weak algorithm" },
    { GNUTLS_CERT_PURPOSE_MISMATCH, "it is not meant for a server" },
    { GNUTLS_CERT_SIGNATURE_FAILURE, "its signature is wrong" },
};

static bool
fail_certificate(struct stream *s, const char *host)
{
    unsigned status = gnutls_session_get_verify_cert_status(s->tls);

    for (size_t i = 0; i < countof(certificate_faults); i++)
        if (status & certificate_faults[i].status)
            return stream_fail(s, STREAM_BROKEN, "certificate of %.200s: %s", host, certificate_faults[i].what);
    return stream_fail(s, STREAM_BROKEN, "certificate of %.200s: not accepted (0x%x)", host, status);
}

static bool
load_trust(struct stream *s, const char *ca_file)
{
    int n;

    if (gnutls_certificate_allocate_credentials(&s->credentials) != 0)
        return stream_fail(s, STREAM_BROKEN, "TLS: no memory");
    if (ca_file != NULL)
        n = gnutls_certificate_set_x509_trust_file(s->credentials, ca_file, GNUTLS_X509_FMT_PEM);
    else
        n = gnutls_certificate_set_x509_system_trust(s->credentials);
    if (n > 0)
        return true;
    return stream_fail(s, STREAM_BROKEN, "%.200s: no CA certificate could be read%s%s", ca_file != NULL ? ca_file : "the system's trust",
                       n < 0 ? ": " : "", n < 0 ? gnutls_strerror(n) : "");
}

static bool
is_address(const char *host)
{
    struct in6_addr a;

    return inet_pton(AF_INET, host, &a) == 1 || inet_pton(AF_INET6, host, &a) == 1;
}

static bool
prepare(struct stream *s, const char *host)
{
    if (gnutls_init(&s->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0) {
        s->tls = NULL;
        return stream_fail(s, STREAM_BROKEN, "TLS: no memory");
    }
    if (gnutls_priority_set_direct(s->tls, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL) != 0 ||
        gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE, s->credentials) != 0)
        return stream_fail(s, STREAM_BROKEN, "TLS: the settings are not accepted");
    if (!is_address(host) && gnutls_server_name_set(s->tls, GNUTLS_NAME_DNS, host, strlen(host)) != 0)
        return stream_fail(s, STREAM_BROKEN, "%.200s: not a host name", host);
    gnutls_session_set_verify_cert(s->tls, host, 0);
    gnutls_transport_set_int(s->tls, s->fd);
    return true;
}

static short
direction(const struct stream *s)
{
    return gnutls_record_get_direction(s->tls) ? POLLOUT : POLLIN;
}

bool
stream_start_tls(struct stream *s, const char *host, const char *ca_file)
{
    int rc;

    if (s->tls != NULL)
        bug("TLS twice");
    if (!load_trust(s, ca_file) || !prepare(s, host))
        return false;
    while ((rc = gnutls_handshake(s->tls)) != 0) {
        if (rc == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
            return fail_certificate(s, host);
        if (gnutls_error_is_fatal(rc))
            return stream_fail(s, STREAM_BROKEN, "TLS with %.200s: %s", host, gnutls_strerror(rc));
        if (rc == GNUTLS_E_AGAIN ? !stream_wait(s, direction(s)) : !stream_within_deadline(s))
            return false;
    }
    return true;
}

static ssize_t
result(struct stream *s, ssize_t n, short *events)
{
    if (n >= 0)
        return n;
    if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
        *events = direction(s);
        return -2;
    }
    if (n == GNUTLS_E_PREMATURE_TERMINATION)
        return 0;
    /* a warning alert or a wish to renegotiate: neither is answered; the deadline bounds how many we look at */
    if (!gnutls_error_is_fatal((int)n) && n != GNUTLS_E_REHANDSHAKE) {
        *events = 0;
        return -2;
    }
    stream_fail(s, STREAM_BROKEN, "TLS: %s", gnutls_strerror((int)n));
    return -1;
}

ssize_t
stream_tls_read(struct stream *s, void *out, size_t len, short *events)
{
    return result(s, gnutls_record_recv(s->tls, out, len), events);
}

ssize_t
stream_tls_write(struct stream *s, const void *bytes, size_t len, short *events)
{
    return result(s, gnutls_record_send(s->tls, bytes, len), events);
}

void
stream_tls_close(struct stream *s)
{
    if (s->tls != NULL) {
        if (s->fault == STREAM_FINE)
            (void)gnutls_bye(s->tls, GNUTLS_SHUT_WR);   /* one try, non-blocking */
        gnutls_deinit(s->tls);
        s->tls = NULL;
    }
    if (s->credentials != NULL)
        gnutls_certificate_free_credentials(s->credentials);
    s->credentials = NULL;
}
