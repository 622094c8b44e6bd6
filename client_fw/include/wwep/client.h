/* client.h - a WWEP client for boards: one request, one reply, in the clear or
 * over TLS.
 *
 *     static struct wwep_client client;
 *     struct wwep_outcome outcome;
 *
 *     if (wwep_client_init(&client, &config) == WWEP_OK) {
 *         wwep_client_write(&client, 0x0FAC, WWEP_LED_REGISTER, 1, &outcome);
 *         wwep_client_deinit(&client);
 *     }
 *
 * The client takes all its memory from the caller; only the TLS library has a
 * heap. A client is for one thread at a time. Each call returns within the
 * time limit of the configuration, which covers name, connection, handshake
 * and reply together, and not what the port then needs to close (a moment).
 *
 * Source: WW101 course, chapters 6A and 6B; the rule of the protocol is in
 * wwep(7).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_CLIENT_H
#define WWEP_CLIENT_H

#include "observer.h"
#include "port.h"
#include "result.h"
#include "tls.h"
#include "wwep_reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The caller keeps it, and all it points to, unchanged until deinit. */
struct wwep_client_config {
    const struct wwep_port *port;
    const char *host;     /* a name or a numeric address */
    const char *fallback; /* the numeric address to use where the name can not
                             be looked up, or not in half of the time; NULL:
                             none */
    uint16_t tcp_port;
    uint32_t timeout_ms;                  /* of each call, 1 to 600000 */
    const struct wwep_tls_config *tls;    /* NULL: in the clear */
    const struct wwep_observer *observer; /* NULL: none */
};

/* How a call ended. Always filled. */
struct wwep_outcome {
    enum wwep_result result;
    uint16_t value; /* WWEP_OK: what the register holds */
    char
        reason[WWEP_REASON_MAX]; /* WWEP_E_REFUSED: the server's words, or "" */
    struct wwep_fault fault;     /* WWEP_E_TLS: what it was */
    int port_error; /* WWEP_E_NAME, _CONNECT, _LOST: enum wwep_port_error, or 0
                       where the peer just ended the connection */
    struct wwep_security security;
};

/* All fields are the client's own; the struct is here for its size. */
struct wwep_client {
    const struct wwep_client_config *config;
    struct wwep_reply_decoder decoder;
    struct wwep_security security;
    struct wwep_fault fault;
    void *tls; /* the TLS library's, while connected */
    uint32_t started_ms;
    int port_error;
    bool connected;
    bool keep_open;
};

/* Checks the configuration; does no I/O. WWEP_OK, or WWEP_E_ARGUMENT, and then
 * there is nothing to deinit. */
enum wwep_result wwep_client_init(struct wwep_client *client,
                                  const struct wwep_client_config *config);

/* Closes what is open. A client that was never initialised, but zero-filled,
 * may be given, and one twice. */
void wwep_client_deinit(struct wwep_client *client);

/* Writes or reads a register. Without wwep_client_connect() before it, it
 * connects, and closes. Returns outcome->result. Where the result is not
 * WWEP_OK or WWEP_E_REFUSED, a write may or may not have happened if the
 * request had been sent (_TIMEOUT, _LOST, _REPLY). */
enum wwep_result wwep_client_write(struct wwep_client *client, uint16_t device,
                                   uint8_t reg, uint16_t value,
                                   struct wwep_outcome *outcome);
enum wwep_result wwep_client_read(struct wwep_client *client, uint16_t device,
                                  uint8_t reg, struct wwep_outcome *outcome);

/* Opens a connection for several exchanges, with a server that keeps it open
 * (keep_open in wwepd.yaml(5)); each request is then a line. An exchange that
 * fails has closed it, other than by WWEP_E_REFUSED that came as a line. With
 * one open already: WWEP_E_STATE, and it stays open. */
enum wwep_result wwep_client_connect(struct wwep_client *client,
                                     struct wwep_outcome *outcome);
void wwep_client_close(struct wwep_client *client);

#ifdef __cplusplus
}
#endif

#endif
