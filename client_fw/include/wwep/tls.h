/* tls.h - TLS as the client's user sees it: what to trust, who we are, and
 * what came of it.
 *
 * Source: RFC 8446 and RFC 5246; RFC 6066 (server name, maximum fragment
 * length); RFC 5280 (certificates); RFC 9525 (names); course, chapter 6B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_H
#define WWEP_TLS_H

#include "result.h"
#include "wwep_fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The TLS library starts by itself with the first connection, and stays. A
 * program with threads calls start before there are several, as that is not
 * safe to be done by two at a time; and one that wants all memory back calls
 * stop, once for each start, when no client, and no session, is left. WWEP_OK
 * or WWEP_E_MEMORY. */
enum wwep_result wwep_tls_start(void);
void wwep_tls_stop(void);

/* What a thread calls that has used TLS, and ends: some builds of the library
 * keep memory for each thread, to be faster the next time (the packaged one:
 * more than a megabyte). */
void wwep_tls_thread_end(void);

enum wwep_tls_version {
    WWEP_TLS_ANY, /* 1.2 or 1.3, the newer if both can */
    WWEP_TLS_1_2,
    WWEP_TLS_1_3
};

/* A session that may be resumed: saves both sides most of the handshake. The
 * caller owns the slot, zero-filled at first, and gives it to one client at a
 * time; it may outlive clients. A slot only ever resumes with the server, the
 * name, the roots and the certificate that it was made with, and while none of
 * the server's certificates has ended. Otherwise they are not looked at again:
 * one that was revoked since goes unseen. */
struct wwep_session {
    void *session; /* the TLS library's */
    uint64_t made_for;
    int64_t not_after; /* the first end of validity among its certificates */
    bool verified;
    bool dates_checked;
};

/* Frees what the slot holds; it is empty, and may be used, again. */
void wwep_session_clear(struct wwep_session *slot);

/* Bytes of certificates and keys: PEM (several, with text between them) or DER
 * (several, one after another). The caller owns them, and keeps them as long
 * as the client is initialised. len is without a closing NUL. */
struct wwep_bytes {
    const uint8_t *bytes; /* NULL: none */
    size_t len;
};

struct wwep_tls_config {
    /* The root certificates that we trust: a CA's for those whom it has signed,
     * any other for itself alone, as a server's own. None: whoever answers is
     * taken for the server, as in the course's first secure client; the result
     * says that it is unverified, and the log warns. */
    struct wwep_bytes roots;
    bool unverified; /* do not verify in spite of roots: for demonstrations */

    /* Our certificate, the chain behind it, and its key, if the server asks. */
    struct wwep_bytes certificate;
    struct wwep_bytes key;

    /* The name that the server's certificate must have, a host or an address;
     * NULL: the host that we connect to. */
    const char *name;

    enum wwep_tls_version version;

    /* The longest record that the server may send us: 512, 1024, 2048 or 4096
     * bytes; 0: 16384, which needs as much heap. */
    uint16_t max_fragment;

    struct wwep_session *session; /* NULL: each handshake is a full one */
};

/* What protects a connection. No text is NULL. */
struct wwep_security {
    bool tls;           /* false: all is in the clear, and so is the rest */
    bool resumed;       /* as when the session was made */
    bool verified;      /* the chain and the name lead to one of our roots */
    bool dates_checked; /* by a clock, not only by the date of the build */
    bool client_certificate; /* the server asked for ours, and we sent it */
    const char *version;     /* "TLS 1.3" */
    const char *cipher;      /* "TLS_AES_128_GCM_SHA256" */
    const char *group;       /* "X25519", "SECP256R1"; "" if not known */
};

/* A certificate of the peer's chain, as far as it is of interest. Texts are
 * printable ASCII, the rest as \xNN, and are cut where they are too long. */
struct wwep_certificate {
    unsigned depth; /* 0: the peer's own */
    char subject[128];
    char issuer[128];
    char names[192];    /* of hosts and addresses, with ", " between them */
    char key[24];       /* "EC P-256", "RSA 2048" */
    int64_t not_before; /* seconds since 1970 */
    int64_t not_after;
    struct wwep_fault fault; /* what is wrong with it; kind NONE: nothing */
};

#ifdef __cplusplus
}
#endif

#endif
