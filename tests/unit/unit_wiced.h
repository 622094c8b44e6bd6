/* unit_wiced.h - what the tests of the course's API share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_WICED_H
#define UNIT_WICED_H

#include "board.h"
#include "wiced.h"

/* A board on this machine, with its network up. Before each test. */
void unit_wiced_start(void);

#endif
