/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wolfSSL's opinion of a certificate:
 *
 *   wolfssl_verify ROOT.pem CHAIN.pem
 *
 * The chain has the certificate first, and then the one that has signed it,
 * and so on. Exit code 0 if it is good, else 1, with the reason. */
#include <wolfssl/options.h>

#include <stdio.h>
#include <string.h>
#include <wolfssl/ssl.h>

#define FILE_MAX  65536
#define CHAIN_MAX 8

static const char begin[] = "-----BEGIN CERTIFICATE-----";

static int complain(const char *what, int code)
{
    char why[WOLFSSL_MAX_ERROR_SZ];

    wolfSSL_ERR_error_string_n((unsigned long)code, why, sizeof why);
    fprintf(stderr, "%s: %s (%d)\n", what, why, code);
    return 1;
}

/* The bytes of the file, with a NUL behind them; 0 if there are none. */
static size_t read_file(const char *path, char text[FILE_MAX])
{
    FILE *file = fopen(path, "rb");
    size_t len = 0;

    if (file != NULL) {
        len = fread(text, 1, FILE_MAX - 1, file);
        fclose(file);
    }
    text[len] = '\0';
    return len;
}

/* Where each certificate begins; at[n] is where the last one ends. */
static size_t split(const char *text, size_t len, const char *at[CHAIN_MAX + 1])
{
    size_t n = 0;
    const char *next = strstr(text, begin);

    while (next != NULL && n < CHAIN_MAX) {
        at[n++] = next;
        next = strstr(next + 1, begin);
    }
    at[n] = text + len;
    return n;
}

/* The last one first, as the root knows only that. */
static int verify(WOLFSSL_CERT_MANAGER *manager, const char *const at[],
                  size_t n)
{
    while (n-- > 0) {
        const unsigned char *pem = (const unsigned char *)at[n];
        long len = at[n + 1] - at[n];
        int got = wolfSSL_CertManagerVerifyBuffer(manager, pem, len,
                                                  WOLFSSL_FILETYPE_PEM);

        if (got != WOLFSSL_SUCCESS) {
            fprintf(stderr, "certificate %zu: ", n + 1);
            return complain("not good", got);
        }
        if (n > 0) {
            got = wolfSSL_CertManagerLoadCABuffer(manager, pem, len,
                                                  WOLFSSL_FILETYPE_PEM);
            if (got != WOLFSSL_SUCCESS) {
                fprintf(stderr, "certificate %zu: ", n + 1);
                return complain("signs nothing", got);
            }
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    static char text[FILE_MAX];
    const char *at[CHAIN_MAX + 1];
    WOLFSSL_CERT_MANAGER *manager;
    size_t len;
    size_t n;
    int got;

    if (argc != 3) {
        fprintf(stderr, "usage: wolfssl_verify ROOT.pem CHAIN.pem\n");
        return 2;
    }
    len = read_file(argv[2], text);
    n = split(text, len, at);
    if (n == 0) {
        fprintf(stderr, "%s: has no certificate\n", argv[2]);
        return 1;
    }
    wolfSSL_Init();
    manager = wolfSSL_CertManagerNew();
    if (manager == NULL)
        return complain("no certificate manager", MEMORY_E);
    got = wolfSSL_CertManagerLoadCA(manager, argv[1], NULL);
    got = got == WOLFSSL_SUCCESS ? verify(manager, at, n)
                                 : complain(argv[1], got);
    wolfSSL_CertManagerFree(manager);
    wolfSSL_Cleanup();
    return got;
}
