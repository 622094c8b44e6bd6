/* msglog_format.c - an exchange as a line: a table for the projector, JSON for
 * programs. What a client sent is escaped in both: it can not forge a line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "msglog.h"
#include "wwep_text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

void msglog_request_text(const struct msglog_entry *e,
                         char out[MSGLOG_REQUEST_MAX])
{
    const struct wwep_decoder *d = &e->request;
    size_t kept = d->len < WWEP_SEEN_MAX ? d->len : WWEP_SEEN_MAX;
    size_t shown = kept;

    while (!wwep_reason_is_malformed(&e->reason) && shown > 0 &&
           (d->seen[shown - 1] == '\n' || d->seen[shown - 1] == '\r'))
        shown--;
    size_t len = wwep_text_escape(d->seen, shown, out, MSGLOG_REQUEST_MAX);
    if (d->len > kept)
        snprintf(out + len, MSGLOG_REQUEST_MAX - len, "...(%zu bytes)", d->len);
}

void msglog_identity_text(const struct msglog_entry *e,
                          char out[MSGLOG_IDENTITY_TEXT_MAX])
{
    wwep_text_escape((const uint8_t *)e->identity, strlen(e->identity), out,
                     MSGLOG_IDENTITY_TEXT_MAX);
}

void msglog_reply_text(const struct msglog_entry *e,
                       char out[WWEP_ACCEPT_LEN + 1])
{
    memcpy(out, e->reply, e->reply_len);
    out[e->reply_len] = '\0';
}

#define TABLE_FORMAT "%7s %7s  %-15s %5s  %-9s %-16s %-13s %-13s %8s%s%s\n"

size_t msglog_format_header(char out[MSGLOG_LINE_MAX])
{
    return (size_t)snprintf(out, MSGLOG_LINE_MAX, TABLE_FORMAT, "plain",
                            "secure", "address", "port", "transport",
                            "identity", "request", "reply", "us", "  reason",
                            "");
}

size_t msglog_format_table(const struct msglog_entry *e,
                           const struct msglog_count *count,
                           char out[MSGLOG_LINE_MAX])
{
    char ip[ADDRESS_IP_MAX];
    char port[8];
    char number[24];
    char us[24];
    char request[MSGLOG_REQUEST_MAX];
    char reply[WWEP_ACCEPT_LEN + 1];
    char identity[MSGLOG_IDENTITY_TEXT_MAX];
    char reason[WWEP_REASON_MAX];
    bool secure = e->tls != NULL;

    address_ip(&e->peer, ip);
    snprintf(port, sizeof port, "%u", (unsigned)address_port(&e->peer));
    snprintf(number, sizeof number, "%llu",
             (unsigned long long)(secure ? count->secure : count->plain));
    snprintf(us, sizeof us, "%llu", (unsigned long long)e->us);
    msglog_request_text(e, request);
    msglog_reply_text(e, reply);
    msglog_identity_text(e, identity);
    wwep_reason_format(&e->reason, reason);
    return (size_t)snprintf(out, MSGLOG_LINE_MAX, TABLE_FORMAT,
                            secure ? "" : number, secure ? number : "", ip,
                            port, secure ? e->tls : "plain",
                            identity[0] != '\0' ? identity : "-", request,
                            reply, us, reason[0] != '\0' ? "  " : "", reason);
}

/* RFC 3339, UTC, microseconds. */
static void time_text(const struct timespec *t, char out[40])
{
    struct tm tm;

    gmtime_r(&t->tv_sec, &tm);
    size_t len = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + len, 40 - len, ".%06ldZ", t->tv_nsec / 1000);
}

/* NULL, and a text that is empty, are null in JSON. */
static const char *or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

size_t msglog_format_json(const struct msglog_entry *e,
                          char out[MSGLOG_LINE_MAX])
{
    char ip[ADDRESS_IP_MAX];
    char time[40];
    char request[MSGLOG_REQUEST_MAX];
    char reply[WWEP_ACCEPT_LEN + 1];
    char identity[MSGLOG_IDENTITY_TEXT_MAX];
    char reason[WWEP_REASON_MAX];

    time_text(&e->time, time);
    address_ip(&e->peer, ip);
    msglog_request_text(e, request);
    msglog_reply_text(e, reply);
    msglog_identity_text(e, identity);
    wwep_reason_format(&e->reason, reason);
    json_t *object = json_pack(
        "{s:s s:I s:s s:s? s:s? s:b s:s s:i s:s? s:s s:s s:s? s:I}", "time",
        time, "conn", (json_int_t)e->conn, "listener", e->listener, "tls",
        e->tls, "cipher", e->cipher, "resumed", (int)e->resumed, "address", ip,
        "port", (int)address_port(&e->peer), "identity", or_null(identity),
        "request", request, "reply", reply, "reason", or_null(reason), "us",
        (json_int_t)e->us);
    if (object == NULL)
        return 0;
    size_t len = json_dumpb(object, out, MSGLOG_LINE_MAX - 1, JSON_COMPACT);
    json_decref(object);
    if (len == 0 || len > MSGLOG_LINE_MAX - 1)
        return 0;
    out[len++] = '\n';
    return len;
}
