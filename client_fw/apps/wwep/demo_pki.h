/* demo_pki.h - the certificates of a demonstration: made for it, and gone with
 * it.
 *
 * The openssl command makes them, in a folder of its own that is removed before
 * demo_pki_make() returns, whatever happens in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_DEMO_PKI_H
#define WWEP_APP_DEMO_PKI_H

#include "file.h"

#define DEMO_NAME        "wwep.class" /* of the server, in its certificate */
#define DEMO_CLASS_ROOT  "Class root"
#define DEMO_MALLORYS_CA "Mallory's root"

struct demo_identity {
    struct file certificate;
    struct file key;
};

/* The caller owns it; zero-filled is empty. */
struct demo_pki {
    struct file root;             /* the class's, for who verifies */
    struct demo_identity server;  /* issued by the class's root */
    struct demo_identity mallory; /* for the same name, by a root of her own */
};

/* WWEP_EXIT_OK; else what was wrong is said. demo_pki_free() is due in either
 * case. */
int demo_pki_make(struct demo_pki *pki);
void demo_pki_free(struct demo_pki *pki);

#endif
