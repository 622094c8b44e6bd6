/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include <errno.h>
#include <stddef.h>

int store_open(struct store *s)
{
    s->registers = registers_new();
    return s->registers != NULL ? 0 : -ENOMEM;
}

void store_close(struct store *s)
{
    registers_free(s->registers);
    s->registers = NULL;
}

void store_write(struct store *s, struct store_write *w)
{
    registers_set(s->registers, w->device, w->reg, w->value);
    w->done(w, true);
}

bool store_read(const struct store *s, uint16_t device, uint8_t reg,
                uint16_t *value)
{
    return registers_get(s->registers, device, reg, value);
}
