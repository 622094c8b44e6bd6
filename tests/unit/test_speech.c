/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "speech.h"

#include "unit.h"

#include <string.h>

static const struct {
    const char *bytes;
    size_t len;
    const char *name; /* NULL: nobody knows */
} rows[] = {
    {"GET / HTTP/1.1\r\n", 16, "HTTP"},
    {"POST ", 5, "HTTP"},
    {"PRI * HTTP/2.0", 14, "HTTP/2"},
    {"SSH-2.0-OpenSSH", 15, "SSH"},
    {"\x16\x03\x01", 3, "TLS"},
    {"\x16", 1, "TLS"},
    {"\xff\xfd\x01", 3, "telnet"},
    {"EHLO me", 7, "SMTP"},
    {"\x10\x0c\x00\x04MQTT", 8, "MQTT"},
    {"\x10\x0c\x00\x04MQT", 7, NULL},
    {"GET", 3, NULL},
    {"get / HTTP", 10, NULL},
    {"W0FAC0B1234", 11, NULL},
    {"R0FAC0B", 7, NULL},
    {"SSH", 3, NULL},
    {"", 0, NULL},
};

START_TEST(by_its_beginning)
{
    const char *name =
        speech_name((const uint8_t *)rows[_i].bytes, rows[_i].len);

    if (rows[_i].name == NULL)
        ck_assert_ptr_null(name);
    else
        ck_assert_str_eq(name, rows[_i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("speech");
    TCase *tc = tcase_create("speech");

    tcase_add_loop_test(tc, by_its_beginning, 0, sizeof rows / sizeof rows[0]);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
