/* tls_context.c - makes a listener's WOLFSSL_CTX from its configuration.
 *
 * Happy path: the chain, the key, the client CA and the revocation lists are
 * read and checked, each certificate is described in the log, and what is
 * unsafe is warned of.
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
#include "tls_refusal.h"
#include "tls_revocation.h"

#include <wolfssl/options.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

#define RSA_BITS_MIN 2048

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
    struct tls_revocation *revocation; /* NULL: no lists */
    struct validity *validity;
    size_t n_validity;
};

/* What the steps of tls_context_new() hand around. */
struct loader {
    struct tls_source source;
    const struct config_listener *listener; /* the source's */
    struct tls_context *context;
    WOLFSSL_CTX *ctx;            /* the context's */
    struct tls_certificate leaf; /* the server's own */
};

int tls_library_init(void)
{
    return wolfSSL_Init() == WOLFSSL_SUCCESS ? 0 : -1;
}

void tls_library_deinit(void)
{
    wolfSSL_Cleanup();
}

const char *tls_library_version(void)
{
    return wolfSSL_lib_version();
}

/* Notes when something of this listener ends. Returns 0, or -1: no memory. */
static int note_end(struct loader *l, enum validity_kind kind, const char *name,
                    time_t ends)
{
    struct tls_context *c = l->context;
    struct validity *grown =
        realloc(c->validity, (c->n_validity + 1) * sizeof *grown);

    if (grown == NULL)
        return -1;
    c->validity = grown;
    struct validity *v = &grown[c->n_validity++];
    *v = (struct validity){.kind = kind, .ends = ends};
    snprintf(v->name, sizeof v->name, "%s", name);
    return 0;
}

/* --- certificates --- */

static long days_until(time_t t)
{
    return (long)((t - time(NULL)) / 86400);
}

static void describe(const struct loader *l, const char *path,
                     const struct tls_certificate *c)
{
    struct tm tm;
    char until[32];
    const char *name = l->listener->name;

    gmtime_r(&c->not_after, &tm);
    strftime(until, sizeof until, "%Y-%m-%d", &tm);
    log_info("%s: certificate %s: %s%s%s; %s, signed with %s by %s; valid "
             "until %s (%ld days)",
             name, path, c->subject, c->names[0] != '\0' ? ", for " : "",
             c->names, c->key, c->signature, c->issuer, until,
             days_until(c->not_after));
    if (c->not_before > time(NULL))
        log_warning("%s: certificate %s is not valid yet: set this machine's "
                    "clock, or make a new one",
                    name, path);
    if (c->sha1)
        log_warning("%s: certificate %s is signed with SHA-1 or MD5, which can "
                    "be forged: make a new one",
                    name, path);
}

/* Why a block that looks like a certificate is none. */
static int refuse_block(struct loader *l, const char *key, const char *path,
                        size_t n)
{
    return tls_source_refuse(
        &l->source, key,
        "%s: certificate %zu in it is damaged: look at it with "
        "openssl x509 -in %s -noout -text, and make it again",
        path, n + 1, path);
}

/* One certificate of the chain, the n-th, and its place in it. */
static int check_link(struct loader *l, const struct tls_certificate *c,
                      size_t n, const char *issuer)
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
    describe(l, path, c);
    if (n == 0 && c->self_signed)
        log_warning("%s: certificate %s signed itself: no client trusts it "
                    "unless it is given this very certificate",
                    l->listener->name, path);
    return 0;
}

/* One who may sign lists, and the clients that they are about. trusted: it is
 * of client_ca. Returns 0, or -1: no memory. */
static int note_authority(struct loader *l, const struct tls_certificate *c,
                          const struct tls_file *file, size_t n, bool trusted)
{
    if (l->context->revocation == NULL)
        return 0;
    return tls_revocation_add(l->context->revocation, c, file->bytes, file->len,
                              n, trusted);
}

/* Checks the chain and describes it; copies what is to be sent, which is all
 * but the root, to chain (of the file's size). Returns its length or -1. */
static long check_chain(struct loader *l, const struct tls_file *file,
                        char *chain)
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
        if (note_end(l, VALIDITY_CERTIFICATE, c.subject, c.not_after) != 0 ||
            note_authority(l, &c, file, n, false) != 0)
            return tls_source_refuse(&l->source, "tls.certificate",
                                     "no memory");
        memcpy(issuer, c.issuer, sizeof issuer);
        if (n == 0)
            l->leaf = c;
        if (n > 0 && c.self_signed)
            continue; /* the root: clients have it, or must not trust it */
        memcpy(chain + len, block, block_len);
        len += block_len;
        chain[len++] = '\n';
    }
    if (status < 0)
        return refuse_block(l, "tls.certificate", path, n);
    if (n == 0)
        return tls_source_refuse(
            &l->source, "tls.certificate",
            "%s has no certificate in PEM in it (BEGIN CERTIFICATE)", path);
    return (long)len;
}

static int load_certificate(struct loader *l)
{
    const char *path = l->listener->tls->certificate;
    struct tls_file file;

    if (tls_source_read(&l->source, "tls.certificate", path, "x509", &file) !=
        0)
        return -1;
    char *chain = malloc(2 * file.len + 1); /* a line end for each block */
    long len = chain != NULL ? check_chain(l, &file, chain)
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
            "(an EC key must be on P-256, P-384 or P-521)",
            path);
    free(chain);
    return status;
}

static int load_private_key(struct loader *l)
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
                tls_certificate_has_key(&l->leaf, file.bytes, file.len);
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

/* --- client authentication --- */

static int load_client_ca(struct loader *l)
{
    const char *key = "tls.client_ca";
    const char *path = l->listener->tls->client_ca;
    struct tls_certificate c;
    struct tls_file file;
    size_t n = 0;
    int status;

    if (tls_source_read(&l->source, key, path, "x509", &file) != 0)
        return -1;
    while ((status = tls_certificate_read_pem(&c, file.bytes, file.len, n)) ==
           0) {
        describe(l, path, &c);
        if (!c.is_ca)
            log_warning("%s: certificate %zu in %s is not a CA's: no client "
                        "can have been signed by it",
                        l->listener->name, n + 1, path);
        if (note_end(l, VALIDITY_CLIENT_CA, c.subject, c.not_after) != 0 ||
            note_authority(l, &c, &file, n, true) != 0) {
            tls_file_free(&file);
            return tls_source_refuse(&l->source, key, "no memory");
        }
        n++;
    }
    if (status < 0)
        status = refuse_block(l, key, path, n);
    else if (n == 0)
        status = tls_source_refuse(&l->source, key,
                                   "%s has no certificate in PEM in it (BEGIN "
                                   "CERTIFICATE)",
                                   path);
    else if (wolfSSL_CTX_load_verify_buffer(l->ctx, file.bytes, (long)file.len,
                                            WOLFSSL_FILETYPE_PEM) !=
             WOLFSSL_SUCCESS)
        status = tls_source_refuse(
            &l->source, key,
            "%s: the TLS library does not take this CA; has it "
            "expired?",
            path);
    else
        status = 0;
    tls_file_free(&file);
    return status;
}

static int load_crl(struct loader *l)
{
    const struct tls_revocation *r = l->context->revocation;
    const struct tls_crl *list;

    if (r == NULL)
        return 0;
    if (tls_revocation_load(l->context->revocation, &l->source, l->ctx,
                            time(NULL)) != 0)
        return -1;
    for (size_t n = 0; tls_revocation_list(r, n, &list); n++) {
        char when[TLS_WHEN_MAX];
        tls_crl_when(list->next_update, when);
        log_info("%s: revocation list of %s in %s: ends on %s",
                 l->listener->name, list->issuer, l->listener->tls->crl, when);
        if (note_end(l, VALIDITY_CRL, list->issuer, list->next_update) != 0)
            return tls_source_refuse(&l->source, "tls.crl", "no memory");
    }
    return 0;
}

static int set_client_auth(struct loader *l)
{
    int mode = WOLFSSL_VERIFY_NONE;

    switch (l->listener->tls->client_auth) {
    case CONFIG_CLIENT_AUTH_NONE:
        break;
    case CONFIG_CLIENT_AUTH_OPTIONAL:
        mode = WOLFSSL_VERIFY_PEER;
        break;
    case CONFIG_CLIENT_AUTH_REQUIRED:
        mode = WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        break;
    }
    wolfSSL_CTX_set_verify(
        l->ctx, mode,
        l->context->revocation != NULL ? tls_refusal_on_verify : NULL);
    if (mode == WOLFSSL_VERIFY_NONE)
        return 0;
    /* wolfSSL's sessions live in one cache for the whole process: one that was
     * made where no certificate is asked for would resume here, and a resumed
     * one no longer has its certificate. So a listener that asks for
     * certificates resumes nothing, and sees each client's certificate, and
     * whether it is revoked, each time. */
    wolfSSL_CTX_set_session_cache_mode(l->ctx, WOLFSSL_SESS_CACHE_OFF);
    wolfSSL_CTX_no_ticket_TLSv13(l->ctx);
    wolfSSL_CTX_NoTicketTLSv12(l->ctx);
    return load_client_ca(l) == 0 ? load_crl(l) : -1;
}

static int set_parameters(struct loader *l)
{
    bool only_1_3 = l->listener->tls->min_version == CONFIG_TLS_1_3;

    if (wolfSSL_CTX_SetMinVersion(l->ctx, only_1_3 ? WOLFSSL_TLSV1_3
                                                   : WOLFSSL_TLSV1_2) !=
            WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_cipher_list(l->ctx, cipher_list) != WOLFSSL_SUCCESS)
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
    tls_revocation_free(c->revocation);
    free(c->validity);
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
    bool lists =
        tls->crl != NULL && tls->client_auth != CONFIG_CLIENT_AUTH_NONE;
    if (lists)
        c->revocation = tls_revocation_new();
    if (c->ctx != NULL && (!lists || c->revocation != NULL))
        return c;
    free_context(c);
    return NULL;
}

struct tls_context *tls_context_new(const struct config *config,
                                    const struct config_listener *listener,
                                    char error[TLS_ERROR_MAX])
{
    struct tls_context *c = make_empty(listener->tls);
    struct loader l = {.source = {config, listener, error},
                       .listener = listener,
                       .context = c};

    if (c == NULL) {
        tls_source_refuse(&l.source, "tls", "no memory");
        return NULL;
    }
    l.ctx = c->ctx;
    if (set_parameters(&l) == 0 && load_certificate(&l) == 0 &&
        load_private_key(&l) == 0 && set_client_auth(&l) == 0)
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

WOLFSSL *tls_context_session(struct tls_context *c)
{
    return wolfSSL_new(c->ctx);
}

void tls_context_watch(const struct tls_context *c, WOLFSSL *ssl,
                       struct tls_refusal *refusal)
{
    if (c->revocation != NULL)
        tls_refusal_watch(refusal, c->revocation, ssl);
}

const struct validity *tls_context_validity(const struct tls_context *c,
                                            size_t *n)
{
    *n = c->n_validity;
    return c->validity;
}
