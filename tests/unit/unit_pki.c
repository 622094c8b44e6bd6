/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_pki.h"

#include "tls_context.h"
#include "unit.h"
#include "unit_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *unit_pki_folder;

/* The user's own configuration of openssl has no say in it.
 * key NAME ARGUMENTS...: makes NAME.key
 * issue NAME BY SUBJECT EXTENSIONS [OPTIONS...]: makes NAME.pem, which BY has
 *     signed, with the lines of extensions (\n between them)
 * dated NAME BY SUBJECT FROM TO: the same with dates, YYYYMMDDHHMMSSZ */
static const char functions[] =
    "set -e\n"
    "OPENSSL_CONF=$PWD/openssl.cnf; export OPENSSL_CONF\n"
    "cat >openssl.cnf <<'END'\n"
    "[req]\n"
    "distinguished_name = dn\n"
    "string_mask = utf8only\n"
    "[dn]\n"
    "[ca]\n"
    "default_ca = any\n"
    "[any]\n"
    "new_certs_dir = .\n"
    "database = index.txt\n"
    "rand_serial = yes\n"
    "default_md = sha256\n"
    "unique_subject = no\n"
    "policy = policy\n"
    "[policy]\n"
    "commonName = optional\n"
    "END\n"
    "key() { n=$1; shift; openssl genpkey -out $n.key \"$@\"; }\n"
    "ec() { key $1 -algorithm EC -pkeyopt ec_paramgen_curve:$2; }\n"
    "rsa() { key $1 -algorithm RSA -pkeyopt rsa_keygen_bits:$2; }\n"
    "issue() {\n"
    "    n=$1; by=$2; subject=$3; printf \"$4\\n\" >$n.ext; shift 4\n"
    "    openssl req -new -utf8 -key $n.key -subj \"$subject\" -out $n.csr\n"
    "    if [ $by = $n ]; then set -- -signkey $n.key \"$@\"\n"
    "    else set -- -CA $by.pem -CAkey $by.key -CAcreateserial \"$@\"; fi\n"
    "    openssl x509 -req -in $n.csr -days 100 -extfile $n.ext -out $n.pem "
    "\\\n"
    "        \"$@\"\n"
    "}\n"
    "dated() {\n"
    "    touch index.txt\n"
    "    openssl req -new -key $1.key -subj \"$3\" -out $1.csr\n"
    "    openssl ca -batch -notext -in $1.csr -cert $2.pem \\\n"
    "        -keyfile $2.key -startdate $4 -enddate $5 -out $1.pem\n"
    "}\n";

static const char basics[] =
    "ec ca P-256; issue ca ca '/CN=unit test root' \\\n"
    "    'basicConstraints=critical,CA:TRUE'\n"
    "ec sub P-256; issue sub ca '/CN=unit test sub' \\\n"
    "    'basicConstraints=critical,CA:TRUE'\n"
    "ec server P-256; issue server ca '/CN=wwep.example' \\\n"
    "    'subjectAltName=DNS:wwep.example,IP:192.0.2.3,IP:2001:db8::3,"
    "URI:urn:x:y,DNS:*.wwep.example'\n"
    "rsa rsa 2048; issue rsa ca '/O=Some School/CN=rsa.example' \\\n"
    "    'subjectAltName=DNS:rsa.example'\n"
    "ec leaf P-256; issue leaf sub '/CN=leaf.example' \\\n"
    "    'subjectAltName=DNS:leaf.example'\n"
    "ec self P-256; issue self self '/CN=self.example' \\\n"
    "    'subjectAltName=DNS:self.example'\n";

void unit_pki_run(const char *folder, const char *commands)
{
    char command[4200];
    char *script = unit_write(folder, "commands.sh", functions);
    FILE *f = fopen(script, "a");

    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(commands, f), 0);
    ck_assert_int_eq(fclose(f), 0);
    snprintf(command, sizeof command,
             "cd '%s' && sh commands.sh >commands.log 2>&1", folder);
    if (system(command) != 0) {
        snprintf(command, sizeof command, "%s/commands.log", folder);
        ck_abort_msg("%s", unit_read(command, NULL));
    }
    free(script);
}

void unit_pki_make(const char *folder)
{
    unit_pki_run(folder, basics);
}

void unit_pki_setup(const char *commands)
{
    unit_pki_folder = unit_mkdtemp();
    unit_pki_make(unit_pki_folder);
    if (commands != NULL)
        unit_pki_run(unit_pki_folder, commands);
    ck_assert_int_eq(tls_library_init(), 0);
}

void unit_pki_teardown(void)
{
    tls_library_deinit();
    unit_rmdir(unit_pki_folder);
}

uint8_t *unit_pki_der(const char *folder, const char *name, size_t *len)
{
    char commands[1024];
    char path[4096];

    snprintf(commands, sizeof commands,
             "openssl x509 -in %s -outform DER -out one.der\n", name);
    unit_pki_run(folder, commands);
    snprintf(path, sizeof path, "%s/one.der", folder);
    return (uint8_t *)unit_read(path, len);
}

/* --- DER ------------------------------------------------------------------ */

struct patch {
    const char *old;
    const void *value;
    size_t value_len;
};

/* One element: tag (a single byte in certificates), length, value. */
struct element {
    uint8_t tag;
    const uint8_t *value;
    size_t len;
};

static const uint8_t *take(const uint8_t *at, struct element *e)
{
    e->tag = *at++;
    e->len = *at++;
    if (e->len >= 0x80) {
        size_t n = e->len & 0x7f;
        for (e->len = 0; n > 0; n--)
            e->len = e->len << 8 | *at++;
    }
    e->value = at;
    return at + e->len;
}

static uint8_t *put(uint8_t *out, uint8_t tag, const void *value, size_t len)
{
    *out++ = tag;
    if (len > 0xff) {
        *out++ = 0x82;
        *out++ = (uint8_t)(len >> 8);
    } else if (len > 0x7f) {
        *out++ = 0x81;
    }
    *out++ = (uint8_t)len;
    memcpy(out, value, len);
    return out + len;
}

/* Copies the elements from `at` to `end`; returns the end of the copy. */
static uint8_t *copy(const struct patch *p, const uint8_t *at,
                     const uint8_t *end, uint8_t *out)
{
    while (at < end) {
        struct element e;
        at = take(at, &e);
        if ((e.tag & 0x20) != 0) { /* constructed */
            uint8_t *inner = malloc(2 * e.len + p->value_len + 64);
            ck_assert_ptr_nonnull(inner);
            size_t len =
                (size_t)(copy(p, e.value, e.value + e.len, inner) - inner);
            out = put(out, e.tag, inner, len);
            free(inner);
        } else if (e.len == strlen(p->old) &&
                   memcmp(e.value, p->old, e.len) == 0) {
            out = put(out, e.tag, p->value, p->value_len);
        } else {
            out = put(out, e.tag, e.value, e.len);
        }
    }
    return out;
}

uint8_t *unit_pki_patch(const uint8_t *der, size_t len, const char *old,
                        const void *value, size_t value_len, size_t *out_len)
{
    const struct patch p = {old, value, value_len};
    uint8_t *out = malloc(2 * len + value_len + 64);

    ck_assert_ptr_nonnull(out);
    *out_len = (size_t)(copy(&p, der, der + len, out) - out);
    return out;
}
