/* db_order.h - an order to the running server, by its control socket.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DB_ORDER_H
#define DB_ORDER_H

#include "db_json.h"

enum db_order {
    DB_ORDER_ANSWERED, /* the reply is there, for db_json_free() */
    DB_ORDER_NOBODY,   /* no server has the socket */
    DB_ORDER_FAILED    /* it has been said why */
};

/* Sends the line (without its end), and waits for the reply. */
enum db_order db_order_send(const char *socket_path, const char *line,
                            struct db_reply *reply);

#endif
