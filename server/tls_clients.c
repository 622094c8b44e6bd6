/* tls_clients.c - reads what a listener judges its clients by.
 *
 * Happy path: each certificate of client_ca is checked, described in the log,
 * and given to the context, one by one -> the revocation lists.
 * Failures: the first that will not do. None is passed over: its clients would
 * be refused, and nobody would know why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_clients.h"

#include "log.h"
#include "tls_refusal.h"

#include <wolfssl/options.h>

#include <stdlib.h>
#include <time.h>
#include <wolfssl/ssl.h>

int tls_clients_init(struct tls_clients *clients, const struct config_tls *tls)
{
    bool asked = tls->client_auth != CONFIG_CLIENT_AUTH_NONE;

    *clients = (struct tls_clients){.auth = tls->client_auth};
    if (asked && tls->crl != NULL) {
        clients->revocation = tls_revocation_new(&clients->authorities);
        if (clients->revocation == NULL)
            return -1;
    }
    clients->trust = (struct tls_path_trust){
        .authorities = &clients->authorities,
        .revocation = clients->revocation,
    };
    return 0;
}

void tls_clients_deinit(struct tls_clients *clients)
{
    tls_revocation_free(clients->revocation);
    tls_authorities_deinit(&clients->authorities);
}

int tls_clients_note(struct tls_clients *clients,
                     const struct tls_certificate *c,
                     const struct tls_file *file, size_t n)
{
    if (clients->auth == CONFIG_CLIENT_AUTH_NONE)
        return 0;
    return tls_authorities_add(&clients->authorities, c, file->bytes, file->len,
                               n, false);
}

static int refuse_key(const struct tls_loader *l,
                      const struct tls_certificate *c, size_t n)
{
    return tls_source_refuse(
        &l->source, "tls.client_ca",
        "%s: certificate %zu (%s) has a key (%s) that verifies nothing here, "
        "so its clients would be refused: make the CA with P-256, or with RSA "
        "of %d bits at most",
        l->listener->tls->client_ca, n + 1, c->subject, c->key,
        TLS_RSA_BITS_MAX);
}

/* Checks one of client_ca's, the n-th, and gives it to the context. */
static int load_authority(struct tls_clients *clients,
                          const struct tls_loader *l,
                          const struct tls_certificate *c,
                          const struct tls_file *file, size_t n)
{
    const char *key = "tls.client_ca";
    const char *path = l->listener->tls->client_ca;
    time_t now = time(NULL);
    char when[TLS_WHEN_MAX];

    tls_loader_describe(l, path, c);
    if (!c->is_ca)
        return tls_source_refuse(&l->source, key,
                                 "%s: certificate %zu (%s) is not a CA's: give "
                                 "the CA that signed the clients",
                                 path, n + 1, c->subject);
    if (c->key_unknown || c->rsa_bits > TLS_RSA_BITS_MAX)
        return refuse_key(l, c, n);
    tls_crl_when(c->not_after < now ? c->not_after : c->not_before, when);
    if (c->not_after < now || c->not_before > now)
        return tls_source_refuse(
            &l->source, key,
            "%s: certificate %zu (%s) %s on %s, so its clients would be "
            "refused: set this machine's clock, or take it out",
            path, n + 1, c->subject,
            c->not_after < now ? "ended" : "begins only", when);
    if (tls_loader_note_end(l, VALIDITY_CLIENT_CA, c->subject, c->not_after) !=
            0 ||
        tls_authorities_add(&clients->authorities, c, file->bytes, file->len, n,
                            true) != 0)
        return tls_source_refuse(&l->source, key, "no memory");

    const struct tls_authorities *known = &clients->authorities;
    const struct tls_authority *a = &known->all[known->n - 1];
    int status = wolfSSL_CTX_load_verify_buffer(l->ctx, a->der, (long)a->len,
                                                WOLFSSL_FILETYPE_ASN1);
    return status == WOLFSSL_SUCCESS
               ? 0
               : tls_source_refuse(&l->source, key,
                                   "%s: the TLS library does not take "
                                   "certificate %zu (%s; code %d)",
                                   path, n + 1, c->subject, status);
}

static int load_client_ca(struct tls_clients *clients,
                          const struct tls_loader *l)
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
        if (load_authority(clients, l, &c, &file, n) != 0)
            break;
        n++;
    }
    if (status < 0)
        (void)tls_loader_refuse_block(l, key, path, n);
    else if (status > 0 && n == 0)
        (void)tls_source_refuse(&l->source, key,
                                "%s has no certificate in PEM in it (BEGIN "
                                "CERTIFICATE)",
                                path);
    tls_file_free(&file);
    return status > 0 && n > 0 ? 0 : -1;
}

static int load_crl(struct tls_clients *clients, const struct tls_loader *l)
{
    struct tls_revocation *r = clients->revocation;
    const struct tls_crl *list;

    if (r == NULL)
        return 0;
    if (tls_revocation_load(r, &l->source, l->ctx, time(NULL)) != 0)
        return -1;
    for (size_t n = 0; tls_revocation_list(r, n, &list); n++) {
        char when[TLS_WHEN_MAX];
        tls_crl_when(list->next_update, when);
        log_info("%s: revocation list of %s in %s: ends on %s",
                 l->listener->name, list->issuer, l->listener->tls->crl, when);
        if (tls_loader_note_end(l, VALIDITY_CRL, list->issuer,
                                list->next_update) != 0)
            return tls_source_refuse(&l->source, "tls.crl", "no memory");
    }
    return 0;
}

int tls_clients_load(struct tls_clients *clients, const struct tls_loader *l)
{
    int mode = WOLFSSL_VERIFY_NONE;

    switch (clients->auth) {
    case CONFIG_CLIENT_AUTH_NONE:
        break;
    case CONFIG_CLIENT_AUTH_OPTIONAL:
        mode = WOLFSSL_VERIFY_PEER;
        break;
    case CONFIG_CLIENT_AUTH_REQUIRED:
        mode = WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        break;
    }
    wolfSSL_CTX_set_verify(l->ctx, mode, tls_refusal_on_verify);
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
    return load_client_ca(clients, l) == 0 ? load_crl(clients, l) : -1;
}
