/* unit_pki.h - certificates and keys, made by the openssl command while the
 * tests run, so that none of them can expire in the tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_PKI_H
#define UNIT_PKI_H

#include <stddef.h>
#include <stdint.h>

/* Runs shell commands in the folder, with the functions that unit_pki.c
 * defines; fails the test, with what they said, where one of them fails. */
void unit_pki_run(const char *folder, const char *commands);

/* Makes in the folder, once for all tests of a program:
 *
 *     ca.pem, ca.key           the root: /CN=unit test root
 *     sub.pem, sub.key         an intermediate: /CN=unit test sub
 *     server.pem, server.key   P-256, from ca, for several names
 *     rsa.pem, rsa.key         RSA-2048, from ca
 *     leaf.pem, leaf.key       P-256, from sub
 *     self.pem, self.key       signed itself
 */
void unit_pki_make(const char *folder);

/* The folder of a program's certificates. An unchecked fixture, before any test
 * forks, makes it: with all of these, and what the commands (or NULL) add, and
 * starts the TLS library. */
extern char *unit_pki_folder;
void unit_pki_setup(const char *commands);
void unit_pki_teardown(void);

/* The first certificate of a PEM file as DER; the caller owns it. */
uint8_t *unit_pki_der(const char *folder, const char *name, size_t *len);

/* Copies DER with every primitive value that equals `old` replaced, however
 * long the new one is; a signature over it is wrong from then on. The caller
 * owns the copy. */
uint8_t *unit_pki_patch(const uint8_t *der, size_t len, const char *old,
                        const void *value, size_t value_len, size_t *out_len);

#endif
