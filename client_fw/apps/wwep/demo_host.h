/* demo_host.h - who listens in a demonstration: the server, and Mallory, who
 * plays the server and sends on to it.
 *
 * A host has a thread, a port on 127.0.0.1, and takes one connection after the
 * other. It prints nothing: it keeps what it has seen of the last connection,
 * and who tells the story asks for that. So the story's lines have an order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_DEMO_HOST_H
#define WWEP_APP_DEMO_HOST_H

#include "demo_pki.h"
#include "line.h"
#include "wwep_reply.h"
#include "wwep_request.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define DEMO_LIMIT_MS 10000u /* for anything that is waited for */

/* What a host has seen of a connection. Texts are "" where there was none. */
struct demo_seen {
    unsigned connections; /* until now */
    bool secured;         /* the handshake was done */
    struct wwep_fault fault;
    char request[WWEP_WRITE_LEN + 1]; /* in the clear */
    char reply[WWEP_REPLY_MAX];
    char sent_on[WWEP_WRITE_LEN + 1]; /* Mallory: the request as it went on */
    char answered[WWEP_REPLY_MAX];    /* Mallory: the server's reply to it */
};

/* The caller owns it, from demo_host_start() to demo_host_stop(). */
struct demo_host {
    uint16_t port;

    /* Mallory alone. */
    const struct demo_host *behind; /* the server; NULL: this is the server */
    atomic_bool changes; /* she writes 0000, whatever she is asked to write */

    /* Private. */
    struct wwep_tls_config tls;
    int listening;
    pthread_t thread;
    bool runs;
    atomic_bool stop;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t news;
    struct demo_seen seen;
    struct wwep_request kept; /* the one register that the story needs */
};

/* 0, or -1: it is said why. Stop it in either case. */
int demo_host_start(struct demo_host *host,
                    const struct demo_identity *identity,
                    const struct demo_host *behind);
void demo_host_stop(struct demo_host *host);

/* Waits for the end of the connection of this number, for DEMO_LIMIT_MS at
 * most, and copies what was seen. False: it has not come. */
bool demo_host_wait(struct demo_host *host, unsigned connection,
                    struct demo_seen *seen);

/* What was seen until now. */
void demo_host_look(struct demo_host *host, struct demo_seen *seen);

/* The value that the server keeps now. */
uint16_t demo_host_value(struct demo_host *host);

#endif
