/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "credential.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The least that is taken for one of each kind, in DER. */
static const uint8_t certificate[] = {0x30, 4, 0x30, 2, 0x02, 0};
static const uint8_t key[] = {0x30, 3, 0x02, 1, 0};
static const uint8_t encrypted[] = {0x30, 4, 0x30, 2, 0x06, 0};

#define CERTIFICATE(body) \
    "-----BEGIN CERTIFICATE-----\n" body "-----END CERTIFICATE-----\n"

static struct wwep_credential first_of(const void *bytes, size_t len)
{
    const struct wwep_bytes all = {bytes, len};
    struct wwep_credentials list;
    struct wwep_credential object;

    wwep_credentials_start(&list, &all);
    ck_assert(wwep_credentials_next(&list, &object));
    return object;
}

START_TEST(kinds_of_der)
{
    ck_assert_int_eq(first_of(certificate, sizeof certificate).kind,
                     WWEP_CREDENTIAL_CERTIFICATE);
    ck_assert_int_eq(first_of(key, sizeof key).kind, WWEP_CREDENTIAL_KEY);
    ck_assert_int_eq(first_of(encrypted, sizeof encrypted).kind,
                     WWEP_CREDENTIAL_ENCRYPTED_KEY);
    ck_assert_int_eq(first_of("0", 1).kind, WWEP_CREDENTIAL_DAMAGED);
    ck_assert_int_eq(first_of("0 s:CN", 6).kind, WWEP_CREDENTIAL_DAMAGED);
    ck_assert_int_eq(first_of(key, sizeof key - 1).kind,
                     WWEP_CREDENTIAL_DAMAGED);
}
END_TEST

/* Not beside its BEGIN, so that nothing here looks like a key. */
#define KEY "PRIVATE KEY-----"

START_TEST(kinds_of_pem)
{
    static const struct {
        const char *text;
        enum wwep_credential_kind kind;
    } cases[] = {
        {CERTIFICATE("AAAA\n"), WWEP_CREDENTIAL_CERTIFICATE},
        {"0 s:CN=x\n" CERTIFICATE("AAAA\n"), WWEP_CREDENTIAL_CERTIFICATE},
        {"-----BEGIN " KEY "\n-----END " KEY, WWEP_CREDENTIAL_KEY},
        {"-----BEGIN EC " KEY "\n-----END EC " KEY, WWEP_CREDENTIAL_KEY},
        {"-----BEGIN RSA " KEY "\nProc-Type: 4,ENCRYPTED\n-----END RSA " KEY,
         WWEP_CREDENTIAL_ENCRYPTED_KEY},
        {"-----BEGIN ENCRYPTED " KEY "\n-----END ENCRYPTED " KEY,
         WWEP_CREDENTIAL_ENCRYPTED_KEY},
        {"-----BEGIN EC PARAMETERS-----\n-----END EC PARAMETERS-----",
         WWEP_CREDENTIAL_OTHER},
        {"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
         WWEP_CREDENTIAL_OTHER},
        {"-----BEGIN CERTIFICATE-----\nAAAA\n", WWEP_CREDENTIAL_DAMAGED},
        {"-----BEGIN ", WWEP_CREDENTIAL_DAMAGED},
        {"-----BEGIN CERTIFICATE-----\nAAAA\n" CERTIFICATE("AAAA\n"),
         WWEP_CREDENTIAL_DAMAGED},
    };

    for (size_t i = 0; i < LENGTH(cases); i++)
        ck_assert_msg(first_of(cases[i].text, strlen(cases[i].text)).kind ==
                          cases[i].kind,
                      "%s", cases[i].text);
}
END_TEST

START_TEST(several)
{
    static const char text[] =
        "a\n" CERTIFICATE("MAA=\n") "b\n" CERTIFICATE("MAA=\r\n") "-----BEGIN ";
    const struct wwep_bytes all = {(const uint8_t *)text, sizeof text - 1};
    struct wwep_credentials list;
    struct wwep_credential object;
    uint8_t room[16];
    int n = 0;

    wwep_credentials_start(&list, &all);
    for (; wwep_credentials_next(&list, &object) && n < 2; n++) {
        ck_assert_uint_le(wwep_credential_room(&object), sizeof room);
        struct wwep_der der = wwep_credential_der(&object, room);
        ck_assert_uint_eq(wwep_der_len(&der), 2);
    }
    ck_assert_int_eq(n, 2);
    ck_assert_int_eq(object.kind, WWEP_CREDENTIAL_DAMAGED);
    ck_assert(!wwep_credentials_next(&list, &object));
}
END_TEST

START_TEST(nothing)
{
    const struct wwep_bytes cases[] = {{NULL, 0}, {(const uint8_t *)"", 0}};
    struct wwep_credentials list;
    struct wwep_credential object;

    for (size_t i = 0; i < LENGTH(cases); i++) {
        wwep_credentials_start(&list, &cases[i]);
        ck_assert(!wwep_credentials_next(&list, &object));
    }
}
END_TEST

START_TEST(bad_base64)
{
    static const char *cases[] = {
        CERTIFICATE(""),        CERTIFICATE("MAA\n"),  CERTIFICATE("M===\n"),
        CERTIFICATE("MA=A\n"),  CERTIFICATE("MA*=\n"), CERTIFICATE("====\n"),
        CERTIFICATE("MAA=A\n"), CERTIFICATE("AAAA\n"), CERTIFICATE("MAAA\n"),
        CERTIFICATE("MIL/\n"),
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct wwep_credential object = first_of(cases[i], strlen(cases[i]));
        uint8_t room[64];
        ck_assert_uint_le(wwep_credential_room(&object), sizeof room);
        struct wwep_der der = wwep_credential_der(&object, room);
        ck_assert_msg(wwep_der_len(&der) == 0, "%s", cases[i]);
    }
}
END_TEST

/* To PEM and back, of all lengths around those of a line. */
START_TEST(there_and_back)
{
    uint8_t der[300], room[400];
    char pem[1024];

    for (size_t len = 2; len < 130; len++) {
        der[0] = 0x30;
        der[1] = (uint8_t)(len - 2);
        for (size_t i = 2; i < len; i++)
            der[i] = (uint8_t)(i * 37);
        if (len - 2 >= 0x80)
            break;
        const struct wwep_der in = wwep_der_of(der, len);
        size_t pem_len = wwep_credential_write_pem(&in, "PRIVATE KEY", pem);
        ck_assert_uint_le(pem_len, wwep_credential_pem_room(len));
        struct wwep_credential object = first_of(pem, pem_len);
        ck_assert_int_eq(object.kind, WWEP_CREDENTIAL_KEY);
        ck_assert_uint_le(wwep_credential_room(&object), sizeof room);
        struct wwep_der out = wwep_credential_der(&object, room);
        ck_assert(wwep_der_equal(&in, &out));
    }
}
END_TEST

static Suite *credential_suite(void)
{
    Suite *suite = suite_create("credential");
    TCase *tcase = tcase_create("credentials");

    tcase_add_test(tcase, kinds_of_der);
    tcase_add_test(tcase, kinds_of_pem);
    tcase_add_test(tcase, several);
    tcase_add_test(tcase, nothing);
    tcase_add_test(tcase, bad_base64);
    tcase_add_test(tcase, there_and_back);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return unit_run(credential_suite());
}
