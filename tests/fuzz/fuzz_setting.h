/* fuzz_setting.h - what all inputs of the rig share: the server's configuration
 * and its TLS, and that of its clients.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_SETTING_H
#define FUZZ_SETTING_H

#include "config.h"
#include "fuzz_pki.h"
#include "fuzz_rig.h"
#include "tls_context.h"

#include <wolfssl/options.h>

#include <stdbool.h>
#include <stdint.h>
#include <wolfssl/ssl.h>

extern const struct config setting_config;
extern struct config_listener setting_listeners[RIG_LISTENERS];

/* Once; all of it lasts as long as the process. */
void setting_make(void);

/* What the server must make of a client's certificate. */
struct setting_identity {
    enum fuzz_pki_name pem; /* its key comes next */
    bool good;
    const char *name;
    int32_t device;
};

/* NULL: it has none. */
const struct setting_identity *setting_identity(enum rig_client client);

/* NULL: a plain one. */
struct tls_context *setting_context(enum rig_listener listener);
WOLFSSL_CTX *setting_client(enum rig_client client, bool tls_1_2);

#endif
