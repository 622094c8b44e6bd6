/* database.h - the registers of all devices.
 *
 * Any thread may ask, once database_init() is done.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "wiced.h"

#define DATABASE_MAX 400 /* registers; each has some memory of the board */

void database_init(void);

/* WICED_FALSE: nobody has written it. */
wiced_bool_t database_get(unsigned device, unsigned reg, unsigned *value);

/* WICED_FALSE: there is no room for another register. */
wiced_bool_t database_set(unsigned device, unsigned reg, unsigned value);

uint32_t database_count(void);
