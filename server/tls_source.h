/* tls_source.h - the files that a TLS listener is made from, and what is said
 * where one of them will not do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_SOURCE_H
#define TLS_SOURCE_H

#include "config.h"
#include "tls_file.h"
#include "tls_print.h"

#define TLS_ERROR_MAX 1024u

/* Owns nothing. */
struct tls_source {
    const struct config *config;
    const struct config_listener *listener;
    char *error;               /* TLS_ERROR_MAX */
    struct tls_prints *prints; /* of what is read; NULL: nobody wants them */
};

/* Sets the error: "CONFIG: listeners[NAME].KEY: ..."; returns -1. */
int tls_source_refuse(const struct tls_source *source, const char *key,
                      const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Reads the file of a key. Returns 0 and the caller frees the file, or refuses
 * it. openssl: the command that turns a file of its kind from DER into PEM. */
int tls_source_read(const struct tls_source *source, const char *key,
                    const char *path, const char *openssl,
                    struct tls_file *file);

#endif
