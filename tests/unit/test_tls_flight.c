/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "tls_flight.h"
#include "unit.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)   text, sizeof(text) - 1

#define RANDOM_32                                                      \
    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10" \
    "\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D\x1E\x1F\x20"
#define RETRY_32                                                       \
    "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91" \
    "\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C"
#define CLIENT_HELLO "\x16\3\1\0\x27\1\0\0\x23\3\3" RANDOM_32 "\0"
#define SERVER_HELLO "\x16\3\3\0\x27\2\0\0\x23\3\3" RANDOM_32 "\0"
#define RETRY        "\x16\3\3\0\x27\2\0\0\x23\3\3" RETRY_32 "\0"

static const struct {
    const char *bytes;
    size_t len;
    const char *text;
} cases[] = {
    {BYTES(""), ""},
    {BYTES(CLIENT_HELLO), "ClientHello"},
    {BYTES(SERVER_HELLO), "ServerHello"},
    {BYTES(RETRY), "HelloRetryRequest"},
    {BYTES(SERVER_HELLO "\x14\3\3\0\1\1\x17\3\3\0\2xx\x17\3\3\0\1x"),
     "ServerHello, ChangeCipherSpec, encrypted"},
    {BYTES(SERVER_HELLO "\x16\3\3\0\x0B\x0B\0\0\3\0\0\0\x0E\0\0\0"),
     "ServerHello, Certificate, ServerHelloDone"},
    /* A message in two records, and two in one. */
    {BYTES("\x16\3\3\0\4\x0C\0\0\2\x16\3\3\0\6xx\x0D\0\0\0"),
     "ServerKeyExchange, CertificateRequest"},
    {BYTES("\x16\3\3\0\4\x10\0\0\0\x14\3\3\0\1\1\x16\3\3\0\4\x0E\0\0\0"),
     "ClientKeyExchange, ChangeCipherSpec, encrypted"},
    {BYTES(RETRY "\x14\3\3\0\1\1" SERVER_HELLO "\x17\3\3\0\2xx"),
     "HelloRetryRequest, ChangeCipherSpec, ServerHello, encrypted"},
    {BYTES("\x14\3\3\0\1\1" CLIENT_HELLO "\x16\3\3\0\4\x10\0\0\0"),
     "ChangeCipherSpec, ClientHello, ClientKeyExchange"},
    {BYTES("\x14\3\3\0\1\1\x16\3\3\0\6\1\0\0\1xx\x16\3\3\0\1\1\x15\3\3\0"
           "\2xx\x16\3\3\0\5\1\0\0\2x"),
     "ChangeCipherSpec, encrypted"},
    {BYTES("\x15\3\3\0\2\2\x28"), "Alert"},
    {BYTES("\x16\3\3\0\4\x63\0\0\0\x16\3\3\0\4\4\0\0\0"), "NewSessionTicket"},
    {BYTES("X illegal command"), ""},
    {BYTES("\x16\2\0\0\1"), ""},
    {BYTES("\x16\3\3\0\0\x16\3\3\0\4\x0E\0\0\0"), "ServerHelloDone"},
};

START_TEST(names)
{
    for (size_t i = 0; i < LENGTH(cases); i++)
        for (size_t piece = 1; piece < 12; piece++) {
            struct wwep_tls_flight flight;
            const uint8_t *bytes = (const uint8_t *)cases[i].bytes;
            memset(&flight, 0, sizeof flight);
            for (size_t at = 0; at < cases[i].len; at += piece)
                wwep_tls_flight_feed(
                    &flight, bytes + at,
                    cases[i].len - at < piece ? cases[i].len - at : piece);
            ck_assert_str_eq(flight.text, cases[i].text);
            ck_assert_uint_eq(flight.len, cases[i].len);
        }
}
END_TEST

START_TEST(findings)
{
    struct wwep_tls_flight flight;

    memset(&flight, 0, sizeof flight);
    wwep_tls_flight_feed(&flight, (const uint8_t *)CLIENT_HELLO,
                         sizeof CLIENT_HELLO - 1);
    ck_assert_mem_eq(flight.random, RANDOM_32, 32);
    ck_assert(!flight.certificate);
    ck_assert(!flight.request);
    ck_assert(!flight.hello);
    wwep_tls_flight_next(&flight);
    ck_assert_str_eq(flight.text, "");
    ck_assert_uint_eq(flight.len, 0);
    /* A Certificate without any, one with, a request for one. */
    wwep_tls_flight_feed(&flight,
                         (const uint8_t *)"\x16\3\3\0\7\x0B\0\0\3\0\0\0", 12);
    ck_assert(!flight.certificate);
    wwep_tls_flight_feed(
        &flight, (const uint8_t *)"\x16\3\3\0\x0C\x0B\0\0\4\0\0\1x\x0D\0\0\0",
        17);
    ck_assert(flight.certificate);
    ck_assert(flight.request);
    ck_assert_uint_eq(flight.encrypted, 0);
    wwep_tls_flight_feed(&flight, (const uint8_t *)"\x17\3\3\0\3xxx", 8);
    ck_assert_uint_eq(flight.encrypted, 8);
}
END_TEST

START_TEST(text_is_cut)
{
    struct wwep_tls_flight flight;

    memset(&flight, 0, sizeof flight);
    for (int i = 0; i < 100; i++)
        wwep_tls_flight_feed(&flight, (const uint8_t *)"\x16\3\3\0\4\x0E\0\0\0",
                             9);
    ck_assert_uint_eq(strlen(flight.text), sizeof flight.text - 1);
    ck_assert_uint_eq(flight.len, 900);
}
END_TEST

static Suite *tls_flight_suite(void)
{
    Suite *suite = suite_create("tls_flight");
    TCase *tcase = tcase_create("flights");

    tcase_add_test(tcase, names);
    tcase_add_test(tcase, findings);
    tcase_add_test(tcase, text_is_cut);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return unit_run(tls_flight_suite());
}
