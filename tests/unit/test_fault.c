/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "wwep_fault.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* All that RFC 8446 lists (B.2), and what they mean to a class. */
static const struct {
    int number;
    const char *name;
    enum wwep_fault_kind kind;
} alerts[] = {
    {0, "close_notify", WWEP_FAULT_ALERT},
    {10, "unexpected_message", WWEP_FAULT_ALERT},
    {20, "bad_record_mac", WWEP_FAULT_ALERT},
    {21, "decryption_failed", WWEP_FAULT_ALERT},
    {22, "record_overflow", WWEP_FAULT_ALERT},
    {30, "decompression_failure", WWEP_FAULT_ALERT},
    {40, "handshake_failure", WWEP_FAULT_ALERT},
    {41, "no_certificate", WWEP_FAULT_ALERT},
    {42, "bad_certificate", WWEP_FAULT_ALERT_BAD_CERTIFICATE},
    {43, "unsupported_certificate", WWEP_FAULT_ALERT_BAD_CERTIFICATE},
    {44, "certificate_revoked", WWEP_FAULT_ALERT_REVOKED},
    {45, "certificate_expired", WWEP_FAULT_ALERT_EXPIRED},
    {46, "certificate_unknown", WWEP_FAULT_ALERT_BAD_CERTIFICATE},
    {47, "illegal_parameter", WWEP_FAULT_ALERT},
    {48, "unknown_ca", WWEP_FAULT_ALERT_UNKNOWN_CA},
    {49, "access_denied", WWEP_FAULT_ALERT},
    {50, "decode_error", WWEP_FAULT_ALERT},
    {51, "decrypt_error", WWEP_FAULT_ALERT},
    {60, "export_restriction", WWEP_FAULT_ALERT},
    {70, "protocol_version", WWEP_FAULT_ALERT_VERSION},
    {71, "insufficient_security", WWEP_FAULT_ALERT},
    {80, "internal_error", WWEP_FAULT_ALERT},
    {86, "inappropriate_fallback", WWEP_FAULT_ALERT},
    {90, "user_canceled", WWEP_FAULT_ALERT},
    {100, "no_renegotiation", WWEP_FAULT_ALERT},
    {109, "missing_extension", WWEP_FAULT_ALERT},
    {110, "unsupported_extension", WWEP_FAULT_ALERT},
    {111, "certificate_unobtainable", WWEP_FAULT_ALERT},
    {112, "unrecognized_name", WWEP_FAULT_ALERT},
    {113, "bad_certificate_status_response", WWEP_FAULT_ALERT},
    {114, "bad_certificate_hash_value", WWEP_FAULT_ALERT},
    {115, "unknown_psk_identity", WWEP_FAULT_ALERT},
    {116, "certificate_required", WWEP_FAULT_ALERT_NO_CERTIFICATE},
    {120, "no_application_protocol", WWEP_FAULT_ALERT},
};

/* Formats into an array with a guard behind it, which must stay. */
static const char *format(enum wwep_fault_kind kind, int code, int alert,
                          char out[WWEP_FAULT_LINE_MAX + 1])
{
    const struct wwep_fault fault = {kind, code, alert};

    memset(out, '?', WWEP_FAULT_LINE_MAX + 1);
    size_t len = wwep_fault_format(&fault, out);
    ck_assert_uint_lt(len, WWEP_FAULT_LINE_MAX);
    ck_assert_uint_eq(strlen(out), len);
    ck_assert_int_eq(out[WWEP_FAULT_LINE_MAX], '?');
    return out;
}

START_TEST(every_kind_has_its_words)
{
    for (int kind = WWEP_FAULT_NONE + 1; kind < WWEP_FAULT_KINDS; kind++) {
        const char *text = wwep_fault_text((enum wwep_fault_kind)kind);
        const char *advice = wwep_fault_advice((enum wwep_fault_kind)kind);

        ck_assert_str_ne(text, "");
        ck_assert_str_ne(advice, "");
        /* One line of the log; ": " parts the two. */
        ck_assert_ptr_null(strchr(text, '\n'));
        ck_assert_ptr_null(strchr(advice, '\n'));
        ck_assert_ptr_null(strstr(text, ": "));
        for (int other = kind + 1; other < WWEP_FAULT_KINDS; other++) {
            ck_assert_str_ne(text,
                             wwep_fault_text((enum wwep_fault_kind)other));
        }
    }
}
END_TEST

START_TEST(what_is_no_fault_has_no_words)
{
    static const enum wwep_fault_kind kinds[] = {
        WWEP_FAULT_NONE, WWEP_FAULT_KINDS, (enum wwep_fault_kind)1000};
    char out[WWEP_FAULT_LINE_MAX + 1];

    for (size_t i = 0; i < LENGTH(kinds); i++) {
        ck_assert_str_eq(wwep_fault_text(kinds[i]), "");
        ck_assert_str_eq(wwep_fault_advice(kinds[i]), "");
        ck_assert_str_eq(format(kinds[i], -313, 48, out), "");
    }
}
END_TEST

START_TEST(every_listed_alert)
{
    for (size_t i = 0; i < LENGTH(alerts); i++) {
        ck_assert_str_eq(wwep_alert_name(alerts[i].number), alerts[i].name);
        ck_assert_int_eq(wwep_fault_of_alert(alerts[i].number), alerts[i].kind);
    }
}
END_TEST

START_TEST(every_other_alert)
{
    size_t named = 0;

    for (int number = -2; number <= 300; number++) {
        if (strcmp(wwep_alert_name(number), "unknown") != 0)
            named++;
        else
            ck_assert_int_eq(wwep_fault_of_alert(number), WWEP_FAULT_ALERT);
    }
    ck_assert_uint_eq(named, LENGTH(alerts));
    ck_assert_str_eq(wwep_alert_name(INT_MIN), "unknown");
    ck_assert_str_eq(wwep_alert_name(INT_MAX), "unknown");
}
END_TEST

START_TEST(a_line_with_an_alert)
{
    char out[WWEP_FAULT_LINE_MAX + 1];

    ck_assert_str_eq(
        format(WWEP_FAULT_ALERT_UNKNOWN_CA, 0, 48, out),
        "the peer does not trust our certificate (alert unknown_ca): "
        "load this class's root certificate (ca.pem) into the peer");
    ck_assert_str_eq(format(WWEP_FAULT_ALERT, 0, 0, out),
                     "the peer refused with a TLS alert (alert close_notify): "
                     "look the alert up on the peer's side");
    ck_assert_str_eq(format(WWEP_FAULT_ALERT, 0, 99, out),
                     "the peer refused with a TLS alert (alert 99): "
                     "look the alert up on the peer's side");
}
END_TEST

START_TEST(a_line_with_a_code)
{
    char out[WWEP_FAULT_LINE_MAX + 1];
    char want[WWEP_FAULT_LINE_MAX];

    ck_assert_str_eq(format(WWEP_FAULT_EXPIRED, -151, -1, out),
                     "the peer's certificate has expired (code -151): "
                     "renew it, or set the clock");
    ck_assert_str_eq(format(WWEP_FAULT_NO_MEMORY, 7, -1, out),
                     "no memory for TLS (code 7): lower the load");
    snprintf(want, sizeof want, "no memory for TLS (code %d): lower the load",
             INT_MIN);
    ck_assert_str_eq(format(WWEP_FAULT_NO_MEMORY, INT_MIN, -1, out), want);
}
END_TEST

START_TEST(a_line_with_neither)
{
    char out[WWEP_FAULT_LINE_MAX + 1];

    ck_assert_str_eq(format(WWEP_FAULT_TIMEOUT, 0, -1, out),
                     "the TLS handshake took too long: "
                     "look at the network and at the peer's load");
}
END_TEST

START_TEST(the_alert_hides_the_code)
{
    char out[WWEP_FAULT_LINE_MAX + 1];

    ck_assert_str_eq(format(WWEP_FAULT_ALERT_REVOKED, -313, 44, out),
                     "the peer takes our certificate as revoked "
                     "(alert certificate_revoked): make a new one");
}
END_TEST

/* Whatever the kind, the alert and the code: the line is whole. */
START_TEST(no_line_is_cut)
{
    char out[WWEP_FAULT_LINE_MAX + 1];

    for (int k = WWEP_FAULT_NONE + 1; k < WWEP_FAULT_KINDS; k++) {
        enum wwep_fault_kind kind = (enum wwep_fault_kind)k;
        const char *advice = wwep_fault_advice(kind);

        for (int alert = -1; alert < 256; alert++) {
            const char *line = format(kind, INT_MIN, alert, out);
            size_t len = strlen(line);

            ck_assert_uint_gt(len, strlen(advice));
            ck_assert_str_eq(line + len - strlen(advice), advice);
            ck_assert_ptr_eq(strstr(line, wwep_fault_text(kind)), line);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fault");
    TCase *words = tcase_create("words");
    TCase *alert = tcase_create("alert");
    TCase *line = tcase_create("line");

    tcase_add_test(words, every_kind_has_its_words);
    tcase_add_test(words, what_is_no_fault_has_no_words);
    suite_add_tcase(suite, words);
    tcase_add_test(alert, every_listed_alert);
    tcase_add_test(alert, every_other_alert);
    suite_add_tcase(suite, alert);
    tcase_add_test(line, a_line_with_an_alert);
    tcase_add_test(line, a_line_with_a_code);
    tcase_add_test(line, a_line_with_neither);
    tcase_add_test(line, the_alert_hides_the_code);
    tcase_add_test(line, no_line_is_cut);
    suite_add_tcase(suite, line);
    return unit_run(suite);
}
