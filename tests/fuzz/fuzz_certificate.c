/* fuzz_certificate.c - the reader of certificates against any bytes.
 *
 * Held to: nothing is read beyond the input, what was read lies in it, the
 * texts end and are printable, and a certificate that is cut is none.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate.h"
#include "certificate_name.h"
#include "fuzz.h"
#include "wwep_text.h"

#include <string.h>

static void check_text(const char *text, size_t cap)
{
    FUZZ_CHECK(memchr(text, '\0', cap) != NULL);
    for (; *text != '\0'; text++)
        FUZZ_CHECK(wwep_text_printable((uint8_t)*text));
}

static void check_span(const struct wwep_der *span, const uint8_t *data,
                       size_t size)
{
    if (span->at == NULL)
        return;
    FUZZ_CHECK(span->at >= data && span->at <= span->end);
    FUZZ_CHECK(span->end <= data + size);
}

static void check(const uint8_t *data, size_t size)
{
    struct wwep_certificate out;
    struct wwep_x509 c;

    if (!wwep_x509_read(&c, data, size))
        return;
    check_span(&c.issuer, data, size);
    check_span(&c.subject, data, size);
    check_span(&c.key, data, size);
    check_span(&c.names, data, size);
    wwep_x509_describe(&c, &out);
    check_text(out.subject, sizeof out.subject);
    check_text(out.issuer, sizeof out.issuer);
    check_text(out.names, sizeof out.names);
    check_text(out.key, sizeof out.key);
    (void)wwep_x509_check_host(&c, "wwep.example");
    (void)wwep_x509_check_host(&c, "2001:db8::3");
    FUZZ_CHECK(!wwep_x509_read(&c, data, size - 1));
}

/* A host is any text. */
static void check_host(const uint8_t *data, size_t size)
{
    struct wwep_address address;
    char host[64];

    if (size >= sizeof host)
        size = sizeof host - 1;
    memcpy(host, data, size);
    host[size] = '\0';
    if (wwep_address_read(&address, host))
        FUZZ_CHECK(address.len == 4 || address.len == 16);
    else
        FUZZ_CHECK(address.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size);
    check_host(data, size);
    return 0;
}
