/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_flight.h"

#include "wwep_text.h"

#include <string.h>

/* Types of records. */
#define CHANGE_CIPHER_SPEC 20u
#define ALERT              21u
#define HANDSHAKE          22u
#define APPLICATION_DATA   23u

/* Types of handshake messages. */
#define CLIENT_HELLO 1u
#define SERVER_HELLO 2u
#define CERTIFICATE  11u
#define REQUEST      13u

#define VERSION_LEN  2u
#define FIELD_LEN    3u /* [3] length of the certificates that follow */

/* RFC 8446, 4.1.3: a ServerHello with a random that begins so (it is a hash,
 * of which four bytes are enough here) is a HelloRetryRequest. */
static const uint8_t retry_random[] = {0xCF, 0x21, 0xAD, 0x74};

/* --- in words ------------------------------------------------------------- */

static const char encrypted[] = "encrypted";

#ifndef WWEP_NO_STORY

static const struct {
    uint8_t type;
    const char *name;
} messages[] = {
    {0, "HelloRequest"},        {CLIENT_HELLO, "ClientHello"},
    {SERVER_HELLO, NULL},       {4, "NewSessionTicket"},
    {8, "EncryptedExtensions"}, {CERTIFICATE, "Certificate"},
    {12, "ServerKeyExchange"},  {REQUEST, "CertificateRequest"},
    {14, "ServerHelloDone"},    {15, "CertificateVerify"},
    {16, "ClientKeyExchange"},  {20, "Finished"},
    {22, "CertificateStatus"},
};

static void add(struct wwep_tls_flight *f, const char *name)
{
    struct wwep_text text = {f->text, sizeof f->text, strlen(f->text)};
    size_t name_len = strlen(name);

    /* A run of encrypted records is told once. */
    if (name == encrypted && text.len >= name_len &&
        strcmp(f->text + text.len - name_len, name) == 0)
        return;
    if (text.len > 0)
        wwep_text_add(&text, ", ");
    wwep_text_add(&text, name);
}

static void add_message(struct wwep_tls_flight *f, uint8_t type)
{
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (messages[i].type == type && messages[i].name != NULL)
            add(f, messages[i].name);
}

/* at: of the random's bytes, from 0. */
static void keep_random(struct wwep_tls_flight *f, uint32_t at, uint8_t byte)
{
    f->random[at] = byte;
}

void wwep_tls_flight_next(struct wwep_tls_flight *f)
{
    f->len = 0;
    f->text[0] = '\0';
}

#else

static void add(struct wwep_tls_flight *f, const char *name)
{
    (void)f;
    (void)name;
}

static void add_message(struct wwep_tls_flight *f, uint8_t type)
{
    (void)f;
    (void)type;
}

static void keep_random(struct wwep_tls_flight *f, uint32_t at, uint8_t byte)
{
    (void)f;
    (void)at;
    (void)byte;
}

void wwep_tls_flight_next(struct wwep_tls_flight *f)
{
    f->len = 0;
}

#endif

/* --- the bytes ------------------------------------------------------------ */

static void count_encrypted(struct wwep_tls_flight *f, size_t content)
{
    add(f, encrypted);
    f->encrypted += WWEP_TLS_RECORD_HEADER_LEN + content;
    f->opaque = true;
    f->message_len = 0;
}

/* After a ChangeCipherSpec a record is in the clear if it is a hello, whole:
 * the odds that an encrypted one looks like it are nil. content: of the record
 * from the message's first byte on. */
static bool is_hello(const struct wwep_tls_flight *f, size_t content)
{
    return (f->message[0] == CLIENT_HELLO || f->message[0] == SERVER_HELLO) &&
           f->message_left + sizeof f->message == content;
}

/* The head of a message is complete; content: what its record has from its
 * first byte on. */
static void begin_message(struct wwep_tls_flight *f, size_t content)
{
    const uint8_t *m = f->message;

    f->message_left = (uint32_t)m[1] << 16 | (uint32_t)m[2] << 8 | m[3];
    f->message_at = 0;
    if (f->changed && !is_hello(f, content)) {
        count_encrypted(f, content);
        return;
    }
    f->changed = false;
    f->hello = f->hello || m[0] == SERVER_HELLO;
    f->request = f->request || m[0] == REQUEST;
    add_message(f, m[0]);
}

/* One byte of a message's body. */
static void look(struct wwep_tls_flight *f, uint8_t byte)
{
    uint32_t at = f->message_at++;

    f->message_left--;
    if (f->message[0] == CERTIFICATE && at < FIELD_LEN)
        f->certificate = f->certificate || byte != 0;
    if (at < VERSION_LEN || at >= VERSION_LEN + WWEP_TLS_RANDOM_LEN)
        return;
    at -= VERSION_LEN;
    if (f->message[0] == CLIENT_HELLO)
        keep_random(f, at, byte);
    if (f->message[0] != SERVER_HELLO)
        return;
    if (at < sizeof retry_random && byte != retry_random[at])
        f->message[1] = 0xFF; /* no longer needed: the mark of no retry */
    if (at == sizeof retry_random - 1)
        add(f, f->message[1] == 0xFF ? "ServerHello" : "HelloRetryRequest");
}

/* left: of the record, from the first of these bytes on. */
static void feed_handshake(struct wwep_tls_flight *f, const uint8_t *bytes,
                           size_t len, size_t left)
{
    for (; len > 0 && !f->opaque; bytes++, len--, left--) {
        if (f->message_len < sizeof f->message) {
            f->message[f->message_len++] = *bytes;
            if (f->message_len == sizeof f->message)
                begin_message(f, left + sizeof f->message - 1);
        } else {
            look(f, *bytes);
        }
        if (f->message_len == sizeof f->message && f->message_left == 0)
            f->message_len = 0;
    }
}

/* The header of a record is complete. */
static void begin_record(struct wwep_tls_flight *f)
{
    uint8_t type = f->header[0];

    f->left = (uint16_t)(f->header[3] << 8 | f->header[4]);
    f->opaque = false;
    if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA ||
        f->header[1] != 3) {
        f->lost = true;
    } else if (type == CHANGE_CIPHER_SPEC) {
        add(f, "ChangeCipherSpec");
        f->changed = true;
        f->message_len = 0;
    } else if (type == APPLICATION_DATA || (f->changed && type == ALERT) ||
               (f->changed && f->left < sizeof f->message)) {
        count_encrypted(f, f->left);
    } else if (type == ALERT) {
        add(f, "Alert");
    }
}

void wwep_tls_flight_feed(struct wwep_tls_flight *f, const uint8_t *bytes,
                          size_t len)
{
    f->len += len;
    while (len > 0 && !f->lost) {
        size_t n = 1;
        if (f->header_len < WWEP_TLS_RECORD_HEADER_LEN) {
            f->header[f->header_len++] = *bytes;
            if (f->header_len == WWEP_TLS_RECORD_HEADER_LEN)
                begin_record(f);
        } else {
            n = f->left < len ? f->left : len;
            if (f->header[0] == HANDSHAKE)
                feed_handshake(f, bytes, n, f->left);
            f->left = (uint16_t)(f->left - n);
        }
        if (f->header_len == WWEP_TLS_RECORD_HEADER_LEN && f->left == 0)
            f->header_len = 0;
        bytes += n;
        len -= n;
    }
}
