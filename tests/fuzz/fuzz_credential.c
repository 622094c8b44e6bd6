/* fuzz_credential.c - the finder of certificates and keys against any bytes.
 *
 * Held to: it comes to an end, objects lie in the input and behind each other,
 * their DER has the room that was asked for, and is the same after it was made
 * PEM and read again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "credential.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check_pem(const struct wwep_der *der)
{
    size_t room = wwep_credential_pem_room(wwep_der_len(der));
    char *pem = malloc(room);
    FUZZ_CHECK(pem != NULL);
    size_t len = wwep_credential_write_pem(der, "PRIVATE KEY", pem);
    const struct wwep_bytes all = {(const uint8_t *)pem, len};
    struct wwep_credentials list;
    struct wwep_credential object;

    FUZZ_CHECK(len <= room);
    wwep_credentials_start(&list, &all);
    FUZZ_CHECK(wwep_credentials_next(&list, &object));
    uint8_t *back = malloc(wwep_credential_room(&object));
    FUZZ_CHECK(back != NULL);
    struct wwep_der again = wwep_credential_der(&object, back);
    FUZZ_CHECK(wwep_der_equal(&again, der));
    free(back);
    free(pem);
}

static void check(const struct wwep_credential *object)
{
    size_t len = wwep_credential_room(object);
    uint8_t *room = malloc(len + 1);
    FUZZ_CHECK(room != NULL);
    struct wwep_der der = wwep_credential_der(object, room);
    const struct wwep_der half = wwep_der_of((const uint8_t *)"x", 1);

    FUZZ_CHECK(der.at <= der.end);
    if (object->pem && wwep_der_len(&der) > 0)
        FUZZ_CHECK(der.at == room && wwep_der_len(&der) <= len);
    if (wwep_der_len(&der) > 0) {
        (void)wwep_credential_key_fits(&der, &half);
        check_pem(&der);
    }
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct wwep_bytes all = {data, size};
    struct wwep_credentials list;
    struct wwep_credential object;
    const uint8_t *last = data;

    wwep_credentials_start(&list, &all);
    while (wwep_credentials_next(&list, &object)) {
        FUZZ_CHECK(list.at > last && list.at <= data + size);
        last = list.at;
        if (object.body != NULL)
            FUZZ_CHECK(object.body >= data &&
                       object.body + object.len <= data + size);
        if (object.kind != WWEP_CREDENTIAL_DAMAGED)
            check(&object);
    }
    return 0;
}
