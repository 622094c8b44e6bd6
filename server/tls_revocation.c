/* tls_revocation.c - loads a listener's revocation lists.
 *
 * Happy path: the lists are read, each by itself (wolfSSL takes the first of a
 * PEM text alone) -> those of client_ca's authorities are loaded, as their
 * signature is checked against what the context has -> from the top of the
 * server's chain down: a CA that leads to client_ca, by wolfSSL's own check of
 * signature, dates, path and revocation, is taken into the context -> its list
 * is loaded.
 * Failures: each names the list and what to do. Nothing is passed over in
 * silence but a revoked intermediate's list, which nobody needs.
 *
 * What wolfSSL does not do is done here: of two lists of one issuer it asks the
 * last alone, it does not look at thisUpdate nor at critical extensions, and
 * where a list has ended it says only that there is none.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_revocation.h"

#include "log.h"
#include "tls_crl.h"

#include <wolfssl/options.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#define KEY   "tls.crl"
#define FRESH "make a fresh one (wwep-certs crl)"
/* More than a class has; each is compared to the others. */
#define LISTS_MAX 64u

struct list {
    struct tls_crl crl;
    uint8_t *der;
    size_t len;
    bool loaded;
};

struct tls_revocation {
    struct tls_authorities *authorities; /* the context's */
    struct list *lists;
    size_t n_lists;
};

/* What the steps of tls_revocation_load() hand around. */
struct loading {
    struct tls_revocation *r;
    const struct tls_source *source;
    const char *path;
    WOLFSSL_CTX *ctx;
    time_t now;
};

struct tls_revocation *tls_revocation_new(struct tls_authorities *authorities)
{
    struct tls_revocation *r = calloc(1, sizeof *r);

    if (r != NULL)
        r->authorities = authorities;
    return r;
}

void tls_revocation_free(struct tls_revocation *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->n_lists; i++)
        free(r->lists[i].der);
    free(r->lists);
    free(r);
}

static struct list *find_list(const struct tls_revocation *r,
                              const struct tls_name_id *issuer)
{
    for (size_t i = 0; i < r->n_lists; i++)
        if (tls_name_same(&r->lists[i].crl.issuer_id, issuer))
            return &r->lists[i];
    return NULL;
}

/* --- reading --- */

static int check_dates(const struct loading *l, const struct tls_crl *crl,
                       size_t n)
{
    char when[TLS_WHEN_MAX];

    if (crl->next_update == 0)
        return tls_source_refuse(
            l->source, KEY,
            "%s: list %zu (%s) does not say when it ends, so nobody can tell "
            "whether it is out of date: " FRESH,
            l->path, n + 1, crl->issuer);
    if (crl->this_update > l->now) {
        tls_crl_when(crl->this_update, when);
        return tls_source_refuse(l->source, KEY,
                                 "%s: list %zu (%s) begins on %s only: set "
                                 "this machine's clock, or " FRESH,
                                 l->path, n + 1, crl->issuer, when);
    }
    if (crl->next_update < l->now) {
        tls_crl_when(crl->next_update, when);
        return tls_source_refuse(l->source, KEY,
                                 "%s: list %zu (%s) ended on %s: " FRESH,
                                 l->path, n + 1, crl->issuer, when);
    }
    return 0;
}

static int check_list(const struct loading *l, const struct tls_crl *crl,
                      size_t n)
{
    const struct list *other = find_list(l->r, &crl->issuer_id);

    if (crl->partial)
        return tls_source_refuse(
            l->source, KEY,
            "%s: list %zu (%s) is not complete (it has a critical extension, "
            "as lists of changes have): use one that names all revoked "
            "certificates",
            l->path, n + 1, crl->issuer);
    if (other != NULL)
        return tls_source_refuse(l->source, KEY,
                                 "%s: list %zu is of %s, as list %zu is: keep "
                                 "the newer one alone",
                                 l->path, n + 1, crl->issuer,
                                 (size_t)(other - l->r->lists) + 1);
    return check_dates(l, crl, n);
}

/* Appends the n-th list of the file. Returns 0; 1: there is none; or -1. */
static int read_list(const struct loading *l, const struct tls_file *file,
                     size_t n)
{
    struct tls_revocation *r = l->r;
    struct list list = {0};
    int status =
        tls_crl_decode_pem(file->bytes, file->len, n, &list.der, &list.len);

    if (status > 0)
        return 1;
    if (status < 0 || !tls_crl_read(&list.crl, list.der, list.len)) {
        free(list.der);
        return tls_source_refuse(l->source, KEY,
                                 "%s: list %zu in it is damaged: " FRESH,
                                 l->path, n + 1);
    }
    if (n == LISTS_MAX || check_list(l, &list.crl, n) != 0) {
        free(list.der);
        return n < LISTS_MAX ? -1
                             : tls_source_refuse(l->source, KEY,
                                                 "%s has more than %u lists",
                                                 l->path, LISTS_MAX);
    }
    struct list *grown = realloc(r->lists, (n + 1) * sizeof *grown);
    if (grown == NULL) {
        free(list.der);
        return tls_source_refuse(l->source, KEY, "no memory");
    }
    r->lists = grown;
    grown[n] = list;
    r->n_lists = n + 1;
    return 0;
}

static int read_lists(const struct loading *l)
{
    struct tls_file file;
    int status;

    if (tls_source_read(l->source, KEY, l->path, "crl", &file) != 0)
        return -1;
    while ((status = read_list(l, &file, l->r->n_lists)) == 0)
        ;
    tls_file_free(&file);
    if (status < 0)
        return -1;
    if (l->r->n_lists == 0)
        return tls_source_refuse(l->source, KEY,
                                 "%s has no revocation list in PEM in it "
                                 "(BEGIN X509 CRL): " FRESH,
                                 l->path);
    return 0;
}

/* --- loading --- */

/* Gives the list to the context, which has its issuer. */
static int load_list(const struct loading *l, struct list *list,
                     const struct tls_authority *issuer)
{
    size_t n = (size_t)(list - l->r->lists) + 1;
    const char *name = list->crl.issuer;
    int status = wolfSSL_CTX_LoadCRLBuffer(l->ctx, list->der, (long)list->len,
                                           WOLFSSL_FILETYPE_ASN1);

    list->loaded = status == WOLFSSL_SUCCESS;
    if (list->loaded)
        return 0;
    if (!issuer->c.may_sign_crls)
        return tls_source_refuse(l->source, KEY,
                                 "%s: list %zu is of %s, whose certificate "
                                 "does not let it sign lists (its key usage "
                                 "is without cRLSign): make that CA anew",
                                 l->path, n, name);
    if (status == ASN_CRL_CONFIRM_E || status == ASN_CRL_NO_SIGNER_E)
        return tls_source_refuse(l->source, KEY,
                                 "%s: list %zu is not signed by the %s that "
                                 "is in %s (code %d): " FRESH,
                                 l->path, n, name,
                                 issuer->trusted ? "client_ca" : "certificate",
                                 status);
    return tls_source_refuse(l->source, KEY,
                             "%s: the TLS library does not take list %zu (%s; "
                             "code %d): " FRESH,
                             l->path, n, name, status);
}

static int need_list(const struct loading *l, const struct tls_authority *a)
{
    if (find_list(l->r, &a->c.subject_id) != NULL)
        return 0;
    return tls_source_refuse(
        l->source, KEY,
        "%s has no list of %s (in %s), so none of its clients could be "
        "checked, and all would be refused: add that list (wwep-certs crl)",
        l->path, a->c.subject, a->trusted ? "client_ca" : "certificate");
}

/* A list says whose it is by name alone, and so does the library's look-up. */
static int check_name(const struct loading *l, const struct tls_authority *a)
{
    if (tls_authorities_namesake(l->r->authorities, a) == NULL)
        return 0;
    return tls_source_refuse(
        l->source, a->trusted ? "tls.client_ca" : "tls.certificate",
        "%s has two different CAs named %s: revocation can not tell them "
        "apart: take one out, or do without crl",
        a->trusted ? "client_ca" : "client_ca, with certificate,",
        a->c.subject);
}

static int load_lists_of_client_ca(const struct loading *l)
{
    struct tls_revocation *r = l->r;

    for (size_t i = 0; i < r->authorities->n; i++) {
        const struct tls_authority *a = &r->authorities->all[i];
        if (!a->trusted)
            continue;
        if (check_name(l, a) != 0 || need_list(l, a) != 0)
            return -1;
        struct list *list = find_list(r, &a->c.subject_id);
        if (!list->loaded && load_list(l, list, a) != 0)
            return -1;
    }
    return 0;
}

/* Who is in client_ca is trusted, whatever others say of it: it must not be
 * one whom they have revoked. */
static int check_client_ca(const struct loading *l)
{
    struct tls_revocation *r = l->r;
    WOLFSSL_CERT_MANAGER *manager = wolfSSL_CTX_GetCertManager(l->ctx);

    for (size_t i = 0; i < r->authorities->n; i++) {
        const struct tls_authority *a = &r->authorities->all[i];
        if (a->trusted && wolfSSL_CertManagerCheckCRL(
                              manager, a->der, (int)a->len) == CRL_CERT_REVOKED)
            return tls_source_refuse(l->source, KEY,
                                     "%s: the list of %s revokes %s, which is "
                                     "in client_ca: take it out of there",
                                     l->path, a->c.issuer, a->c.subject);
    }
    return 0;
}

/* Takes a CA of the server's chain, if it leads to client_ca, and its list. */
static int adopt(const struct loading *l, struct tls_authority *a)
{
    WOLFSSL_CERT_MANAGER *manager = wolfSSL_CTX_GetCertManager(l->ctx);
    int status = wolfSSL_CertManagerVerifyBuffer(manager, a->der, (long)a->len,
                                                 WOLFSSL_FILETYPE_ASN1);

    a->revoked = status == CRL_CERT_REVOKED;
    if (a->revoked)
        log_warning("%s: %s in %s is revoked by the list of %s: who has a "
                    "certificate from it is refused; make this server a new "
                    "certificate, too",
                    l->source->listener->name, a->c.subject,
                    l->source->listener->tls->certificate, a->c.issuer);
    if (status != WOLFSSL_SUCCESS)
        return 0;
    if (check_name(l, a) != 0 || need_list(l, a) != 0)
        return -1;
    if (wolfSSL_CTX_load_verify_buffer(l->ctx, a->der, (long)a->len,
                                       WOLFSSL_FILETYPE_ASN1) !=
        WOLFSSL_SUCCESS)
        return tls_source_refuse(l->source, KEY,
                                 "the TLS library does not take %s as a CA",
                                 a->c.subject);
    a->usable = true;
    struct list *list = find_list(l->r, &a->c.subject_id);
    return list->loaded ? 0 : load_list(l, list, a);
}

/* The issuers come behind whom they have issued. */
static int adopt_chain(const struct loading *l)
{
    for (size_t i = l->r->authorities->n; i-- > 0;) {
        struct tls_authority *a = &l->r->authorities->all[i];
        if (!a->trusted && adopt(l, a) != 0)
            return -1;
    }
    return 0;
}

/* That no list is left over. */
static int check_issuers(const struct loading *l)
{
    for (size_t i = 0; i < l->r->n_lists; i++) {
        const struct list *list = &l->r->lists[i];
        const struct tls_authority *a =
            tls_authorities_find(l->r->authorities, &list->crl.issuer_id);
        if (list->loaded || (a != NULL && a->revoked))
            continue;
        return tls_source_refuse(
            l->source, KEY,
            "%s: list %zu is of %s, which %s: add its certificate to "
            "client_ca, or take the list out",
            l->path, i + 1, list->crl.issuer,
            a != NULL ? "is in certificate, but has ended or does not lead to "
                        "client_ca"
                      : "is neither in client_ca nor in certificate");
    }
    return 0;
}

int tls_revocation_load(struct tls_revocation *r,
                        const struct tls_source *source, WOLFSSL_CTX *ctx,
                        time_t now)
{
    const struct loading l = {
        .r = r,
        .source = source,
        .path = source->listener->tls->crl,
        .ctx = ctx,
        .now = now,
    };

    if (wolfSSL_CTX_EnableCRL(ctx, WOLFSSL_CRL_CHECKALL) != WOLFSSL_SUCCESS)
        return tls_source_refuse(source, KEY,
                                 "this TLS library can not use it: build it "
                                 "with --enable-crl");
#ifdef HAVE_CRL_IO
    /* Else the packaged library would fetch what it lacks over HTTP, from
     * where a client's certificate says, and hold up all others meanwhile. */
    wolfSSL_CTX_SetCRL_IOCb(ctx, NULL);
#endif
    if (read_lists(&l) != 0 || load_lists_of_client_ca(&l) != 0 ||
        check_client_ca(&l) != 0 || adopt_chain(&l) != 0)
        return -1;
    return check_issuers(&l);
}

const struct tls_crl *tls_revocation_list_of(const struct tls_revocation *r,
                                             const struct tls_name_id *issuer)
{
    const struct list *list = find_list(r, issuer);

    return list != NULL && list->loaded ? &list->crl : NULL;
}

bool tls_revocation_list(const struct tls_revocation *r, size_t n,
                         const struct tls_crl **list)
{
    if (n >= r->n_lists)
        return false;
    *list = &r->lists[n].crl;
    return true;
}
