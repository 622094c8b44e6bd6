/* secure_credentials.h - certificates and keys out of a program's bytes: PEM,
 * with any text between its blocks and any line ends, or DER. A closing NUL, or
 * several, may be among the bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_SECURE_CREDENTIALS_H
#define WICED_SECURE_CREDENTIALS_H

#include <stddef.h>
#include <stdint.h>
#include <wwep/tls.h>

/* All certificates (at least one), as DER, one after another, in *der, which
 * the caller frees; keys among them are left out. WWEP_FAULT_NONE, or what is
 * wrong: OUR_CERTIFICATE_BAD, OUR_CERTIFICATE_IS_KEY, NO_MEMORY. */
enum wwep_fault_kind secure_certificates_read(const void *bytes, size_t len,
                                              uint8_t **der, size_t *der_len);

/* The first private key, as DER, in *der, which the caller wipes and frees.
 * WWEP_FAULT_NONE, or OUR_KEY_BAD, OUR_KEY_ENCRYPTED, NO_MEMORY. */
enum wwep_fault_kind secure_key_read(const void *bytes, size_t len,
                                     uint8_t **der, size_t *der_len);

#endif
