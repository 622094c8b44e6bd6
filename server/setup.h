/* setup.h - what a server serves by: a configuration, and the TLS contexts that
 * were made of it.
 *
 * Made whole or not at all, and never changed: a reload makes another. What has
 * begun with one keeps it. Any thread may take and give back references.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SETUP_H
#define SETUP_H

#include "config.h"
#include "tls_context.h"

#include <stdatomic.h>
#include <stddef.h>

struct setup {
    atomic_uint refs;
    const struct config *config;
    struct config *taken;          /* the same; NULL: it is somebody else's */
    struct tls_context **contexts; /* one a listener; NULL: plain */
};

/* Reads the files of each TLS listener, but for those that are in `before`
 * (NULL for the first) as they are on the disk, under a listener of the same
 * name: their context is the same again, with its sessions. The configuration
 * must stay as long as the setup. NULL: error has one line. The caller holds
 * the first reference. */
struct setup *setup_new(const struct config *config, const struct setup *before,
                        char error[TLS_ERROR_MAX]);

/* Has it free the configuration, which is the one that it was made of. */
void setup_take(struct setup *s, struct config *config);

struct setup *setup_ref(struct setup *s);
void setup_unref(struct setup *s); /* NULL is fine */

#endif
