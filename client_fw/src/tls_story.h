/* tls_story.h - tells a link's observer what goes on, and looks at the bytes
 * that go by.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_STORY_H
#define WWEP_TLS_STORY_H

#include "tls_link_state.h"

/* Bytes that went over the wire. In the handshake, a change of direction ends a
 * flight, which is told. */
void wwep_tls_story_bytes(struct wwep_tls_link *link, bool outgoing,
                          const uint8_t *bytes, size_t len);

#ifndef WWEP_NO_STORY

/* Whether somebody listens. */
bool wwep_tls_story_is_told(const struct wwep_tls_link *link);

/* Passes the event on, with its time. */
void wwep_tls_story_tell(struct wwep_tls_link *link, struct wwep_event *event);

/* The flight under way is over. */
void wwep_tls_story_end_flight(struct wwep_tls_link *link);

/* What went over the wire since it was told last. */
void wwep_tls_story_records(struct wwep_tls_link *link, bool outgoing);

/* Before the handshake, and after it: for the key log. */
void wwep_tls_story_want_secrets(struct wwep_tls_link *link);
void wwep_tls_story_secrets(struct wwep_tls_link *link);

#else

static inline bool wwep_tls_story_is_told(const struct wwep_tls_link *link)
{
    (void)link;
    return false;
}

static inline void wwep_tls_story_tell(struct wwep_tls_link *link,
                                       struct wwep_event *event)
{
    (void)link;
    (void)event;
}

static inline void wwep_tls_story_end_flight(struct wwep_tls_link *link)
{
    (void)link;
}

static inline void wwep_tls_story_records(struct wwep_tls_link *link,
                                          bool outgoing)
{
    (void)link;
    (void)outgoing;
}

static inline void wwep_tls_story_want_secrets(struct wwep_tls_link *link)
{
    (void)link;
}

static inline void wwep_tls_story_secrets(struct wwep_tls_link *link)
{
    (void)link;
}

#endif

#endif
