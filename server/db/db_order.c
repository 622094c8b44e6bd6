/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_order.h"

#include "control_client.h"
#include "db_complain.h"

#include <string.h>

enum db_order db_order_send(const char *socket_path, const char *line,
                            struct db_reply *reply)
{
    static char answer[CONTROL_REPLY_MAX];
    int error;

    switch (control_client_ask(socket_path, line, answer, &error)) {
    case CONTROL_NOBODY:
        return DB_ORDER_NOBODY;
    case CONTROL_REFUSED:
        if (error == 0)
            break;
        db_complain("%s: %s: %s", socket_path, strerror(-error),
                    control_client_advice(error));
        return DB_ORDER_FAILED;
    case CONTROL_ANSWERED:
        if (db_json_reply(answer, reply))
            return DB_ORDER_ANSWERED;
        break;
    }
    db_complain("%s: no reply has come: see the server's log, whether it has "
                "been done",
                socket_path);
    return DB_ORDER_FAILED;
}
