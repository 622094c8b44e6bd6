/* journal.h - whether lines go to systemd's journal, which takes a level.
 *
 * The journal counts the lines of each level for themselves when it drops those
 * that are too many: so a flood of one level does not cost us the others.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>

/* Put in front of a line, these tell its level; see sd-daemon(3). */
#define JOURNAL_ERROR   "<3>"
#define JOURNAL_WARNING "<4>"
#define JOURNAL_INFO    "<6>"
#define JOURNAL_DEBUG   "<7>"
#define JOURNAL_LEN     3u /* of each */

/* Whether this file is the one that $JOURNAL_STREAM tells of. */
bool journal_is(int fd);

#endif
