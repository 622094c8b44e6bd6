/* Happy path: make a context -> roots, certificate and key -> the object, with
 * a seed from the port -> the handshake, through the carrier -> send, receive
 * -> save the session -> close.
 * Failures: all that is made before the handshake is undone, and nothing has
 * been sent; a handshake that fails has told the peer so, if it can still be
 * told. What we found ourselves is the fault, else the alert that came, else
 * what the carrier said, else what the library says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_link.h"

#include "tls_cpu.h"
#include "tls_credentials.h"
#include "tls_link_state.h"
#include "tls_parameters.h"
#include "tls_security.h"
#include "tls_seed.h"
#include "tls_session.h"
#include "tls_story.h"
#include "tls_verify.h"
#include "tls_wire.h"
#include "tls_wolfssl.h"

#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#define CHUNK_MAX 16384u /* what one record holds */

/* --- the library ---------------------------------------------------------- */

enum wwep_result wwep_tls_start(void)
{
    return wolfSSL_Init() == WOLFSSL_SUCCESS && tls_cpu_probe() &&
                   wwep_tls_seed_start()
               ? WWEP_OK
               : WWEP_E_MEMORY;
}

void wwep_tls_stop(void)
{
    (void)wolfSSL_Cleanup();
}

void wwep_tls_thread_end(void)
{
#if defined(HAVE_ECC) && defined(FP_ECC)
    wc_ecc_fp_free();
#endif
}

/* --- opening -------------------------------------------------------------- */

static int64_t time_of(const struct wwep_port *port)
{
    return port != NULL && port->wall_clock != NULL
               ? port->wall_clock(port->ctx)
               : -1;
}

static enum wwep_result load_credentials(struct wwep_tls_link *link,
                                         struct wwep_fault *fault)
{
    struct wwep_tls_credentials credentials = {
        .config = link->setup.config,
        .port = link->setup.port,
        .now = link->now,
        .needs_identity = link->setup.role == WWEP_TLS_SERVER,
        .any_date = wwep_tls_leniency_of(&link->setup).dates,
    };
    enum wwep_result result =
        wwep_tls_credentials_load(&credentials, link->ctx);

    link->own_len = credentials.certificate_len;
    if (result != WWEP_OK)
        *fault = credentials.fault;
    return result;
}

/* The object is made: what the handshake needs to know. */
static enum wwep_result prepare(struct wwep_tls_link *link)
{
    enum wwep_result result = WWEP_OK;

    wwep_tls_wire_start(link);
    wwep_tls_verify_start(link);
    if (link->setup.role == WWEP_TLS_CLIENT) {
        result = wwep_tls_parameters_extensions(link);
        if (result == WWEP_OK)
            wwep_tls_session_offer(link);
    }
    if (result == WWEP_OK)
        wwep_tls_story_want_secrets(link);
    return result;
}

static enum wwep_result fail_handshake(struct wwep_tls_link *link, int code,
                                       struct wwep_fault *fault,
                                       int *port_error)
{
    struct wwep_event event = {.kind = WWEP_EVENT_TLS_FAILED, .fault = fault};

    *port_error = link->port_error;
    *fault = wwep_tls_wire_fault(link, code);
    if (fault->kind == WWEP_FAULT_NONE) {
        if (link->port_error == WWEP_PORT_TIMEOUT)
            return WWEP_E_TIMEOUT;
        if (link->port_error != WWEP_PORT_RESET)
            return WWEP_E_LOST;
        fault->kind = WWEP_FAULT_CLOSED;
    }
    wwep_tls_story_tell(link, &event);
    return fault->kind == WWEP_FAULT_NO_MEMORY ? WWEP_E_MEMORY : WWEP_E_TLS;
}

static int shake_hands(struct wwep_tls_link *link)
{
#ifndef WWEP_NO_TLS_SERVER
    if (link->setup.role == WWEP_TLS_SERVER)
        return wolfSSL_accept(link->ssl);
#endif
    return wolfSSL_connect(link->ssl);
}

static enum wwep_result run_handshake(struct wwep_tls_link *link,
                                      struct wwep_security *security,
                                      struct wwep_fault *fault, int *port_error)
{
    struct wwep_event event = {.kind = WWEP_EVENT_SECURED,
                               .security = security};
    int status = shake_hands(link);
    int code =
        status == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(link->ssl, status);

    wwep_tls_story_end_flight(link);
    /* Not to be: a chain that must be checked, and was not. */
    if (code == 0 && link->verify && !link->leaf_seen &&
        wolfSSL_session_reused(link->ssl) != 1) {
        link->fault = (struct wwep_fault){WWEP_FAULT_NO_CERTIFICATE, 0, -1};
        code = NO_PEER_CERT;
    }
    if (code != 0)
        return fail_handshake(link, code, fault, port_error);
    link->established = true;
    wwep_tls_story_secrets(link);
    wwep_tls_security_of(link, security);
    wwep_tls_story_tell(link, &event);
    return WWEP_OK;
}

static void fill_link(struct wwep_tls_link *link,
                      const struct wwep_tls_setup *setup)
{
    memset(link, 0, sizeof *link);
    link->setup = *setup;
    link->carrier = *setup->carrier;
    link->setup.carrier = &link->carrier;
    link->now = time_of(setup->port);
    link->verify = setup->config->roots.bytes != NULL &&
                   !setup->config->unverified &&
                   !wwep_tls_leniency_of(setup).optional;
    link->outgoing = setup->role == WWEP_TLS_CLIENT;
}

static struct wwep_tls_link *make_link(const struct wwep_tls_setup *setup)
{
    struct wwep_tls_link *link = XMALLOC(sizeof *link, NULL, DYNAMIC_TYPE_TLSX);

    if (link == NULL)
        return NULL;
    fill_link(link, setup);
    link->ctx = wwep_tls_parameters_context(setup);
    if (link->ctx == NULL) {
        XFREE(link, NULL, DYNAMIC_TYPE_TLSX);
        return NULL;
    }
    return link;
}

static void free_link(struct wwep_tls_link *link)
{
    wolfSSL_free(link->ssl);
    wolfSSL_CTX_free(link->ctx);
    XFREE(link, NULL, DYNAMIC_TYPE_TLSX);
}

enum wwep_result wwep_tls_link_open(struct wwep_tls_link **out,
                                    const struct wwep_tls_setup *setup,
                                    struct wwep_security *security,
                                    struct wwep_fault *fault, int *port_error,
                                    bool *offered)
{
    *out = NULL;
    *offered = false;
    *port_error = 0;
    *fault = (struct wwep_fault){WWEP_FAULT_NONE, 0, -1};
    if (!wwep_tls_parameters_has_version(setup->config->version))
        return WWEP_E_ARGUMENT;

    struct wwep_tls_link *link = make_link(setup);
    if (link == NULL) {
        fault->kind = WWEP_FAULT_NO_MEMORY;
        return WWEP_E_MEMORY;
    }
    enum wwep_result result = load_credentials(link, fault);
    if (result == WWEP_OK)
        result = wwep_tls_seed_new(link);
    if (result == WWEP_OK)
        result = prepare(link);
    if (result == WWEP_OK)
        result = run_handshake(link, security, fault, port_error);
    *offered = link->offered;
    if (result == WWEP_OK) {
        *out = link;
        return WWEP_OK;
    }
    if (result == WWEP_E_MEMORY)
        fault->kind = WWEP_FAULT_NO_MEMORY;
    free_link(link);
    return result;
}

#ifdef WWEP_TLS_STEPS

/* With a reference to the other's context, and what is known of it. */
static struct wwep_tls_link *make_alike(const struct wwep_tls_setup *setup,
                                        const struct wwep_tls_link *like)
{
    struct wwep_tls_link *link = XMALLOC(sizeof *link, NULL, DYNAMIC_TYPE_TLSX);

    if (link == NULL)
        return NULL;
    fill_link(link, setup);
    if (wolfSSL_CTX_up_ref(like->ctx) != WOLFSSL_SUCCESS) {
        XFREE(link, NULL, DYNAMIC_TYPE_TLSX);
        return NULL;
    }
    link->ctx = like->ctx;
    link->own_len = like->own_len;
    return link;
}

enum wwep_result wwep_tls_link_begin(struct wwep_tls_link **out,
                                     const struct wwep_tls_setup *setup,
                                     const struct wwep_tls_link *like,
                                     struct wwep_fault *fault)
{
    enum wwep_result result = WWEP_OK;

    *out = NULL;
    *fault = (struct wwep_fault){WWEP_FAULT_NONE, 0, -1};
    if (!wwep_tls_parameters_has_version(setup->config->version))
        return WWEP_E_ARGUMENT;

    struct wwep_tls_link *link =
        like != NULL ? make_alike(setup, like) : make_link(setup);
    if (link == NULL)
        result = WWEP_E_MEMORY;
    else if (like == NULL)
        result = load_credentials(link, fault);
    if (result == WWEP_OK)
        result = wwep_tls_seed_new(link);
    if (result == WWEP_OK)
        result = prepare(link);
    if (result == WWEP_OK) {
        *out = link;
        return WWEP_OK;
    }
    if (result == WWEP_E_MEMORY)
        fault->kind = WWEP_FAULT_NO_MEMORY;
    if (link != NULL)
        free_link(link);
    return result;
}

enum wwep_result wwep_tls_link_step(struct wwep_tls_link *link,
                                    struct wwep_security *security,
                                    struct wwep_fault *fault, int *port_error)
{
    link->port_error = 0; /* that there was no more, the last time */
    return run_handshake(link, security, fault, port_error);
}

#endif

/* --- content -------------------------------------------------------------- */

/* A call that did not succeed, by its code. */
static int fail(struct wwep_tls_link *link, int code, struct wwep_fault *fault)
{
    struct wwep_event event = {.kind = WWEP_EVENT_TLS_FAILED, .fault = fault};
    struct wwep_fault found = wwep_tls_wire_fault(link, code);

    if (found.kind == WWEP_FAULT_NONE)
        return link->port_error;
    link->broken = true;
    *fault = found;
    wwep_tls_story_tell(link, &event);
    return WWEP_PORT_FAILED;
}

int wwep_tls_link_send(struct wwep_tls_link *link, const uint8_t *buf,
                       size_t len, struct wwep_fault *fault)
{
    if (len > CHUNK_MAX)
        len = CHUNK_MAX;
    link->port_error = 0;
    int n = wolfSSL_write(link->ssl, buf, (int)len);
    if (n <= 0)
        return fail(link, wolfSSL_get_error(link->ssl, n), fault);
    wwep_tls_story_records(link, true);
    return n;
}

int wwep_tls_link_recv(struct wwep_tls_link *link, uint8_t *buf, size_t len,
                       struct wwep_fault *fault)
{
    int code, n;

    if (len > CHUNK_MAX)
        len = CHUNK_MAX;
    link->port_error = 0;
    do { /* a session ticket is a record that has no content for us */
        n = wolfSSL_read(link->ssl, buf, (int)len);
        code = n > 0 ? 0 : wolfSSL_get_error(link->ssl, n);
    } while (code == WOLFSSL_ERROR_WANT_READ && link->port_error == 0);
    wwep_tls_story_records(link, false);
    if (n > 0)
        return n;
    if (code == WOLFSSL_ERROR_ZERO_RETURN)
        return 0;
    return fail(link, code, fault);
}

bool wwep_tls_link_has_more(const struct wwep_tls_link *link)
{
    return wolfSSL_pending(link->ssl) > 0;
}

void wwep_tls_link_save(struct wwep_tls_link *link)
{
    wwep_tls_session_save(link);
}

void wwep_tls_link_close(struct wwep_tls_link *link)
{
    if (link == NULL)
        return;
    (void)wolfSSL_shutdown(link->ssl); /* RFC 8446, 6.1: no need to wait */
    free_link(link);
}

void wwep_tls_link_drop(struct wwep_tls_link *link)
{
    if (link != NULL)
        free_link(link);
}

/* --- a check at start ----------------------------------------------------- */

enum wwep_result wwep_tls_check(const struct wwep_tls_config *config,
                                const struct wwep_port *port,
                                struct wwep_fault *fault)
{
    const struct wwep_tls_setup setup = {.role = WWEP_TLS_CLIENT,
                                         .config = config};
    struct wwep_tls_credentials credentials = {
        .config = config, .port = port, .now = time_of(port), .thorough = true};
    WOLFSSL_CTX *ctx = wwep_tls_parameters_context(&setup);

    *fault = (struct wwep_fault){WWEP_FAULT_NONE, 0, -1};
    if (ctx == NULL) {
        fault->kind = WWEP_FAULT_NO_MEMORY;
        return WWEP_E_MEMORY;
    }
    enum wwep_result result = wwep_tls_credentials_load(&credentials, ctx);
    if (result != WWEP_OK)
        *fault = credentials.fault;
    wolfSSL_CTX_free(ctx);
    return result;
}
