/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "access.h"
#include "unit.h"

#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof *(a))

static const struct {
    enum config_write write;
    enum config_read read;
    enum wwep_command command;
    int32_t own;
    uint16_t asked;
    bool granted;
} rows[] = {
    {CONFIG_WRITE_ANY, CONFIG_READ_ANY, WWEP_WRITE, DEVICE_NONE, 1, true},
    {CONFIG_WRITE_ANY, CONFIG_READ_ANY, WWEP_READ, DEVICE_NONE, 1, true},
    {CONFIG_WRITE_ANY, CONFIG_READ_ANY, WWEP_WRITE, 7, 1, true},
    {CONFIG_WRITE_OWN, CONFIG_READ_ANY, WWEP_WRITE, 1, 1, true},
    {CONFIG_WRITE_OWN, CONFIG_READ_ANY, WWEP_WRITE, 1, 2, false},
    {CONFIG_WRITE_OWN, CONFIG_READ_ANY, WWEP_READ, 1, 2, true},
    {CONFIG_WRITE_OWN, CONFIG_READ_OWN, WWEP_READ, 1, 1, true},
    {CONFIG_WRITE_OWN, CONFIG_READ_OWN, WWEP_READ, 1, 2, false},
    {CONFIG_WRITE_ANY, CONFIG_READ_OWN, WWEP_WRITE, 1, 2, true},
    {CONFIG_WRITE_NO, CONFIG_READ_ANY, WWEP_WRITE, 1, 1, false},
    {CONFIG_WRITE_NO, CONFIG_READ_ANY, WWEP_WRITE, DEVICE_NONE, 1, false},
    {CONFIG_WRITE_NO, CONFIG_READ_ANY, WWEP_READ, DEVICE_NONE, 1, true},
    {CONFIG_WRITE_NO, CONFIG_READ_OWN, WWEP_READ, 1, 1, true},
    /* Neither is a device, nor that of an ID which it looks like. */
    {CONFIG_WRITE_OWN, CONFIG_READ_OWN, WWEP_WRITE, DEVICE_NONE, 0xffff, false},
    {CONFIG_WRITE_OWN, CONFIG_READ_OWN, WWEP_READ, DEVICE_NONE, 0xffff, false},
    {CONFIG_WRITE_OWN, CONFIG_READ_OWN, WWEP_WRITE, DEVICE_UNCLEAR, 0xfffe,
     false},
    {CONFIG_WRITE_OWN, CONFIG_READ_OWN, WWEP_READ, DEVICE_UNCLEAR, 0xfffe,
     false},
    {CONFIG_WRITE_OWN, CONFIG_READ_OWN, WWEP_WRITE, 0, 0, true},
    {CONFIG_WRITE_OWN, CONFIG_READ_OWN, WWEP_WRITE, 0xffff, 0xffff, true},
};

START_TEST(who_may_do_what)
{
    struct config_listener listener = {
        .write = rows[_i].write,
        .read = rows[_i].read,
        .authorize = CONFIG_AUTHORIZE_ENFORCE,
    };
    const struct wwep_request request = {.command = rows[_i].command,
                                         .device = rows[_i].asked};
    bool granted = rows[_i].granted;

    ck_assert_int_eq(access_check(&listener, rows[_i].own, &request),
                     granted ? ACCESS_GRANTED : ACCESS_REFUSED);
    listener.authorize = CONFIG_AUTHORIZE_WARN;
    ck_assert_int_eq(access_check(&listener, rows[_i].own, &request),
                     granted ? ACCESS_GRANTED : ACCESS_TOLERATED);
}
END_TEST

static const struct {
    enum config_write write;
    enum wwep_command command;
    int32_t own;
    const char *why;
} words[] = {
    {CONFIG_WRITE_NO, WWEP_WRITE, 1,
     "may not write device 0FAC: this listener takes no writes (write: no): "
     "use another one"},
    {CONFIG_WRITE_NO, WWEP_READ, 1,
     "may not read device 0FAC: its certificate is for device 0001: use that "
     "ID, or the certificate of 0FAC"},
    {CONFIG_WRITE_OWN, WWEP_WRITE, DEVICE_NONE,
     "may not write device 0FAC: its certificate is for no device: make it "
     "one by \"wwep-certs client 0FAC\""},
    {CONFIG_WRITE_OWN, WWEP_READ, DEVICE_UNCLEAR,
     "may not read device 0FAC: its certificate names several devices, or "
     "none that can be: make it one by \"wwep-certs client 0FAC\""},
};

START_TEST(why_it_is_not_granted)
{
    const struct config_listener listener = {.write = words[_i].write,
                                             .read = CONFIG_READ_OWN};
    const struct wwep_request request = {.command = words[_i].command,
                                         .device = 0x0fac};
    char why[ACCESS_WHY_MAX];

    access_why(&listener, words[_i].own, &request, why);
    ck_assert_str_eq(why, words[_i].why);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("access");
    TCase *tc = tcase_create("access");

    tcase_add_loop_test(tc, who_may_do_what, 0, (int)LENGTH(rows));
    tcase_add_loop_test(tc, why_it_is_not_granted, 0, (int)LENGTH(words));
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
