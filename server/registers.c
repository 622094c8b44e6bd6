/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "registers.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
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

void registers_clear(struct registers *r)
{
    if (madvise(r, sizeof *r, MADV_DONTNEED) != 0)
        memset(r, 0, sizeof *r);
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

void registers_erase(struct registers *r, uint16_t device, uint8_t reg)
{
    atomic_store_explicit(&r->slots[slot_of(device, reg)], 0,
                          memory_order_release);
}

/* What is the same is not written to: it may be memory that nobody has
 * touched. */
void registers_assign(struct registers *to, const struct registers *from)
{
    for (size_t i = 0; i < SLOTS; i++) {
        uint_least32_t slot =
            atomic_load_explicit(&from->slots[i], memory_order_relaxed);
        if (atomic_load_explicit(&to->slots[i], memory_order_relaxed) != slot)
            atomic_store_explicit(&to->slots[i], slot, memory_order_release);
    }
}
