/* tls_context.c - makes a listener's WOLFSSL_CTX from its configuration.
 *
 * Happy path: the chain, the key and what tls_clients.h reads are checked, each
 * certificate is described in the log, and what is unsafe is warned of.
 * Failures: every one names the file, the key of the configuration that led to
 * it, and what to do; nothing is left behind.
 *
 * What is set is set on purpose, as the packaged library's defaults are not
 * the upstream's: it accepts an unknown CA and TLS 1.1 on a fresh context.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_context.h"

#include "log.h"
#include "tls_certificate.h"
#include "tls_clients.h"
#include "tls_cpu.h"
#include "tls_loader.h"
#include "tls_refusal.h"

#include <wolfssl/options.h>

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

#define RSA_BITS_MIN 2048
#define EC_BITS_MIN  224

/* AES128-GCM first: the course's boards have nothing better, and the others
 * lose nothing by it. No static RSA, no CBC, no SHA-1. */
static const char cipher_list[] = "TLS13-AES128-GCM-SHA256:"
                                  "TLS13-AES256-GCM-SHA384:"
                                  "TLS13-CHACHA20-POLY1305-SHA256:"
                                  "ECDHE-ECDSA-AES128-GCM-SHA256:"
                                  "ECDHE-RSA-AES128-GCM-SHA256:"
                                  "ECDHE-ECDSA-AES256-GCM-SHA384:"
                                  "ECDHE-RSA-AES256-GCM-SHA384:"
                                  "ECDHE-ECDSA-CHACHA20-POLY1305:"
                                  "ECDHE-RSA-CHACHA20-POLY1305";

struct tls_context {
    atomic_uint refs;
    WOLFSSL_CTX *ctx;
    struct tls_clients clients;
    struct tls_ends ends;
    struct tls_prints prints;
    enum config_tls_version min_version;
    atomic_uint_least64_t resumes_since_s; /* wall clock; 0: always has */
};

int tls_library_init(void)
{
    return wolfSSL_Init() == WOLFSSL_SUCCESS && tls_cpu_probe() ? 0 : -1;
}

void tls_library_deinit(void)
{
    wolfSSL_Cleanup();
}

const char *tls_library_version(void)
{
    return wolfSSL_lib_version();
}

/* --- certificates --- */

/* One certificate of the chain, the n-th, and its place in it. */
static int check_link(const struct tls_loader *l,
                      const struct tls_certificate *c, size_t n,
                      const char *issuer)
{
    const char *key = "tls.certificate";
    const char *path = l->listener->tls->certificate;

    if (n > 0 && strcmp(c->subject, issuer) != 0)
        return tls_source_refuse(
            &l->source, key,
            "%s: certificate %zu (%s) is not the issuer of the one "
            "before it (%s): put the server's own first, then each "
            "one's issuer",
            path, n + 1, c->subject, issuer);
    if (c->rsa_bits > 0 && c->rsa_bits < RSA_BITS_MIN)
        return tls_source_refuse(
            &l->source, key,
            "%s: certificate %zu has an %s key, which clients "
            "refuse as too weak: make one with P-256, or with "
            "RSA-%d",
            path, n + 1, c->key, RSA_BITS_MIN);
    tls_loader_describe(l, path, c);
    if (n == 0 && c->self_signed)
        log_warning("%s: certificate %s signed itself: no client trusts it "
                    "unless it is given this very certificate",
                    l->listener->name, path);
    return 0;
}

/* Checks the chain and describes it; copies what is to be sent, which is all
 * but the root, to chain (of the file's size). Returns its length or -1. */
static long check_chain(struct tls_context *context, const struct tls_loader *l,
                        const struct tls_file *file,
                        struct tls_certificate *leaf, char *chain)
{
    const char *path = l->listener->tls->certificate;
    struct tls_certificate c;
    char issuer[TLS_NAME_MAX] = "";
    size_t len = 0;
    size_t n = 0;
    int status;

    for (; (status = tls_certificate_read_pem(&c, file->bytes, file->len, n)) ==
           0;
         n++) {
        size_t block_len;
        const uint8_t *block =
            tls_certificate_find_pem(file->bytes, file->len, n, &block_len);
        if (check_link(l, &c, n, issuer) != 0)
            return -1;
        if (tls_loader_note_end(l, VALIDITY_CERTIFICATE, c.subject,
                                c.not_after) != 0 ||
            tls_clients_note(&context->clients, &c, file, n) != 0)
            return tls_source_refuse(&l->source, "tls.certificate",
                                     "no memory");
        memcpy(issuer, c.issuer, sizeof issuer);
        if (n == 0)
            *leaf = c;
        if (n > 0 && c.self_signed)
            continue; /* the root: clients have it, or must not trust it */
        memcpy(chain + len, block, block_len);
        len += block_len;
        chain[len++] = '\n';
    }
    if (status < 0)
        return tls_loader_refuse_block(l, "tls.certificate", path, n);
    if (n == 0)
        return tls_source_refuse(
            &l->source, "tls.certificate",
            "%s has no certificate in PEM in it (BEGIN CERTIFICATE)", path);
    return (long)len;
}

/* leaf: the server's own. */
static int load_certificate(struct tls_context *context,
                            const struct tls_loader *l,
                            struct tls_certificate *leaf)
{
    const char *path = l->listener->tls->certificate;
    struct tls_file file;

    if (tls_source_read(&l->source, "tls.certificate", path, "x509", &file) !=
        0)
        return -1;
    char *chain = malloc(2 * file.len + 1); /* a line end for each block */
    long len = chain != NULL ? check_chain(context, l, &file, leaf, chain)
                             : tls_source_refuse(&l->source, "tls.certificate",
                                                 "no memory");
    tls_file_free(&file);
    int status = len < 0 ? -1 : 0;
    if (len >= 0 &&
        wolfSSL_CTX_use_certificate_chain_buffer(
            l->ctx, (const unsigned char *)chain, len) != WOLFSSL_SUCCESS)
        status = tls_source_refuse(
            &l->source, "tls.certificate",
            "%s: the TLS library does not take this certificate "
            "(an EC key must be on P-256, P-384 or P-521, an RSA key of 4096 "
            "bits at most)",
            path);
    free(chain);
    return status;
}

static int load_private_key(const struct tls_loader *l,
                            const struct tls_certificate *leaf)
{
    const char *key = "tls.private_key";
    const char *path = l->listener->tls->private_key;
    struct tls_file file;

    if (tls_source_read(&l->source, key, path, "pkey", &file) != 0)
        return -1;
    bool encrypted =
        memmem(file.bytes, file.len, "ENCRYPTED", strlen("ENCRYPTED")) != NULL;
    bool found = memmem(file.bytes, file.len, "PRIVATE KEY-----",
                        strlen("PRIVATE KEY-----")) != NULL;
    bool others = (file.mode & 0007) != 0;
    int status = wolfSSL_CTX_use_PrivateKey_buffer(
        l->ctx, file.bytes, (long)file.len, WOLFSSL_FILETYPE_PEM);
    bool ours = status == WOLFSSL_SUCCESS &&
                tls_certificate_has_key(leaf, file.bytes, file.len);
    tls_file_free(&file);
    if (encrypted)
        return tls_source_refuse(
            &l->source, key,
            "%s is encrypted, and nobody is there to type its "
            "password: openssl pkey -in %s -out FILE",
            path, path);
    if (!found)
        return tls_source_refuse(&l->source, key,
                                 "%s has no private key in PEM in it", path);
    if (status != WOLFSSL_SUCCESS)
        return tls_source_refuse(
            &l->source, key, "%s: the key is damaged, or of an unknown kind",
            path);
    if (!ours || wolfSSL_CTX_check_private_key(l->ctx) != WOLFSSL_SUCCESS)
        return tls_source_refuse(
            &l->source, key,
            "%s does not belong to the certificate in %s: compare "
            "openssl pkey -in %s -pubout with openssl x509 -in %s "
            "-noout -pubkey",
            path, l->listener->tls->certificate, path,
            l->listener->tls->certificate);
    if (others)
        log_warning("%s: private key %s can be read or changed by every user "
                    "of this machine: chmod 600 %s",
                    l->listener->name, path, path);
    return 0;
}

static int set_parameters(const struct tls_loader *l)
{
    bool only_1_3 = l->listener->tls->min_version == CONFIG_TLS_1_3;

    if (wolfSSL_CTX_SetMinVersion(l->ctx, only_1_3 ? WOLFSSL_TLSV1_3
                                                   : WOLFSSL_TLSV1_2) !=
            WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_cipher_list(l->ctx, cipher_list) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_SetMinRsaKey_Sz(l->ctx, RSA_BITS_MIN) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_SetMinEccKey_Sz(l->ctx, EC_BITS_MIN) != WOLFSSL_SUCCESS)
        return tls_source_refuse(&l->source, "tls",
                                 "this TLS library lacks what wwepd needs");
#ifdef OPENSSL_EXTRA
    /* On in the packaged library: one read would ask us for bytes until it
     * has a record, eleven times for one that is not there. */
    wolfSSL_CTX_clear_mode(l->ctx, SSL_MODE_AUTO_RETRY);
#endif
    return 0;
}

static void free_context(struct tls_context *c)
{
    wolfSSL_CTX_free(c->ctx);
    tls_clients_deinit(&c->clients);
    free(c->ends.all);
    free(c);
}

/* One that has all its parts, and nothing in them. NULL: no memory. */
static struct tls_context *make_empty(const struct config_tls *tls)
{
    struct tls_context *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    atomic_init(&c->refs, 1);
    c->ctx = wolfSSL_CTX_new(wolfSSLv23_server_method());
    if (tls_clients_init(&c->clients, tls) == 0 && c->ctx != NULL)
        return c;
    free_context(c);
    return NULL;
}

struct tls_context *tls_context_new(const struct config *config,
                                    const struct config_listener *listener,
                                    char error[TLS_ERROR_MAX])
{
    struct tls_context *c = make_empty(listener->tls);
    struct tls_loader l = {.source = {config, listener, error, NULL},
                           .listener = listener};
    struct tls_certificate leaf;

    if (c == NULL) {
        tls_source_refuse(&l.source, "tls", "no memory");
        return NULL;
    }
    l.ctx = c->ctx;
    l.ends = &c->ends;
    l.source.prints = &c->prints;
    c->min_version = listener->tls->min_version;
    if (set_parameters(&l) == 0 && load_certificate(c, &l, &leaf) == 0 &&
        load_private_key(&l, &leaf) == 0 &&
        tls_clients_load(&c->clients, &l) == 0)
        return c;
    free_context(c);
    return NULL;
}

struct tls_context *tls_context_ref(struct tls_context *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void tls_context_unref(struct tls_context *c)
{
    if (c == NULL ||
        atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
        return;
    free_context(c);
}

/* --- sessions --- */

#define SESSION_LIFE_S  500u       /* the library's own limit */
#define SESSION_NEVER_S UINT32_MAX /* ago; wolfSSL adds it to 32 bits */

void tls_context_resume_none(struct tls_context *c)
{
    atomic_store(&c->resumes_since_s, UINT64_MAX);
}

void tls_context_resume_since(struct tls_context *c, time_t when)
{
    atomic_store(&c->resumes_since_s, (uint64_t)when);
}

/* How old a session may be to be resumed, in seconds; 0: as the library has
 * it. */
static unsigned session_age(const struct tls_context *c)
{
    uint64_t since =
        atomic_load_explicit(&c->resumes_since_s, memory_order_relaxed);

    if (since == 0)
        return 0;
    uint64_t now = (uint64_t)time(NULL);
    /* Younger than `since` by a second at least: it counts in whole ones. */
    if (now < since + 2 || since == UINT64_MAX)
        return SESSION_NEVER_S;
    return now - since - 1 < SESSION_LIFE_S ? (unsigned)(now - since - 1) : 0;
}

WOLFSSL *tls_context_session(struct tls_context *c)
{
    WOLFSSL *ssl = wolfSSL_new(c->ctx);
    unsigned age_s = session_age(c);

    if (ssl != NULL && age_s != 0)
        (void)wolfSSL_set_timeout(ssl, age_s);
    return ssl;
}

/* --- what it was made from --- */

bool tls_context_is_current(const struct tls_context *c,
                            const struct config_listener *listener)
{
    struct tls_prints now;

    if (listener->tls == NULL ||
        c->clients.auth != listener->tls->client_auth ||
        c->min_version != listener->tls->min_version ||
        !tls_print_read(&now, listener->tls))
        return false;
    for (int i = 0; i < TLS_PRINTS; i++)
        if (!tls_print_same(&c->prints, &now, (enum tls_print_of)i))
            return false;
    return true;
}

bool tls_context_has_new(const struct tls_context *a,
                         const struct tls_context *b, enum tls_print_of which)
{
    static const struct tls_prints none;

    return !tls_print_same(&a->prints, &b->prints, which) &&
           !tls_print_same(&a->prints, &none, which) &&
           !tls_print_same(&b->prints, &none, which);
}

bool tls_context_trusts_same(const struct tls_context *a,
                             const struct tls_context *b)
{
    return a->clients.auth == b->clients.auth &&
           tls_print_same(&a->prints, &b->prints, TLS_PRINT_CLIENT_CA) &&
           tls_print_same(&a->prints, &b->prints, TLS_PRINT_CRL);
}

void tls_context_watch(const struct tls_context *c, WOLFSSL *ssl,
                       struct tls_refusal *refusal)
{
    if (c->clients.auth != CONFIG_CLIENT_AUTH_NONE)
        tls_refusal_watch(refusal, &c->clients.trust, ssl);
}

bool tls_context_demands(const struct tls_context *c)
{
    return c->clients.auth == CONFIG_CLIENT_AUTH_REQUIRED;
}

const struct validity *tls_context_validity(const struct tls_context *c,
                                            size_t *n)
{
    *n = c->ends.n;
    return c->ends.all;
}
