/* fuzz_slot.h - a connection of the rig, from all sides: its client, the model
 * of it, and what the server has logged of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_SLOT_H
#define FUZZ_SLOT_H

#include "fuzz_client.h"
#include "fuzz_model.h"
#include "fuzz_rig.h"
#include "msglog.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slot {
    bool used;
    bool sure;   /* the model knows all: else only what must never be is seen */
    bool greets; /* its handshake is one that succeeds, or needs none */
    bool whole;  /* all replies can reach the client */
    bool explains; /* an X has its reason */
    enum rig_listener listener;
    const char *identity; /* by its certificate; "": none */
    uint64_t number;      /* the connection's */
    struct client client;
    size_t unread; /* bytes that came since the server has last read all */
    struct model model;
    struct outcome logged[MODEL_OUTCOMES_MAX];
    size_t n_logged;
};

/* An entry of the message log: it must be one that can be. */
void slot_log(struct slot *s, const struct msglog_entry *e,
              struct model_registers *registers);

/* After a turn: the log, and what the client has got, are the model's. */
void slot_compare(const struct slot *s);

/* At the end: what the client has got is the begin of what was logged. */
void slot_finish(const struct slot *s);

#endif
