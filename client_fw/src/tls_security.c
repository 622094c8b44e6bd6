/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_security.h"

#include "tls_wolfssl.h"

#include <wolfssl/ssl.h>

/* wolfSSL's own names differ from all others', and a small build has none. */
static const struct {
    uint16_t suite;
    const char *name;
} ciphers[] = {
    {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
#ifndef WOLFSSL_NO_TLS12
    {0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
#endif
};

static const char *cipher_name(WOLFSSL *ssl)
{
    int suite = wolfSSL_get_current_cipher_suite(ssl);

    for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++)
        if (ciphers[i].suite == suite)
            return ciphers[i].name;
    return "";
}

/* Whether the client has sent its certificate. Of what we have sent ourselves,
 * TLS 1.2 shows it; in TLS 1.3 only the size tells: a Finished alone has under
 * 100 bytes. */
static bool has_client_certificate(const struct wwep_tls_link *link)
{
    if (link->setup.role == WWEP_TLS_SERVER)
        return link->verify && link->leaf_seen;
    return link->own_len > 0 &&
           (link->out.certificate ||
            (wolfSSL_version(link->ssl) != TLS1_2_VERSION &&
             link->out.encrypted > link->own_len));
}

void wwep_tls_security_of(struct wwep_tls_link *link,
                          struct wwep_security *security)
{
    const char *group = wolfSSL_get_curve_name(link->ssl);
    bool resumed = wolfSSL_session_reused(link->ssl) == 1;

    *security = (struct wwep_security){
        .tls = true,
        .resumed = resumed,
        .verified = link->verify && (resumed || link->leaf_seen),
        .client_certificate = !resumed && has_client_certificate(link),
        .version = wolfSSL_version(link->ssl) == TLS1_3_VERSION ? "TLS 1.3"
                                                                : "TLS 1.2",
        .cipher = cipher_name(link->ssl),
        .group = group != NULL ? group : "",
    };
    security->dates_checked =
        security->verified &&
        (resumed ? link->offer_dates_checked : link->now >= 0);
}
