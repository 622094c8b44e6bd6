/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_der.h"

#include "unit.h"
#include "unit_pki.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)            \
    {                          \
        text, sizeof(text) - 1 \
    }

static struct tls_der der_of(const char *bytes, size_t len)
{
    return (struct tls_der){(const uint8_t *)bytes, len};
}

/* --- elements ------------------------------------------------------------- */

static const struct {
    const char *bytes;
    size_t len;
} whole[] = {
    BYTES("\x04\x01x"),
    BYTES("\x04\x81\x01x"),
    BYTES("\x04\x82\x00\x01x"),
    BYTES("\x04\x84\x00\x00\x00\x01x"),
};

START_TEST(an_element)
{
    struct tls_der der = der_of(whole[_i].bytes, whole[_i].len);
    struct tls_der_element e;

    ck_assert(!tls_der_take_tag(&der, TLS_DER_SEQUENCE, &e));
    ck_assert_uint_eq(der.len, whole[_i].len);
    ck_assert(tls_der_take_tag(&der, TLS_DER_OCTETS, &e));
    ck_assert_int_eq(e.tag, TLS_DER_OCTETS);
    ck_assert_uint_eq(e.value.len, 1);
    ck_assert_int_eq(e.value.at[0], 'x');
    ck_assert_uint_eq(e.whole.len, whole[_i].len);
    ck_assert_ptr_eq(e.whole.at, whole[_i].bytes);
    ck_assert_uint_eq(der.len, 0);
    ck_assert(!tls_der_take(&der, &e));
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
} broken[] = {
    BYTES(""),
    BYTES("\x04"),
    BYTES("\x04\x01"),
    BYTES("\x04\x7fx"),
    BYTES("\x04\x80x"), /* no length: BER's, to be ended by a mark */
    BYTES("\x04\x81"),
    BYTES("\x04\x81\x02x"),
    BYTES("\x04\x82\x00"),
    BYTES("\x04\x84\xff\xff\xff\xffx"),
    BYTES("\x04\x85\x00\x00\x00\x00\x01x"),
    BYTES("\x04\xffx"),
    BYTES("\x1f\x01x"), /* a tag of more bytes */
};

START_TEST(no_element)
{
    /* In memory of its own size, for the sanitizers to see. */
    uint8_t *bytes = malloc(broken[_i].len + 1);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes + 1, broken[_i].bytes, broken[_i].len);
    struct tls_der der = {bytes + 1, broken[_i].len};
    struct tls_der_element e;

    ck_assert(!tls_der_take(&der, &e));
    ck_assert_ptr_eq(der.at, bytes + 1);
    ck_assert_uint_eq(der.len, broken[_i].len);
    free(bytes);
}
END_TEST

/* --- times ---------------------------------------------------------------- */

static const struct {
    int tag;
    const char *text;
    time_t time; /* -1: none */
} times[] = {
    {TLS_DER_UTC_TIME, "700101000000Z", 0},
    {TLS_DER_UTC_TIME, "261201000000Z", 1796083200},
    {TLS_DER_UTC_TIME, "491231235959Z", 2524607999},
    {TLS_DER_UTC_TIME, "500101000000Z", -631152000},
    {TLS_DER_GENERALIZED_TIME, "20261201000000Z", 1796083200},
    {TLS_DER_GENERALIZED_TIME, "20500101000000Z", 2524608000},
    {TLS_DER_UTC_TIME, "20261201000000Z", -1},
    {TLS_DER_GENERALIZED_TIME, "261201000000Z", -1},
    {TLS_DER_UTC_TIME, "2612010000Z", -1},
    {TLS_DER_UTC_TIME, "261201000000+0000", -1},
    {TLS_DER_UTC_TIME, "2612010000000", -1},
    {TLS_DER_UTC_TIME, "26120100000xZ", -1},
    {TLS_DER_UTC_TIME, "261301000000Z", -1},
    {TLS_DER_UTC_TIME, "260001000000Z", -1},
    {TLS_DER_UTC_TIME, "261200000000Z", -1},
    {TLS_DER_UTC_TIME, "261232000000Z", -1},
    {TLS_DER_UTC_TIME, "261201240000Z", -1},
    {TLS_DER_UTC_TIME, "261201006000Z", -1},
    {TLS_DER_UTC_TIME, "261201000060Z", -1},
    {TLS_DER_UTC_TIME, "", -1},
    {TLS_DER_OCTETS, "261201000000Z", -1},
};

START_TEST(a_time)
{
    struct tls_der_element e = {
        .tag = times[_i].tag,
        .value = der_of(times[_i].text, strlen(times[_i].text)),
    };
    time_t time = -1;

    ck_assert_int_eq(tls_der_time(&e, &time), times[_i].time != -1);
    ck_assert_int_eq(time, times[_i].time);
}
END_TEST

/* --- names ---------------------------------------------------------------- */

static void make_all(void)
{
    unit_pki_setup(NULL);
}

static bool has(const struct tls_der *name, const char *text)
{
    return memmem(name->at, name->len, text, strlen(text)) != NULL;
}

START_TEST(the_names_of_a_certificate)
{
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "leaf.pem", &len);
    struct tls_der issuer;
    struct tls_der subject;

    ck_assert(tls_der_names(der, len, &issuer, &subject));
    ck_assert_int_eq(issuer.at[0], TLS_DER_SEQUENCE);
    ck_assert(has(&issuer, "unit test sub") && !has(&issuer, "leaf.example"));
    ck_assert(has(&subject, "leaf.example") && !has(&subject, "test sub"));
    /* Whatever is cut off, nothing beyond it is read. */
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *part = malloc(cut + 1);
        ck_assert_ptr_nonnull(part);
        memcpy(part + 1, der, cut);
        ck_assert(!tls_der_names(part + 1, cut, &issuer, &subject));
        free(part);
    }
    free(der);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_der");
    TCase *elements = tcase_create("elements");
    TCase *names = tcase_create("names");

    tcase_add_loop_test(elements, an_element, 0, (int)LENGTH(whole));
    tcase_add_loop_test(elements, no_element, 0, (int)LENGTH(broken));
    tcase_add_loop_test(elements, a_time, 0, (int)LENGTH(times));
    suite_add_tcase(suite, elements);
    tcase_add_unchecked_fixture(names, make_all, unit_pki_teardown);
    tcase_add_test(names, the_names_of_a_certificate);
    suite_add_tcase(suite, names);
    return unit_run(suite);
}
