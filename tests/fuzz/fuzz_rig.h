/* fuzz_rig.h - a worker with its loop and its connections, clients at the other
 * ends of their sockets, and beside each a model of what must come of it.
 *
 * All is on one thread and the clock is ours, so that an input does the same
 * each time. The message log is kept here, and looked at entry by entry; a
 * write may be held back, as by a slow disk.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_RIG_H
#define FUZZ_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rig_listener {
    RIG_PLAIN,
    RIG_EXPLAINING,
    RIG_LINES, /* keep-open, explaining */
    RIG_TLS,
    RIG_MUTUAL, /* keep-open, certificates required, write: own-device */
    RIG_LISTENERS
};

/* On listeners with TLS. */
enum rig_client {
    RIG_STRANGER, /* it has no certificate */
    RIG_BOARD,    /* that of device 0FAC */
    RIG_FORGER,   /* the same device, but nobody's signature */
    RIG_RAW,      /* it knows no TLS */
    RIG_BELOW,    /* of device 0001, by the intermediate, which it sends */
    RIG_REVOKED,
    RIG_BARE, /* its certificate is for no device */
    RIG_CLIENTS
};

#define RIG_SLOTS 6u

struct rig_options {
    enum rig_listener listener;
    enum rig_client client;
    bool tls_1_2;
    bool small;     /* the kernel takes little at once */
    bool piecewise; /* nothing is delivered but by rig_deliver() */
};

/* Around each input. The second lets all connections end, and sees that they
 * do, that nothing is left, and that each reply was one that had to be. */
void rig_begin(void);
void rig_end(void);

/* A slot takes one client in each input; what it can not do is passed over. */
void rig_open(size_t slot, const struct rig_options *options);
void rig_say(size_t slot, const uint8_t *bytes, size_t len);
void rig_say_raw(size_t slot, const uint8_t *bytes, size_t len);
void rig_deliver(size_t slot, size_t len);
void rig_damage(size_t slot, size_t at, uint8_t bits);
void rig_notify(size_t slot);
void rig_hang_up(size_t slot); /* ends its side */
void rig_reset(size_t slot);
void rig_toggle_reading(size_t slot);

void rig_toggle_holding(void);
void rig_release(bool stored); /* the oldest write that is held */
void rig_tell(bool abort);     /* the worker, to drain or to end */

/* The loop turns until it has come to rest, and all is compared. */
void rig_turn(void);
void rig_advance(uint64_t ms);

#endif
