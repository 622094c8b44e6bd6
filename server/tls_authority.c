/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_authority.h"

#include <stdlib.h>
#include <string.h>

int tls_authorities_add(struct tls_authorities *a,
                        const struct tls_certificate *c, const uint8_t *pem,
                        size_t len, size_t n, bool trusted)
{
    uint8_t *der;

    /* wolfSSL takes a CA that a client brings along only if it has this bit. */
    if (!c->is_ca || (!trusted && !c->may_sign_certificates))
        return 0;
    if (!trusted && c->self_signed) /* a root is in client_ca, or nobody's */
        return 0;
    struct tls_authority *grown = realloc(a->all, (a->n + 1) * sizeof *grown);
    if (grown == NULL)
        return -1;
    a->all = grown;
    long der_len = tls_certificate_decode_pem(pem, len, n, &der);
    if (der_len <= 0)
        return -1;
    grown[a->n++] = (struct tls_authority){
        .c = *c,
        .der = der,
        .len = (size_t)der_len,
        .trusted = trusted,
        .usable = trusted,
    };
    return 0;
}

void tls_authorities_deinit(struct tls_authorities *a)
{
    for (size_t i = 0; i < a->n; i++)
        free(a->all[i].der);
    free(a->all);
    *a = (struct tls_authorities){.all = NULL};
}

static int rank(const struct tls_authority *a)
{
    return a->trusted ? 2 : a->usable ? 1 : 0;
}

const struct tls_authority *tls_authorities_find(
    const struct tls_authorities *a, const struct tls_name_id *name)
{
    const struct tls_authority *found = NULL;

    for (size_t i = 0; i < a->n; i++) {
        const struct tls_authority *one = &a->all[i];
        if (tls_name_same(&one->c.subject_id, name) &&
            (found == NULL || rank(one) > rank(found)))
            found = one;
    }
    return found;
}

const struct tls_authority *tls_authorities_namesake(
    const struct tls_authorities *a, const struct tls_authority *of)
{
    for (size_t i = 0; i < a->n; i++) {
        const struct tls_authority *one = &a->all[i];
        if (one->usable &&
            tls_name_same(&one->c.subject_id, &of->c.subject_id) &&
            !tls_key_same(&one->c.subject_key, &of->c.subject_key))
            return one;
    }
    return NULL;
}
