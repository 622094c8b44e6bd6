/* fd_limit.h - how many connections this process may have open.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FD_LIMIT_H
#define FD_LIMIT_H

/* Raises the limit of open files as far as it goes, and returns how many
 * connections stay below it when `own` files are kept for ourselves. At the
 * limit libuv would close clients without a word. */
unsigned fd_limit_connections(unsigned own);

#endif
