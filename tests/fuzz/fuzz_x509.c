/* fuzz_x509.c - what the server reads of certificates and revocation lists,
 * against any bytes: as DER, and as a file of PEM.
 *
 * Held to: texts end and can be shown, what was read is in its bounds, a name
 * that clients go by has no control byte, a block of PEM lies in its text, and
 * nothing is left.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"
#include "tls_certificate.h"
#include "tls_crl.h"
#include "wwep_text.h"

#include <string.h>

#define BLOCKS_MAX 8u

static void check_text(const char *text, size_t cap)
{
    FUZZ_CHECK(memchr(text, '\0', cap) != NULL);
    for (; *text != '\0'; text++)
        FUZZ_CHECK(wwep_text_printable((uint8_t)*text));
}

static void check_certificate(const struct tls_certificate *c)
{
    check_text(c->subject, sizeof c->subject);
    check_text(c->issuer, sizeof c->issuer);
    check_text(c->names, sizeof c->names);
    check_text(c->key, sizeof c->key);
    check_text(c->signature, sizeof c->signature);
    FUZZ_CHECK(c->point_len <= sizeof c->point);
    FUZZ_CHECK(c->rsa_bits >= 0);
    FUZZ_CHECK(c->rsa_bits == 0 || c->point_len == 0);
}

static void check_identity(const uint8_t *der, size_t len)
{
    int32_t device = DEVICE_NONE;
    char name[129];

    memset(name, 'x', sizeof name);
    if (tls_certificate_identity(der, len, name, sizeof name, &device) != 0)
        return;
    FUZZ_CHECK(memchr(name, '\0', sizeof name) != NULL);
    for (const char *p = name; *p != '\0'; p++)
        FUZZ_CHECK((uint8_t)*p >= 0x20 && *p != 0x7f);
    FUZZ_CHECK(device >= DEVICE_UNCLEAR && device <= 0xffff);
}

static void check_der(const uint8_t *der, size_t len)
{
    struct tls_certificate c;
    struct tls_name_id issuer, subject;
    struct tls_crl crl;
    char when[TLS_WHEN_MAX];

    if (tls_certificate_read(&c, der, len) == 0) {
        check_certificate(&c);
        if (tls_certificate_ids(der, len, &issuer, &subject)) {
            FUZZ_CHECK(tls_name_same(&issuer, &c.issuer_id));
            FUZZ_CHECK(tls_name_same(&subject, &c.subject_id));
        }
    }
    check_identity(der, len);
    if (tls_crl_read(&crl, der, len)) {
        check_text(crl.issuer, sizeof crl.issuer);
        tls_crl_when(crl.next_update, when);
        FUZZ_CHECK(memchr(when, '\0', sizeof when) != NULL);
        FUZZ_CHECK(len > 0 && !tls_crl_read(&crl, der, len - 1));
    }
}

static void check_block(const uint8_t *pem, size_t len, size_t n)
{
    struct tls_certificate c;
    uint8_t *der = NULL;
    size_t der_len = 0;

    if (tls_certificate_read_pem(&c, pem, len, n) == 0) {
        check_certificate(&c);
        (void)tls_certificate_has_key(&c, pem, len);
    }
    long decoded = tls_certificate_decode_pem(pem, len, n, &der);
    if (decoded > 0) {
        check_der(der, (size_t)decoded);
        free(der);
    }
    if (tls_crl_decode_pem(pem, len, n, &der, &der_len) == 0) {
        check_der(der, der_len);
        free(der);
    }
}

static void check_pem(const uint8_t *pem, size_t len)
{
    const uint8_t *last = pem;
    size_t block_len;

    for (size_t n = 0; n < BLOCKS_MAX; n++) {
        const uint8_t *block =
            tls_certificate_find_pem(pem, len, n, &block_len);
        if (block != NULL) {
            FUZZ_CHECK(block >= last && block + block_len <= pem + len);
            last = block + block_len;
        }
        check_block(pem, len, n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_der(data, size);
    check_pem(data, size);
    return 0;
}
