/* credential.h - certificates and keys in the bytes that a user gives us: PEM,
 * with whatever stands between its blocks, or DER, one object after another.
 *
 * Source: RFC 7468 (PEM); RFC 5280, RFC 5958, RFC 5915 (what is in it).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_CREDENTIAL_H
#define WWEP_CREDENTIAL_H

#include "wwep_der.h"

#include <wwep/tls.h>

enum wwep_credential_kind {
    WWEP_CREDENTIAL_CERTIFICATE,
    WWEP_CREDENTIAL_KEY,
    WWEP_CREDENTIAL_ENCRYPTED_KEY,
    WWEP_CREDENTIAL_OTHER,  /* parameters, a public key, a request */
    WWEP_CREDENTIAL_DAMAGED /* no object begins here, or it has no end */
};

/* One object; the bytes are the caller's. */
struct wwep_credential {
    enum wwep_credential_kind kind;
    bool pem;
    const uint8_t *body; /* DER, or what is between BEGIN and END */
    size_t len;
};

/* Where the next object is looked for. */
struct wwep_credentials {
    const uint8_t *at;
    const uint8_t *end;
    bool pem;
};

void wwep_credentials_start(struct wwep_credentials *c,
                            const struct wwep_bytes *bytes);

/* The next object. False: there are no more. After one that is damaged there
 * are none. */
bool wwep_credentials_next(struct wwep_credentials *c,
                           struct wwep_credential *object);

/* The room that the object's DER needs at most; 0 for DER, which needs none. */
size_t wwep_credential_room(const struct wwep_credential *object);

/* The object as DER: in `room`, which has as many bytes as
 * wwep_credential_room() says, or where it is. Empty: it is damaged. */
struct wwep_der wwep_credential_der(const struct wwep_credential *object,
                                    uint8_t *room);

/* The room that len bytes of DER need as PEM. */
#define WWEP_PEM_LABEL_MAX 32u
size_t wwep_credential_pem_room(size_t len);

/* Writes DER as a block of PEM, with a label of less than WWEP_PEM_LABEL_MAX
 * characters, and returns its length, without a NUL. */
size_t wwep_credential_write_pem(const struct wwep_der *der, const char *label,
                                 char *out);

/* Whether the key's public half is this, as struct wwep_x509 has it. */
enum wwep_key_fit {
    WWEP_KEY_FITS,
    WWEP_KEY_IS_OTHER,
    WWEP_KEY_UNKNOWN /* the key does not say; EC keys need not */
};
enum wwep_key_fit wwep_credential_key_fits(const struct wwep_der *key,
                                           const struct wwep_der *half);

#endif
