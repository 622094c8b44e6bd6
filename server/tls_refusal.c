/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_refusal.h"

#include "tls_certificate.h"
#include "tls_fault.h"
#include "tls_revocation.h"

#include <wolfssl/options.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

/* Without it the library keeps good certificates to itself. */
#ifndef WOLFSSL_ALWAYS_VERIFY_CB
#error "build wolfSSL with WOLFSSL_ALWAYS_VERIFY_CB"
#endif

#define NOTE_MAX  (TLS_NAMES_MAX + 128u)
#define CHAIN_MAX 16 /* wolfSSL's MAX_CHAIN_DEPTH is 9 */

static void refuse(struct tls_refusal *refusal, enum wwep_fault_kind kind,
                   int code, const char *note)
{
    refusal->kind = kind;
    refusal->code = code;
    refusal->note = strdup(note); /* without memory: without the note */
}

static const char *name_of(const struct tls_certificate *c)
{
    return c->subject[0] != '\0' ? c->subject : c->names;
}

/* --- by the lists ----------------------------------------------------------
 */

static void refuse_ended(struct tls_refusal *refusal, int code,
                         const struct tls_crl *list)
{
    char note[NOTE_MAX];
    char when[TLS_WHEN_MAX];

    tls_crl_when(list->next_update, when);
    snprintf(note, sizeof note, "that of %s ended on %s", list->issuer, when);
    refuse(refusal, WWEP_FAULT_CRL_ENDED, code, note);
}

/* c: the certificate for which there is no list. */
static void refuse_missing(struct tls_refusal *refusal, int code,
                           const struct tls_certificate *c)
{
    char note[NOTE_MAX];

    snprintf(note, sizeof note, "that CA is %s", c->issuer);
    refuse(refusal, WWEP_FAULT_CRL_MISSING, code, note);
}

/* Only once its signature is good is a certificate looked for in a list: so
 * its name is what our CA wrote. */
static void refuse_revoked(struct tls_refusal *refusal,
                           const struct tls_certificate *c)
{
    char note[NOTE_MAX];

    snprintf(note, sizeof note, "it is that of %s", name_of(c));
    refuse(refusal, WWEP_FAULT_REVOKED, CRL_CERT_REVOKED, note);
}

/* What the library says of them, which takes a list that has ended for none. */
static void explain(struct tls_refusal *refusal, int code, const uint8_t *der,
                    size_t len)
{
    const struct tls_revocation *r = refusal->trust->revocation;
    struct tls_certificate c;

    if (r == NULL || (code != CRL_CERT_REVOKED && code != CRL_MISSING &&
                      code != CRL_CERT_DATE_ERR))
        return;
    if (tls_certificate_read(&c, der, len) != 0)
        memset(&c, 0, sizeof c);
    const struct tls_crl *list = tls_revocation_list_of(r, &c.issuer_id);
    if (code == CRL_CERT_REVOKED)
        refuse_revoked(refusal, &c);
    else if (list != NULL)
        refuse_ended(refusal, code, list);
    else
        refuse_missing(refusal, code, &c);
}

/* --- by the path -----------------------------------------------------------
 */

static void refuse_expired(struct tls_refusal *refusal,
                           const struct tls_certificate *c)
{
    char note[NOTE_MAX];
    char when[TLS_WHEN_MAX];

    tls_crl_when(c->not_after, when);
    snprintf(note, sizeof note, "its %s %s did on %s",
             c->self_signed ? "CA" : "intermediate", c->subject, when);
    refuse(refusal, WWEP_FAULT_EXPIRED, 0, note);
}

static void refuse_for(struct tls_refusal *refusal,
                       const struct tls_path_fault *fault)
{
    const struct tls_certificate *c = &fault->certificate;
    char note[NOTE_MAX];

    switch (fault->kind) {
    case WWEP_FAULT_CRL_ENDED:
        refuse_ended(refusal, 0, fault->list);
        return;
    case WWEP_FAULT_CRL_MISSING:
        refuse_missing(refusal, 0, c);
        return;
    case WWEP_FAULT_EXPIRED:
        refuse_expired(refusal, c);
        return;
    case WWEP_FAULT_WEAK_SIGNATURE:
        snprintf(note, sizeof note, "it is that of %s, %s", name_of(c),
                 c->signature);
        break;
    case WWEP_FAULT_UNKNOWN_CA:
        snprintf(note, sizeof note, "that CA is %s", c->issuer);
        break;
    default:
        refusal->kind = fault->kind; /* there is nothing to be said of it */
        return;
    }
    refuse(refusal, fault->kind, 0, note);
}

void tls_refusal_judge(struct tls_refusal *refusal, const struct wwep_der *sent,
                       size_t n, time_t now)
{
    struct tls_certificate c;
    struct tls_path_fault fault;
    int status = tls_certificate_read(&c, sent->at, wwep_der_len(sent));

    if (status != 0)
        refusal->kind = status == MEMORY_E ? WWEP_FAULT_NO_MEMORY
                                           : WWEP_FAULT_BAD_CERTIFICATE;
    else if (c.no_digital_signature) /* the library looks in TLS 1.2 alone */
        refuse(refusal, WWEP_FAULT_WRONG_USAGE, 0,
               tls_cause_note(KEYUSE_SIGNATURE_E));
    else if (c.rsa_bits > TLS_RSA_BITS_MAX)
        refuse(refusal, WWEP_FAULT_BAD_CERTIFICATE, PEER_KEY_ERROR,
               tls_cause_note(PEER_KEY_ERROR));
    else if (!tls_path_find(refusal->trust, sent, n, now, &fault))
        refuse_for(refusal, &fault);
}

/* --- the library -----------------------------------------------------------
 */

int tls_refusal_on_verify(int ok, WOLFSSL_X509_STORE_CTX *store)
{
    struct tls_refusal *refusal = store->userCtx;
    struct wwep_der sent[CHAIN_MAX];
    int depth = store->error_depth;
    int n = store->totalCerts;

    /* TLS 1.2: a client that has none sends an empty list. */
    if (refusal == NULL || depth < 0 || depth >= n || n > CHAIN_MAX)
        return ok && n == 0;
    refusal->came = true;
    for (int i = 0; i < n; i++)
        sent[i] = wwep_der_of(store->certs[i].buffer, store->certs[i].length);
    if (!ok)
        tls_cause_keep(&refusal->cause, refusal->trust, sent, (size_t)n,
                       (size_t)depth, tls_fault_code(store));
    else if (depth == 0) /* what it had against the others, it has dropped */
        refusal->cause.kind = WWEP_FAULT_NONE;
    if (refusal->kind == WWEP_FAULT_NONE && !ok)
        explain(refusal, store->error, sent[depth].at,
                wwep_der_len(&sent[depth]));
    else if (refusal->kind == WWEP_FAULT_NONE && depth == 0)
        tls_refusal_judge(refusal, sent, (size_t)n, time(NULL));
    return ok && refusal->kind == WWEP_FAULT_NONE;
}

void tls_refusal_watch(struct tls_refusal *refusal,
                       const struct tls_path_trust *trust, WOLFSSL *ssl)
{
    refusal->trust = trust;
    wolfSSL_SetCertCbCtx(ssl, refusal);
}

void tls_refusal_deinit(struct tls_refusal *refusal)
{
    free(refusal->note);
    refusal->note = NULL;
}
