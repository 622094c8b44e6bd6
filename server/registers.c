/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registers.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#define SLOTS   ((size_t)1 << 24)
#define WRITTEN ((uint_least32_t)1 << 16)

struct registers {
    _Atomic uint_least32_t slots[SLOTS];
};

static size_t slot_of(uint16_t device, uint8_t reg)
{
    return (size_t)device << 8 | reg;
}

struct registers *registers_new(void)
{
    void *map = mmap(NULL, sizeof(struct registers), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return map == MAP_FAILED ? NULL : map;
}

void registers_free(struct registers *r)
{
    if (r != NULL)
        munmap(r, sizeof *r);
}

bool registers_get(const struct registers *r, uint16_t device, uint8_t reg,
                   uint16_t *value)
{
    uint_least32_t slot = atomic_load_explicit(&r->slots[slot_of(device, reg)],
                                               memory_order_acquire);

    if ((slot & WRITTEN) == 0)
        return false;
    *value = (uint16_t)(slot & 0xffff);
    return true;
}

void registers_set(struct registers *r, uint16_t device, uint8_t reg,
                   uint16_t value)
{
    atomic_store_explicit(&r->slots[slot_of(device, reg)], WRITTEN | value,
                          memory_order_release);
}
