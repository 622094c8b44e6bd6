/* ctl.h - "wwepd ctl": orders to the running server, from a terminal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CTL_H
#define CTL_H

/* argv[0] is "ctl". installed: the configuration that is read where -c names
 * none. Returns wwepd's exit code. */
int ctl_main(int argc, char **argv, const char *installed);

#endif
