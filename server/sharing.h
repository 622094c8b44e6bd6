/* sharing.h - two clients that write to one device: boards whose IDs collide,
 * or a student who uses another one's.
 *
 * A client is an address, without its port, and the name in its certificate,
 * if it showed one. Two are one and the same where the addresses are equal,
 * unless both showed names and these differ: so many boards behind one router
 * are fine, each with its device.
 *
 * All workers share one. What it remembers is a record for each device that
 * has been written to, so hostile clients can not make it grow further.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SHARING_H
#define SHARING_H

#include "address.h"

#include <stdbool.h>
#include <stdint.h>

#define SHARING_NAME_MAX 64u /* of an identity; a longer one is cut */

/* Who it was that wrote before. */
struct sharing_other {
    union address peer;
    char identity[SHARING_NAME_MAX]; /* "": none; bytes as they came */
};

struct sharing_records;

struct sharing {
    struct sharing_records *records; /* NULL: nothing is noticed */
};

/* Returns 0 or -ENOMEM; then nothing is noticed. */
int sharing_init(struct sharing *s);
void sharing_deinit(struct sharing *s);

/* From any worker: the device has been written to. identity: NULL or "": none.
 * now_ms: of a clock that all workers share. True: within the last ten minutes
 * another client did so, too, and that is to be told: once an hour for two
 * clients and a device, and for at most four pairs. Takes no lock where it was
 * the same client before. */
bool sharing_note(struct sharing *s, uint16_t device, const union address *peer,
                  const char *identity, uint64_t now_ms,
                  struct sharing_other *other);

#endif
