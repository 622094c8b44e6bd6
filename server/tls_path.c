/* tls_path.c - looks for the path from a client's certificate to client_ca.
 *
 * Happy path: from the client's own, at each step, those that may have signed
 * it -> the first of client_ca's is the end.
 * Failures: one that may have signed has ended, or its list -> another is
 * tried; there is none left -> what was in the way first.
 *
 * Who has signed is told by the name and the id of the key. wolfSSL has checked
 * the signature, and found the key by the same id. Where a certificate does not
 * have it, wolfSSL may have used another CA of the name, one that it remembers:
 * then the signature is checked here, against the one that is meant.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_path.h"

#include <wolfssl/options.h>

#include <stdlib.h>
#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

/* One certificate that may be on the path. */
struct node {
    const struct tls_certificate *c;
    struct wwep_der der;
    bool trusted;
    bool signs;  /* it may have signed others */
    bool proven; /* its own signature has been checked */
    bool seen;
};

struct search {
    const struct tls_path_trust *trust;
    time_t now;
    struct tls_path_fault *fault;
    struct tls_certificate *sent;
    struct node *nodes; /* the listener's, then those that were sent */
    size_t n;
};

static void blame(struct search *s, enum wwep_fault_kind kind,
                  const struct tls_certificate *c, const struct tls_crl *list)
{
    /* That nobody is known is said of branches that lead nowhere, too. */
    if (s->fault->kind != WWEP_FAULT_NONE &&
        s->fault->kind != WWEP_FAULT_UNKNOWN_CA)
        return;
    s->fault->kind = kind;
    s->fault->certificate = *c;
    s->fault->list = list;
}

/* --- one step --------------------------------------------------------------*/

/* Whether the CA alone, of all that wolfSSL may remember, has signed it. */
static bool has_signed(struct search *s, const struct node *ca,
                       const struct node *child)
{
    WOLFSSL_CERT_MANAGER *manager = wolfSSL_CertManagerNew();
    int status = MEMORY_E; /* wolfSSL has taken this CA before */

    if (manager != NULL &&
        wolfSSL_CertManagerLoadCABuffer(
            manager, ca->der.at, (long)wwep_der_len(&ca->der),
            WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS)
        status = wolfSSL_CertManagerVerifyBuffer(
            manager, child->der.at, (long)wwep_der_len(&child->der),
            WOLFSSL_FILETYPE_ASN1);
    wolfSSL_CertManagerFree(manager);
    if (status == MEMORY_E)
        blame(s, WWEP_FAULT_NO_MEMORY, child->c, NULL);
    return status == WOLFSSL_SUCCESS;
}

static bool may_have_signed(const struct node *ca, const struct node *child)
{
    return ca->signs && !ca->seen &&
           tls_name_same(&ca->c->subject_id, &child->c->issuer_id) &&
           (!child->c->names_key ||
            tls_key_same(&ca->c->subject_key, &child->c->issuer_key));
}

/* The CA's list, and its end. */
static bool is_in_force(struct search *s, const struct node *ca,
                        const struct node *child)
{
    const struct tls_revocation *r = s->trust->revocation;

    if (r != NULL) {
        const struct tls_crl *list =
            tls_revocation_list_of(r, &ca->c->subject_id);
        if (list == NULL)
            blame(s, WWEP_FAULT_CRL_MISSING, child->c, NULL);
        else if (list->next_update < s->now)
            blame(s, WWEP_FAULT_CRL_ENDED, ca->c, list);
        if (list == NULL || list->next_update < s->now)
            return false;
    }
    if (ca->c->not_after >= s->now)
        return true;
    blame(s, WWEP_FAULT_EXPIRED, ca->c, NULL);
    return false;
}

/* --- the path --------------------------------------------------------------*/

/* Each node is visited once, so it is never deeper than there are nodes. */
static bool leads_up(struct search *s, const struct node *child)
{
    if (child->c->sha1) {
        blame(s, WWEP_FAULT_WEAK_SIGNATURE, child->c, NULL);
        return false;
    }
    for (size_t i = 0; i < s->n; i++) {
        struct node *ca = &s->nodes[i];
        if (!may_have_signed(ca, child) || !is_in_force(s, ca, child))
            continue;
        if ((!child->c->names_key || !child->proven) &&
            !has_signed(s, ca, child))
            continue;
        if (ca->trusted)
            return true;
        ca->seen = true;
        if (leads_up(s, ca))
            return true;
    }
    blame(s,
          s->trust->revocation != NULL ? WWEP_FAULT_CRL_MISSING
                                       : WWEP_FAULT_UNKNOWN_CA,
          child->c, NULL);
    return false;
}

static void add_authorities(struct search *s)
{
    for (size_t i = 0; i < s->trust->authorities->n; i++) {
        const struct tls_authority *a = &s->trust->authorities->all[i];
        if (a->usable)
            s->nodes[s->n++] = (struct node){
                .c = &a->c,
                .der = wwep_der_of(a->der, a->len),
                .trusted = a->trusted,
                .signs = true,
                .proven = true,
            };
    }
}

/* The client's own becomes the last node. False: *fault says why. */
static bool add_sent(struct search *s, const struct wwep_der *sent, size_t n)
{
    for (size_t i = n; i-- > 0;) {
        struct tls_certificate *c = &s->sent[i];
        int status =
            tls_certificate_read(c, sent[i].at, wwep_der_len(&sent[i]));
        if (status != 0) {
            blame(s,
                  status == MEMORY_E ? WWEP_FAULT_NO_MEMORY
                                     : WWEP_FAULT_BAD_CERTIFICATE,
                  c, NULL);
            return false;
        }
        s->nodes[s->n++] = (struct node){
            .c = c,
            .der = sent[i],
            /* Where there are lists, whoever has one is in the files. */
            .signs = i > 0 && s->trust->revocation == NULL && c->is_ca &&
                     c->may_sign_certificates,
#ifdef WOLFSSL_ALT_CERT_CHAINS
            /* Such a build is content with a chain of which it can not check
             * the rest, where it knows who has signed the client's own. */
            .proven = i == 0,
#else
            .proven = true,
#endif
        };
    }
    return true;
}

bool tls_path_find(const struct tls_path_trust *trust,
                   const struct wwep_der *sent, size_t n, time_t now,
                   struct tls_path_fault *fault)
{
    struct search s = {.trust = trust, .now = now, .fault = fault};
    bool found = false;

    memset(fault, 0, sizeof *fault);
    s.sent = calloc(n, sizeof *s.sent);
    s.nodes = calloc(trust->authorities->n + n, sizeof *s.nodes);
    if (s.sent == NULL || s.nodes == NULL) {
        fault->kind = WWEP_FAULT_NO_MEMORY;
    } else {
        add_authorities(&s);
        found = add_sent(&s, sent, n) && leads_up(&s, &s.nodes[s.n - 1]);
    }
    free(s.nodes);
    free(s.sent);
    return found;
}
