/* tls_link.h - one TLS connection, over bytes that somebody else carries.
 *
 * The files tls_*.c below it, and they alone, know wolfSSL. A link takes a
 * role: the client's, and the server's for the course's secure servers, which
 * resumes nothing; a board that needs no server defines WWEP_NO_TLS_SERVER.
 * Where a server is given roots, a client must show a certificate from them.
 *
 * wolfSSL must have been built with WOLFSSL_ALWAYS_VERIFY_CB and
 * WOLFSSL_VERIFY_CB_ALL_CERTS, or it does not compile; and with WOLF_CRYPTO_CB,
 * or the port's entropy is only mixed into the library's own.
 *
 * A link is for one thread at a time, and different links may be in different
 * threads; see wwep_tls_start() in <wwep/tls.h>.
 *
 * Blocking: a carrier's function waits as long as the deadline of the call
 * that is under way lets it, and returns what struct wwep_port's return.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_LINK_H
#define WWEP_TLS_LINK_H

#include <wwep/observer.h>
#include <wwep/port.h>
#include <wwep/result.h>
#include <wwep/tls.h>

enum wwep_tls_role { WWEP_TLS_CLIENT, WWEP_TLS_SERVER };

struct wwep_tls_carrier {
    void *ctx;
    int (*send)(void *ctx, const uint8_t *buf, size_t len);
    int (*recv)(void *ctx, uint8_t *buf, size_t len);
    uint32_t (*elapsed_ms)(void *ctx); /* since the call began, for events */
};

/* What the course's API needs, and no board: zero-filled is what a client is
 * without it. A board that defines WWEP_NO_LENIENCY has only that: this and
 * peer are then not looked at. */
struct wwep_tls_leniency {
    /* Certificates may have ended, roots too, or not begun yet; those that are
     * no roots may be signed with SHA-1 or MD5. */
    bool dates;
    bool signatures;
    bool any_name; /* no host is sent, and none checked, whatever the host and
                      config->name are */
    bool optional; /* the peer's certificate is asked for and looked at, for
                      the observer; who has none, or a bad one, is welcome */
    /* Nor that: as the course's boards do. */
    bool session_ids; /* TLS 1.2 asks for no ticket: sessions by their ID */
};

/* What a link is made of. wwep_tls_link_open() copies this struct, and the
 * carrier, into the link: both may be on the caller's stack. All else that is
 * pointed to is the caller's, and stays until wwep_tls_link_close(). */
struct wwep_tls_setup {
    enum wwep_tls_role role;
    const struct wwep_tls_config *config;
    const struct wwep_port *port; /* for entropy, clock and log */
    const struct wwep_tls_carrier *carrier;
    const struct wwep_observer *observer; /* may be NULL */
    const char *host;  /* client: for SNI, and to check unless config->name */
    uint16_t tcp_port; /* client: a session is for this port */
    struct wwep_tls_leniency leniency;
    const char *peer; /* what the peer's certificate must be for besides: as a
                         host, or its subject's CN is just this; NULL: any */
    const char *protocols; /* client: for ALPN, as "h2,http/1.1"; or NULL */
};

static inline struct wwep_tls_leniency wwep_tls_leniency_of(
    const struct wwep_tls_setup *setup)
{
#ifdef WWEP_NO_LENIENCY
    (void)setup;
    return (struct wwep_tls_leniency){.dates = false};
#else
    return setup->leniency;
#endif
}

static inline const char *wwep_tls_peer_of(const struct wwep_tls_setup *setup)
{
#ifdef WWEP_NO_LENIENCY
    (void)setup;
    return NULL;
#else
    return setup->peer;
#endif
}

struct wwep_tls_link; /* on the TLS library's heap */

/* Makes the link and shakes hands. WWEP_OK: *link is the caller's to close;
 * *security is filled. Else *link is NULL:
 *
 *     WWEP_E_TLS          *fault says why; *port_error is WWEP_PORT_RESET if
 *                         the peer hung up
 *     WWEP_E_TIMEOUT      the carrier did not finish in time
 *     WWEP_E_LOST         it failed by *port_error
 *     WWEP_E_CREDENTIALS  *fault says which; the log, which one of several;
 *                         nothing has been sent
 *     WWEP_E_ENTROPY      nothing has been sent
 *     WWEP_E_ARGUMENT     this build has not that version, max_fragment or
 *                         ALPN; nothing has been sent
 *     WWEP_E_MEMORY
 *
 * *offered: a session was offered, so it may be that which failed. In TLS 1.3
 * the handshake is done before the server has looked at our certificate: that
 * it refuses it, or misses it, is then the fault of the first recv. */
enum wwep_result wwep_tls_link_open(struct wwep_tls_link **link,
                                    const struct wwep_tls_setup *setup,
                                    struct wwep_security *security,
                                    struct wwep_fault *fault, int *port_error,
                                    bool *offered);

#ifdef WWEP_TLS_STEPS
/* The same in steps, for a program that has many links at once, and waits for
 * none: its carrier returns WWEP_PORT_TIMEOUT where it would have to wait. No
 * board needs it.
 *
 * Makes the link, and sends nothing. Those of one program that differ in no
 * more than their session, carrier, observer and name share what the roots, the
 * certificate and the key were made into, and the intermediate certificates
 * that were found good: `like` is any of them that is there; NULL: there is
 * none yet. All that share are for one thread. Returns as wwep_tls_link_open().
 */
enum wwep_result wwep_tls_link_begin(struct wwep_tls_link **link,
                                     const struct wwep_tls_setup *setup,
                                     const struct wwep_tls_link *like,
                                     struct wwep_fault *fault);

/* Shakes hands as far as that goes. WWEP_OK: the handshake is done.
 * WWEP_E_TIMEOUT: the carrier has no more yet; to be called again when it has.
 * Else as wwep_tls_link_open(), but that the link is still the caller's. */
enum wwep_result wwep_tls_link_step(struct wwep_tls_link *link,
                                    struct wwep_security *security,
                                    struct wwep_fault *fault, int *port_error);
#endif

/* As struct wwep_port's, but that errors may also come from TLS: then
 * WWEP_PORT_FAILED, and *fault has its kind; else it is left alone. send takes
 * up to 16384 bytes at a time. recv gives 0 after the peer's close_notify; an
 * end without it is WWEP_PORT_RESET. After WWEP_PORT_TIMEOUT recv may be called
 * again; after another error the link can only be closed.
 *
 * What the peer no longer takes is not an error of send: why it does not, may
 * still be there to be received. */
int wwep_tls_link_send(struct wwep_tls_link *link, const uint8_t *buf,
                       size_t len, struct wwep_fault *fault);
int wwep_tls_link_recv(struct wwep_tls_link *link, uint8_t *buf, size_t len,
                       struct wwep_fault *fault);

/* Whether recv has something to give though the carrier has nothing. */
bool wwep_tls_link_has_more(const struct wwep_tls_link *link);

/* After the reply: keeps the session, which TLS 1.3 sends only then. Does
 * nothing without a slot, or if there is no session to keep. */
void wwep_tls_link_save(struct wwep_tls_link *link);

/* Sends close_notify, does not wait for the peer's, and frees. NULL is fine. */
void wwep_tls_link_close(struct wwep_tls_link *link);

/* The same, without a word to the peer: the carrier is not used. */
void wwep_tls_link_drop(struct wwep_tls_link *link);

/* Whether the configuration's certificates and keys can be used at all, more
 * thoroughly than each opening finds out: WWEP_OK, _CREDENTIALS (*fault says
 * which), _MEMORY. For a check at start. The port is for its clock and log, and
 * may be NULL. */
enum wwep_result wwep_tls_check(const struct wwep_tls_config *config,
                                const struct wwep_port *port,
                                struct wwep_fault *fault);

#endif
