/* secure_note.h - says on the console what is wrong with TLS, in one line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_SECURE_NOTE_H
#define WICED_SECURE_NOTE_H

#include "wwep_posix.h"

#include <wwep/tls.h>

/* A port for what of client_fw needs one without a connection: clock, entropy,
 * and a log of which the last line is kept, to be said with the fault that it
 * belongs to: which one of several certificates it was. It must not move. */
struct secure_note {
    struct wwep_posix posix;
    char text[200]; /* "": none */
};

void secure_note_init(struct secure_note *note);

/* "whose: what is wrong: what to do". note may be NULL. */
void secure_note_say(const struct secure_note *note, const char *whose,
                     const struct wwep_fault *fault);

#endif
