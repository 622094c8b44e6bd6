/* Contexts and extensions, as wiced_tls.h has them, but for what only a
 * handshake shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "secure_session.h"
#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"
#include "unit_wiced_tls.h"

#include <stdlib.h>
#include <string.h>

static wiced_tls_context_t context;
static wiced_tls_identity_t identity;

static void make_all(void)
{
    unit_pki_setup(NULL);
}

static void begin_test(void)
{
    unit_two_board(WWEP_TLS_1_2, false);
}

static void end_test(void)
{
    (void)wiced_tls_deinit_context(&context);
}

/* --- contexts ---------------------------------------------------------------
 */

START_TEST(init_context)
{
    memset(&context, 0xA5, sizeof context);
    ck_assert_int_eq(wiced_tls_init_context(&context, &identity, "name"), 0);
    ck_assert_ptr_eq(context.identity, &identity);
    ck_assert_str_eq(context.peer_cn, "name");
    ck_assert_int_eq(wiced_tls_init_context(NULL, NULL, NULL), WICED_ERROR);
}
END_TEST

/* As the secure server does each three seconds: nothing is lost (LeakSanitizer
 * looks), as there is nothing. */
START_TEST(init_context_a_thousand_times)
{
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(wiced_tls_init_context(&context, &identity, NULL), 0);
        ck_assert_ptr_null(context.session);
    }
}
END_TEST

START_TEST(deinit_context)
{
    ck_assert_int_eq(wiced_tls_deinit_context(NULL), WICED_ERROR);
    /* Never initialised: all zero, then anything. */
    memset(&context, 0, sizeof context);
    ck_assert_int_eq(wiced_tls_deinit_context(&context), 0);
    memset(&context, 0xA5, sizeof context);
    ck_assert_int_eq(wiced_tls_deinit_context(&context), 0);
    /* With something set, and again. */
    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    struct wwep_bytes ca = unit_near_file("ca.pem");
    ck_assert_int_eq(wiced_tls_set_context_root_ca_certificates(
                         &context, (const char *)ca.bytes, (uint32_t)ca.len),
                     0);
    ck_assert_ptr_nonnull(context.session);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(wiced_tls_deinit_context(&context), 0);
        ck_assert_ptr_null(context.session);
    }
}
END_TEST

START_TEST(reset_context)
{
    wiced_tls_extension_t extension = {
        .type = TLS_EXTENSION_TYPE_MAX_FRAGMENT_LENGTH,
        .extension_data.max_fragment_length = TLS_FRAGMENT_LENGTH_512};

    ck_assert_int_eq(wiced_tls_reset_context(NULL), WICED_ERROR);
    memset(&context, 0xA5, sizeof context);
    ck_assert_int_eq(wiced_tls_reset_context(&context), 0);
    ck_assert_int_eq(wiced_tls_init_context(&context, &identity, "name"), 0);
    ck_assert_int_eq(wiced_tls_set_extension(&context, &extension), 0);
    ck_assert_int_eq(wiced_tls_reset_context(&context), 0);
    ck_assert_str_eq(context.peer_cn, "name");
    ck_assert_uint_eq(secure_session_of(&context)->max_fragment, 512);
}
END_TEST

/* What sockets may ask of a context that is none, or no longer one. */
START_TEST(no_context)
{
    uint8_t buf[4];
    size_t got;

    for (int i = 0; i < 3; i++) {
        memset(&context, i == 0 ? 0 : 0xA5, sizeof context);
        if (i == 2)
            ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
        ck_assert(!secure_is_open(&context));
        ck_assert(!secure_has_more(&context));
        ck_assert_int_eq(secure_send(&context, buf, sizeof buf, 0),
                         WICED_TLS_ERROR_UNITIALIZED_CONTEXT);
        got = 1;
        ck_assert_int_eq(secure_recv(&context, buf, sizeof buf, 0, &got),
                         WICED_TLS_ERROR_UNITIALIZED_CONTEXT);
        ck_assert_uint_eq(got, 0);
        secure_close(&context);
    }
    ck_assert(!secure_is_open(NULL));
    secure_close(NULL);
}
END_TEST

/* --- extensions -------------------------------------------------------------
 */

static wiced_result_t set_name(const char *name)
{
    wiced_tls_extension_t extension = {.type = TLS_EXTENSION_TYPE_SERVER_NAME,
                                       .extension_data.server_name =
                                           (uint8_t *)(uintptr_t)name};

    return wiced_tls_set_extension(&context, &extension);
}

static wiced_result_t set_protocols(const char *list)
{
    wiced_tls_extension_t extension = {
        .type = TLS_EXTENSION_TYPE_APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
        .extension_data.alpn_protocol_list = (uint8_t *)(uintptr_t)list};

    return wiced_tls_set_extension(&context, &extension);
}

static wiced_result_t set_fragment(int code)
{
    wiced_tls_extension_t extension = {
        .type = TLS_EXTENSION_TYPE_MAX_FRAGMENT_LENGTH,
        .extension_data.max_fragment_length =
            (wiced_tls_max_fragment_length_t)code};

    return wiced_tls_set_extension(&context, &extension);
}

START_TEST(set_extension)
{
    char name[] = "wwep.example";
    char longest[258];

    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    ck_assert_int_eq(set_name(name), 0);
    name[0] = 'x'; /* it was copied */
    const struct secure_session *session = secure_session_of(&context);
    ck_assert_str_eq(session->server_name, "wwep.example");
    ck_assert_int_eq(set_name("other.example"), 0);
    ck_assert_str_eq(session->server_name, "other.example");
    ck_assert_int_eq(set_protocols("h2,http/1.1"), 0);
    ck_assert_str_eq(session->protocols, "h2,http/1.1");
    for (int code = TLS_FRAGMENT_LENGTH_512; code <= TLS_FRAGMENT_LENGTH_4096;
         code++) {
        ck_assert_int_eq(set_fragment(code), 0);
        ck_assert_uint_eq(session->max_fragment, 256u << code);
    }
    memset(longest, 'a', sizeof longest);
    longest[256] = '\0';
    ck_assert_int_eq(set_name(longest), WICED_BADARG);
    ck_assert_int_eq(set_protocols(longest), WICED_BADARG);
    longest[255] = '\0';
    ck_assert_int_eq(set_name(longest), 0);
    ck_assert_int_eq(set_protocols(longest), 0);
}
END_TEST

START_TEST(set_extension_badarg)
{
    wiced_tls_extension_t extension = {.type = (wiced_tls_extension_type_t)35};

    ck_assert_int_eq(set_name("a"), WICED_BADARG); /* no context */
    ck_assert_int_eq(wiced_tls_set_extension(NULL, &extension), WICED_BADARG);
    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    ck_assert_int_eq(wiced_tls_set_extension(&context, NULL), WICED_BADARG);
    ck_assert_int_eq(wiced_tls_set_extension(&context, &extension),
                     WICED_BADARG);
    ck_assert_int_eq(set_name(NULL), WICED_BADARG);
    ck_assert_int_eq(set_name(""), WICED_BADARG);
    ck_assert_int_eq(set_name("a b"), WICED_BADARG);
    ck_assert_int_eq(set_name("a\xC3\xA4"), WICED_BADARG);
    ck_assert_int_eq(set_protocols(NULL), WICED_BADARG);
    ck_assert_int_eq(set_protocols(""), WICED_BADARG);
    ck_assert_int_eq(set_protocols("a,,b"), WICED_BADARG);
    ck_assert_int_eq(set_protocols(",a"), WICED_BADARG);
    ck_assert_int_eq(set_protocols("a,"), WICED_BADARG);
    ck_assert_int_eq(set_fragment(0), WICED_BADARG);
    ck_assert_int_eq(set_fragment(5), WICED_BADARG);
    ck_assert_int_eq(set_fragment(-1), WICED_BADARG);
    ck_assert_ptr_null(context.session);
}
END_TEST

static wiced_result_t add(uint16_t id, const char *data, size_t len)
{
    ssl_extension extension = {.id = id, .used = 1, .sz = (uint16_t)len};

    memcpy(extension.data, data, len);
    return wiced_tls_add_extension(&context, &extension);
}

#define ADD(id, data) add(id, data, sizeof(data) - 1)

START_TEST(add_extension)
{
    ck_assert_int_eq(ADD(1, "\x02"), WICED_BADARG); /* no context */
    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    ck_assert_int_eq(wiced_tls_add_extension(&context, NULL), WICED_BADARG);
    ck_assert_int_eq(ADD(0, "\0\x06\0\0\x03"
                            "a.b"),
                     0);
    ck_assert_int_eq(ADD(1, "\x02"), 0);
    ck_assert_int_eq(ADD(16, "\0\x0C\x02h2\x08http/1.1"), 0);
    const struct secure_session *session = secure_session_of(&context);
    ck_assert_str_eq(session->server_name, "a.b");
    ck_assert_uint_eq(session->max_fragment, 1024);
    ck_assert_str_eq(session->protocols, "h2,http/1.1");
    ck_assert_int_eq(ADD(13, "\0\x02\x04\x03"), WICED_UNSUPPORTED);
    ck_assert_int_eq(ADD(35, ""), WICED_UNSUPPORTED);
}
END_TEST

START_TEST(add_extension_badarg)
{
    static const char name[] = "\0\x06\0\0\x03"
                               "a.b";
    static const char protocols[] = "\0\x0C\x02h2\x08http/1.1";
    ssl_extension extension = {.id = 0, .sz = MAX_EXT_DATA_LENGTH + 1};

    ck_assert_int_eq(wiced_tls_init_context(&context, NULL, NULL), 0);
    ck_assert_int_eq(wiced_tls_add_extension(&context, &extension),
                     WICED_BADARG);
    for (size_t len = 0; len < sizeof name - 1; len++)
        ck_assert_int_eq(add(0, name, len), WICED_BADARG);
    for (size_t len = 0; len < sizeof protocols - 1; len++)
        ck_assert_int_eq(add(16, protocols, len), WICED_BADARG);
    ck_assert_int_eq(add(0, name, sizeof name), WICED_BADARG); /* one more */
    ck_assert_int_eq(add(16, protocols, sizeof protocols), WICED_BADARG);
    ck_assert_int_eq(ADD(0, "\0\x06\x01\0\x03"
                            "a.b"),
                     WICED_BADARG);
    ck_assert_int_eq(ADD(0, "\0\x06\0\0\x03"
                            "a\0b"),
                     WICED_BADARG);
    ck_assert_int_eq(ADD(0, "\0\x03\0\0\0"), WICED_BADARG);
    ck_assert_int_eq(ADD(1, ""), WICED_BADARG);
    ck_assert_int_eq(ADD(1, "\0"), WICED_BADARG);
    ck_assert_int_eq(ADD(1, "\x05"), WICED_BADARG);
    ck_assert_int_eq(ADD(1, "\x01\x01"), WICED_BADARG);
    ck_assert_int_eq(ADD(16, "\0\x04\0\x02h2"), WICED_BADARG);
    ck_assert_int_eq(ADD(16, "\0\x04\x03"
                             "a,b"),
                     WICED_BADARG);
    ck_assert_ptr_null(context.session);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_tls_api");
    TCase *tc = tcase_create("api");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, begin_test, end_test);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, init_context);
    tcase_add_test(tc, init_context_a_thousand_times);
    tcase_add_test(tc, deinit_context);
    tcase_add_test(tc, reset_context);
    tcase_add_test(tc, no_context);
    tcase_add_test(tc, set_extension);
    tcase_add_test(tc, set_extension_badarg);
    tcase_add_test(tc, add_extension);
    tcase_add_test(tc, add_extension_badarg);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
