/* client_story.h - the time of a call, and what is told of it: its events and
 * its lines of the log.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_CLIENT_STORY_H
#define WWEP_CLIENT_STORY_H

#include <wwep/client.h>

/* The time of the call begins. */
void wwep_story_begin(struct wwep_client *client);

/* Since the call began, and until its time is up; 0: it is. The clock may wrap
 * meanwhile. */
uint32_t wwep_story_elapsed_ms(const struct wwep_client *client);
uint32_t wwep_story_left_ms(const struct wwep_client *client);

#ifndef WWEP_NO_STORY

/* Tells the observer, if there is one; fills in the moment. */
void wwep_story_tell(const struct wwep_client *client,
                     struct wwep_event *event);
void wwep_story_tell_kind(const struct wwep_client *client,
                          enum wwep_event_kind kind);

#else

static inline void wwep_story_tell(const struct wwep_client *client,
                                   struct wwep_event *event)
{
    (void)client;
    (void)event;
}

static inline void wwep_story_tell_kind(const struct wwep_client *client,
                                        enum wwep_event_kind kind)
{
    (void)client;
    (void)kind;
}

#endif

/* A line for the port's log, if it has one. */
void wwep_story_log(const struct wwep_client *client, enum wwep_log_level level,
                    const char *text);

#endif
