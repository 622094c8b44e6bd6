/* wwep_fault.h - what can go wrong with TLS, in words a class understands.
 *
 * The TLS files of the server and of the client translate their library's
 * codes into these; nothing above them knows the library. Each fault has a
 * text (what happened, and on whose side) and an advice (what to do), so that
 * a line of the log and a message of the client read alike.
 *
 * Source of the alerts: RFC 8446 section 6, RFC 5246 section 7.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_FAULT_H
#define WWEP_FAULT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a board that has no room for the words, compiled with
 * WWEP_NO_FINE_FAULTS, takes for WWEP_FAULT_BAD_CERTIFICATE. They are the last,
 * so that the others have their numbers everywhere. */
#ifndef WWEP_NO_FINE_FAULTS
#define WWEP_FAULT_FINE_MAP(X)                                               \
    X(WWEP_FAULT_WRONG_USAGE, "the peer's certificate is for another use",   \
      "make one with keyUsage digitalSignature, and extendedKeyUsage "       \
      "clientAuth (a client's) or serverAuth (a server's)")                  \
    X(WWEP_FAULT_LONG_CHAIN, "the peer's chain has too many certificates",   \
      "send its own and those between it and the root, nine in all at most") \
    X(WWEP_FAULT_PATH_LENGTH,                                                \
      "the peer's chain is longer than a CA in it allows",                   \
      "have it signed nearer to the root, or make that CA with a greater "   \
      "pathlen")                                                             \
    X(WWEP_FAULT_CONSTRAINED, "a CA of the peer's may not sign that name",   \
      "use a name that the CA's nameConstraints allow, or another CA")
#else
#define WWEP_FAULT_FINE_MAP(X)
#define WWEP_FAULT_WRONG_USAGE WWEP_FAULT_BAD_CERTIFICATE
#define WWEP_FAULT_LONG_CHAIN  WWEP_FAULT_BAD_CERTIFICATE
#define WWEP_FAULT_PATH_LENGTH WWEP_FAULT_BAD_CERTIFICATE
#define WWEP_FAULT_CONSTRAINED WWEP_FAULT_BAD_CERTIFICATE
#endif

/* X(name, text, advice): "the peer" is the other side, whichever that is.
 * Text and advice make one line with ": " between them. */
#define WWEP_FAULT_MAP(X)                                                      \
    X(WWEP_FAULT_INTERNAL, "TLS failed inside this program",                   \
      "report it with the number in brackets")                                 \
    X(WWEP_FAULT_NO_MEMORY, "no memory for TLS", "lower the load")             \
    X(WWEP_FAULT_CLOSED, "the peer hung up during the TLS handshake",          \
      "see what the peer says of it: it may not trust our certificate")        \
    X(WWEP_FAULT_TIMEOUT, "the TLS handshake took too long",                   \
      "look at the network and at the peer's load")                            \
    X(WWEP_FAULT_PLAIN_WWEP, "the peer speaks plain WWEP to the TLS port",     \
      "use the plain port, or connect with TLS")                               \
    X(WWEP_FAULT_NOT_TLS, "the peer speaks no TLS",                            \
      "connect with TLS, or use the plain port")                               \
    X(WWEP_FAULT_RENEGOTIATION, "the peer asked for a renegotiation",          \
      "openssl s_client takes a line that begins with R as its own command: "  \
      "start it with -quiet")                                                  \
    X(WWEP_FAULT_VERSION, "no TLS version in common",                          \
      "use TLS 1.2 or TLS 1.3")                                                \
    X(WWEP_FAULT_NO_SHARED_CIPHER, "no cipher suite in common",                \
      "offer ECDHE with AES128-GCM-SHA256, and the certificate's key type")    \
    X(WWEP_FAULT_NO_CERTIFICATE, "the peer sent no certificate",               \
      "give it its certificate and private key")                               \
    X(WWEP_FAULT_UNKNOWN_CA, "the peer's certificate is from an unknown CA",   \
      "use a certificate from this class's CA, and send the intermediates")    \
    X(WWEP_FAULT_OTHER_CA,                                                     \
      "the peer's certificate is not signed by the CA that it names",          \
      "another CA of the same name made it, or it was changed: compare the "   \
      "two CAs' keys")                                                         \
    X(WWEP_FAULT_NOT_A_CA,                                                     \
      "the peer's chain has a certificate in it that may not sign others",     \
      "make it with basicConstraints CA:TRUE and keyUsage keyCertSign")        \
    X(WWEP_FAULT_EXPIRED, "the peer's certificate has expired",                \
      "renew it, or set the clock")                                            \
    X(WWEP_FAULT_NOT_YET_VALID, "the peer's certificate is not valid yet",     \
      "set the clock, or wait")                                                \
    X(WWEP_FAULT_REVOKED, "the peer's certificate is revoked",                 \
      "make a new one, with a new key")                                        \
    X(WWEP_FAULT_CRL_MISSING,                                                  \
      "there is no revocation list of the CA that "                            \
      "made the peer's certificate",                                           \
      "add that CA to client_ca, and its list to crl")                         \
    X(WWEP_FAULT_CRL_ENDED, "the certificate revocation list has ended",       \
      "make a fresh one with wwep-certs crl, and reload wwepd")                \
    X(WWEP_FAULT_WRONG_NAME, "the peer's certificate is for another name",     \
      "use a name that it lists")                                              \
    X(WWEP_FAULT_NO_NAME, "the peer's certificate lists no name",              \
      "make one with a subjectAltName: the CN alone does not count")           \
    X(WWEP_FAULT_BAD_NAME, "the peer's certificate has an unusable name",      \
      "use printable characters, and not too many")                            \
    X(WWEP_FAULT_BAD_CERTIFICATE, "the peer's certificate is not sound",       \
      "make a new one")                                                        \
    X(WWEP_FAULT_WEAK_KEY, "the peer's certificate has a weak key",            \
      "make one with P-256 or RSA-2048")                                       \
    X(WWEP_FAULT_WEAK_SIGNATURE,                                               \
      "a certificate of the peer's is signed with SHA-1 or MD5",               \
      "have it signed anew, with SHA-256")                                     \
    X(WWEP_FAULT_BAD_SIGNATURE, "a TLS signature does not verify",             \
      "check that the peer's certificate and private key belong together")     \
    X(WWEP_FAULT_BAD_RECORD, "a TLS record does not decrypt",                  \
      "look for what changes the bytes on their way")                          \
    X(WWEP_FAULT_PROTOCOL, "the peer breaks the rules of TLS",                 \
      "look at the peer's TLS library")                                        \
    X(WWEP_FAULT_ALERT, "the peer refused with a TLS alert",                   \
      "look the alert up on the peer's side")                                  \
    X(WWEP_FAULT_ALERT_UNKNOWN_CA, "the peer does not trust our certificate",  \
      "load this class's root certificate (ca.pem) into the peer")             \
    X(WWEP_FAULT_ALERT_BAD_CERTIFICATE, "the peer finds our certificate bad",  \
      "load this class's root certificate (ca.pem) into the peer, and check "  \
      "the name it connects to, or it is revoked: see the peer's log")         \
    X(WWEP_FAULT_ALERT_EXPIRED, "the peer takes our certificate as expired",   \
      "set the peer's clock, or renew our certificate")                        \
    X(WWEP_FAULT_ALERT_REVOKED, "the peer takes our certificate as revoked",   \
      "make a new one")                                                        \
    X(WWEP_FAULT_ALERT_VERSION, "the peer refuses our TLS versions",           \
      "let the peer use TLS 1.2 or TLS 1.3")                                   \
    X(WWEP_FAULT_ALERT_NO_CERTIFICATE, "the peer demands a certificate of us", \
      "set our certificate and private key")                                   \
    X(WWEP_FAULT_OUR_ROOT_BAD, "a root certificate of ours can not be used",   \
      "get this class's root certificate (ca.pem) once more")                  \
    X(WWEP_FAULT_OUR_ROOT_EXPIRED, "a root certificate of ours has expired",   \
      "get this class's new one, or set the clock")                            \
    X(WWEP_FAULT_OUR_ROOT_NOT_YET_VALID,                                       \
      "a root certificate of ours is not valid yet", "set the clock")          \
    X(WWEP_FAULT_OUR_CERTIFICATE_BAD, "our own certificate can not be used",   \
      "make a new one, or give the right file")                                \
    X(WWEP_FAULT_OUR_CERTIFICATE_IS_KEY,                                       \
      "a private key stands where our certificate belongs",                    \
      "give the certificate, and the key in its own place")                    \
    X(WWEP_FAULT_OUR_KEY_BAD, "our private key can not be used",               \
      "give the key that was made with our certificate")                       \
    X(WWEP_FAULT_OUR_KEY_ENCRYPTED, "our private key is encrypted",            \
      "decrypt it: openssl pkey -in FILE -out NEW")                            \
    X(WWEP_FAULT_OUR_KEY_OTHER,                                                \
      "our private key does not belong to our certificate",                    \
      "give the key that was made with it")                                    \
    WWEP_FAULT_FINE_MAP(X)

#define WWEP_FAULT_ENUM(name, text, advice) name,
enum wwep_fault_kind {
    WWEP_FAULT_NONE,
    WWEP_FAULT_MAP(WWEP_FAULT_ENUM) WWEP_FAULT_KINDS
};
#undef WWEP_FAULT_ENUM

struct wwep_fault {
    enum wwep_fault_kind kind;
    int code;  /* the library's own code, for the reports; 0: none */
    int alert; /* the alert that the peer sent; -1: none */
};

/* Never NULL; "" for WWEP_FAULT_NONE and for what is no fault. A board that has
 * no room for them leaves the advice and the names of alerts out: compiled with
 * WWEP_NO_ADVICE, there is no advice, and alerts are numbers. */
const char *wwep_fault_text(enum wwep_fault_kind kind);
const char *wwep_fault_advice(enum wwep_fault_kind kind);

/* What a fatal alert from the peer means to us; WWEP_FAULT_ALERT at least. */
enum wwep_fault_kind wwep_fault_of_alert(int alert);

/* The name of an alert as RFC 8446 has it ("unknown_ca"; what it marks as
 * RESERVED without that mark); "unknown" for a number that is not listed. */
const char *wwep_alert_name(int alert);

#define WWEP_FAULT_LINE_MAX 256u /* a formatted fault always fits */

/* Writes one line of text and its NUL, and returns its length:
 *
 *     text (alert name): advice      the peer sent an alert ("alert 99" where
 *                                    it has no name)
 *     text (code n): advice          else, where the library had a code
 *     text: advice                   else
 *
 * The code is left out beside an alert, where it says no more than "an alert
 * came". "" for WWEP_FAULT_NONE. */
size_t wwep_fault_format(const struct wwep_fault *fault,
                         char out[WWEP_FAULT_LINE_MAX]);

#ifdef __cplusplus
}
#endif

#endif
