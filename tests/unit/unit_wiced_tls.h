/* unit_wiced_tls.h - two ends of TLS by the course's API, over TCP on this
 * machine: the client's in the test's own thread, the server's in another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_WICED_TLS_H
#define UNIT_WICED_TLS_H

#include "secure.h"
#include "unit_wiced.h"

#include <pthread.h>

struct unit_end {
    wiced_tls_context_t context;
    wiced_tls_identity_t identity;
    wiced_tls_endpoint_type_t type;
    wiced_tls_certificate_verification_t verification;
    struct wwep_posix connection;
    struct secure_limits limits;
    wiced_result_t opened; /* what secure_open_within() gave */
    pthread_t thread;
};

struct unit_two {
    struct unit_end client;
    struct unit_end server;
};

/* A board with this version of TLS. Before each test. */
void unit_two_board(enum wwep_tls_version version, bool sdk_certificates);

/* Two contexts without identity, both connected, neither trusting anybody;
 * limits of 5 seconds. */
void unit_two_init(struct unit_two *two);

/* Closes both connections and deinitialises all. */
void unit_two_deinit(struct unit_two *two);

/* New connections, in place of those that there are. */
void unit_two_connect(struct unit_two *two);

/* Shakes hands; client.opened and server.opened. An end that fails closes its
 * connection. True: both succeeded. */
bool unit_two_open(struct unit_two *two);

/* Only one of them, or the server's in its thread. */
void unit_end_open(struct unit_end *end);
void unit_end_start(struct unit_end *end);
void unit_end_join(struct unit_end *end);

/* Sends a text to the other end and finds it there; true: all went well. */
bool unit_two_talk(struct unit_two *two);

/* Initialises the end's identity from NAME.pem and NAME.key. */
void unit_end_identity(struct unit_end *end, const char *name);

/* The end's own roots, from a file. */
void unit_end_trust(struct unit_end *end, const char *file);

/* The program's roots, from a file; the result is init_root_ca's. */
wiced_result_t unit_trust(const char *file);

/* What is said on the console from now on; the text is good to the next
 * begin. */
void unit_console_begin(void);
const char *unit_console_end(void);

/* How often `what` is in the text. */
unsigned unit_count(const char *text, const char *what);

#endif
