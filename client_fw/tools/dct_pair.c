/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dct_pair.h"

#include "certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_TEXT_MAX 32

/* An object's DER, on the heap, with room wiped and freed by drop(). */
struct object {
    uint8_t *room;
    size_t room_len;
    struct wwep_der der;
};

static void drop(struct object *object)
{
    if (object->room != NULL)
        explicit_bzero(object->room, object->room_len);
    free(object->room);
}

/* False: there is no more. What can not be read has an empty DER. */
static bool next(struct wwep_credentials *all, enum wwep_credential_kind kind,
                 struct object *object)
{
    struct wwep_credential found;

    *object = (struct object){0};
    do
        if (!wwep_credentials_next(all, &found))
            return false;
    while (found.kind != kind && found.kind != WWEP_CREDENTIAL_DAMAGED);
    if (found.kind == WWEP_CREDENTIAL_DAMAGED)
        return true;
    object->room_len = wwep_credential_room(&found);
    object->room = malloc(object->room_len + 1);
    if (object->room != NULL)
        object->der = wwep_credential_der(&found, object->room);
    return true;
}

static bool read_x509(const struct object *object, struct wwep_x509 *x509)
{
    return wwep_der_len(&object->der) > 0 &&
           wwep_x509_read(x509, object->der.at, wwep_der_len(&object->der));
}

enum wwep_key_fit dct_pair_fit(const struct wwep_dct *dct)
{
    struct wwep_credentials certificates, keys;
    struct object certificate = {0};
    struct object key = {0};
    struct wwep_x509 x509;
    enum wwep_key_fit fit = WWEP_KEY_UNKNOWN;

    if (dct->certificate.bytes == NULL || dct->private_key.bytes == NULL)
        return fit;
    wwep_credentials_start(&certificates, &dct->certificate);
    wwep_credentials_start(&keys, &dct->private_key);
    if (next(&certificates, WWEP_CREDENTIAL_CERTIFICATE, &certificate) &&
        next(&keys, WWEP_CREDENTIAL_KEY, &key) &&
        read_x509(&certificate, &x509) && wwep_der_len(&key.der) > 0)
        fit = wwep_credential_key_fits(&key.der, &x509.key);
    drop(&certificate);
    drop(&key);
    return fit;
}

/* --- in words ------------------------------------------------------------- */

static void put_day(char *out, int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm tm;

    if (gmtime_r(&when, &tm) == NULL ||
        strftime(out, DAY_TEXT_MAX, "%Y-%m-%d", &tm) == 0)
        snprintf(out, DAY_TEXT_MAX, "?");
}

static const char *standing(const struct wwep_x509 *x509)
{
    int64_t now = (int64_t)time(NULL);

    if (now < x509->not_before)
        return ": NOT YET VALID";
    return now > x509->not_after ? ": EXPIRED" : "";
}

static void print_certificate(unsigned number, const struct object *object)
{
    struct wwep_certificate words = {0};
    struct wwep_x509 x509;
    char from[DAY_TEXT_MAX], to[DAY_TEXT_MAX];

    if (!read_x509(object, &x509)) {
        printf("  %u  CAN NOT BE READ\n", number);
        return;
    }
    wwep_x509_describe(&x509, &words);
    put_day(from, x509.not_before);
    put_day(to, x509.not_after);
    printf("  %u  subject  %s\n", number, words.subject);
    printf("     issuer   %s%s\n", words.issuer,
           wwep_der_equal(&x509.issuer, &x509.subject) ? " (itself)" : "");
    if (words.names[0] != '\0')
        printf("     names    %s\n", words.names);
    printf("     valid    %s to %s%s\n", from, to, standing(&x509));
    printf("     key      %s\n", words.key);
}

static void print_certificates(const struct wwep_bytes *text)
{
    struct wwep_credentials all;
    struct object object;

    wwep_credentials_start(&all, text);
    for (unsigned number = 1; next(&all, WWEP_CREDENTIAL_CERTIFICATE, &object);
         number++) {
        print_certificate(number, &object);
        drop(&object);
    }
}

static const char *fit_words(const struct wwep_dct *dct)
{
    if (dct->certificate.bytes == NULL)
        return "";
    switch (dct_pair_fit(dct)) {
    case WWEP_KEY_FITS:
        return ", of certificate 1";
    case WWEP_KEY_IS_OTHER:
        return ": NOT OF CERTIFICATE 1";
    case WWEP_KEY_UNKNOWN:
        break;
    }
    return "; whether it is of certificate 1, it does not say";
}

void dct_pair_print(const struct wwep_dct *dct)
{
    if (dct->certificate.bytes == NULL)
        printf("certificate: none\n");
    else
        printf("certificate: %zu of %u bytes\n", dct->certificate.len,
               WWEP_DCT_CERTIFICATE_LEN - 1);
    print_certificates(&dct->certificate);
    if (dct->private_key.bytes == NULL)
        printf("private key: none\n");
    else
        printf("private key: %zu of %u bytes%s\n", dct->private_key.len,
               WWEP_DCT_PRIVATE_KEY_LEN - 1, fit_words(dct));
}
