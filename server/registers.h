/* registers.h - every register there can be: 2^16 devices of 2^8 registers.
 *
 * A slot is one atomic 32-bit word (written? and the value), the table one
 * demand-zero mapping of 64 MiB: what the class does not touch costs no
 * memory. Any thread may get; a set is seen by every get that starts after
 * it has returned.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

struct registers;

/* All unwritten. NULL: no address space for it. */
struct registers *registers_new(void);
void registers_free(struct registers *r); /* NULL is fine */

/* All are unwritten again. With nobody else looking. */
void registers_clear(struct registers *r);

/* False: nobody has written it; *value is not touched. */
bool registers_get(const struct registers *r, uint16_t device, uint8_t reg,
                   uint16_t *value);
void registers_set(struct registers *r, uint16_t device, uint8_t reg,
                   uint16_t value);
void registers_erase(struct registers *r, uint16_t device, uint8_t reg);

/* Makes all of `to` as it is in `from`, one after the other: who looks
 * meanwhile sees the old value or the new one. */
void registers_assign(struct registers *to, const struct registers *from);

#endif
