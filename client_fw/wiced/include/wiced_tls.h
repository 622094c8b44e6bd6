/* wiced_tls.h - TLS: whom we trust, who we are, and one connection's state.
 *
 * The structs are the caller's, and need not be filled before they are
 * initialised. Lengths of PEM are without a NUL.
 *
 * Where nothing is trusted, nothing is verified, as in the SDK: the console
 * says so. With roots, each peer's chain must lead to one of them, a client's
 * too. Unlike the SDK's own, this layer also looks at dates, and refuses SHA-1,
 * but with --sdk-certificates (wwep-wiced(1)).
 *
 * Source: WICED SDK 6.6.1 and 4.1; course, chapter 6B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_TLS_H
#define WICED_TLS_H

#include "linked_list.h"
#include "wiced_result.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    WICED_TLS_AS_CLIENT = 0,
    WICED_TLS_AS_SERVER = 1
} wiced_tls_endpoint_type_t;

typedef enum {
    TLS_NO_VERIFICATION = 0,
    TLS_VERIFICATION_OPTIONAL = 1,
    TLS_VERIFICATION_REQUIRED = 2
} wiced_tls_certificate_verification_t;

#define WICED_TLS_DEFAULT_VERIFICATION TLS_VERIFICATION_REQUIRED

/* A key and its certificate chain. */
typedef struct {
    linked_list_node_t this_node;
    void *pair; /* the layer's own, on the heap */
} wiced_tls_credentials_info_t;

typedef struct {
    uint64_t magic;
    linked_list_t credentials; /* of wiced_tls_credentials_info_t */
} wiced_tls_identity_t;

/* The handshake's state, and then the connection's. Only its size is of
 * interest. */
typedef struct {
    uint64_t context_id; /* a context that was never initialised has another */
    wiced_tls_identity_t *identity;
    const char *peer_cn;
    void *session; /* the layer's own, on the heap */
} wiced_tls_context_t;

typedef enum {
    TLS_EXTENSION_TYPE_SERVER_NAME = 0,
    TLS_EXTENSION_TYPE_MAX_FRAGMENT_LENGTH = 1,
    TLS_EXTENSION_TYPE_APPLICATION_LAYER_PROTOCOL_NEGOTIATION = 16
} wiced_tls_extension_type_t;

typedef enum {
    TLS_FRAGMENT_LENGTH_512 = 1,
    TLS_FRAGMENT_LENGTH_1024 = 2,
    TLS_FRAGMENT_LENGTH_2048 = 3,
    TLS_FRAGMENT_LENGTH_4096 = 4
} wiced_tls_max_fragment_length_t;

typedef struct {
    wiced_tls_extension_type_t type;
    union {
        uint8_t *server_name; /* ends by a NUL */
        wiced_tls_max_fragment_length_t max_fragment_length;
        uint8_t *alpn_protocol_list; /* "h2,http/1.1", ends by a NUL */
    } extension_data;
} wiced_tls_extension_t;

#define MAX_EXT_DATA_LENGTH 256

/* The deprecated way: an extension as it is on the wire. */
struct _ssl_extension {
    uint16_t id;
    uint16_t used;
    uint16_t sz;
    uint8_t data[MAX_EXT_DATA_LENGTH + 1];
};
typedef struct _ssl_extension ssl_extension;

/* --- contexts ------------------------------------------------------------- */

/* identity: our own, or NULL; peer_cn: the name that the peer's certificate
 * must have, or NULL for any. Both must outlive the context's connection. What
 * the context was before is forgotten, and not freed: it may never have been
 * one. WICED_ERROR (4) for NULL; WICED_OUT_OF_HEAP_SPACE (8). */
wiced_result_t wiced_tls_init_context(wiced_tls_context_t *context,
                                      wiced_tls_identity_t *identity,
                                      const char *peer_cn);

/* Frees it, without a word to the peer. Again, or on one that is all zero, does
 * nothing. WICED_ERROR (4) for NULL. */
wiced_result_t wiced_tls_deinit_context(wiced_tls_context_t *context);

/* Frees the connection, and keeps identity, name, extensions and roots for the
 * next one. (SDK 4.1) */
wiced_result_t wiced_tls_reset_context(wiced_tls_context_t *tls_context);

/* For the next handshake of this context, as a client: the server's name, which
 * its certificate must then have; the longest record; the protocols. A copy is
 * made. WICED_BADARG for NULL and for what is none of them. */
wiced_result_t wiced_tls_set_extension(wiced_tls_context_t *context,
                                       wiced_tls_extension_t *extension);

/* The same, of the same three; others are WICED_UNSUPPORTED (7). */
wiced_result_t wiced_tls_add_extension(wiced_tls_context_t *context,
                                       const ssl_extension *extension);

/* --- our own certificate -------------------------------------------------- */

/* Copies are made, in PEM or DER. A part that is NULL or of length 0 is left
 * out. WICED_ERROR (4) for a NULL identity; 1 where a part can not be read;
 * 5003 without memory. That key and certificate belong together is only found
 * out by the handshake, but said at once. */
wiced_result_t wiced_tls_init_identity(wiced_tls_identity_t *identity,
                                       const char *private_key,
                                       const uint32_t key_length,
                                       const uint8_t *certificate_data,
                                       uint32_t certificate_length);
wiced_result_t wiced_tls_deinit_identity(wiced_tls_identity_t *tls_identity);

/* One more pair for a server, as RSA beside ECDSA: it shows the first that the
 * client can verify. credential is the caller's until it is removed. */
wiced_result_t wiced_tls_add_identity(wiced_tls_identity_t *identity,
                                      wiced_tls_credentials_info_t *credential,
                                      const char *private_key,
                                      const uint32_t key_length,
                                      const uint8_t *certificate_data,
                                      uint32_t certificate_length);
/* WICED_NOT_FOUND (12): it was none of this identity's. */
wiced_result_t wiced_tls_remove_identity(
    wiced_tls_identity_t *identity, wiced_tls_credentials_info_t *credential);

/* --- whom we trust -------------------------------------------------------- */

/* The program's roots, for each handshake that begins from now on, of clients
 * and of servers; they replace those before. NULL or a length of 0: nothing
 * changes. WICED_ERROR (4): can not be read, and now there are none. */
wiced_result_t wiced_tls_init_root_ca_certificates(
    const char *trusted_ca_certificates, const uint32_t length);
wiced_result_t wiced_tls_deinit_root_ca_certificates(void);

/* The context's own, in the place of the program's. NULL or 0: nothing
 * changes. */
wiced_result_t wiced_tls_set_context_root_ca_certificates(
    wiced_tls_context_t *context, const char *trusted_ca_certificates,
    const uint32_t length);

#ifdef __cplusplus
}
#endif

#endif
