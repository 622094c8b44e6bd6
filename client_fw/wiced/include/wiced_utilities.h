/* wiced_utilities.h - small macros that programs of the course use.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_UTILITIES_H
#define WICED_UTILITIES_H

#ifndef UNUSED_PARAMETER
#define UNUSED_PARAMETER(x) ((void)(x))
#endif

#ifndef UNUSED_VARIABLE
#define UNUSED_VARIABLE(x) ((void)(x))
#endif

#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#endif

#ifndef MAX
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif

#endif
