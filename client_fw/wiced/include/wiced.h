/* wiced.h - all that a program of the course includes, but for wiced_tls.h,
 * which it includes by itself.
 *
 * C's own headers are in here too, as programs count on it; none of the
 * system's is: a program may well have a variable named socket.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_H
#define WICED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linked_list.h"
#include "wiced_constants.h"
#include "wiced_dct.h"
#include "wiced_management.h"
#include "wiced_platform.h"
#include "wiced_resource.h"
#include "wiced_result.h"
#include "wiced_rtos.h"
#include "wiced_tcpip.h"
#include "wiced_tls.h"
#include "wiced_utilities.h"
#include "wiced_wifi.h"
#include "wwd_debug.h"

#endif
