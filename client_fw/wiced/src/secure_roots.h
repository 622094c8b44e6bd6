/* secure_roots.h - certificates that are trusted, shared by all who verify by
 * them: a handshake keeps the list that it began with, whatever the program's
 * is by then.
 *
 * Any thread may call any of these.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_SECURE_ROOTS_H
#define WICED_SECURE_ROOTS_H

#include "wiced_tls.h"

#include <stddef.h>
#include <wwep/tls.h>

struct secure_roots; /* counted; who takes one, drops it */

/* A list from PEM or DER, which is the caller's. WICED_SUCCESS, also where one
 * of them can not be used (it has ended), which the console says; WICED_ERROR
 * (4), and the console says why: they can not be read;
 * WICED_OUT_OF_HEAP_SPACE (8). */
wiced_result_t secure_roots_read(const char *bytes, size_t len,
                                 struct secure_roots **roots);

/* One more reference: to the program's list, or to this one. NULL: none. */
struct secure_roots *secure_roots_of_program(void);
struct secure_roots *secure_roots_take(struct secure_roots *roots);
void secure_roots_drop(struct secure_roots *roots);

/* As long as the list is. NULL for NULL. */
struct wwep_bytes secure_roots_bytes(const struct secure_roots *roots);

#endif
