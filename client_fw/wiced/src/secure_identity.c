/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_identity.h"

#include "secure_credentials.h"
#include "secure_note.h"
#include "secure_session.h"
#include "tls_wipe.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC       UINT64_C(0x7E1D5A3C9B20F684)
#define PARSE_ERROR ((wiced_result_t)1) /* the SDK's own: of a comparison */

/* --- a pair --------------------------------------------------------------- */

static void free_pair(struct secure_pair *pair)
{
    wwep_tls_wipe(pair->key, pair->key_len);
    free(pair->key);
    free(pair->certificate);
    free(pair);
}

static void read_kind(struct secure_pair *pair)
{
    struct wwep_der list =
        wwep_der_of(pair->certificate, pair->certificate_len);
    struct wwep_der first;
    struct wwep_x509 own;

    if (wwep_der_take_whole(&list, WWEP_DER_SEQUENCE, &first) &&
        wwep_x509_read(&own, first.at, wwep_der_len(&first)))
        pair->kind = own.key_kind;
}

/* What only the TLS library sees. That the two do not belong together is said,
 * and is the handshake's to fail of. */
static enum wwep_fault_kind look_at(const struct secure_pair *pair)
{
    const struct wwep_tls_config config = {
        .certificate = {pair->certificate, pair->certificate_len},
        .key = {pair->key, pair->key_len},
    };
    struct secure_note note;
    struct wwep_fault fault;

    if (pair->key == NULL || pair->certificate == NULL || !secure_start())
        return WWEP_FAULT_NONE;
    secure_note_init(&note);
    (void)wwep_tls_check(&config, &note.posix.port, &fault);
    if (fault.kind != WWEP_FAULT_OUR_KEY_OTHER)
        return fault.kind;
    secure_note_say(&note, "identity", &fault);
    return WWEP_FAULT_NONE;
}

static enum wwep_fault_kind fill_pair(struct secure_pair *pair,
                                      const struct wwep_bytes *key,
                                      const struct wwep_bytes *certificate)
{
    enum wwep_fault_kind kind = WWEP_FAULT_NONE;

    if (certificate->bytes != NULL && certificate->len > 0) {
        kind = secure_certificates_read(certificate->bytes, certificate->len,
                                        &pair->certificate,
                                        &pair->certificate_len);
        if (kind != WWEP_FAULT_NONE)
            return kind;
        read_kind(pair);
    }
    if (key->bytes != NULL && key->len > 0)
        kind =
            secure_key_read(key->bytes, key->len, &pair->key, &pair->key_len);
    return kind == WWEP_FAULT_NONE ? look_at(pair) : kind;
}

static wiced_result_t read_pair(const struct wwep_bytes *key,
                                const struct wwep_bytes *certificate,
                                struct secure_pair **out)
{
    struct wwep_fault fault = {.alert = -1};
    struct secure_pair *pair = calloc(1, sizeof *pair);

    *out = NULL;
    if (pair == NULL)
        return WICED_TLS_ERROR_OUT_OF_MEMORY;
    fault.kind = fill_pair(pair, key, certificate);
    if (fault.kind == WWEP_FAULT_NONE) {
        *out = pair;
        return WICED_SUCCESS;
    }
    free_pair(pair);
    if (fault.kind == WWEP_FAULT_NO_MEMORY)
        return WICED_TLS_ERROR_OUT_OF_MEMORY;
    secure_note_say(NULL, "identity", &fault);
    return PARSE_ERROR;
}

/* --- the list ------------------------------------------------------------- */

static bool is_identity(const wiced_tls_identity_t *identity)
{
    return identity != NULL && identity->magic == MAGIC;
}

static void put(wiced_tls_identity_t *identity,
                wiced_tls_credentials_info_t *info, struct secure_pair *pair)
{
    info->pair = pair;
    info->this_node.data = info;
    (void)linked_list_insert_node_at_rear(&identity->credentials,
                                          &info->this_node);
}

/* NULL: it is not in the list. */
static linked_list_node_t *find(const wiced_tls_identity_t *identity,
                                const wiced_tls_credentials_info_t *info)
{
    linked_list_node_t *node = identity->credentials.front;

    while (node != NULL && node != &info->this_node)
        node = node->next;
    return node;
}

static struct secure_pair *pair_of(const linked_list_node_t *node)
{
    const wiced_tls_credentials_info_t *info = node->data;

    return info->pair;
}

static bool is_whole(const struct secure_pair *pair)
{
    return pair->key != NULL && pair->certificate != NULL;
}

const struct secure_pair *secure_identity_next(
    const wiced_tls_identity_t *identity, const struct secure_pair *last)
{
    bool passed = last == NULL;

    if (!is_identity(identity))
        return NULL;
    for (const linked_list_node_t *node = identity->credentials.front;
         node != NULL; node = node->next) {
        if (passed && is_whole(pair_of(node)))
            return pair_of(node);
        passed = passed || pair_of(node) == last;
    }
    return NULL;
}

bool secure_identity_is_partial(const wiced_tls_identity_t *identity)
{
    if (!is_identity(identity))
        return false;
    for (const linked_list_node_t *node = identity->credentials.front;
         node != NULL; node = node->next)
        if (!is_whole(pair_of(node)) &&
            (pair_of(node)->key != NULL || pair_of(node)->certificate != NULL))
            return true;
    return false;
}

/* --- the API -------------------------------------------------------------- */

wiced_result_t wiced_tls_init_identity(wiced_tls_identity_t *identity,
                                       const char *private_key,
                                       const uint32_t key_length,
                                       const uint8_t *certificate_data,
                                       uint32_t certificate_length)
{
    const struct wwep_bytes key = {(const uint8_t *)private_key, key_length};
    const struct wwep_bytes certificate = {certificate_data,
                                           certificate_length};
    struct secure_pair *pair;

    if (identity == NULL)
        return WICED_ERROR;
    memset(identity, 0, sizeof *identity);
    identity->magic = MAGIC;
    wiced_result_t result = read_pair(&key, &certificate, &pair);
    if (result == WICED_SUCCESS)
        put(identity, &pair->own, pair);
    return result;
}

wiced_result_t wiced_tls_add_identity(wiced_tls_identity_t *identity,
                                      wiced_tls_credentials_info_t *credential,
                                      const char *private_key,
                                      const uint32_t key_length,
                                      const uint8_t *certificate_data,
                                      uint32_t certificate_length)
{
    const struct wwep_bytes key = {(const uint8_t *)private_key, key_length};
    const struct wwep_bytes certificate = {certificate_data,
                                           certificate_length};
    struct secure_pair *pair;

    if (!is_identity(identity) || credential == NULL ||
        find(identity, credential) != NULL)
        return WICED_ERROR;
    memset(credential, 0, sizeof *credential);
    wiced_result_t result = read_pair(&key, &certificate, &pair);
    if (result == WICED_SUCCESS)
        put(identity, credential, pair);
    return result;
}

wiced_result_t wiced_tls_remove_identity(
    wiced_tls_identity_t *identity, wiced_tls_credentials_info_t *credential)
{
    if (identity == NULL || credential == NULL)
        return WICED_ERROR;
    if (!is_identity(identity))
        return WICED_NOT_FOUND;

    linked_list_node_t *node = find(identity, credential);
    if (node == NULL)
        return WICED_NOT_FOUND;
    (void)linked_list_remove_node(&identity->credentials, node);
    free_pair(pair_of(node));
    memset(credential, 0, sizeof *credential);
    return WICED_SUCCESS;
}

wiced_result_t wiced_tls_deinit_identity(wiced_tls_identity_t *tls_identity)
{
    linked_list_node_t *node, *next;

    if (tls_identity == NULL)
        return WICED_ERROR;
    node = is_identity(tls_identity) ? tls_identity->credentials.front : NULL;
    for (; node != NULL; node = next) {
        wiced_tls_credentials_info_t *info = node->data;
        struct secure_pair *pair = info->pair;

        next = node->next;
        memset(info, 0, sizeof *info); /* the program's, or the pair's own */
        free_pair(pair);
    }
    memset(tls_identity, 0, sizeof *tls_identity);
    return WICED_SUCCESS;
}
