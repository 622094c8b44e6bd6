/* Happy path: the name's addresses -> one after the other, until one answers.
 * Failures: no address comes of it -> the fallback's address, if there is one;
 * an address does not answer -> the next; nobody does -> the error that says
 * most about it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "client_dial.h"

#include "client_story.h"
#include "wwep_text.h"

#include <string.h>

#define LINE_MAX 256u /* of the log; a longer name is cut */

/* Returns how many addresses, at least 1, or an error. */
static int resolve(struct wwep_client *client, const char *host,
                   struct wwep_address out[WWEP_DIAL_ADDRESSES],
                   uint32_t timeout_ms)
{
    const struct wwep_port *port = client->config->port;
    struct wwep_event event = {.kind = WWEP_EVENT_RESOLVING, .text = host};

    wwep_story_tell(client, &event);
    int n =
        port->resolve(port->ctx, host, out, WWEP_DIAL_ADDRESSES, timeout_ms);
    if (n == 0)
        return WWEP_PORT_NO_NAME;
    if (n > (int)WWEP_DIAL_ADDRESSES) /* the port has broken its word */
        return WWEP_PORT_FAILED;
    for (int i = 0; i < n; i++) {
        struct wwep_event one = {.kind = WWEP_EVENT_RESOLVED,
                                 .address = &out[i]};

        wwep_story_tell(client, &one);
    }
    return n;
}

/* error: why the name was of no use. */
static void log_fallback(struct wwep_client *client, int error)
{
    char line[LINE_MAX];
    struct wwep_text text;

    wwep_text_start(&text, line, sizeof line);
    wwep_text_add(&text, "looking up the name ");
    text.len += wwep_text_escape((const uint8_t *)client->config->host,
                                 strlen(client->config->host), line + text.len,
                                 LINE_MAX / 2);
    wwep_text_add(&text, ": ");
    wwep_text_add(&text, wwep_port_error_text(error));
    wwep_text_add(&text, ": using the address ");
    wwep_text_add(&text, client->config->fallback);
    wwep_text_add(&text, " in its place");
    wwep_story_log(client, WWEP_LOG_WARNING, line);
}

/* Whatever it is that keeps the name from us, the fallback helps: on a network
 * of a class alone nobody may answer for names at all. So a name that has a
 * fallback gets half of the time, and no more. */
static int find_addresses(struct wwep_client *client,
                          struct wwep_address out[WWEP_DIAL_ADDRESSES])
{
    const struct wwep_client_config *config = client->config;
    uint32_t left_ms = wwep_story_left_ms(client);

    if (config->fallback == NULL)
        return resolve(client, config->host, out, left_ms);

    int n = resolve(client, config->host, out, left_ms - left_ms / 2);
    if (n > 0)
        return n;

    struct wwep_event event = {
        .kind = WWEP_EVENT_FALLBACK, .text = config->fallback, .error = n};
    wwep_story_tell(client, &event);
    log_fallback(client, n);
    return resolve(client, config->fallback, out, wwep_story_left_ms(client));
}

static int connect_to(struct wwep_client *client,
                      const struct wwep_address *address, uint32_t timeout_ms)
{
    const struct wwep_port *port = client->config->port;
    struct wwep_event event = {.kind = WWEP_EVENT_CONNECTING,
                               .address = address,
                               .port = client->config->tcp_port};

    wwep_story_tell(client, &event);
    int error =
        port->connect(port->ctx, address, client->config->tcp_port, timeout_ms);
    if (error > 0) /* the port has broken its word */
        error = WWEP_PORT_FAILED;
    client->connected = error == 0;
    event.kind = error == 0 ? WWEP_EVENT_CONNECTED : WWEP_EVENT_NO_CONNECT;
    event.error = error;
    wwep_story_tell(client, &event);
    return error;
}

/* Somebody who refuses is there, at least; and silence says more than what our
 * own side has no way for. */
static unsigned weight(int error)
{
    switch (error) {
    case 0:
        return 0;
    case WWEP_PORT_REFUSED:
        return 3;
    case WWEP_PORT_TIMEOUT:
    case WWEP_PORT_RESET:
        return 2;
    default:
        return 1;
    }
}

enum wwep_result wwep_dial_again(struct wwep_client *client,
                                 const struct wwep_address *server)
{
    uint32_t left_ms = wwep_story_left_ms(client);

    client->port_error =
        left_ms > 0 ? connect_to(client, server, left_ms) : WWEP_PORT_TIMEOUT;
    return client->port_error == 0 ? WWEP_OK : WWEP_E_CONNECT;
}

enum wwep_result wwep_dial(struct wwep_client *client,
                           struct wwep_address *server)
{
    struct wwep_address addresses[WWEP_DIAL_ADDRESSES];
    int n = find_addresses(client, addresses);
    int told = 0;

    if (n < 0) {
        client->port_error = n;
        return WWEP_E_NAME;
    }
    for (int i = 0; i < n; i++) {
        uint32_t left_ms = wwep_story_left_ms(client);
        /* An equal share for each that may still be tried. */
        uint32_t share_ms = left_ms / (uint32_t)(n - i);
        int error = share_ms > 0 ? connect_to(client, &addresses[i], share_ms)
                                 : WWEP_PORT_TIMEOUT;

        if (error == 0) {
            *server = addresses[i];
            return WWEP_OK;
        }
        if (weight(error) > weight(told))
            told = error;
    }
    client->port_error = told;
    return WWEP_E_CONNECT;
}
