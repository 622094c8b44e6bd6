/* fuzz_tls_files.c - the files of a TLS listener: its chain, its key, whom it
 * trusts and its revocation lists, damaged in every way.
 *
 * The input is a script: which of the four files begin as good ones, and what
 * is put into them: certificates, keys and lists that were made at the start,
 * whole or with their DER changed, and any text. So the corpus has no key in
 * it, and comes through PEM.
 * Held to: the files are refused with one line that names the key of the
 * configuration, or make a context whose sessions begin; nothing is left.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "fuzz.h"
#include "fuzz_file.h"
#include "fuzz_pki.h"
#include "log.h"
#include "tls_context.h"
#include "tls_refusal.h"

#include <wolfssl/options.h>

#include <string.h>
#include <wolfssl/ssl.h>

#define TEXT_MAX   16384u
#define PIECES_MAX 16u

enum { CERTIFICATE, PRIVATE_KEY, CLIENT_CA, CRL, FILES };

enum operation {
    NEXT_FILE,
    WHOLE,
    OVERWRITTEN,
    CUT,
    LONGER,
    TEXT,
    DER,
    DAMAGED,
    OPERATIONS
};

struct script {
    const uint8_t *at;
    const uint8_t *end;
    char text[FILES][TEXT_MAX];
    size_t len[FILES];
    size_t file; /* that is written */
};

static struct fuzz_file files[FILES];

static unsigned take(struct script *s)
{
    return s->at < s->end ? *s->at++ : 0;
}

static size_t take_offset(struct script *s, size_t len)
{
    unsigned high = take(s);

    return len > 0 ? (high << 8 | take(s)) % len : 0;
}

static const uint8_t *take_bytes(struct script *s, size_t *len)
{
    const uint8_t *bytes = s->at;
    size_t n = take(s) & 63;

    bytes = s->at;
    if (n > (size_t)(s->end - s->at))
        n = (size_t)(s->end - s->at);
    s->at += n;
    *len = n;
    return bytes;
}

/* --- pieces --------------------------------------------------------------- */

static void put_text(struct script *s, const void *text, size_t len)
{
    size_t *at = &s->len[s->file];

    if (len > TEXT_MAX - *at)
        len = TEXT_MAX - *at;
    memcpy(s->text[s->file] + *at, text, len);
    *at += len;
}

static void put_der(struct script *s, const char *label, const uint8_t *der,
                    size_t len)
{
    size_t *at = &s->len[s->file];

    *at +=
        fuzz_pem_write(label, der, len, s->text[s->file] + *at, TEXT_MAX - *at);
}

static void put_whole(struct script *s, enum fuzz_pki_name name)
{
    put_text(s, fuzz_pki()[name].text, fuzz_pki()[name].len);
}

static void put_changed(struct script *s, enum operation operation)
{
    const struct fuzz_pem *pem = &fuzz_pki()[take(s) % FUZZ_PKI_N];
    size_t at = take_offset(s, pem->der_len);
    size_t n = 0;
    uint8_t der[4096];
    size_t len = pem->der_len;

    FUZZ_CHECK(len + 64 <= sizeof der);
    memcpy(der, pem->der, len);
    if (operation == CUT) {
        len = at;
    } else {
        const uint8_t *bytes = take_bytes(s, &n);
        if (operation == LONGER) {
            memmove(der + at + n, der + at, len - at);
            len += n;
        } else if (n > len - at) {
            n = len - at;
        }
        if (n > 0)
            memcpy(der + at, bytes, n);
    }
    put_der(s, pem->label, der, len);
}

static void put_literal(struct script *s)
{
    static const char *const labels[] = {
        "CERTIFICATE",     "PRIVATE KEY", "EC PRIVATE KEY",
        "RSA PRIVATE KEY", "X509 CRL",    "ENCRYPTED PRIVATE KEY"};
    const char *label = labels[take(s) % 6];
    size_t len;
    const uint8_t *bytes = take_bytes(s, &len);

    put_der(s, label, bytes, len);
}

static void damage(struct script *s)
{
    size_t at = take_offset(s, s->len[s->file]);
    unsigned byte = take(s);

    if (s->len[s->file] > 0)
        s->text[s->file][at] = (char)byte;
}

static void step(struct script *s)
{
    enum operation operation = take(s) % OPERATIONS;
    size_t len;
    const uint8_t *bytes;

    switch (operation) {
    case NEXT_FILE:
        s->file = (s->file + 1) % FILES;
        break;
    case WHOLE:
        put_whole(s, take(s) % FUZZ_PKI_N);
        break;
    case TEXT:
        bytes = take_bytes(s, &len);
        put_text(s, bytes, len);
        break;
    case DER:
        put_literal(s);
        break;
    case DAMAGED:
        damage(s);
        break;
    default:
        put_changed(s, operation);
        break;
    }
}

/* Bit by bit: which files begin as good ones. */
static void put_good(struct script *s, unsigned which)
{
    if (which & 1) {
        put_whole(s, FUZZ_PKI_SERVER);
        put_whole(s, FUZZ_PKI_SUB);
    }
    s->file = PRIVATE_KEY;
    if (which & 2)
        put_whole(s, FUZZ_PKI_SERVER_KEY);
    s->file = CLIENT_CA;
    if (which & 4)
        put_whole(s, FUZZ_PKI_CA);
    s->file = CRL;
    if (which & 8) {
        put_whole(s, FUZZ_PKI_CRL);
        put_whole(s, FUZZ_PKI_SUB_CRL);
    }
    s->file = CERTIFICATE;
}

/* --- the load ------------------------------------------------------------- */

static void check_refused(const char *error)
{
    FUZZ_CHECK(memchr(error, '\0', TLS_ERROR_MAX) != NULL);
    FUZZ_CHECK(strstr(error, ": listeners[any].tls") != NULL);
    for (const char *p = error; *p != '\0'; p++)
        FUZZ_CHECK((uint8_t)*p >= 0x20 && *p != 0x7f);
}

static void check_context(struct tls_context *c)
{
    struct tls_refusal refusal;
    size_t n;

    const struct validity *ends = tls_context_validity(c, &n);
    FUZZ_CHECK(ends != NULL && n > 0);
    WOLFSSL *ssl = tls_context_session(c);
    FUZZ_CHECK(ssl != NULL);
    memset(&refusal, 0, sizeof refusal);
    tls_context_watch(c, ssl, &refusal);
    wolfSSL_free(ssl);
    tls_refusal_deinit(&refusal);
    tls_context_unref(c);
}

static void load(unsigned flags)
{
    struct config_tls tls = {
        .certificate = files[CERTIFICATE].path,
        .private_key = files[PRIVATE_KEY].path,
        .client_auth = flags % 3,
        .client_ca = flags % 3 != 0 ? files[CLIENT_CA].path : NULL,
        .crl = flags % 3 != 0 && flags & 8 ? files[CRL].path : NULL,
        .min_version = flags & 4 ? CONFIG_TLS_1_3 : CONFIG_TLS_1_2,
    };
    struct config_listener listener = {.name = (char *)"any", .tls = &tls};
    const struct config config = {.listeners = &listener, .n_listeners = 1};
    char error[TLS_ERROR_MAX] = "";
    struct tls_context *c = tls_context_new(&config, &listener, error);

    if (c != NULL)
        check_context(c);
    else
        check_refused(error);
}

static void start(void)
{
    FUZZ_CHECK(tls_library_init() == 0);
    FUZZ_CHECK(log_open(CONFIG_LOG_DEBUG, "/dev/null") == 0);
    for (size_t i = 0; i < FILES; i++)
        fuzz_file_init(&files[i]);
    (void)fuzz_pki();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct script s;

    if (files[0].fd == 0)
        start();
    int lowest = fuzz_file_lowest();
    memset(s.len, 0, sizeof s.len);
    s.at = data;
    s.end = data + size;
    s.file = CERTIFICATE;
    unsigned flags = take(&s);
    put_good(&s, flags >> 4);
    for (size_t i = 0; i < PIECES_MAX && s.at < s.end; i++)
        step(&s);
    for (size_t i = 0; i < FILES; i++)
        fuzz_file_set(&files[i], s.text[i], s.len[i]);
    load(flags);
    FUZZ_CHECK(fuzz_file_lowest() == lowest);
    return 0;
}
