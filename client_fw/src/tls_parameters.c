/* tls_parameters.c - what we offer, and what we insist on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_parameters.h"

#include "certificate_name.h"
#include "tls_wolfssl.h"

#include <string.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

/* AES-128 first: boards have nothing better, and others lose nothing by it.
 * What a build of the library lacks, it leaves out. A board's build that has
 * only suites that it wants is some hundred bytes smaller without the list. */
#ifndef WWEP_NO_CIPHER_LIST
static const char cipher_list[] = "TLS13-AES128-GCM-SHA256:"
                                  "TLS13-CHACHA20-POLY1305-SHA256:"
                                  "TLS13-AES256-GCM-SHA384:"
                                  "ECDHE-ECDSA-AES128-GCM-SHA256:"
                                  "ECDHE-RSA-AES128-GCM-SHA256:"
                                  "ECDHE-ECDSA-CHACHA20-POLY1305:"
                                  "ECDHE-RSA-CHACHA20-POLY1305:"
                                  "ECDHE-ECDSA-AES256-GCM-SHA384:"
                                  "ECDHE-RSA-AES256-GCM-SHA384";
#endif

/* The key share that is sent unasked is the first one's. */
static const word16 groups[] = {WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_X25519,
                                WOLFSSL_ECC_SECP384R1};

static WOLFSSL_METHOD *method_of(enum wwep_tls_role role,
                                 enum wwep_tls_version version)
{
#ifndef WWEP_NO_TLS_SERVER
    if (role == WWEP_TLS_SERVER)
        switch (version) {
#ifndef WOLFSSL_NO_TLS12
        case WWEP_TLS_1_2:
            return wolfTLSv1_2_server_method();
#endif
#ifdef WOLFSSL_TLS13
        case WWEP_TLS_1_3:
            return wolfTLSv1_3_server_method();
#endif
        default:
            return wolfSSLv23_server_method();
        }
#endif
    (void)role;
    switch (version) {
#ifndef WOLFSSL_NO_TLS12
    case WWEP_TLS_1_2:
        return wolfTLSv1_2_client_method();
#endif
#ifdef WOLFSSL_TLS13
    case WWEP_TLS_1_3:
        return wolfTLSv1_3_client_method();
#endif
    default:
        return wolfSSLv23_client_method();
    }
}

/* Sets what must not be left to the library's defaults, which are not the same
 * in all builds: the packaged one takes TLS 1.1 and any CA. */
static bool set_parameters(const struct wwep_tls_setup *setup, WOLFSSL_CTX *ctx)
{
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL); /* not yet */
    if (setup->config->version == WWEP_TLS_ANY &&
        wolfSSL_CTX_SetMinVersion(ctx,
#ifndef WOLFSSL_NO_TLS12
                                  WOLFSSL_TLSV1_2
#else
                                  WOLFSSL_TLSV1_3
#endif
                                  ) != WOLFSSL_SUCCESS)
        return false;
#ifndef WWEP_NO_CIPHER_LIST
    if (wolfSSL_CTX_set_cipher_list(ctx, cipher_list) != WOLFSSL_SUCCESS)
        return false;
#endif
#ifndef NO_RSA
    if (wolfSSL_CTX_SetMinRsaKey_Sz(ctx, 2048) != WOLFSSL_SUCCESS)
        return false;
#endif
#ifdef HAVE_ECC
    if (wolfSSL_CTX_SetMinEccKey_Sz(ctx, 224) != WOLFSSL_SUCCESS)
        return false;
#endif
    /* A flight in one piece: each send is a packet. */
    (void)wolfSSL_CTX_set_group_messages(ctx);
#ifdef OPENSSL_EXTRA
    /* On in the packaged library: a read that timed out would begin anew. */
    wolfSSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
#endif
#ifdef HAVE_SUPPORTED_CURVES
    /* What the build lacks can not be offered: that is no error. */
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (wolfSSL_CTX_UseSupportedCurve(ctx, groups[i]) == MEMORY_E)
            return false;
#endif
    return true;
}

/* The course's secure servers are small: they resume nothing, and so have
 * nothing that one client could get of another's. */
static void forbid_resumption(WOLFSSL_CTX *ctx)
{
#ifndef WWEP_NO_TLS_SERVER
#ifndef NO_SESSION_CACHE
    (void)wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF);
#endif
#ifdef HAVE_SESSION_TICKET
#ifdef WOLFSSL_TLS13
    (void)wolfSSL_CTX_no_ticket_TLSv13(ctx);
#endif
#ifndef WOLFSSL_NO_TLS12
    (void)wolfSSL_CTX_NoTicketTLSv12(ctx);
#endif
#endif
#endif
    (void)ctx;
}

bool wwep_tls_parameters_has_version(enum wwep_tls_version version)
{
#ifdef WOLFSSL_NO_TLS12
    if (version == WWEP_TLS_1_2)
        return false;
#endif
#ifndef WOLFSSL_TLS13
    if (version == WWEP_TLS_1_3)
        return false;
#endif
    return version == WWEP_TLS_ANY || version == WWEP_TLS_1_2 ||
           version == WWEP_TLS_1_3;
}

WOLFSSL_CTX *wwep_tls_parameters_context(const struct wwep_tls_setup *setup)
{
    WOLFSSL_CTX *ctx =
        wolfSSL_CTX_new(method_of(setup->role, setup->config->version));

    if (ctx != NULL && !set_parameters(setup, ctx)) {
        wolfSSL_CTX_free(ctx);
        return NULL;
    }
    if (ctx != NULL && setup->role == WWEP_TLS_SERVER)
        forbid_resumption(ctx);
    return ctx;
}

static enum wwep_result name_server(struct wwep_tls_link *link)
{
#ifdef HAVE_SNI
    struct wwep_address address;
    const char *name = link->setup.config->name != NULL
                           ? link->setup.config->name
                           : link->setup.host;

    /* RFC 6066, 3: no addresses, and no dot at the end. */
    if (wwep_tls_leniency_of(&link->setup).any_name ||
        wwep_address_read(&address, name))
        return WWEP_OK;
    size_t len = strlen(name);
    if (len > 1 && name[len - 1] == '.')
        len--;
    if (len > 0 && len <= 255 &&
        wolfSSL_UseSNI(link->ssl, WOLFSSL_SNI_HOST_NAME, name, (word16)len) !=
            WOLFSSL_SUCCESS)
        return WWEP_E_MEMORY;
#else
    (void)link;
#endif
    return WWEP_OK;
}

static enum wwep_result limit_fragments(struct wwep_tls_link *link)
{
#ifdef HAVE_MAX_FRAGMENT
    static const struct {
        uint16_t len;
        byte code;
    } sizes[] = {{512, WOLFSSL_MFL_2_9},
                 {1024, WOLFSSL_MFL_2_10},
                 {2048, WOLFSSL_MFL_2_11},
                 {4096, WOLFSSL_MFL_2_12}};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (sizes[i].len == link->setup.config->max_fragment)
            return wolfSSL_UseMaxFragment(link->ssl, sizes[i].code) ==
                           WOLFSSL_SUCCESS
                       ? WWEP_OK
                       : WWEP_E_MEMORY;
#endif
    return link->setup.config->max_fragment == 0 ? WWEP_OK : WWEP_E_ARGUMENT;
}

static enum wwep_result offer_protocols(struct wwep_tls_link *link)
{
    const char *list = link->setup.protocols;

    if (list == NULL)
        return WWEP_OK;
#ifdef HAVE_ALPN
    /* Text that is not const, but is copied. */
    return wolfSSL_UseALPN(link->ssl, (char *)(uintptr_t)list,
                           (unsigned)strlen(list),
                           WOLFSSL_ALPN_CONTINUE_ON_MISMATCH) == WOLFSSL_SUCCESS
               ? WWEP_OK
               : WWEP_E_MEMORY;
#else
    return WWEP_E_ARGUMENT;
#endif
}

enum wwep_result wwep_tls_parameters_extensions(struct wwep_tls_link *link)
{
    enum wwep_result result = name_server(link);

    if (result == WWEP_OK)
        result = limit_fragments(link);
    return result == WWEP_OK ? offer_protocols(link) : result;
}
