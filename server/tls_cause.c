/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_cause.h"

#include "tls_certificate.h"
#include "tls_fault.h"

#include <wolfssl/options.h>

#include <string.h>
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

const char *tls_cause_note(int code)
{
    switch (code) {
    case EXTKEYUSE_AUTH_E:
        return "its extended key usage is without clientAuth";
    case KEYUSE_SIGNATURE_E:
        return "its key usage is without digitalSignature";
    case PEER_KEY_ERROR:
    case ECC_CURVE_OID_E:
        return "its key is none that is taken here: P-256, P-384, P-521 and "
               "RSA up to 4096 bits are";
    case ASN_CRIT_EXT_E:
        return "it has a critical extension that is not known here";
    case HANDSHAKE_SIZE_ERROR:
        return "what it sends in one message is too large, as are the longest "
               "certificates";
    default:
        return NULL;
    }
}

static bool is_same(const struct wwep_der *a, const struct wwep_der *b)
{
    size_t len = wwep_der_len(a);

    return wwep_der_len(b) == len && memcmp(a->at, b->at, len) == 0;
}

/* --- nobody has signed it --------------------------------------------------*/

/* It names one that was sent along, and that may not sign. */
static bool is_by_no_ca(const struct tls_certificate *c,
                        const struct wwep_der *sent, size_t n, size_t depth)
{
    struct tls_certificate above;

    for (size_t i = depth + 1; i < n; i++)
        if (!is_same(&sent[i], &sent[depth]) &&
            tls_certificate_read(&above, sent[i].at, wwep_der_len(&sent[i])) ==
                0 &&
            tls_name_same(&above.subject_id, &c->issuer_id) &&
            !(above.is_ca && above.may_sign_certificates))
            return true;
    return false;
}

/* It names one of ours, but the key of another. */
static bool is_by_another(const struct tls_certificate *c,
                          const struct tls_authorities *known)
{
    bool ours = false;

    for (size_t i = 0; i < known->n; i++) {
        const struct tls_certificate *ca = &known->all[i].c;
        if (!tls_name_same(&ca->subject_id, &c->issuer_id))
            continue;
        if (!c->names_key || tls_key_same(&ca->subject_key, &c->issuer_key))
            return false;
        ours = true;
    }
    return ours;
}

static void look_above(struct tls_cause *cause,
                       const struct tls_path_trust *trust,
                       const struct wwep_der *sent, size_t n, size_t depth)
{
    struct tls_certificate c;

    if (tls_certificate_read(&c, sent[depth].at, wwep_der_len(&sent[depth])) !=
        0)
        return;
    if (is_by_no_ca(&c, sent, n, depth))
        cause->kind = WWEP_FAULT_NOT_A_CA;
    else if (is_by_another(&c, trust->authorities))
        cause->kind = WWEP_FAULT_OTHER_CA;
    else if (depth == 0 && c.self_signed)
        cause->note = "it is signed by itself";
}

/* --- which of them it is ---------------------------------------------------*/

/* Whether the words are about "the peer's certificate". */
static bool is_about_one(enum wwep_fault_kind kind)
{
    return kind == WWEP_FAULT_EXPIRED || kind == WWEP_FAULT_NOT_YET_VALID ||
           kind == WWEP_FAULT_WEAK_KEY || kind == WWEP_FAULT_OTHER_CA ||
           kind == WWEP_FAULT_BAD_CERTIFICATE;
}

void tls_cause_keep(struct tls_cause *cause, const struct tls_path_trust *trust,
                    const struct wwep_der *sent, size_t n, size_t depth,
                    int code)
{
    if (cause->kind != WWEP_FAULT_NONE)
        return;
    /* openssl s_client sends it twice, where -cert_chain is the same file. */
    bool own = is_same(&sent[depth], &sent[0]);
    *cause = (struct tls_cause){
        .kind = tls_fault_of_code(code),
        .code = code,
        .note = own ? tls_cause_note(code) : NULL,
    };
    if (cause->kind == WWEP_FAULT_PROTOCOL) /* it was read, and no message */
        cause->kind = WWEP_FAULT_BAD_CERTIFICATE;
    if (cause->kind == WWEP_FAULT_UNKNOWN_CA)
        look_above(cause, trust, sent, n, own ? 0 : depth);
    if (!own && is_about_one(cause->kind))
        cause->note = "it is one above its own, that it sent along";
}
