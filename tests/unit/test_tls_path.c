/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_path.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define DAY_S         ((time_t)86400)

/* ca NAME BY SUBJECT [DAYS [OPTIONS]]: an authority
 * own NAME BY [OPTIONS]: a client's, which says which key has signed it
 * bare NAME BY: one that does not */
static const char commands[] =
    "CA='basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign'\n"
    "ID='subjectKeyIdentifier=hash'\n"
    "BY='authorityKeyIdentifier=keyid'\n"
    "ca() { n=$1; b=$2; s=$3; d=${4:-100}; [ $# -lt 4 ] || shift; shift 3\n"
    "    [ -f $n.key ] || ec $n P-256\n"
    "    issue $n $b \"$s\" \"$CA\\n$ID\" \"$@\"\n"
    "    signer='-signkey '$n.key\n"
    "    [ $b = $n ] || signer=\"-CA $b.pem -CAkey $b.key -CAcreateserial\"\n"
    "    openssl x509 -req -in $n.csr -days $d -extfile $n.ext $signer "
    "-out $n.pem \"$@\"; }\n"
    "own() { n=$1; b=$2; shift 2; ec $n P-256\n"
    "    issue $n $b /CN=$n \"$ID\\n$BY\" \"$@\"; }\n"
    "bare() { ec $1 P-256; issue $1 $2 /CN=$1 basicConstraints=CA:FALSE; }\n"
    "ca root root /CN=root; ca inter root /CN=inter\n"
    "ca brief root /CN=brief 20; ca short short /CN=short 20\n"
    "ca twin root /CN=inter; ca other other /CN=other\n"
    "ca twin20 root /CN=inter 20\n"
    "own near root; own leaf inter; own late brief; own soon short\n"
    "own twins twin; own far other\n"
    "bare nearbare root; bare bare inter; bare latebare brief\n"
    "bare twinbare twin20\n"
    /* The same key: a CA that was made anew. */
    "cp short.key again.key; ca again again /CN=short\n"
    "cat short.pem again.pem >renewed.pem\n"
    /* Others of the name, of which one has ended. */
    "ca rekeyed rekeyed /CN=short; cat short.pem rekeyed.pem >rekeyed2.pem\n"
    "own soon2 rekeyed; bare soonbare short; bare soonbare2 rekeyed\n"
    /* Two ways up, of which one ends. */
    "cp brief.key cross.key; ca cross root /CN=brief\n"
    "own sha1 root -sha1; ca weak root /CN=weak 100 -sha1; own below weak\n"
    "ca weakroot weakroot /CN=weakroot 100 -sha1; own good weakroot\n"
    "ec noca P-256; issue noca root /CN=noca \"$ID\"; own under noca\n"
    "ec v1 P-256; openssl req -new -key v1.key -subj /CN=v1 -out v1.csr\n"
    "openssl x509 -req -in v1.csr -signkey v1.key -days 9 -out v1.pem\n"
    "bare old v1\n";

static void make_all(void)
{
    unit_pki_setup(commands);
}

static const struct {
    const char *client_ca;
    const char *sent; /* names, the client's own first */
    time_t days;      /* from now */
    enum wwep_fault_kind kind;
    const char *blamed; /* its subject */
} cases[] = {
    {"root.pem", "near", 0, WWEP_FAULT_NONE, NULL},
    {"root.pem", "leaf inter", 0, WWEP_FAULT_NONE, NULL},
    {"root.pem", "leaf inter root", 0, WWEP_FAULT_NONE, NULL},
    {"root.pem", "nearbare", 0, WWEP_FAULT_NONE, NULL},
    {"root.pem", "bare inter", 0, WWEP_FAULT_NONE, NULL},
    {"root.pem", "leaf twin inter", 0, WWEP_FAULT_NONE, NULL},
    {"root.pem", "bare twin inter", 0, WWEP_FAULT_NONE, NULL},
    {"inter.pem", "leaf", 0, WWEP_FAULT_NONE, NULL},
    {"inter.pem", "leaf inter", 0, WWEP_FAULT_NONE, NULL},
    {"v1.pem", "old", 0, WWEP_FAULT_NONE, NULL},
    /* wolfSSL may remember it; it has not come. */
    {"root.pem", "leaf", 0, WWEP_FAULT_UNKNOWN_CA, "/CN=leaf"},
    {"root.pem", "bare", 0, WWEP_FAULT_UNKNOWN_CA, "/CN=bare"},
    {"root.pem", "far", 0, WWEP_FAULT_UNKNOWN_CA, "/CN=far"},
    {"root.pem", "leaf twin", 0, WWEP_FAULT_UNKNOWN_CA, "/CN=leaf"},
    {"root.pem", "bare twin", 0, WWEP_FAULT_UNKNOWN_CA, "/CN=bare"},
    {"root.pem", "twins inter", 0, WWEP_FAULT_UNKNOWN_CA, "/CN=twins"},
    {"root.pem", "twinbare inter", 25, WWEP_FAULT_UNKNOWN_CA, "/CN=twinbare"},
    {"root.pem", "under noca", 0, WWEP_FAULT_UNKNOWN_CA, "/CN=under"},
    /* What ends. */
    {"root.pem", "late brief", 0, WWEP_FAULT_NONE, NULL},
    {"root.pem", "late brief", 25, WWEP_FAULT_EXPIRED, "/CN=brief"},
    {"root.pem", "latebare brief", 25, WWEP_FAULT_EXPIRED, "/CN=brief"},
    {"root.pem", "late brief cross", 25, WWEP_FAULT_NONE, NULL},
    {"root.pem", "late cross brief", 25, WWEP_FAULT_NONE, NULL},
    {"short.pem", "soon", 0, WWEP_FAULT_NONE, NULL},
    {"short.pem", "soon", 25, WWEP_FAULT_EXPIRED, "/CN=short"},
    {"short.pem", "soonbare", 25, WWEP_FAULT_EXPIRED, "/CN=short"},
    {"root.pem", "near", 101, WWEP_FAULT_EXPIRED, "/CN=root"},
    {"renewed.pem", "soon", 25, WWEP_FAULT_NONE, NULL},
    {"renewed.pem", "soonbare", 25, WWEP_FAULT_NONE, NULL},
    {"rekeyed2.pem", "soon", 25, WWEP_FAULT_EXPIRED, "/CN=short"},
    {"rekeyed2.pem", "soon2", 25, WWEP_FAULT_NONE, NULL},
    {"rekeyed2.pem", "soonbare", 25, WWEP_FAULT_EXPIRED, "/CN=short"},
    {"rekeyed2.pem", "soonbare2", 25, WWEP_FAULT_NONE, NULL},
    /* What can be forged. */
    {"root.pem", "sha1", 0, WWEP_FAULT_WEAK_SIGNATURE, "/CN=sha1"},
    {"root.pem", "below weak", 0, WWEP_FAULT_WEAK_SIGNATURE, "/CN=weak"},
    {"weak.pem", "below", 0, WWEP_FAULT_NONE, NULL},
    {"weak.pem", "below weak", 0, WWEP_FAULT_NONE, NULL},
    {"weakroot.pem", "good weakroot", 0, WWEP_FAULT_NONE, NULL},
};

static struct tls_authorities read_client_ca(const char *name)
{
    struct tls_authorities authorities = {.n = 0};
    struct tls_certificate c;
    char path[4096];
    size_t len;

    snprintf(path, sizeof path, "%s/%s", unit_pki_folder, name);
    char *pem = unit_read(path, &len);
    const uint8_t *bytes = (const uint8_t *)pem;
    for (size_t n = 0; tls_certificate_read_pem(&c, bytes, len, n) == 0; n++)
        ck_assert_int_eq(
            tls_authorities_add(&authorities, &c, bytes, len, n, true), 0);
    free(pem);
    ck_assert_uint_gt(authorities.n, 0);
    return authorities;
}

/* Returns how many; the test's process ends with them. */
static size_t read_sent(const char *names, struct wwep_der sent[4])
{
    char text[128];
    char file[64];
    size_t n = 0;
    size_t len;

    snprintf(text, sizeof text, "%s", names);
    for (char *name = strtok(text, " "); name != NULL;
         name = strtok(NULL, " ")) {
        snprintf(file, sizeof file, "%s.pem", name);
        uint8_t *der = unit_pki_der(unit_pki_folder, file, &len);
        sent[n++] = wwep_der_of(der, len);
    }
    return n;
}

START_TEST(a_path)
{
    struct tls_authorities authorities = read_client_ca(cases[_i].client_ca);
    const struct tls_path_trust trust = {.authorities = &authorities};
    struct tls_path_fault fault;
    struct wwep_der sent[4];
    size_t n = read_sent(cases[_i].sent, sent);
    bool found = tls_path_find(&trust, sent, n,
                               time(NULL) + cases[_i].days * DAY_S, &fault);

    ck_assert_int_eq(found, cases[_i].kind == WWEP_FAULT_NONE);
    if (!found) {
        ck_assert_msg(fault.kind == cases[_i].kind, "%s",
                      wwep_fault_text(fault.kind));
        ck_assert_str_eq(fault.certificate.subject, cases[_i].blamed);
    }
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)sent[i].at);
    tls_authorities_deinit(&authorities);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_path");
    TCase *tc = tcase_create("tls_path");

    tcase_add_unchecked_fixture(tc, make_all, unit_pki_teardown);
    tcase_add_loop_test(tc, a_path, 0, (int)LENGTH(cases));
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
