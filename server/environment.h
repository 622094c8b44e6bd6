/* environment.h - what whoever started us, systemd as a rule, has left in the
 * environment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

/* Whether text is a number, and nothing but a number. */
bool environment_number(const char *text, uint64_t *number);

/* Whether a variable's text is the number of this process. NULL: it is not. */
bool environment_is_us(const char *text);

#endif
