/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "validity.h"

#include "unit.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DAY_S         ((time_t)86400)
#define ENDS          ((time_t)1796083200) /* 2026-12-01 00:00:00 UTC */

static struct validity thing(enum validity_kind kind)
{
    return (struct validity){.kind = kind, .name = "/CN=a", .ends = ENDS};
}

static const struct {
    time_t before_s; /* before its end */
    enum validity_state state;
    const char *words; /* "": no line */
} edges[] = {
    {365 * DAY_S, VALIDITY_FINE, ""},
    {14 * DAY_S + 1, VALIDITY_FINE, ""},
    {14 * DAY_S, VALIDITY_SOON, "ends on 2026-12-01, in 14 days: "},
    {14 * DAY_S - 1, VALIDITY_SOON, "ends on 2026-12-01, in 13 days: "},
    {9 * DAY_S, VALIDITY_SOON, "ends on 2026-12-01, in 9 days: "},
    {2 * DAY_S - 1, VALIDITY_SOON, "ends on 2026-12-01, in 1 day: "},
    {DAY_S, VALIDITY_SOON, "ends on 2026-12-01, in 1 day: "},
    {DAY_S - 1, VALIDITY_SOON, "ends on 2026-12-01, at 00:00:00 UTC: "},
    {1, VALIDITY_SOON, "ends on 2026-12-01, at 00:00:00 UTC: "},
    {0, VALIDITY_SOON, "ends on 2026-12-01, at 00:00:00 UTC: "},
    {-1, VALIDITY_ENDED, "ended on 2026-12-01, at 00:00:00 UTC: "},
    {-DAY_S, VALIDITY_ENDED, "ended on 2026-12-01, 1 day ago: "},
    {-9 * DAY_S, VALIDITY_ENDED, "ended on 2026-12-01, 9 days ago: "},
};

START_TEST(an_edge)
{
    struct validity v = thing(VALIDITY_CERTIFICATE);
    time_t now = ENDS - edges[_i].before_s;
    char line[VALIDITY_LINE_MAX];

    ck_assert_int_eq(validity_state(&v, now), edges[_i].state);
    validity_format(&v, "f: key", now, line);
    if (edges[_i].words[0] == '\0')
        ck_assert_str_eq(line, "");
    else
        ck_assert_msg(strstr(line, edges[_i].words) != NULL, "%s", line);
}
END_TEST

static const struct {
    enum validity_kind kind;
    time_t now;
    const char *key;
    const char *line;
} lines[] = {
    {VALIDITY_CERTIFICATE, ENDS - 9 * DAY_S, "tls.certificate",
     "where: \"/CN=a\" ends on 2026-12-01, in 9 days: from then on clients "
     "refuse it: make a new one, and reload wwepd"},
    {VALIDITY_CERTIFICATE, ENDS + DAY_S, "tls.certificate",
     "where: \"/CN=a\" ended on 2026-12-01, 1 day ago: clients refuse it: "
     "make a new one, and reload wwepd"},
    {VALIDITY_CLIENT_CA, ENDS - 9 * DAY_S, "tls.client_ca",
     "where: \"/CN=a\" ends on 2026-12-01, in 9 days: from then on its clients "
     "are refused: make a new CA, and new certificates for them"},
    {VALIDITY_CLIENT_CA, ENDS + DAY_S, "tls.client_ca",
     "where: \"/CN=a\" ended on 2026-12-01, 1 day ago: its clients are "
     "refused: make a new CA, and new certificates for them"},
    {VALIDITY_CRL, ENDS - DAY_S, "tls.crl",
     "where: the list of \"/CN=a\" ends on 2026-12-01, in 1 day: from then on "
     "its clients are refused: make a fresh one with wwep-certs crl, and "
     "reload wwepd"},
    {VALIDITY_CRL, ENDS + 1, "tls.crl",
     "where: the list of \"/CN=a\" ended on 2026-12-01, at 00:00:00 UTC: its "
     "clients are refused: make a fresh one with wwep-certs crl, and reload "
     "wwepd"},
};

START_TEST(a_line)
{
    struct validity v = thing(lines[_i].kind);
    char line[VALIDITY_LINE_MAX];

    validity_format(&v, "where", lines[_i].now, line);
    ck_assert_str_eq(line, lines[_i].line);
    ck_assert_str_eq(validity_key(&v), lines[_i].key);
}
END_TEST

START_TEST(a_line_that_does_not_fit_is_cut)
{
    struct validity v = thing(VALIDITY_CRL);
    char where[2 * VALIDITY_LINE_MAX];
    char line[VALIDITY_LINE_MAX];

    memset(where, 'w', sizeof where);
    where[sizeof where - 1] = '\0';
    validity_format(&v, where, ENDS, line);
    ck_assert_uint_eq(strlen(line), VALIDITY_LINE_MAX - 1);
}
END_TEST

START_TEST(the_same_thing)
{
    struct validity a = thing(VALIDITY_CERTIFICATE);
    struct validity b = a;

    ck_assert(validity_same(&a, &b));
    b.ends++;
    ck_assert(!validity_same(&a, &b));
    b = thing(VALIDITY_CLIENT_CA);
    ck_assert(!validity_same(&a, &b));
    b = a;
    b.name[4] = 'b';
    ck_assert(!validity_same(&a, &b));
}
END_TEST

static const struct {
    time_t since_s;
    bool due;
} looks[] =
    {
        {0, false},          {1, false},        {DAY_S - 1, false},
        {DAY_S, true},       {DAY_S + 1, true}, {40 * DAY_S, true},
        {-1, true}, /* the clock has been set back */
        {-40 * DAY_S, true},
};

START_TEST(a_look_is_due_once_a_day)
{
    ck_assert_int_eq(validity_is_due(ENDS, ENDS + looks[_i].since_s),
                     looks[_i].due);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("validity");
    TCase *tc = tcase_create("validity");

    tcase_add_loop_test(tc, an_edge, 0, (int)LENGTH(edges));
    tcase_add_loop_test(tc, a_line, 0, (int)LENGTH(lines));
    tcase_add_test(tc, a_line_that_does_not_fit_is_cut);
    tcase_add_test(tc, the_same_thing);
    tcase_add_loop_test(tc, a_look_is_due_once_a_day, 0, (int)LENGTH(looks));
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
