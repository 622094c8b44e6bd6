/* streams.h - the standard streams of a program of the server's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STREAMS_H
#define STREAMS_H

#include <stdbool.h>

/* Before anything else is opened: a standard stream that is closed would be the
 * next file or socket, and our lines would go there; so /dev/null is put in its
 * place. False: that can not be opened, and errno says why. */
bool streams_open(void);

#endif
