/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/client.h>

#include "client_exchange.h"
#include "client_story.h"
#include "client_wire.h"

#include <string.h>

#define TIMEOUT_MAX_MS 600000u

/* --- the configuration ---------------------------------------------------- */

static bool port_is_whole(const struct wwep_port *port)
{
    return port != NULL && port->resolve != NULL && port->connect != NULL &&
           port->send != NULL && port->recv != NULL && port->close != NULL &&
           port->now_ms != NULL && port->entropy != NULL;
}

static bool is_text(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool fragment_is_right(uint16_t len)
{
    return len == 0 || len == 512 || len == 1024 || len == 2048 || len == 4096;
}

static bool bytes_are_there(const struct wwep_bytes *bytes)
{
    return bytes->bytes != NULL && bytes->len > 0;
}

/* All, or none. */
static bool bytes_are_right(const struct wwep_bytes *bytes)
{
    return (bytes->bytes != NULL) == (bytes->len > 0);
}

static bool tls_is_right(const struct wwep_tls_config *tls)
{
    return bytes_are_right(&tls->roots) && bytes_are_right(&tls->certificate) &&
           bytes_are_right(&tls->key) &&
           bytes_are_there(&tls->certificate) == bytes_are_there(&tls->key) &&
           (tls->name == NULL || is_text(tls->name)) &&
           tls->version <= WWEP_TLS_1_3 && fragment_is_right(tls->max_fragment);
}

static bool observer_is_right(const struct wwep_observer *observer)
{
#ifndef WWEP_NO_STORY
    return observer == NULL || observer->event != NULL;
#else
    return observer == NULL;
#endif
}

enum wwep_result wwep_client_init(struct wwep_client *client,
                                  const struct wwep_client_config *config)
{
    if (client == NULL)
        return WWEP_E_ARGUMENT;
    memset(client, 0, sizeof *client);
    if (config == NULL || !port_is_whole(config->port) ||
        !is_text(config->host) ||
        (config->fallback != NULL && !is_text(config->fallback)) ||
        config->tcp_port == 0 || config->timeout_ms == 0 ||
        config->timeout_ms > TIMEOUT_MAX_MS ||
        (config->tls != NULL && !tls_is_right(config->tls)) ||
        !observer_is_right(config->observer))
        return WWEP_E_ARGUMENT;
    client->config = config;
    return WWEP_OK;
}

void wwep_client_deinit(struct wwep_client *client)
{
    if (client->config == NULL)
        return;
    wwep_client_close(client);
    client->config = NULL;
}

/* --- calls ---------------------------------------------------------------- */

static void begin(struct wwep_client *client, struct wwep_outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    client->port_error = 0;
    client->fault = (struct wwep_fault){WWEP_FAULT_NONE, 0, -1};
    if (!client->connected)
        client->security =
            (struct wwep_security){.version = "", .cipher = "", .group = ""};
    if (client->config != NULL)
        wwep_story_begin(client);
}

/* Not all that failed on the way is of interest: what a retry has made good
 * again is not. */
static enum wwep_result end(struct wwep_client *client,
                            struct wwep_outcome *outcome,
                            enum wwep_result result)
{
    outcome->result = result;
    outcome->fault = (struct wwep_fault){WWEP_FAULT_NONE, 0, -1};
    if (result == WWEP_E_TLS || result == WWEP_E_CREDENTIALS)
        outcome->fault = client->fault;
    if (result == WWEP_E_NAME || result == WWEP_E_CONNECT ||
        result == WWEP_E_LOST)
        outcome->port_error = client->port_error;
    outcome->security = client->security;
    return result;
}

static enum wwep_result call(struct wwep_client *client,
                             const struct wwep_request *request,
                             struct wwep_outcome *outcome)
{
    bool line = false;
    enum wwep_result result = WWEP_OK;

    begin(client, outcome);
    if (client->config == NULL)
        return end(client, outcome, WWEP_E_STATE);
    if (!client->connected)
        result = wwep_wire_open(client);
    if (result == WWEP_OK) {
        result = wwep_exchange(client, request, outcome, &line);
        if (result == WWEP_OK || result == WWEP_E_REFUSED)
            wwep_wire_save(client);
    }
    if (!client->keep_open || !line ||
        (result != WWEP_OK && result != WWEP_E_REFUSED))
        wwep_wire_close(client);
    return end(client, outcome, result);
}

enum wwep_result wwep_client_write(struct wwep_client *client, uint16_t device,
                                   uint8_t reg, uint16_t value,
                                   struct wwep_outcome *outcome)
{
    const struct wwep_request request = {WWEP_WRITE, device, reg, value};

    return call(client, &request, outcome);
}

enum wwep_result wwep_client_read(struct wwep_client *client, uint16_t device,
                                  uint8_t reg, struct wwep_outcome *outcome)
{
    const struct wwep_request request = {WWEP_READ, device, reg, 0};

    return call(client, &request, outcome);
}

enum wwep_result wwep_client_connect(struct wwep_client *client,
                                     struct wwep_outcome *outcome)
{
    begin(client, outcome);
    if (client->config == NULL || client->connected)
        return end(client, outcome, WWEP_E_STATE);

    enum wwep_result result = wwep_wire_open(client);
    client->keep_open = result == WWEP_OK;
    return end(client, outcome, result);
}

void wwep_client_close(struct wwep_client *client)
{
    if (client->config == NULL || !client->connected)
        return;
    wwep_story_begin(client); /* for the good-bye, which may want to wait */
    wwep_wire_close(client);
}
