/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_context.h"

#include "log.h"
#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"
#include "unit_secure.h"
#include "unit_tls.h"

#include <wolfssl/options.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wolfssl/ssl.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char commands[] =
    "chmod 600 *.key\n"
    "ec p384 P-384; issue p384 ca /CN=p384 'subjectAltName=DNS:p384'\n"
    "rsa sha1 2048; issue sha1 sha1 /CN=sha1 'subjectAltName=DNS:sha1' -sha1\n"
    "ec expired P-256\n"
    "dated expired ca /CN=expired 20200131100000Z 20200228100000Z\n"
    "ec early P-256; dated early ca /CN=early 20980101000000Z "
    "20990101000000Z\n"
    "rsa small 1024; issue small ca /CN=small 'subjectAltName=DNS:small'\n"
    "cat leaf.pem sub.pem >chain.pem\n"
    "cat leaf.pem sub.pem ca.pem >full.pem\n"
    "cat sub.pem leaf.pem >reversed.pem\n"
    "cat leaf.pem ca.pem sub.pem >mixed-up.pem\n"
    "cat leaf.pem server.pem >strangers.pem\n"
    "{ echo Words; cat leaf.pem; echo and words; cat sub.pem; echo end; } "
    ">words.pem\n"
    "sed 's/$/\\r/' chain.pem >crlf.pem\n"
    "printf '%s' \"$(cat leaf.pem)\" >unended.pem\n" /* without last LF */
    "openssl x509 -in server.pem -outform DER -out der.pem\n"
    "openssl pkey -in server.key -outform DER -out der.key\n"
    "openssl pkey -in server.key -aes128 -passout pass:secret "
    "-out encrypted.key\n"
    "openssl ec -in server.key -aes128 -passout pass:secret "
    "-out old-encrypted.key\n"
    "openssl ec -in server.key -out sec1.key\n"
    "openssl rsa -in rsa.key -traditional -out pkcs1.key\n"
    "chmod 600 *.key\n"
    "head -n 5 server.pem >truncated.pem\n"
    "{ cat leaf.pem; head -n 5 sub.pem; } >half-chain.pem\n"
    "head -n 2 server.key >truncated.key\n"
    ": >empty\n"
    "mkdir folder\n"
    "head -c 1048577 /dev/zero | tr '\\0' x >large\n"
    "cp server.key open.key; chmod 644 open.key\n";

static void make_all(void)
{
    unit_pki_setup(commands);
}

/* Sees that it gives sessions, and lets it go. */
static void give_session(struct tls_context *c)
{
    WOLFSSL *ssl = tls_context_session(c);

    ck_assert_ptr_nonnull(ssl);
    wolfSSL_free(ssl);
    tls_context_unref(c);
}

/* Makes it, and sees that it gives sessions. */
static void assert_good(const char *certificate, const char *private_key)
{
    struct unit_secure s;

    unit_secure_init(&s, certificate, private_key);
    give_session(unit_secure_open(&s));
}

/* --- what is good --------------------------------------------------------- */

static const struct {
    const char *certificate;
    const char *private_key;
} good[] = {
    {"server.pem", "server.key"},   {"rsa.pem", "rsa.key"},
    {"p384.pem", "p384.key"},       {"self.pem", "self.key"},
    {"leaf.pem", "leaf.key"},       {"chain.pem", "leaf.key"},
    {"full.pem", "leaf.key"},       {"words.pem", "leaf.key"},
    {"crlf.pem", "leaf.key"},       {"unended.pem", "leaf.key"},
    {"server.pem", "sec1.key"},     {"rsa.pem", "pkcs1.key"},
    {"server.pem", "open.key"},     {"sha1.pem", "sha1.key"},
    {"expired.pem", "expired.key"}, {"early.pem", "early.key"},
};

START_TEST(a_good_pair)
{
    assert_good(good[_i].certificate, good[_i].private_key);
}
END_TEST

START_TEST(it_is_described)
{
    char path[4200];

    assert_good("server.pem", "server.key");
    snprintf(path, sizeof path,
             "info: secure: certificate %s/server.pem: /CN=wwep.example, for "
             "wwep.example, 192.0.2.3, 2001:db8::3, urn:x:y, "
             "*.wwep.example; P-256, signed with ECDSA-SHA256 by /CN=unit "
             "test root; valid until 20",
             unit_pki_folder);
    unit_log_expect(path);
    ck_assert_uint_eq(unit_log_count("days)\n"), 1);
    ck_assert_uint_eq(unit_log_count("warning"), 0);
}
END_TEST

START_TEST(each_of_a_chain_is_described)
{
    assert_good("full.pem", "leaf.key");
    unit_log_expect("full.pem: /CN=leaf.example, for leaf.example;");
    unit_log_expect("full.pem: /CN=unit test sub;");
    unit_log_expect("full.pem: /CN=unit test root;");
    ck_assert_uint_eq(unit_log_count("warning"), 0);
}
END_TEST

static const struct {
    const char *certificate;
    const char *private_key;
    const char *words;
} warnings[] = {
    {"early.pem", "early.key", "early.pem is not valid yet: set this"},
    {"sha1.pem", "sha1.key", "sha1.pem is signed with SHA-1 or MD5"},
    {"self.pem", "self.key", "self.pem signed itself: no client trusts it"},
    {"server.pem", "open.key", "open.key can be read or changed by every"},
};

START_TEST(what_is_unsafe_is_warned_of)
{
    assert_good(warnings[_i].certificate, warnings[_i].private_key);
    unit_log_expect(warnings[_i].words);
    /* sha1.pem signed itself, too. */
    ck_assert_uint_eq(unit_log_count(" warning: secure: "),
                      strcmp(warnings[_i].certificate, "sha1.pem") == 0 ? 2
                                                                        : 1);
}
END_TEST

/* --- what is not ---------------------------------------------------------- */

static const struct {
    const char *certificate;
    const char *private_key;
    const char *key;
    const char *words; /* %: the folder */
} bad[] = {
    {"missing.pem", "server.key", "certificate",
     "%/missing.pem does not exist: make it (scripts/quickstart shows how)"},
    {"folder", "server.key", "certificate",
     "%/folder can not be read: Is a directory"},
    {"large", "server.key", "certificate",
     "%/large is no PEM file: it is too large"},
    {"der.pem", "server.key", "certificate",
     "%/der.pem is DER, and PEM is needed: openssl x509 -inform DER -in "
     "%/der.pem -out FILE"},
    {"empty", "server.key", "certificate",
     "%/empty has no certificate in PEM in it (BEGIN CERTIFICATE)"},
    {"server.key", "server.key", "certificate",
     "%/server.key has no certificate in PEM in it"},
    {"truncated.pem", "server.key", "certificate",
     "%/truncated.pem: certificate 1 in it is damaged: look at it with "
     "openssl x509 -in %/truncated.pem -noout -text"},
    {"half-chain.pem", "leaf.key", "certificate",
     "%/half-chain.pem: certificate 2 in it is damaged"},
    {"reversed.pem", "leaf.key", "certificate",
     "%/reversed.pem: certificate 2 (/CN=leaf.example) is not the issuer of "
     "the one before it (/CN=unit test root): put the server's own first"},
    {"mixed-up.pem", "leaf.key", "certificate",
     "%/mixed-up.pem: certificate 2 (/CN=unit test root) is not the issuer "
     "of the one before it (/CN=unit test sub)"},
    {"strangers.pem", "leaf.key", "certificate",
     "%/strangers.pem: certificate 2 (/CN=wwep.example) is not the issuer"},
    {"small.pem", "small.key", "certificate",
     "%/small.pem: certificate 1 has an RSA-1024 key, which clients refuse as "
     "too weak: make one with P-256, or with RSA-2048"},
    {"server.pem", "missing.key", "private_key",
     "%/missing.key does not exist: make it"},
    {"server.pem", "folder", "private_key",
     "%/folder can not be read: Is a directory"},
    {"server.pem", "large", "private_key", "%/large is no PEM file"},
    {"server.pem", "der.key", "private_key",
     "%/der.key is DER, and PEM is needed: openssl pkey -inform DER -in "
     "%/der.key -out FILE"},
    {"server.pem", "empty", "private_key",
     "%/empty has no private key in PEM in it"},
    {"server.pem", "server.pem", "private_key",
     "%/server.pem has no private key in PEM in it"},
    {"server.pem", "truncated.key", "private_key",
     "%/truncated.key: the key is damaged, or of an unknown kind"},
    {"server.pem", "encrypted.key", "private_key",
     "%/encrypted.key is encrypted, and nobody is there to type its "
     "password: openssl pkey -in %/encrypted.key -out FILE"},
    {"server.pem", "old-encrypted.key", "private_key",
     "%/old-encrypted.key is encrypted"},
    {"server.pem", "leaf.key", "private_key",
     "%/leaf.key does not belong to the certificate in %/server.pem: compare "
     "openssl pkey -in %/leaf.key -pubout with openssl x509 -in "
     "%/server.pem -noout -pubkey"},
    {"server.pem", "rsa.key", "private_key",
     "%/rsa.key does not belong to the certificate in %/server.pem"},
    {"server.pem", "p384.key", "private_key",
     "%/p384.key does not belong to the certificate in %/server.pem"},
    /* The chain's intermediate is not whose key is wanted. */
    {"chain.pem", "sub.key", "private_key",
     "%/sub.key does not belong to the certificate in %/chain.pem"},
};

START_TEST(a_refusal)
{
    struct unit_secure s;

    unit_secure_init(&s, bad[_i].certificate, bad[_i].private_key);
    unit_secure_refused(&s, bad[_i].key, bad[_i].words);
    ck_assert_uint_eq(unit_log_count(" error: "), 0); /* the caller says it */
}
END_TEST

START_TEST(a_key_for_the_owner_alone)
{
    struct unit_secure s;
    char path[4200];

    snprintf(path, sizeof path, "%s/locked.key", unit_pki_folder);
    free(unit_write(unit_pki_folder, "locked.key", "x"));
    ck_assert_int_eq(chmod(path, 0), 0);
    unit_secure_init(&s, "server.pem", "locked.key");
    unit_drop_root(unit_pki_folder);
    unit_secure_refused(&s, "private_key",
                        "%/locked.key can not be read: Permission denied");
    unit_regain_root();
}
END_TEST

START_TEST(a_refusal_that_does_not_fit_is_cut)
{
    struct unit_secure s;
    char name[2000];

    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    unit_secure_init(&s, name, "server.key");
    unit_secure_refused(&s, "certificate", "");
    ck_assert_uint_eq(strlen(s.error), TLS_ERROR_MAX - 1);
}
END_TEST

/* --- versions ------------------------------------------------------------- */

START_TEST(versions)
{
    struct unit_secure s;

    unit_secure_init(&s, "server.pem", "server.key");
    s.tls.min_version = _i == 0 ? CONFIG_TLS_1_2 : CONFIG_TLS_1_3;
    struct tls_context *c = unit_secure_open(&s);
    ck_assert(
        unit_tls_greets(tls_context_session(c), wolfTLSv1_3_client_method()));
    ck_assert_int_eq(
        unit_tls_greets(tls_context_session(c), wolfTLSv1_2_client_method()),
        _i == 0);
    tls_context_unref(c);
    ck_assert_uint_gt(strlen(tls_library_version()), 0);
}
END_TEST

/* --- references ----------------------------------------------------------- */

static void *take_and_give(void *arg)
{
    for (int i = 0; i < 10000; i++)
        tls_context_unref(tls_context_ref(arg));
    return NULL;
}

START_TEST(references)
{
    struct unit_secure s;
    pthread_t threads[3];

    unit_secure_init(&s, "server.pem", "server.key");
    struct tls_context *c = unit_secure_open(&s);
    for (size_t i = 0; i < LENGTH(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_give, c),
                         0);
    for (size_t i = 0; i < LENGTH(threads); i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    /* A session outlives the context. */
    ck_assert_ptr_eq(tls_context_ref(c), c);
    WOLFSSL *ssl = tls_context_session(c);
    tls_context_unref(c);
    tls_context_unref(c);
    ck_assert_int_eq(wolfSSL_GetVersion(ssl), WOLFSSL_TLSV1_3);
    wolfSSL_free(ssl);
    tls_context_unref(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_context");
    TCase *tc = tcase_create("tls_context");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_checked_fixture(tc, unit_secure_setup, unit_secure_teardown);
    tcase_add_loop_test(tc, a_good_pair, 0, (int)LENGTH(good));
    tcase_add_test(tc, it_is_described);
    tcase_add_test(tc, each_of_a_chain_is_described);
    tcase_add_loop_test(tc, what_is_unsafe_is_warned_of, 0,
                        (int)LENGTH(warnings));
    tcase_add_loop_test(tc, a_refusal, 0, (int)LENGTH(bad));
    tcase_add_test(tc, a_key_for_the_owner_alone);
    tcase_add_test(tc, a_refusal_that_does_not_fit_is_cut);
    tcase_add_loop_test(tc, versions, 0, 2);
    tcase_add_test(tc, references);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
