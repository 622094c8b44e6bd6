/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_print.h"

#include <wolfssl/options.h>

#include <string.h>
#include <wolfssl/wolfcrypt/hash.h>

static const char *const keys[] = {
    [TLS_PRINT_CERTIFICATE] = "tls.certificate",
    [TLS_PRINT_PRIVATE_KEY] = "tls.private_key",
    [TLS_PRINT_CLIENT_CA] = "tls.client_ca",
    [TLS_PRINT_CRL] = "tls.crl",
};

const char *tls_print_key(enum tls_print_of which)
{
    return keys[which];
}

static int take(uint8_t out[32], const struct tls_file *file)
{
    return wc_Sha256Hash(file->bytes, (word32)file->len, out) == 0 ? 0 : -1;
}

int tls_print_take(struct tls_prints *p, const char *key,
                   const struct tls_file *file)
{
    for (int i = 0; i < TLS_PRINTS; i++)
        if (strcmp(keys[i], key) == 0)
            return take(p->of[i], file);
    return 0;
}

bool tls_print_read(struct tls_prints *p, const struct config_tls *tls)
{
    bool asks = tls->client_auth != CONFIG_CLIENT_AUTH_NONE;
    const char *const paths[] = {
        [TLS_PRINT_CERTIFICATE] = tls->certificate,
        [TLS_PRINT_PRIVATE_KEY] = tls->private_key,
        [TLS_PRINT_CLIENT_CA] = asks ? tls->client_ca : NULL,
        [TLS_PRINT_CRL] = asks ? tls->crl : NULL,
    };

    *p = (struct tls_prints){0};
    for (int i = 0; i < TLS_PRINTS; i++) {
        struct tls_file file;
        if (paths[i] == NULL)
            continue;
        if (tls_file_read(&file, paths[i]) != 0)
            return false;
        int status = take(p->of[i], &file);
        tls_file_free(&file);
        if (status != 0)
            return false;
    }
    return true;
}

bool tls_print_same(const struct tls_prints *a, const struct tls_prints *b,
                    enum tls_print_of which)
{
    return memcmp(a->of[which], b->of[which], sizeof a->of[which]) == 0;
}
