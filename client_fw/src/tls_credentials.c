/* Happy path: each object in the user's bytes is made DER, read, judged and
 * given to wolfSSL, one by one: its own reader of PEM stops at text between
 * blocks, and does not say which of several was bad.
 * Failures: the first thing that can not be used ends it, with a fault, and a
 * line in the log that says which one it was.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_credentials.h"

#include "credential.h"
#include "tls_key.h"
#include "tls_verify.h"
#include "tls_wipe.h"
#include "tls_wolfssl.h"
#include "wwep_text.h"

#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#define LOG_MAX 200u
#define ENOUGH  4096u /* bytes, to read a certificate */

/* --- faults --------------------------------------------------------------- */

/* "root certificate 2 (CN=...)", and what is wrong with it. n counts from 1;
 * 0: there is only one. */
static void log_trouble(const struct wwep_tls_credentials *c, const char *what,
                        size_t n, const struct wwep_der *subject)
{
    char line[LOG_MAX];
    struct wwep_text text;

    if (!c->second || c->port == NULL || c->port->log == NULL)
        return;
    wwep_text_start(&text, line, sizeof line);
    wwep_text_add(&text, what);
    if (n > 0) {
        wwep_text_add(&text, " ");
        wwep_text_add_number(&text, n);
    }
#ifndef WWEP_NO_ADVICE
    if (subject != NULL) {
        char name[96];

        wwep_x509_name_text(subject, name, sizeof name);
        wwep_text_add(&text, " (");
        wwep_text_add(&text, name);
        wwep_text_add(&text, ")");
    }
#else
    (void)subject;
#endif
    wwep_text_add(&text, ": ");
    wwep_text_add(&text, wwep_fault_text(c->fault.kind));
    c->port->log(c->port->ctx, WWEP_LOG_WARNING, line);
}

static enum wwep_result refuse(struct wwep_tls_credentials *c,
                               enum wwep_fault_kind kind, int code)
{
    bool no_memory = code == MEMORY_E || code == MEMORY_ERROR;

    c->fault = (struct wwep_fault){
        .kind = no_memory ? WWEP_FAULT_NO_MEMORY : kind,
        .code = code,
        .alert = -1,
    };
    return no_memory ? WWEP_E_MEMORY : WWEP_E_CREDENTIALS;
}

/* --- one object ----------------------------------------------------------- */

/* An object as DER, with the room that PEM needs. */
struct opened {
    struct wwep_der der;
    uint8_t *room; /* NULL: none was needed */
    size_t room_len;
};

/* False: no memory. */
static bool open_object(struct opened *o, const struct wwep_credential *object)
{
    o->room_len = wwep_credential_room(object);
    o->room = NULL;
    if (o->room_len > 0) {
        o->room = XMALLOC(o->room_len, NULL, DYNAMIC_TYPE_TMP_BUFFER);
        if (o->room == NULL)
            return false;
    }
    o->der = wwep_credential_der(object, o->room);
    return true;
}

static void close_object(struct opened *o)
{
    wwep_tls_wipe(o->room, o->room_len); /* it may have been a key */
    XFREE(o->room, NULL, DYNAMIC_TYPE_TMP_BUFFER);
    o->room = NULL;
}

/* --- roots ---------------------------------------------------------------- */

static enum wwep_result load_root(struct wwep_tls_credentials *c,
                                  WOLFSSL_CTX *ctx, size_t n,
                                  const struct wwep_der *der)
{
    const char *what = "root certificate";
    enum wwep_result result = WWEP_OK;
    struct wwep_x509 root;
    int code = WOLFSSL_SUCCESS;

    if (!wwep_x509_read(&root, der->at, wwep_der_len(der))) {
        result = refuse(c, WWEP_FAULT_OUR_ROOT_BAD, 0);
        log_trouble(c, what, n, NULL);
        return result;
    }
    enum wwep_fault_kind dates =
        c->any_date ? WWEP_FAULT_NONE : wwep_tls_verify_dates(&root, c->now);
    if (dates != WWEP_FAULT_NONE) {
        result = refuse(c,
                        dates == WWEP_FAULT_EXPIRED
                            ? WWEP_FAULT_OUR_ROOT_EXPIRED
                            : WWEP_FAULT_OUR_ROOT_NOT_YET_VALID,
                        0);
    } else if (root.is_ca || c->thorough) {
        code = wolfSSL_CTX_load_verify_buffer_ex(
            ctx, der->at, (long)wwep_der_len(der), WOLFSSL_FILETYPE_ASN1, 0,
            WOLFSSL_LOAD_FLAG_DATE_ERR_OKAY);
        if (code == WOLFSSL_SUCCESS && c->thorough &&
            wwep_der_equal(&root.subject, &root.issuer))
            code = wwep_tls_key_check_root(ctx, der);
        if (code != WOLFSSL_SUCCESS)
            result = refuse(c, WWEP_FAULT_OUR_ROOT_BAD, code);
    }
    if (result != WWEP_OK)
        log_trouble(c, what, n, &root.subject);
    return result;
}

static enum wwep_result load_roots(struct wwep_tls_credentials *c,
                                   WOLFSSL_CTX *ctx)
{
    enum wwep_result result = WWEP_OK;
    struct wwep_credentials list;
    struct wwep_credential object;
    size_t n = 0;

    wwep_credentials_start(&list, &c->config->roots);
    while (result == WWEP_OK && wwep_credentials_next(&list, &object)) {
        struct opened o;
        if (object.kind == WWEP_CREDENTIAL_OTHER)
            continue;
        n++;
        if (!open_object(&o, &object))
            return refuse(c, WWEP_FAULT_NO_MEMORY, MEMORY_E);
        result = load_root(c, ctx, n, &o.der);
        close_object(&o);
    }
    if (result == WWEP_OK && n == 0) {
        result = refuse(c, WWEP_FAULT_OUR_ROOT_BAD, 0);
        log_trouble(c, "root certificates", 0, NULL);
    }
    return result;
}

static bool has_subject(const struct wwep_der *root,
                        const struct wwep_der *subject)
{
    struct wwep_x509 x;

    return wwep_x509_read(&x, root->at, wwep_der_len(root)) && x.is_ca &&
           wwep_der_equal(&x.subject, subject);
}

static bool find_root(const struct wwep_tls_config *config,
                      bool (*fits)(const struct wwep_der *root,
                                   const struct wwep_der *what),
                      const struct wwep_der *what)
{
    struct wwep_credentials list;
    struct wwep_credential object;
    bool found = false;

    wwep_credentials_start(&list, &config->roots);
    while (!found && wwep_credentials_next(&list, &object)) {
        struct opened o;
        if (object.kind != WWEP_CREDENTIAL_CERTIFICATE)
            continue;
        if (!open_object(&o, &object))
            return false;
        found = fits(&o.der, what);
        close_object(&o);
    }
    return found;
}

bool wwep_tls_credentials_has_root(const struct wwep_tls_config *config,
                                   const struct wwep_der *subject)
{
    return find_root(config, has_subject, subject);
}

bool wwep_tls_credentials_is_root(const struct wwep_tls_config *config,
                                  const struct wwep_der *certificate)
{
    return find_root(config, wwep_der_equal, certificate);
}

/* --- our chain and key ---------------------------------------------------- */

/* Our own certificate and those that come with it, one after another. */
struct chain {
    uint8_t *der;
    size_t len;
    struct wwep_x509 own;
};

/* Adds one; the root is left out, as who does not have it will not believe
 * it. */
static enum wwep_result add_link(struct wwep_tls_credentials *c,
                                 struct chain *chain, size_t n,
                                 const struct wwep_der *der)
{
    struct wwep_x509 x;
    uint8_t *to = chain->der + chain->len;
    size_t len = wwep_der_len(der);

    if (len > 0) /* else it has no bytes at all */
        memcpy(to, der->at, len);
    if (!wwep_x509_read(&x, to, len)) {
        enum wwep_result result = refuse(c, WWEP_FAULT_OUR_CERTIFICATE_BAD, 0);
        log_trouble(c, "our certificate", n, NULL);
        return result;
    }
    if (n == 1) {
        chain->own = x;
        c->certificate_len = len;
    } else if (wwep_der_equal(&x.issuer, &x.subject)) {
        return WWEP_OK;
    }
    chain->len += len;
    return WWEP_OK;
}

/* The chain has as much room as the user's bytes are. */
static enum wwep_result collect_chain(struct wwep_tls_credentials *c,
                                      struct chain *chain)
{
    enum wwep_result result = WWEP_OK;
    struct wwep_credentials list;
    struct wwep_credential object;
    size_t n = 0;
    bool key = false;

    wwep_credentials_start(&list, &c->config->certificate);
    while (result == WWEP_OK && wwep_credentials_next(&list, &object)) {
        struct opened o;
        if (object.kind == WWEP_CREDENTIAL_KEY ||
            object.kind == WWEP_CREDENTIAL_ENCRYPTED_KEY) {
            key = true;
            continue;
        }
        if (object.kind == WWEP_CREDENTIAL_OTHER)
            continue;
        n++;
        if (!open_object(&o, &object))
            return refuse(c, WWEP_FAULT_NO_MEMORY, MEMORY_E);
        result = add_link(c, chain, n, &o.der);
        close_object(&o);
    }
    if (result == WWEP_OK && n == 0)
        result = refuse(c,
                        key ? WWEP_FAULT_OUR_CERTIFICATE_IS_KEY
                            : WWEP_FAULT_OUR_CERTIFICATE_BAD,
                        0);
    return result;
}

static enum wwep_result use_key(struct wwep_tls_credentials *c,
                                WOLFSSL_CTX *ctx, const struct wwep_x509 *own,
                                const struct wwep_der *key)
{
    int code =
        wwep_der_len(key) == 0 ? ASN_PARSE_E : wwep_tls_key_use(ctx, key);

    if (code != WOLFSSL_SUCCESS)
        return refuse(c, WWEP_FAULT_OUR_KEY_BAD, code);
    code = wwep_tls_key_fits(ctx, key, own, c->thorough);
    return code == WOLFSSL_SUCCESS ? WWEP_OK
                                   : refuse(c, WWEP_FAULT_OUR_KEY_OTHER, code);
}

static enum wwep_result load_key(struct wwep_tls_credentials *c,
                                 WOLFSSL_CTX *ctx, const struct wwep_x509 *own)
{
    struct wwep_credentials list;
    struct wwep_credential object;
    struct opened o;

    wwep_credentials_start(&list, &c->config->key);
    while (wwep_credentials_next(&list, &object)) {
        if (object.kind == WWEP_CREDENTIAL_ENCRYPTED_KEY)
            return refuse(c, WWEP_FAULT_OUR_KEY_ENCRYPTED, 0);
        if (object.kind != WWEP_CREDENTIAL_KEY)
            continue;
        if (!open_object(&o, &object))
            return refuse(c, WWEP_FAULT_NO_MEMORY, MEMORY_E);
        enum wwep_result result = use_key(c, ctx, own, &o.der);
        close_object(&o);
        return result;
    }
    return refuse(c, WWEP_FAULT_OUR_KEY_BAD, 0);
}

static enum wwep_result load_identity(struct wwep_tls_credentials *c,
                                      WOLFSSL_CTX *ctx)
{
    struct chain chain = {.len = 0};

    chain.der =
        XMALLOC(c->config->certificate.len + 1, NULL, DYNAMIC_TYPE_TMP_BUFFER);
    if (chain.der == NULL)
        return refuse(c, WWEP_FAULT_NO_MEMORY, MEMORY_E);
    enum wwep_result result = collect_chain(c, &chain);
    if (result == WWEP_OK) {
        int code = wolfSSL_CTX_use_certificate_chain_buffer_format(
            ctx, chain.der, (long)chain.len, WOLFSSL_FILETYPE_ASN1);
        if (code != WOLFSSL_SUCCESS)
            result = refuse(c, WWEP_FAULT_OUR_CERTIFICATE_BAD, code);
    }
    if (result == WWEP_OK)
        result = load_key(c, ctx, &chain.own);
    XFREE(chain.der, NULL, DYNAMIC_TYPE_TMP_BUFFER);
    return result;
}

static enum wwep_result load_all(struct wwep_tls_credentials *c,
                                 WOLFSSL_CTX *ctx)
{
    const struct wwep_tls_config *config = c->config;
    enum wwep_result result = WWEP_OK;

    if (config->roots.bytes != NULL)
        result = load_roots(c, ctx);
    if (result == WWEP_OK && (config->certificate.bytes != NULL ||
                              config->key.bytes != NULL || c->needs_identity))
        result = load_identity(c, ctx);
    return result;
}

static bool has_memory(void)
{
    void *block = XMALLOC(ENOUGH, NULL, DYNAMIC_TYPE_TMP_BUFFER);

    XFREE(block, NULL, DYNAMIC_TYPE_TMP_BUFFER);
    return block != NULL;
}

/* Where the library has no memory to read a certificate, it says in places that
 * it is damaged, or that its key is weak. So a refusal is not believed the
 * first time; what is in the context by then may be loaded once more. */
enum wwep_result wwep_tls_credentials_load(struct wwep_tls_credentials *c,
                                           WOLFSSL_CTX *ctx)
{
    enum wwep_result result = load_all(c, ctx);

    if (result != WWEP_E_CREDENTIALS)
        return result;
    c->second = true;
    result = load_all(c, ctx);
    return result == WWEP_E_CREDENTIALS && !has_memory()
               ? refuse(c, WWEP_FAULT_NO_MEMORY, MEMORY_E)
               : result;
}
