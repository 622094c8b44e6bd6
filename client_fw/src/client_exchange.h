/* client_exchange.h - one request and its reply, on a connection that is open.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_CLIENT_EXCHANGE_H
#define WWEP_CLIENT_EXCHANGE_H

#include <wwep/client.h>

/* Sends the request, and waits for its reply. Fills outcome's value and reason.
 * *line: the reply has ended where replies on a connection that stays open end,
 * so that it may stay open. */
enum wwep_result wwep_exchange(struct wwep_client *client,
                               const struct wwep_request *request,
                               struct wwep_outcome *outcome, bool *line);

#endif
