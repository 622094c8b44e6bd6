/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "fuzz_pki.h"

#include "fuzz.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 8192u

static struct fuzz_pem all[FUZZ_PKI_N];

static const char *const names[FUZZ_PKI_N] = {
    "ca.pem",      "sub.pem",   "server.pem", "server.key", "client.pem",
    "client.key",  "other.pem", "other.key",  "rsa.pem",    "rsa.key",
    "ca.crl",      "sub.crl",   "below.pem",  "below.key",  "revoked.pem",
    "revoked.key", "bare.pem",  "bare.key",
};

/* issue NAME BY SUBJECT KEY EXTENSIONS: makes NAME.pem and NAME.key */
static const char script[] =
    "set -e\n"
    "exec >commands.log 2>&1\n"
    "OPENSSL_CONF=$PWD/openssl.cnf; export OPENSSL_CONF\n"
    "cat >openssl.cnf <<'END'\n"
    "[req]\n"
    "distinguished_name = dn\n"
    "[dn]\n"
    "[ca]\n"
    "default_ca = any\n"
    "[any]\n"
    "database = index.txt\n"
    "default_md = sha256\n"
    "END\n"
    "touch index.txt\n"
    "issue() {\n"
    "    n=$1; by=$2; s=$3; k=$4; x=$5; set -- -subj \"$s\"\n"
    "    for e in $x; do set -- \"$@\" -addext $e; done\n"
    "    [ $n = $by ] || set -- \"$@\" -CA $by.pem -CAkey $by.key\n"
    "    openssl req -x509 -nodes -days 2 -newkey $k -keyout $n.key \\\n"
    "        -out $n.pem \"$@\"\n"
    "}\n"
    "list() {\n"
    "    openssl ca -gencrl -crldays 2 -cert $1.pem -keyfile $1.key \\\n"
    "        -out $1.crl\n"
    "}\n"
    "openssl ecparam -name prime256v1 -out p256\n"
    "ca='basicConstraints=critical,CA:TRUE "
    "keyUsage=critical,keyCertSign,cRLSign'\n"
    "issue ca ca '/CN=fuzz root' ec:p256 \"$ca\"\n"
    "issue sub ca '/O=Fuzz/CN=fuzz sub' ec:p256 \"$ca\"\n"
    "issue server sub /CN=wwep.example ec:p256 \\\n"
    "    'subjectAltName=DNS:wwep.example,IP:192.0.2.3'\n"
    "issue client ca /CN=board ec:p256 'subjectAltName="
    "URI:urn:wwep:device:0FAC keyUsage=digitalSignature'\n"
    "issue other other /CN=other ec:p256 \\\n"
    "    subjectAltName=URI:urn:wwep:device:0FAC\n"
    "issue rsa ca /CN=rsa.example rsa:2048 subjectAltName=DNS:rsa.example\n"
    "issue below sub '/CN=below' ec:p256 "
    "subjectAltName=URI:urn:wwep:device:0001\n"
    "issue revoked ca /CN=revoked ec:p256 "
    "subjectAltName=URI:urn:wwep:device:0FAC\n"
    "issue bare ca /CN=bare ec:p256 keyUsage=digitalSignature\n"
    "openssl ca -revoke revoked.pem -cert ca.pem -keyfile ca.key\n"
    "list ca; list sub\n";

static char *read_file(const char *folder, const char *name, size_t *len)
{
    char path[256];
    char *text = malloc(FILE_MAX);

    FUZZ_CHECK(text != NULL);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    FUZZ_CHECK(f != NULL);
    *len = fread(text, 1, FILE_MAX - 1, f);
    FUZZ_CHECK(*len > 0 && *len < FILE_MAX - 1);
    text[*len] = '\0';
    fclose(f);
    return text;
}

static int value_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* The DER of a well-formed text with one block. */
static void decode(struct fuzz_pem *pem)
{
    const char *begin = strstr(pem->text, "-----BEGIN ");
    uint32_t bits = 0;
    unsigned n_bits = 0;

    FUZZ_CHECK(begin != NULL);
    FUZZ_CHECK(sscanf(begin, "-----BEGIN %31[^-]", pem->label) == 1);
    pem->der = malloc(pem->len);
    FUZZ_CHECK(pem->der != NULL);
    for (const char *p = strchr(begin, '\n'); p != NULL && *p != '-'; p++) {
        int value = value_of(*p);
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        n_bits += 6;
        if (n_bits < 8)
            continue;
        n_bits -= 8;
        pem->der[pem->der_len++] = (uint8_t)(bits >> n_bits);
    }
    FUZZ_CHECK(pem->der_len > 0);
}

static void run(const char *folder)
{
    char path[256];
    char command[256];

    snprintf(path, sizeof path, "%s/commands.sh", folder);
    FILE *f = fopen(path, "w");
    FUZZ_CHECK(f != NULL);
    FUZZ_CHECK(fputs(script, f) >= 0 && fclose(f) == 0);
    snprintf(command, sizeof command, "cd '%s' && sh commands.sh", folder);
    if (system(command) == 0)
        return;
    snprintf(command, sizeof command, "cat '%s/commands.log' >&2", folder);
    bool made = system(command) != 0 && false;
    FUZZ_CHECK(made); /* what openssl says is above */
}

const struct fuzz_pem *fuzz_pki(void)
{
    char folder[] = "/tmp/wwep-fuzz-pki-XXXXXX";
    char command[64];

    if (all[0].text != NULL)
        return all;
    FUZZ_CHECK(mkdtemp(folder) != NULL);
    run(folder);
    for (size_t i = 0; i < FUZZ_PKI_N; i++) {
        all[i].text = read_file(folder, names[i], &all[i].len);
        decode(&all[i]);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    FUZZ_CHECK(system(command) == 0);
    return all;
}

/* --- writing -------------------------------------------------------------- */

/* Three bytes, or the last one or two, as four characters. */
static void put_group(const uint8_t *at, size_t n, char out[4])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = (uint32_t)at[0] << 16;

    if (n > 1)
        bits |= (uint32_t)at[1] << 8;
    if (n > 2)
        bits |= at[2];
    out[0] = digits[bits >> 18];
    out[1] = digits[bits >> 12 & 63];
    out[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
    out[3] = n > 2 ? digits[bits & 63] : '=';
}

size_t fuzz_pem_write(const char *label, const uint8_t *der, size_t len,
                      char *out, size_t cap)
{
    size_t at = 0;

    if (cap < 2 * len + 128)
        return 0;
    at += (size_t)snprintf(out, cap, "-----BEGIN %.31s-----\n", label);
    for (size_t i = 0; i < len; i += 3) {
        put_group(der + i, len - i < 3 ? len - i : 3, out + at);
        at += 4;
        if (i % 48 == 45 || i + 3 >= len)
            out[at++] = '\n';
    }
    at += (size_t)snprintf(out + at, cap - at, "-----END %.31s-----\n", label);
    return at;
}
