/* Happy path: wolfSSL takes the chain apart from its far end, calls
 * on_certificate() for each one with what it thinks of it, the peer's own
 * last; we add what we think.
 * Failures: the first fault is kept in link->fault, the callback says no, and
 * wolfSSL sends the alert and gives up.
 *
 * What the library finds wrong is only ever overruled if it is about dates,
 * which are ours, or about who has signed one of our own roots. It stops at the
 * first thing that is wrong: a certificate that has a bad date is asked about
 * the rest once more.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_verify.h"

#include "certificate_name.h"
#include "tls_credentials.h"
#include "tls_fault.h"
#include "tls_story.h"
#include "tls_wolfssl.h"

#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

/* Without these the library keeps good certificates to itself, and nobody
 * would check their names and dates. */
#if !defined(WOLFSSL_ALWAYS_VERIFY_CB) || !defined(WOLFSSL_VERIFY_CB_ALL_CERTS)
#error \
    "build wolfSSL with WOLFSSL_ALWAYS_VERIFY_CB, WOLFSSL_VERIFY_CB_ALL_CERTS"
#endif

#define RSA_BITS_MIN 2048u
#define EC_BITS_MIN  224u

enum wwep_fault_kind wwep_tls_verify_dates(const struct wwep_x509 *c,
                                           int64_t now)
{
    if (now < 0)
        return c->not_after < WWEP_BUILD_TIME ? WWEP_FAULT_EXPIRED
                                              : WWEP_FAULT_NONE;
    if (now > c->not_after)
        return WWEP_FAULT_EXPIRED;
    return now < c->not_before ? WWEP_FAULT_NOT_YET_VALID : WWEP_FAULT_NONE;
}

/* --- what wolfSSL says ---------------------------------------------------- */

static bool is_about_dates(int code)
{
    return code == ASN_AFTER_DATE_E || code == ASN_BEFORE_DATE_E;
}

/* What the library, which stopped at the dates, would have said without them:
 * all but extensions that are critical and that it does not know has been
 * looked at before. 0 or its code. */
static int code_without_dates(const uint8_t *der, size_t len)
{
    DecodedCert *cert = XMALLOC(sizeof *cert, NULL, DYNAMIC_TYPE_DCERT);

    if (cert == NULL)
        return MEMORY_E;
    wc_InitDecodedCert(cert, der, (word32)len, NULL);
    int code = wc_ParseCert(cert, CERT_TYPE, NO_VERIFY, NULL);
    wc_FreeDecodedCert(cert);
    XFREE(cert, NULL, DYNAMIC_TYPE_DCERT);
    return code;
}

/* The library wants to know who has signed each certificate that is sent, also
 * one that is itself among our roots: an intermediate, or the server's own,
 * that the user trusts as it is. One that is no CA is trusted for itself, and
 * so as the server's own alone. */
static bool is_root(const struct wwep_tls_link *link, const struct wwep_x509 *c,
                    const struct wwep_der *der, int code, unsigned depth)
{
    return (code == ASN_NO_SIGNER_E || code == ASN_SELF_SIGNED_E) &&
           (depth == 0 || c->is_ca) &&
           wwep_tls_credentials_is_root(link->setup.config, der);
}

static struct wwep_fault library_fault(const struct wwep_tls_link *link,
                                       const struct wwep_x509 *c, int code)
{
    struct wwep_fault fault = {.code = code, .alert = -1};

    if (code != 0)
        fault.kind = tls_fault_of_code(code);
    /* Our CA's name, but not its key: somebody has made a second "class CA",
     * and that is worth other words than "unknown". */
    if (fault.kind == WWEP_FAULT_UNKNOWN_CA &&
        wwep_tls_credentials_has_root(link->setup.config, &c->issuer))
        fault.kind = WWEP_FAULT_OTHER_CA;
    else if (fault.kind == WWEP_FAULT_UNKNOWN_CA && link->no_ca_seen)
        fault.kind = WWEP_FAULT_NOT_A_CA;
    return fault;
}

/* --- what we say ---------------------------------------------------------- */

static bool is_weak(const struct wwep_x509 *c)
{
    return (c->key_kind == WWEP_KEY_RSA && c->key_bits < RSA_BITS_MIN) ||
           (c->key_kind == WWEP_KEY_EC && c->key_bits < EC_BITS_MIN);
}

static enum wwep_fault_kind name_fault(const struct wwep_tls_setup *setup,
                                       const struct wwep_x509 *c)
{
    enum wwep_fault_kind kind = WWEP_FAULT_NONE;
    const char *peer = wwep_tls_peer_of(setup);

    /* A client has no name to be checked, but for setup->peer. */
    if (setup->role == WWEP_TLS_CLIENT && !wwep_tls_leniency_of(setup).any_name)
        kind = wwep_x509_check_host(
            c, setup->config->name != NULL ? setup->config->name : setup->host);
    if (kind == WWEP_FAULT_NONE && peer != NULL && !wwep_x509_has_cn(c, peer) &&
        wwep_x509_check_host(c, peer) != WWEP_FAULT_NONE)
        kind = WWEP_FAULT_WRONG_NAME;
    return kind;
}

static enum wwep_fault_kind our_fault(const struct wwep_tls_link *link,
                                      const struct wwep_x509 *c,
                                      const struct wwep_der *der,
                                      unsigned depth)
{
    const struct wwep_tls_setup *setup = &link->setup;
    enum wwep_fault_kind kind = wwep_tls_leniency_of(setup).dates
                                    ? WWEP_FAULT_NONE
                                    : wwep_tls_verify_dates(c, link->now);

    if (kind != WWEP_FAULT_NONE)
        return kind;
    if (is_weak(c))
        return WWEP_FAULT_WEAK_KEY;
    /* A root is trusted for itself, whatever its own signature is. */
    if (c->weak_signature && !wwep_tls_leniency_of(setup).signatures &&
        !wwep_tls_credentials_is_root(setup->config, der))
        return WWEP_FAULT_WEAK_SIGNATURE;
    if (depth > 0)
        return WWEP_FAULT_NONE;
    /* The library looks at that in TLS 1.2 alone. */
    return c->no_digital_signature ? WWEP_FAULT_WRONG_USAGE
                                   : name_fault(setup, c);
}

static struct wwep_fault judge(const struct wwep_tls_link *link,
                               const struct wwep_x509 *c,
                               const WOLFSSL_BUFFER_INFO *bytes, int code,
                               unsigned depth)
{
    struct wwep_der der = wwep_der_of(bytes->buffer, bytes->length);

    if (is_about_dates(code) || is_root(link, c, &der, code, depth))
        code = code_without_dates(bytes->buffer, bytes->length);

    struct wwep_fault fault = library_fault(link, c, code);
    if (fault.kind == WWEP_FAULT_NONE)
        fault.kind = our_fault(link, c, &der, depth);
    return fault;
}

/* An intermediate that is good to us, but whose dates the library does not
 * like: some builds (as the packaged one) do not let it sign, whatever we say,
 * unless it is given to them. The context is the link's own. */
static void let_sign(const struct wwep_tls_link *link,
                     const WOLFSSL_BUFFER_INFO *der, int code)
{
#ifdef WOLFSSL_ALT_CERT_CHAINS
    if (is_about_dates(code))
        (void)wolfSSL_CTX_load_verify_buffer_ex(
            link->ctx, der->buffer, (long)der->length, WOLFSSL_FILETYPE_ASN1, 0,
            WOLFSSL_LOAD_FLAG_DATE_ERR_OKAY);
#else
    (void)link;
    (void)der;
    (void)code;
#endif
}

static void tell(struct wwep_tls_link *link, const struct wwep_x509 *c,
                 unsigned depth, const struct wwep_fault *fault)
{
    struct wwep_certificate certificate = {.depth = depth, .fault = *fault};
    struct wwep_event event = {.kind = WWEP_EVENT_CERTIFICATE,
                               .certificate = &certificate};

    if (!wwep_tls_story_is_told(link))
        return;
    wwep_x509_describe(c, &certificate);
    wwep_tls_story_tell(link, &event);
}

static int on_certificate(int good, WOLFSSL_X509_STORE_CTX *store)
{
    struct wwep_tls_link *link = store->userCtx;
    int depth = store->error_depth;
    struct wwep_fault fault = {.kind = WWEP_FAULT_BAD_CERTIFICATE, .alert = -1};
    struct wwep_x509 c;
    bool readable = false;

    /* TLS 1.2: a client that has none sends an empty list. */
    if (store->totalCerts == 0)
        fault.kind = WWEP_FAULT_NO_CERTIFICATE;
    if (depth >= 0 && depth < store->totalCerts) {
        const WOLFSSL_BUFFER_INFO *der = &store->certs[depth];
        readable = wwep_x509_read(&c, der->buffer, der->length);
        int code = good ? 0 : tls_fault_code(store);
        if (readable)
            fault = judge(link, &c, der, code, (unsigned)depth);
        if (fault.kind == WWEP_FAULT_NONE && depth > 0 && c.may_sign)
            let_sign(link, der, code);
    }
    if (readable) {
        tell(link, &c, (unsigned)depth, &fault);
        if (c.not_after < link->not_after)
            link->not_after = c.not_after;
    }
    if (readable && depth > 0 && !c.may_sign)
        link->no_ca_seen = true;
    if (depth == 0)
        link->leaf_seen = true;
    if (!link->verify || fault.kind == WWEP_FAULT_NONE)
        return 1;
    if (link->fault.kind == WWEP_FAULT_NONE)
        link->fault = fault;
    return 0;
}

void wwep_tls_verify_start(struct wwep_tls_link *link)
{
    int mode = WOLFSSL_VERIFY_PEER;

    link->not_after = INT64_MAX;
    if (link->setup.role == WWEP_TLS_SERVER && link->verify)
        mode |= WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    else if (link->setup.role == WWEP_TLS_SERVER &&
             !wwep_tls_leniency_of(&link->setup).optional)
        mode = WOLFSSL_VERIFY_NONE;
    wolfSSL_set_verify(link->ssl, mode, on_certificate);
    wolfSSL_SetCertCbCtx(link->ssl, link);
}
