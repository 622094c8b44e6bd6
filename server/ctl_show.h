/* ctl_show.h - replies of the control socket, for people.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <stdbool.h>
#include <stdio.h>

enum ctl_reply { CTL_DONE, CTL_REFUSED, CTL_NO_REPLY };

/* Each writes to out, or, where the server has refused, what it said to err.
 * CTL_NO_REPLY: the line is no reply; nothing is written. */
enum ctl_reply ctl_show_stats(const char *line, FILE *out, FILE *err);
enum ctl_reply ctl_show_reload(const char *line, FILE *out, FILE *err);

/* The line as it came. */
enum ctl_reply ctl_show_json(const char *line, FILE *out, FILE *err);

#endif
