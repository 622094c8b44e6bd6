/* store.h - what a write must have gone through before it is acknowledged.
 *
 * Reads are answered from the register table; writes go through here. Today
 * everything is kept in memory, and a write is done at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_H
#define STORE_H

#include "registers.h"

#include <stdbool.h>
#include <stdint.h>

struct store {
    struct registers *registers;
};

/* One write under way. It is the caller's, and must stay until done() has been
 * called: once, on the caller's own thread, perhaps before store_write()
 * returns. stored: the write is as durable as the configuration promises, and
 * every read that starts now sees it; if not, nothing has changed. */
struct store_write {
    uint16_t device;
    uint8_t reg;
    uint16_t value;
    void (*done)(struct store_write *w, bool stored);
};

/* Returns 0 or a negative errno. */
int store_open(struct store *s);
void store_close(struct store *s);

void store_write(struct store *s, struct store_write *w);

/* False: nobody has written this register. */
bool store_read(const struct store *s, uint16_t device, uint8_t reg,
                uint16_t *value);

#endif
