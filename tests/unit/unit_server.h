/* unit_server.h - a worker with its listeners, as wwepd has them, for clients
 * in the test's thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_SERVER_H
#define UNIT_SERVER_H

#include "config.h"
#include "listener.h"
#include "msglog.h"
#include "setup.h"
#include "store.h"
#include "worker.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define UNIT_LONG_S 100u /* every time-out, unless a test has its own */

enum {
    UNIT_PLAIN,
    UNIT_EXPLAINING, /* X with a reason */
    UNIT_KEEP_OPEN,  /* the same, and keep-open */
    UNIT_LISTENERS
};

struct unit_server {
    struct config_listener listeners[UNIT_LISTENERS];
    struct config config;
    struct tls_context *contexts[UNIT_LISTENERS]; /* NULL: all are plain */
    struct setup setup;
    struct store store;
    struct worker_shared shared;
    struct worker worker;
    uv_loop_t loop; /* the main thread's, for shared.ended */
    uint16_t ports[UNIT_LISTENERS];
    bool ended;
    char *folder; /* has "log" and "messages" (JSON), and perhaps: */
    char database[4096];
};

extern struct unit_server unit_server;

/* Opens all; clients can connect, and wait. Then config and shared may be
 * changed before unit_server_serve(). */
void unit_server_prepare(void);
void unit_server_prepare_kept(void); /* the same, with a database: commit */
void unit_server_serve(void);
void unit_server_start(void); /* both */
void unit_server_start_kept(void);

/* Waits for the worker to end, after worker_tell(). */
void unit_server_join(void);

/* Ends what has not ended, and sees that nothing is left. */
void unit_server_stop(void);

/* Drains the worker and ends the message log; returns its lines as an array,
 * which the caller owns. */
json_t *unit_server_messages(void);

/* One client: sends this and expects that, and then the end. The second ends
 * its side behind the request. */
void unit_exchange(int listener, const char *request, const char *reply);
void unit_exchange_and_end(int listener, const char *request,
                           const char *reply);

/* Waits until this many connections are open. */
void unit_wait_connections(unsigned n);

#endif
