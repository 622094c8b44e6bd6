/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_listeners.h"

#include <string.h>

#include "config_address.h"

struct check {
    const struct config *config;
    struct config_document *document;
    const struct config_error *error;
};

static const yaml_node_t *node_of(const struct check *check, size_t index)
{
    const yaml_node_t *root =
        yaml_document_get_root_node(&check->document->yaml);
    const yaml_node_t *list =
        config_document_value(check->document, root, "listeners");

    return config_document_node(check->document,
                                list->data.sequence.items.start[index]);
}

/* Where the value of a listener's key is. */
static yaml_mark_t mark_of(const struct check *check, size_t index,
                           const char *key)
{
    const yaml_node_t *listener = node_of(check, index);

    return config_document_value(check->document, listener, key)->start_mark;
}

static bool check_name(const struct check *check, size_t index)
{
    const struct config_listener *listeners = check->config->listeners;

    for (size_t i = 0; i < index; i++) {
        if (strcmp(listeners[i].name, listeners[index].name) == 0) {
            return config_error_at(
                check->error, mark_of(check, index, "name"),
                "listeners[%s].name is taken by the listener in line %zu: "
                "write another",
                listeners[i].name, node_of(check, i)->start_mark.line + 1);
        }
    }
    return true;
}

static bool check_port(const struct check *check, size_t index)
{
    const struct config_listener *listeners = check->config->listeners;
    const struct config_listener *here = &listeners[index];

    for (size_t i = 0; i < index; i++) {
        const struct config_listener *other = &listeners[i];
        if (here->port != 0 && here->port == other->port &&
            config_address_overlap(here->address, other->address)) {
            return config_error_at(
                check->error, mark_of(check, index, "port"),
                "listeners[%s].port is %u, which listeners[%s] has at the "
                "same address: write another port, or another address",
                here->name, here->port, other->name);
        }
    }
    return true;
}

static bool check_client_auth(const struct check *check, size_t index)
{
    const struct config_listener *here = &check->config->listeners[index];

    if (here->tls == NULL || here->tls->client_ca != NULL ||
        here->tls->client_auth == CONFIG_CLIENT_AUTH_NONE)
        return true;
    const yaml_node_t *tls =
        config_document_value(check->document, node_of(check, index), "tls");
    const yaml_node_t *value =
        config_document_value(check->document, tls, "client_auth");
    return config_error_at(
        check->error, value->start_mark,
        "listeners[%s].tls.client_auth is %s, but there is no client_ca: add "
        "client_ca: FILE with the CA of the clients' certificates",
        here->name,
        here->tls->client_auth == CONFIG_CLIENT_AUTH_REQUIRED ? "required"
                                                              : "optional");
}

/* Lists without certificates to check would look like protection. */
static bool check_crl(const struct check *check, size_t index)
{
    const struct config_listener *here = &check->config->listeners[index];

    if (here->tls == NULL || here->tls->crl == NULL ||
        here->tls->client_auth != CONFIG_CLIENT_AUTH_NONE)
        return true;
    const yaml_node_t *tls =
        config_document_value(check->document, node_of(check, index), "tls");
    const yaml_node_t *value =
        config_document_value(check->document, tls, "crl");
    return config_error_at(
        check->error, value->start_mark,
        "listeners[%s].tls.crl is there, but client_auth is none, so no "
        "client shows a certificate: set client_auth to required or optional, "
        "or remove crl",
        here->name);
}

/* Whose device it is only a certificate that everybody must show can tell. */
static bool check_own_device(const struct check *check, size_t index)
{
    const struct config_listener *here = &check->config->listeners[index];
    bool writes = here->write == CONFIG_WRITE_OWN;

    if (!writes && here->read != CONFIG_READ_OWN)
        return true;
    if (here->tls != NULL &&
        here->tls->client_auth == CONFIG_CLIENT_AUTH_REQUIRED)
        return true;
    const char *key = writes ? "write" : "read";
    return config_error_at(
        check->error, mark_of(check, index, key),
        "listeners[%s].%s is own-device, which is told by the client's "
        "certificate, but %s: %s, or set %s to %s",
        here->name, key,
        here->tls != NULL ? "tls.client_auth is not required"
                          : "this listener is plain",
        here->tls != NULL ? "set tls.client_auth to required"
                          : "give it tls with client_auth: required",
        key, writes ? "any or no" : "any");
}

bool config_listeners_check(const struct config *config,
                            struct config_document *document,
                            const struct config_error *error)
{
    const struct check check = {config, document, error};

    for (size_t i = 0; i < config->n_listeners; i++)
        if (!check_name(&check, i) || !check_port(&check, i) ||
            !check_client_auth(&check, i) || !check_crl(&check, i) ||
            !check_own_device(&check, i))
            return false;
    return true;
}
