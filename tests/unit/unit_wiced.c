/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_wiced.h"

void unit_wiced_start(void)
{
    struct board_options options;

    board_options_init(&options);
    board_start(&options);
    board_set_up(WICED_STA_INTERFACE, true);
}
