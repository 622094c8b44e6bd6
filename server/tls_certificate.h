/* tls_certificate.h - what a certificate says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_CERTIFICATE_H
#define TLS_CERTIFICATE_H

#include "device.h"
#include "wwep_der.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define TLS_NAME_MAX  256u /* a distinguished name as shown */
#define TLS_NAMES_MAX 512u /* all names as shown */
#define TLS_POINT_MAX 133u /* an EC public key: P-521's */

/* A name by which certificates and lists find their issuer: of its DER, so
 * that two that only look alike differ. */
struct tls_name_id {
    uint8_t bytes[32]; /* SHA-256 */
};

/* By which certificates find the key of their issuer: its SHA-1, or what else
 * its certificate says. */
struct tls_key_id {
    uint8_t bytes[20];
};

/* Texts are escaped and fit to be shown; what is too long is cut. */
struct tls_certificate {
    char subject[TLS_NAME_MAX];
    char issuer[TLS_NAME_MAX];
    struct tls_name_id subject_id;
    struct tls_name_id issuer_id;
    struct tls_key_id subject_key;
    struct tls_key_id issuer_key;
    bool
        names_key; /* it says which key of the issuer's; issuer_key is filled */
    char names[TLS_NAMES_MAX]; /* SANs, with ", " between them */
    char key[32];              /* "P-256", "RSA-2048" */
    char signature[32];        /* "ECDSA-SHA256" */
    bool sha1;                 /* signed with SHA-1 or MD5 */
    bool self_signed;
    bool is_ca; /* and its key usage, if it has one, lets it sign others; or
                   it is of X.509's first version, and signed itself */
    bool may_sign_certificates; /* its key usage says so */
    bool may_sign_crls;         /* it does not say otherwise */
    bool no_digital_signature;  /* its key usage is without that: its key is not
                                   for handshakes */
    bool key_unknown;           /* or it can not be read, as RSA-16384 */
    int rsa_bits;               /* 0: another kind of key */
    time_t not_before;
    time_t not_after;
    uint8_t point[TLS_POINT_MAX]; /* of an EC key */
    size_t point_len;             /* 0: another kind of key */
};

/* The TLS library reads larger ones, but makes and checks no signatures with
 * them. */
#define TLS_RSA_BITS_MAX 4096

/* Reads one certificate in DER. Returns 0, or the TLS library's negative
 * code. Dates are told, not judged. */
int tls_certificate_read(struct tls_certificate *c, const uint8_t *der,
                         size_t len);

/* The n-th block (from 0) of a PEM text with this label, as "CERTIFICATE",
 * whatever stands between the blocks; NULL: there are not that many. One
 * without its end reaches to the end of the text. */
const uint8_t *tls_certificate_find_block(const uint8_t *pem, size_t len,
                                          const char *label, size_t n,
                                          size_t *block_len);

/* The same for "CERTIFICATE". */
const uint8_t *tls_certificate_find_pem(const uint8_t *pem, size_t len,
                                        size_t n, size_t *block_len);

/* The id of a name in DER, with its tag and length. */
void tls_name_id(struct tls_name_id *id, const struct wwep_der *name);

bool tls_name_same(const struct tls_name_id *a, const struct tls_name_id *b);
bool tls_key_same(const struct tls_key_id *a, const struct tls_key_id *b);

/* The ids of a certificate's names. False: it is not one. */
bool tls_certificate_ids(const uint8_t *der, size_t len,
                         struct tls_name_id *issuer,
                         struct tls_name_id *subject);

/* The n-th certificate (from 0) of a PEM text as DER, which the caller owns.
 * Returns its length; 0: there are not that many; or negative: it is not one,
 * or there is no memory. */
long tls_certificate_decode_pem(const uint8_t *pem, size_t len, size_t n,
                                uint8_t **der);

/* The n-th certificate (from 0) of a PEM text. Returns 0 and fills *c; 1: there
 * are not that many; or negative: it is not one. */
int tls_certificate_read_pem(struct tls_certificate *c, const uint8_t *pem,
                             size_t len, size_t n);

/* Whether the private key in a PEM text belongs to the certificate, where both
 * are EC keys; true for all others. wolfSSL_CTX_check_private_key() compares
 * EC keys only if the library was built to validate them: Debian's was not. */
bool tls_certificate_has_key(const struct tls_certificate *c,
                             const uint8_t *pem, size_t len);

/* The name that a client's certificate goes by: its CN, or else its first SAN
 * that is no IP address; "": it has none. And the device that it is for, from
 * its SAN urn:wwep:device:XXXX (wwep-certs(1)): 0 to 0xFFFF, or one of enum
 * device_none. Returns 0; or 1: the name is not fit to be compared or
 * shown: it has a control byte in it, or is too long; or the TLS library's
 * negative code, as of tls_certificate_read(). */
int tls_certificate_identity(const uint8_t *der, size_t len, char *out,
                             size_t cap, int32_t *device);

#endif
