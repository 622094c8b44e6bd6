/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int tls_source_refuse(const struct tls_source *source, const char *key,
                      const char *fmt, ...)
{
    va_list args;
    char path[TLS_ERROR_MAX / 2];

    config_key_path(source->config, source->listener, key, path, sizeof path);
    int len = snprintf(source->error, TLS_ERROR_MAX, "%s: ", path);
    if (len < 0 || (size_t)len >= TLS_ERROR_MAX)
        return -1;
    va_start(args, fmt);
    vsnprintf(source->error + len, TLS_ERROR_MAX - (size_t)len, fmt, args);
    va_end(args);
    return -1;
}

/* A SEQUENCE, as all of these are: with a long length, or with a short one (an
 * EC key has that) which is right. */
static bool is_der(const struct tls_file *file)
{
    return file->len > 1 && file->bytes[0] == 0x30 &&
           (file->bytes[1] >= 0x80 || file->bytes[1] + 2u == file->len);
}

int tls_source_read(const struct tls_source *source, const char *key,
                    const char *path, const char *openssl,
                    struct tls_file *file)
{
    int status = tls_file_read(file, path);

    if (status == -EFBIG)
        return tls_source_refuse(source, key,
                                 "%s is no PEM file: it is too large", path);
    if (status == -ENOENT)
        return tls_source_refuse(
            source, key,
            "%s does not exist: make it (%s), or write another path, relative "
            "to the configuration file",
            path,
            strcmp(openssl, "crl") == 0 ? "wwep-certs crl"
                                        : "scripts/quickstart shows how");
    if (status != 0)
        return tls_source_refuse(source, key, "%s can not be read: %s", path,
                                 strerror(-status));
    if (is_der(file)) {
        tls_file_free(file);
        return tls_source_refuse(source, key,
                                 "%s is DER, and PEM is needed: openssl %s "
                                 "-inform DER -in %s -out FILE",
                                 path, openssl, path);
    }
    if (source->prints != NULL &&
        tls_print_take(source->prints, key, file) != 0) {
        tls_file_free(file);
        return tls_source_refuse(source, key,
                                 "%s: the TLS library can not hash it", path);
    }
    return 0;
}
