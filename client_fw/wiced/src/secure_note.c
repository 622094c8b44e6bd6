/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_note.h"

#include "board.h"

#include <stdio.h>

static void on_log(void *ctx, enum wwep_log_level level, const char *text)
{
    struct secure_note *note = ctx;

    (void)level;
    (void)snprintf(note->text, sizeof note->text, "%s", text);
}

void secure_note_init(struct secure_note *note)
{
    note->text[0] = '\0';
    wwep_posix_init(&note->posix, on_log, note);
}

/* What the SDK would not have looked at. */
static const char *more_advice(enum wwep_fault_kind kind)
{
    switch (kind) {
    case WWEP_FAULT_EXPIRED:
    case WWEP_FAULT_NOT_YET_VALID:
    case WWEP_FAULT_OUR_ROOT_EXPIRED:
    case WWEP_FAULT_OUR_ROOT_NOT_YET_VALID:
    case WWEP_FAULT_WEAK_SIGNATURE:
        return "; or, as lenient as the SDK: --sdk-certificates";
    default:
        return "";
    }
}

void secure_note_say(const struct secure_note *note, const char *whose,
                     const struct wwep_fault *fault)
{
    char line[WWEP_FAULT_LINE_MAX];

    if (note != NULL && note->text[0] != '\0') {
        board_say("%s: %s: %s%s", whose, note->text,
                  wwep_fault_advice(fault->kind), more_advice(fault->kind));
        return;
    }
    (void)wwep_fault_format(fault, line);
    board_say("%s: %s%s", whose, line, more_advice(fault->kind));
}
