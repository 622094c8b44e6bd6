/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_refusal.h"

#include "tls_certificate.h"
#include "tls_revocation.h"

#include <wolfssl/options.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#define NOTE_MAX  (TLS_NAMES_MAX + 128u)
#define CHAIN_MAX 16 /* wolfSSL's MAX_CHAIN_DEPTH is 9 */

static void refuse(struct tls_refusal *refusal, enum wwep_fault_kind kind,
                   int code, const char *note)
{
    refusal->kind = kind;
    refusal->code = code;
    refusal->note = strdup(note); /* without memory: without the note */
}

static void refuse_ended(struct tls_refusal *refusal, int code,
                         const struct tls_crl *list)
{
    char note[NOTE_MAX];
    char when[TLS_WHEN_MAX];

    tls_crl_when(list->next_update, when);
    snprintf(note, sizeof note, "that of %s ended on %s", list->issuer, when);
    refuse(refusal, WWEP_FAULT_CRL_ENDED, code, note);
}

/* der: the certificate for which there is no list. */
static void refuse_missing(struct tls_refusal *refusal, int code,
                           const uint8_t *der, size_t len)
{
    struct tls_certificate c;
    char note[NOTE_MAX];

    if (tls_certificate_read(&c, der, len) != 0)
        memset(&c, 0, sizeof c);
    snprintf(note, sizeof note, "that CA is %s", c.issuer);
    refuse(refusal, WWEP_FAULT_CRL_MISSING, code, note);
}

/* Only once its signature is good is a certificate looked for in a list: so
 * its name is what our CA wrote. */
static void refuse_revoked(struct tls_refusal *refusal, const uint8_t *der,
                           size_t len)
{
    struct tls_certificate c;
    char note[NOTE_MAX];

    if (tls_certificate_read(&c, der, len) != 0)
        memset(&c, 0, sizeof c);
    snprintf(note, sizeof note, "it is that of %s",
             c.subject[0] != '\0' ? c.subject : c.names);
    refuse(refusal, WWEP_FAULT_REVOKED, CRL_CERT_REVOKED, note);
}

static void refuse_expired(struct tls_refusal *refusal,
                           const struct tls_certificate *c)
{
    char note[NOTE_MAX];
    char when[TLS_WHEN_MAX];

    tls_crl_when(c->not_after, when);
    snprintf(note, sizeof note, "its intermediate %s did on %s", c->subject,
             when);
    refuse(refusal, WWEP_FAULT_EXPIRED, 0, note);
}

static bool name_issuer(const uint8_t *der, size_t len,
                        struct tls_name_id *name)
{
    struct tls_name_id subject;

    return tls_certificate_ids(der, len, name, &subject);
}

int tls_refusal_on_verify(int ok, WOLFSSL_X509_STORE_CTX *store)
{
    struct tls_refusal *refusal = store->userCtx;
    struct tls_revocation_issuer found;
    struct tls_name_id name;
    int depth = store->error_depth;
    int code = store->error;

    if (ok || refusal == NULL || refusal->kind != WWEP_FAULT_NONE ||
        depth < 0 || depth >= store->totalCerts)
        return ok;
    const uint8_t *der = store->certs[depth].buffer;
    size_t len = store->certs[depth].length;
    if (code == CRL_CERT_REVOKED) {
        refuse_revoked(refusal, der, len);
    } else if (code == CRL_MISSING || code == CRL_CERT_DATE_ERR) {
        /* wolfSSL takes a list that has ended for none. */
        if (name_issuer(der, len, &name) &&
            tls_revocation_issuer(refusal->revocation, &name, &found))
            refuse_ended(refusal, code, found.list);
        else
            refuse_missing(refusal, code, der, len);
    }
    return ok;
}

void tls_refusal_watch(struct tls_refusal *refusal,
                       const struct tls_revocation *revocation, WOLFSSL *ssl)
{
    refusal->revocation = revocation;
    wolfSSL_SetCertCbCtx(ssl, refusal);
}

/* Up from the client's issuer to one of client_ca. */
void tls_refusal_judge(struct tls_refusal *refusal, const uint8_t *der,
                       size_t len, time_t now)
{
    struct tls_revocation_issuer issuer;
    struct tls_name_id name;
    bool named = name_issuer(der, len, &name);

    for (int i = 0; named && i < CHAIN_MAX; i++) {
        if (!tls_revocation_issuer(refusal->revocation, &name, &issuer))
            break;
        if (issuer.list->next_update < now) {
            refuse_ended(refusal, 0, issuer.list);
            return;
        }
        if (issuer.trusted)
            return;
        if (issuer.certificate->not_after < now) {
            refuse_expired(refusal, issuer.certificate);
            return;
        }
        name = issuer.certificate->issuer_id;
    }
    refuse_missing(refusal, 0, der, len);
}

void tls_refusal_deinit(struct tls_refusal *refusal)
{
    free(refusal->note);
    refusal->note = NULL;
}
