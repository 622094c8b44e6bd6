/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include "access.h"
#include "log.h"
#include "msglog.h"
#include "wwep_text.h"

#include <string.h>

#define TLS_RECORD_HANDSHAKE 0x16 /* the first byte of a TLS client */

void report_fault(const struct config_listener *listener,
                  const union address *peer, const struct wwep_fault *fault,
                  const char *note)
{
    char who[ADDRESS_TEXT_MAX];
    char what[WWEP_FAULT_LINE_MAX];

    address_format(peer, who);
    wwep_fault_format(fault, what);
    if (note != NULL)
        log_warning("%s: %s: %s (%s)", listener->name, who, what, note);
    else
        log_warning("%s: %s: %s", listener->name, who, what);
}

void report_unused(const struct config_listener *listener,
                   const union address *peer)
{
    char who[ADDRESS_TEXT_MAX];

    if (listener->tls == NULL || listener->keep_open)
        return;
    address_format(peer, who);
    log_info("%s: %s: made a TLS connection and sent no request (if it is "
             "openssl s_client: it takes a line that begins with R or Q as its "
             "own command; start it with -quiet)",
             listener->name, who);
}

void report_malformed(const struct config_listener *listener,
                      const union address *peer, const struct wwep_reason *why)
{
    char who[ADDRESS_TEXT_MAX];

    if (listener->tls != NULL || why->kind != WWEP_REASON_COMMAND ||
        why->detail != TLS_RECORD_HANDSHAKE)
        return;
    address_format(peer, who);
    log_warning("%s: %s: the peer speaks TLS to the plain port: use the TLS "
                "port, or connect without TLS",
                listener->name, who);
}

void report_not_allowed(const struct config_listener *listener,
                        const union address *peer, const char *identity,
                        int32_t device, const struct wwep_request *request)
{
    char who[ADDRESS_TEXT_MAX];
    char why[ACCESS_WHY_MAX];
    char name[MSGLOG_IDENTITY_TEXT_MAX] = "the client";

    address_format(peer, who);
    access_why(listener, device, request, why);
    if (identity != NULL)
        wwep_text_escape((const uint8_t *)identity, strlen(identity), name,
                         sizeof name);
    log_warning("%s: %s: %s %s%s", listener->name, who, name, why,
                listener->authorize == CONFIG_AUTHORIZE_WARN
                    ? " (authorize is warn: it was done)"
                    : "");
}

void report_reset(const struct config_listener *listener,
                  const union address *peer, int error)
{
    char who[ADDRESS_TEXT_MAX];

    if (!log_is_debug())
        return;
    address_format(peer, who);
    log_debug("%s: %s: %s", listener->name, who, strerror(-error));
}
