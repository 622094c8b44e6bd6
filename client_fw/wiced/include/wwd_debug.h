/* wwd_debug.h - the console's print macros: WPRINT_APP_INFO(("%d\n", n));
 *
 * The argument is printf's whole list, with its own parentheses. A program may
 * define WPRINT_DISABLE_APP_INFO, and they are empty.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWD_DEBUG_H
#define WWD_DEBUG_H

#include <stdio.h>

#define WPRINT_MACRO(args) \
    do {                   \
        printf args;       \
    } while (0)

#ifndef WPRINT_DISABLE_APP_INFO
#define WPRINT_ENABLE_APP_INFO
#define WPRINT_APP_INFO(args) WPRINT_MACRO(args)
#else
#define WPRINT_APP_INFO(args) \
    do {                      \
    } while (0)
#endif

#define WPRINT_APP_ERROR(args) WPRINT_MACRO(args)

/* Quiet in the SDK as it is delivered. */
#define WPRINT_APP_DEBUG(args) \
    do {                       \
    } while (0)

#endif
