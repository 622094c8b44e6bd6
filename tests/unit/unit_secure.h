/* unit_secure.h - the configuration of one TLS listener, and what comes of it.
 * Files are names in unit_pki_folder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_SECURE_H
#define UNIT_SECURE_H

#include "config.h"
#include "tls_context.h"

struct unit_secure {
    struct config config;
    struct config_listener listener;
    struct config_tls tls;
    char paths[4][4096]; /* of its files */
    char error[TLS_ERROR_MAX];
};

/* A checked fixture: the log is in unit_pki_folder, empty for each test. */
void unit_secure_setup(void);
void unit_secure_teardown(void);

/* It takes anybody for its client. It must not move. */
void unit_secure_init(struct unit_secure *s, const char *certificate,
                      const char *private_key);

/* From now on it asks for the clients of that CA. crl may be NULL. */
void unit_secure_ask(struct unit_secure *s, enum config_client_auth auth,
                     const char *client_ca, const char *crl);

/* Makes its context, and fails with the line that says why where that fails.
 * The caller owns a reference. */
struct tls_context *unit_secure_open(struct unit_secure *s);

/* Fails unless that can not be done, and the line is of this key and goes on
 * with these words, each '%' for the folder. */
void unit_secure_refused(struct unit_secure *s, const char *key,
                         const char *words);

#endif
