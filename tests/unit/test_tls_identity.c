/* The name, and the device, that a client's certificate gives it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_certificate.h"

#include "unit.h"
#include "unit_pki.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char commands[] =
    "ec nocn P-256; issue nocn ca / "
    "'subjectAltName=DNS:first.example,DNS:second.example'\n"
    "ec uri P-256; issue uri ca /O=Only 'subjectAltName=URI:urn:board:17,"
    "DNS:second.example'\n"
    "ec ip P-256; issue ip ca / 'subjectAltName=IP:192.0.2.3'\n"
    "ec none P-256; issue none ca /O=Only 'basicConstraints=CA:FALSE'\n"
    "ec cn P-256; issue cn ca /CN=MARKER 'subjectAltName=DNS:other.example'\n"
    "ec utf8 P-256; issue utf8 ca '/CN=K\xc3\xbc"
    "che' 'basicConstraints=CA:FALSE'\n"
    "san=; for i in 1 2 3 4 5 6 7 8 9; do for k in 0 1 2 3 4 5 6 7 8 9; do\n"
    "san=$san,DNS:name-number-$i$k.example; done; done\n"
    "device=subjectAltName=URI:urn:wwep:device:\n"
    "ec device P-256; issue device ca /CN=b \"${device}0FAC\"\n"
    "ec device-twice P-256\n"
    "issue device-twice ca /CN=b \"${device}0FAC,URI:urn:wwep:device:0FAC\"\n"
    "ec device-two P-256\n"
    "issue device-two ca /CN=b \"${device}0FAC,URI:urn:wwep:device:0FAD\"\n"
    "ec device-long P-256; issue device-long ca /CN=b \"${device}0FACE\"\n"
    "ec device-dns P-256\n"
    "issue device-dns ca /CN=b subjectAltName=DNS:urn:wwep:device:0FAC\n"
    "ec many-nocn P-256; issue many-nocn ca / \"subjectAltName=IP:192.0.2.1,"
    "DNS:first$san\"\n";

static void make_all(void)
{
    unit_pki_setup(commands);
}

static const struct {
    const char *file;
    const char *identity;
} identities[] = {
    {"server.pem", "wwep.example"},
    {"rsa.pem", "rsa.example"},
    {"cn.pem", "MARKER"}, /* rather than its SAN */
    {"nocn.pem", "first.example"},
    {"uri.pem", "urn:board:17"},
    {"none.pem", ""},
    {"many-nocn.pem", "first"},
    {"ip.pem", ""}, /* an address is none */
    {"utf8.pem", "K\xc3\xbc"
                 "che"},
};

START_TEST(an_identity)
{
    char name[129];
    int32_t device;
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, identities[_i].file, &len);

    memset(name, 'x', sizeof name);
    ck_assert_int_eq(
        tls_certificate_identity(der, len, name, sizeof name, &device), 0);
    ck_assert_str_eq(name, identities[_i].identity);
    ck_assert_int_eq(device, DEVICE_NONE);
    free(der);
}
END_TEST

/* Whether a CN of these bytes is taken as it is. */
static bool is_taken(const uint8_t *der, size_t len, const void *cn,
                     size_t cn_len, char name[129])
{
    size_t patched_len;
    uint8_t *patched =
        unit_pki_patch(der, len, "MARKER", cn, cn_len, &patched_len);
    struct tls_certificate c;

    /* It is a certificate, and what is shown of it is escaped. */
    ck_assert_int_eq(tls_certificate_read(&c, patched, patched_len), 0);
    for (const char *s = c.subject; *s != '\0'; s++)
        ck_assert(*s >= ' ' && *s <= '~');
    int32_t device;
    int status =
        tls_certificate_identity(patched, patched_len, name, 129, &device);
    free(patched);
    ck_assert_int_ge(status, 0);
    return status == 0;
}

START_TEST(every_byte_in_a_name)
{
    char name[129];
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "cn.pem", &len);

    for (unsigned byte = 0; byte < 256; byte++) {
        const char cn[] = {'b', 'o', 'a', 'r', 'd', (char)byte, '7'};
        bool taken = is_taken(der, len, cn, sizeof cn, name);
        ck_assert_msg(taken == (byte >= ' ' && byte != 0x7f), "%02x", byte);
        if (taken) {
            ck_assert_uint_eq(strlen(name), sizeof cn);
            ck_assert_mem_eq(name, cn, sizeof cn);
        }
    }
    free(der);
}
END_TEST

START_TEST(a_nul_hides_nothing)
{
    char name[129];
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "cn.pem", &len);

    ck_assert(!is_taken(der, len, "admin\0.example", 14, name));
    ck_assert(!is_taken(der, len, "admin\0", 6, name));
    ck_assert(!is_taken(der, len, "\0", 1, name));
    free(der);
}
END_TEST

START_TEST(long_names)
{
    char cn[300];
    char name[129];
    size_t len;
    uint8_t *der = unit_pki_der(unit_pki_folder, "cn.pem", &len);

    memset(cn, 'n', sizeof cn);
    ck_assert(is_taken(der, len, cn, 64, name));
    ck_assert_uint_eq(strlen(name), 64);
    ck_assert(is_taken(der, len, cn, 128, name));
    ck_assert_uint_eq(strlen(name), 128);
    ck_assert(!is_taken(der, len, cn, 129, name));
    ck_assert(!is_taken(der, len, cn, 200, name));
    free(der);
}
END_TEST

/* Each is patched over the URI of a certificate, which has as many bytes. */
static const struct {
    const char *uri;
    int32_t device;
} device_uris[] = {
    {"urn:wwep:device:0FAC", 0x0fac},
    {"urn:wwep:device:0000", 0},
    {"urn:wwep:device:FFFF", 0xffff},
    {"urn:wwep:device:0fac", DEVICE_UNCLEAR}, /* no message has such an ID */
    {"urn:wwep:device:0FAG", DEVICE_UNCLEAR},
    {"urn:wwep:device: FAC", DEVICE_UNCLEAR},
    {"urn:wwep:device:+0FA", DEVICE_UNCLEAR},
    {"urn:wwep:devices:FAC", DEVICE_NONE},
    {"urn:wwep.device:0FAC", DEVICE_NONE},
};

START_TEST(the_device_of_a_certificate)
{
    static const char old[] = "urn:wwep:device:0FAC";
    const size_t uri_len = sizeof old - 1;
    size_t len;
    char name[129];
    int32_t device;
    uint8_t *der = unit_pki_der(unit_pki_folder, "device.pem", &len);
    uint8_t *uri = memmem(der, len, old, uri_len);

    ck_assert_ptr_nonnull(uri);
    ck_assert_uint_eq(strlen(device_uris[_i].uri), uri_len);
    memcpy(uri, device_uris[_i].uri, uri_len);
    ck_assert_int_eq(
        tls_certificate_identity(der, len, name, sizeof name, &device), 0);
    ck_assert_int_eq(device, device_uris[_i].device);
    free(der);
}
END_TEST

static const struct {
    const char *file;
    int32_t device;
} devices[] = {
    {"device-twice.pem", 0x0fac},
    {"device-two.pem", DEVICE_UNCLEAR},
    {"device-long.pem", DEVICE_UNCLEAR},
    {"device-dns.pem", DEVICE_NONE}, /* a name of another kind */
};

START_TEST(names_beside_the_device)
{
    size_t len;
    char name[129];
    int32_t device;
    uint8_t *der = unit_pki_der(unit_pki_folder, devices[_i].file, &len);

    ck_assert_int_eq(
        tls_certificate_identity(der, len, name, sizeof name, &device), 0);
    ck_assert_int_eq(device, devices[_i].device);
    free(der);
}
END_TEST

START_TEST(no_certificate_no_identity)
{
    char name[129];
    int32_t device;

    ck_assert_int_lt(tls_certificate_identity((const uint8_t *)"", 0, name,
                                              sizeof name, &device),
                     0);
    ck_assert_int_lt(
        tls_certificate_identity((const uint8_t *)"\x30\x03\x02\x01", 4, name,
                                 sizeof name, &device),
        0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_identity");
    TCase *tc = tcase_create("tls_identity");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_loop_test(tc, an_identity, 0, (int)LENGTH(identities));
    tcase_add_loop_test(tc, the_device_of_a_certificate, 0,
                        (int)LENGTH(device_uris));
    tcase_add_loop_test(tc, names_beside_the_device, 0, (int)LENGTH(devices));
    tcase_add_test(tc, every_byte_in_a_name);
    tcase_add_test(tc, a_nul_hides_nothing);
    tcase_add_test(tc, long_names);
    tcase_add_test(tc, no_certificate_no_identity);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
