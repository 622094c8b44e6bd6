/* Happy path: request -> 'A' at its last digit.
 * Failures: 'X' -> to its LF or to the end of the connection, however that
 * comes: the refusal itself has been heard; anything else, or an 'A' to
 * something else -> no reply to us; the end before a byte -> lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "client_exchange.h"

#include "client_story.h"
#include "client_wire.h"

#include <string.h>

static enum wwep_result send_request(struct wwep_client *client,
                                     const struct wwep_request *request)
{
    uint8_t bytes[WWEP_WRITE_LEN + 1];
    size_t len = wwep_request_encode(request, bytes);

    if (client->keep_open)
        bytes[len++] = '\n';

    enum wwep_result result = wwep_wire_send(client, bytes, len);
    if (result == WWEP_OK) {
        struct wwep_event event = {.kind = WWEP_EVENT_SENT,
                                   .outgoing = true,
                                   .bytes = bytes,
                                   .len = len};
        wwep_story_tell(client, &event);
    }
    return result;
}

/* The peer has ended, or nothing more will be heard of it (why). */
static enum wwep_result finish_reply(struct wwep_client *client,
                                     enum wwep_result why,
                                     struct wwep_reply *reply)
{
    wwep_reply_finish(&client->decoder, reply);
    if (reply->kind == WWEP_REPLY_REFUSED)
        return WWEP_OK;
    if (why != WWEP_OK)
        return why;
    return reply->kind == WWEP_REPLY_PENDING ? WWEP_E_LOST : WWEP_OK;
}

/* Whether these bytes, which came with a reply, may belong to it. */
static bool is_line_end(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\r' && bytes[i] != '\n')
            return false;
    }
    return true;
}

/* WWEP_OK: *reply is one, of whatever kind. */
static enum wwep_result receive_reply(struct wwep_client *client,
                                      struct wwep_reply *reply, bool *line)
{
    uint8_t bytes[WWEP_REPLY_MAX];

    memset(&client->decoder, 0, sizeof client->decoder);
    for (;;) {
        size_t len;
        enum wwep_result result =
            wwep_wire_recv(client, bytes, sizeof bytes, &len);

        if (result != WWEP_OK || len == 0)
            return finish_reply(client, result, reply);

        struct wwep_event event = {
            .kind = WWEP_EVENT_RECEIVED, .bytes = bytes, .len = len};
        wwep_story_tell(client, &event);
        size_t taken = wwep_reply_feed(&client->decoder, bytes, len, reply);
        if (reply->kind != WWEP_REPLY_PENDING) {
            /* What nobody asked for would be the reply to the next request. */
            if (client->keep_open && !is_line_end(bytes + taken, len - taken))
                reply->kind = WWEP_REPLY_MALFORMED;
            *line = true;
            return WWEP_OK;
        }
    }
}

enum wwep_result wwep_exchange(struct wwep_client *client,
                               const struct wwep_request *request,
                               struct wwep_outcome *outcome, bool *line)
{
    struct wwep_reply reply;
    enum wwep_result result = send_request(client, request);

    *line = false;
    if (result == WWEP_OK)
        result = receive_reply(client, &reply, line);
    if (result != WWEP_OK)
        return result;
    if (reply.kind == WWEP_REPLY_REFUSED) {
        memcpy(outcome->reason, reply.reason, sizeof outcome->reason);
        return WWEP_E_REFUSED;
    }
    if (!wwep_reply_answers(&reply, request))
        return WWEP_E_REPLY;
    outcome->value = reply.value;
    return WWEP_OK;
}
