/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client_story.h"

void wwep_story_begin(struct wwep_client *client)
{
    const struct wwep_port *port = client->config->port;

    client->started_ms = port->now_ms(port->ctx);
}

uint32_t wwep_story_elapsed_ms(const struct wwep_client *client)
{
    const struct wwep_port *port = client->config->port;

    return port->now_ms(port->ctx) - client->started_ms;
}

uint32_t wwep_story_left_ms(const struct wwep_client *client)
{
    uint32_t elapsed_ms = wwep_story_elapsed_ms(client);

    return elapsed_ms < client->config->timeout_ms
               ? client->config->timeout_ms - elapsed_ms
               : 0;
}

#ifndef WWEP_NO_STORY

void wwep_story_tell(const struct wwep_client *client, struct wwep_event *event)
{
    const struct wwep_observer *observer = client->config->observer;

    if (observer == NULL)
        return;
    event->at_ms = wwep_story_elapsed_ms(client);
    observer->event(observer->ctx, event);
}

void wwep_story_tell_kind(const struct wwep_client *client,
                          enum wwep_event_kind kind)
{
    struct wwep_event event = {.kind = kind};

    wwep_story_tell(client, &event);
}

#endif

void wwep_story_log(const struct wwep_client *client, enum wwep_log_level level,
                    const char *text)
{
    const struct wwep_port *port = client->config->port;

    if (port->log != NULL)
        port->log(port->ctx, level, text);
}
