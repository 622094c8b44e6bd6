/* story.h - what happens, as it happens, for a class to read along: -v.
 *
 * Lines of at most 80 columns on standard error, the time in front: since the
 * call began, in milliseconds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_STORY_H
#define WWEP_APP_STORY_H

#include "options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wwep/client.h>

#define STORY_UNTIMED  UINT32_MAX
#define STORY_HOST_MAX 256u
#define STORY_HELD_MAX 8u

struct story {
    const struct wwep_options *options; /* NULL: nothing is told */
    char host[STORY_HOST_MAX];          /* as told: fit for a terminal */
    struct wwep_certificate held[STORY_HELD_MAX]; /* told behind the flight
                                                     that brought them */
    size_t held_count;
    size_t record_bytes; /* on the wire, of the message that is told next */
};

/* Tells nothing unless the options have -v. */
void story_init(struct story *story, const struct wwep_options *options);

void story_begin(struct story *story, const struct wwep_request *request);
void story_event(struct story *story, const struct wwep_event *event);

/* A line of the story, wrapped, under a time or (STORY_UNTIMED) without. The
 * text gets no line end. */
void story_line(uint32_t at_ms, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same further to the right, behind a label that is as wide as its column:
 * for tables within the story. */
void story_item(const char *label, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
