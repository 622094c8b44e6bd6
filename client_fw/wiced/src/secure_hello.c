/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_hello.h"

#include <string.h>

#define RECORD_HANDSHAKE     0x16
#define RECORD_HEADER_LEN    5u
#define RECORD_MAX           16384u
#define CLIENT_HELLO         1
#define MESSAGE_HEADER       4u
#define RANDOM_LEN           32u
#define SESSION_ID_MAX       32u
#define TLS_1_3              0x0304

#define EXTENSION_SIGNATURES 13
#define EXTENSION_VERSIONS   43

/* --- bytes ---------------------------------------------------------------- */

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

static size_t left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

/* A number of one, two or three bytes. False: there are not that many. */
static bool take_number(struct cursor *c, unsigned bytes, size_t *number)
{
    if (left(c) < bytes)
        return false;
    *number = 0;
    for (; bytes > 0; bytes--)
        *number = *number << 8 | *c->at++;
    return true;
}

static bool take_bytes(struct cursor *c, size_t len, struct cursor *out)
{
    if (left(c) < len)
        return false;
    *out = (struct cursor){c->at, c->at + len};
    c->at += len;
    return true;
}

/* A length of this many bytes, and what it is the length of. */
static bool take_vector(struct cursor *c, unsigned bytes, struct cursor *out)
{
    size_t len;

    return take_number(c, bytes, &len) && take_bytes(c, len, out);
}

/* --- the records ---------------------------------------------------------- */

/* Puts the message together in `message`, which has SECURE_HELLO_MAX bytes.
 * WHOLE: *len is its length. */
static enum secure_hello join_records(struct cursor in, uint8_t *message,
                                      size_t *len)
{
    size_t type, version, record_len;
    size_t whole = 0; /* 0: not known yet */

    *len = 0;
    while (whole == 0 || *len < whole) {
        if (left(&in) > 0 && in.at[0] != RECORD_HANDSHAKE)
            return SECURE_HELLO_NONE;
        if (left(&in) > 1 && in.at[1] != 3)
            return SECURE_HELLO_NONE;
        if (!take_number(&in, 1, &type) || !take_number(&in, 2, &version) ||
            !take_number(&in, 2, &record_len))
            return SECURE_HELLO_PART;
        if (record_len == 0 || record_len > RECORD_MAX)
            return SECURE_HELLO_NONE;
        size_t here = record_len < left(&in) ? record_len : left(&in);
        if (here > SECURE_HELLO_MAX - *len)
            return SECURE_HELLO_NONE;
        memcpy(message + *len, in.at, here);
        *len += here;
        in.at += here;
        if (*len > 0 && message[0] != CLIENT_HELLO)
            return SECURE_HELLO_NONE;
        if (*len >= MESSAGE_HEADER)
            whole = MESSAGE_HEADER + ((size_t)message[1] << 16 |
                                      (size_t)message[2] << 8 | message[3]);
        if (whole > SECURE_HELLO_MAX)
            return SECURE_HELLO_NONE;
        if (here < record_len)
            return SECURE_HELLO_PART;
    }
    /* Nothing follows a hello before it is answered. */
    return *len == whole ? SECURE_HELLO_WHOLE : SECURE_HELLO_NONE;
}

/* --- the hello ------------------------------------------------------------ */

static void note_suite(struct secure_offer *offer, size_t suite)
{
    switch (suite) {
    case 0xC02B: /* ECDHE-ECDSA with AES-128-GCM */
    case 0xC02C: /* AES-256-GCM */
    case 0xCCA9: /* ChaCha20-Poly1305 */
        offer->ec.suite = true;
        break;
    case 0xC02F: /* ECDHE-RSA with the same */
    case 0xC030:
    case 0xCCA8:
        offer->rsa.suite = true;
        break;
    default:
        break;
    }
}

static void note_signature(struct secure_offer *offer, size_t algorithm)
{
    switch (algorithm) {
    case 0x0403: /* ECDSA with SHA-256, -384, -512 */
    case 0x0503:
    case 0x0603:
        offer->ec.sign12 = offer->ec.sign13 = true;
        break;
    case 0x0401: /* RSA, PKCS #1 v1.5 */
    case 0x0501:
    case 0x0601:
        offer->rsa.sign12 = true;
        break;
    case 0x0804: /* RSA-PSS, with a key for all of RSA */
    case 0x0805:
    case 0x0806:
        offer->rsa.sign12 = offer->rsa.sign13 = true;
        break;
    default:
        break;
    }
}

static void note_version(struct secure_offer *offer, size_t version)
{
    offer->tls13 = offer->tls13 || version == TLS_1_3;
}

/* A list of numbers of two bytes, of at least one. */
static bool note_all(struct secure_offer *offer, struct cursor list,
                     void (*note)(struct secure_offer *offer, size_t number))
{
    size_t number;

    if (left(&list) == 0 || left(&list) % 2 != 0)
        return false;
    while (take_number(&list, 2, &number))
        note(offer, number);
    return true;
}

/* Extensions: each [2] which, [2] length. */
static bool read_extensions(struct secure_offer *offer, struct cursor in)
{
    struct cursor content, list;
    bool signatures = false;
    bool versions = false;
    size_t type;

    while (left(&in) > 0) {
        if (!take_number(&in, 2, &type) || !take_vector(&in, 2, &content))
            return false;
        if (type == EXTENSION_SIGNATURES) {
            if (signatures || !take_vector(&content, 2, &list) ||
                left(&content) > 0 || !note_all(offer, list, note_signature))
                return false;
            signatures = true;
        } else if (type == EXTENSION_VERSIONS) {
            if (versions || !take_vector(&content, 1, &list) ||
                left(&content) > 0 || !note_all(offer, list, note_version))
                return false;
            versions = true;
        }
    }
    /* TLS 1.2: who names none, takes any. */
    if (!signatures)
        offer->ec.sign12 = offer->rsa.sign12 = true;
    return true;
}

/* [2] version [32] random, [1] session ID, [2] suites, [1] compression; and [2]
 * extensions, if any. */
static bool read_hello(struct secure_offer *offer, struct cursor in)
{
    struct cursor random, id, suites, compression;
    struct cursor extensions = {in.end, in.end};
    size_t version;

    if (!take_number(&in, 2, &version) ||
        !take_bytes(&in, RANDOM_LEN, &random) || !take_vector(&in, 1, &id) ||
        left(&id) > SESSION_ID_MAX || !take_vector(&in, 2, &suites) ||
        !note_all(offer, suites, note_suite) ||
        !take_vector(&in, 1, &compression) || left(&compression) == 0)
        return false;
    if (left(&in) > 0 && (!take_vector(&in, 2, &extensions) || left(&in) > 0))
        return false;
    return read_extensions(offer, extensions);
}

enum secure_hello secure_hello_read(const uint8_t *bytes, size_t len,
                                    struct secure_offer *offer)
{
    uint8_t message[SECURE_HELLO_MAX];
    size_t message_len;

    memset(offer, 0, sizeof *offer);
    enum secure_hello status = join_records((struct cursor){bytes, bytes + len},
                                            message, &message_len);
    if (status != SECURE_HELLO_WHOLE)
        return status;
    return read_hello(offer, (struct cursor){message + MESSAGE_HEADER,
                                             message + message_len})
               ? SECURE_HELLO_WHOLE
               : SECURE_HELLO_NONE;
}

bool secure_offer_allows(const struct secure_offer *offer,
                         enum wwep_key_kind kind, bool tls12, bool tls13)
{
    const struct secure_offer_kind *k = kind == WWEP_KEY_EC    ? &offer->ec
                                        : kind == WWEP_KEY_RSA ? &offer->rsa
                                                               : NULL;

    if (k == NULL)
        return false;
    return tls13 && offer->tls13 ? k->sign13 : tls12 && k->suite && k->sign12;
}
