/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_credentials.h"

#include "certificate.h"
#include "credential.h"
#include "tls_wipe.h"

#include <stdlib.h>
#include <string.h>

/* What is found takes no more room than where it was found; PEM's own way of
 * counting (wwep_credential_room()) is three bytes more for each block. */
struct collected {
    uint8_t *der;
    size_t len;
};

/* Behind an object in DER, NULs are the end of a text that was counted in. */
static bool is_padding(const struct wwep_credential *object,
                       const struct wwep_bytes *bytes)
{
    const uint8_t *end = bytes->bytes + bytes->len;

    if (object->pem || object->kind != WWEP_CREDENTIAL_DAMAGED ||
        object->body == bytes->bytes)
        return false;
    for (const uint8_t *at = object->body; at < end; at++)
        if (*at != 0)
            return false;
    return true;
}

/* False: it is damaged, or there is no memory, which *no_memory says. */
static bool add(struct collected *to, const struct wwep_credential *object,
                bool *no_memory)
{
    size_t room = wwep_credential_room(object);
    size_t most = room > 0 ? room : object->len;
    uint8_t *grown = realloc(to->der, to->len + most + 1);

    *no_memory = grown == NULL;
    if (grown == NULL)
        return false;
    to->der = grown;
    struct wwep_der der = wwep_credential_der(object, grown + to->len);
    size_t len = wwep_der_len(&der);
    if (len == 0)
        return false;
    if (room == 0)
        memcpy(grown + to->len, der.at, len);
    to->len += len;
    return true;
}

static enum wwep_fault_kind add_certificate(struct collected *to,
                                            const struct wwep_credential *c)
{
    size_t at = to->len;
    struct wwep_x509 read;
    bool no_memory;

    if (!add(to, c, &no_memory))
        return no_memory ? WWEP_FAULT_NO_MEMORY
                         : WWEP_FAULT_OUR_CERTIFICATE_BAD;
    return wwep_x509_read(&read, to->der + at, to->len - at)
               ? WWEP_FAULT_NONE
               : WWEP_FAULT_OUR_CERTIFICATE_BAD;
}

enum wwep_fault_kind secure_certificates_read(const void *bytes, size_t len,
                                              uint8_t **der, size_t *der_len)
{
    const struct wwep_bytes given = {bytes, len};
    enum wwep_fault_kind kind = WWEP_FAULT_NONE;
    struct collected found = {NULL, 0};
    struct wwep_credentials list;
    struct wwep_credential object;
    bool key = false;

    wwep_credentials_start(&list, &given);
    while (kind == WWEP_FAULT_NONE && wwep_credentials_next(&list, &object)) {
        if (object.kind == WWEP_CREDENTIAL_KEY ||
            object.kind == WWEP_CREDENTIAL_ENCRYPTED_KEY)
            key = true;
        else if (object.kind == WWEP_CREDENTIAL_CERTIFICATE)
            kind = add_certificate(&found, &object);
        else if (object.kind == WWEP_CREDENTIAL_DAMAGED &&
                 !is_padding(&object, &given))
            kind = WWEP_FAULT_OUR_CERTIFICATE_BAD;
    }
    if (kind == WWEP_FAULT_NONE && found.len == 0)
        kind = key ? WWEP_FAULT_OUR_CERTIFICATE_IS_KEY
                   : WWEP_FAULT_OUR_CERTIFICATE_BAD;
    if (kind != WWEP_FAULT_NONE) {
        free(found.der);
        found = (struct collected){NULL, 0};
    }
    *der = found.der;
    *der_len = found.len;
    return kind;
}

enum wwep_fault_kind secure_key_read(const void *bytes, size_t len,
                                     uint8_t **der, size_t *der_len)
{
    const struct wwep_bytes given = {bytes, len};
    struct collected found = {NULL, 0};
    struct wwep_credentials list;
    struct wwep_credential object;
    bool no_memory;

    *der = NULL;
    *der_len = 0;
    wwep_credentials_start(&list, &given);
    while (wwep_credentials_next(&list, &object)) {
        if (object.kind == WWEP_CREDENTIAL_ENCRYPTED_KEY)
            return WWEP_FAULT_OUR_KEY_ENCRYPTED;
        if (object.kind != WWEP_CREDENTIAL_KEY)
            continue;
        if (add(&found, &object, &no_memory)) {
            *der = found.der;
            *der_len = found.len;
            return WWEP_FAULT_NONE;
        }
        wwep_tls_wipe(found.der,
                      found.der != NULL ? wwep_credential_room(&object) : 0);
        free(found.der);
        return no_memory ? WWEP_FAULT_NO_MEMORY : WWEP_FAULT_OUR_KEY_BAD;
    }
    return WWEP_FAULT_OUR_KEY_BAD;
}
