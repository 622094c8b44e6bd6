/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_story.h"

#include "tls_wipe.h"
#include "tls_wolfssl.h"
#include "wwep_text.h"

#include <string.h>
#include <wolfssl/ssl.h>

#define SECRET_MAX 64u
/* The longest label, two spaces, the random and the secret in hex, the NUL. */
#define LINE_MAX_LEN (32u + 2u + 2u * (WWEP_TLS_RANDOM_LEN + SECRET_MAX) + 1u)

/* What the master secret of TLS 1.2 can be had by. */
#if defined(OPENSSL_EXTRA) || defined(WOLFSSL_WPAS_SMALL)
#define MASTER_SECRET_FROM_KEYS
#elif defined(HAVE_EXT_CACHE) && !defined(NO_SESSION_CACHE)
#define MASTER_SECRET_FROM_SESSION
#endif

static struct wwep_tls_flight *flight_of(struct wwep_tls_link *link,
                                         bool outgoing)
{
    return outgoing ? &link->out : &link->in;
}

#ifdef WWEP_NO_STORY

/* Only what the link itself wants to know of them. */
void wwep_tls_story_bytes(struct wwep_tls_link *link, bool outgoing,
                          const uint8_t *bytes, size_t len)
{
    wwep_tls_flight_feed(flight_of(link, outgoing), bytes, len);
}

#else

bool wwep_tls_story_is_told(const struct wwep_tls_link *link)
{
    return link->setup.observer != NULL;
}

void wwep_tls_story_tell(struct wwep_tls_link *link, struct wwep_event *event)
{
    const struct wwep_observer *observer = link->setup.observer;

    if (observer == NULL)
        return;
    event->at_ms = link->carrier.elapsed_ms(link->carrier.ctx);
    observer->event(observer->ctx, event);
}

/* --- the wire ------------------------------------------------------------- */

void wwep_tls_story_end_flight(struct wwep_tls_link *link)
{
    struct wwep_tls_flight *flight = flight_of(link, link->outgoing);
    struct wwep_event event = {.kind = WWEP_EVENT_HANDSHAKE,
                               .outgoing = link->outgoing,
                               .text = flight->text,
                               .len = flight->len};

    if (flight->len > 0)
        wwep_tls_story_tell(link, &event);
    wwep_tls_flight_next(flight);
}

void wwep_tls_story_bytes(struct wwep_tls_link *link, bool outgoing,
                          const uint8_t *bytes, size_t len)
{
    if (!link->established && outgoing != link->outgoing) {
        wwep_tls_story_end_flight(link);
        link->outgoing = outgoing;
    }
    wwep_tls_flight_feed(flight_of(link, outgoing), bytes, len);
}

void wwep_tls_story_records(struct wwep_tls_link *link, bool outgoing)
{
    struct wwep_tls_flight *flight = flight_of(link, outgoing);
    struct wwep_event event = {
        .kind = WWEP_EVENT_RECORDS, .outgoing = outgoing, .len = flight->len};

    if (flight->len > 0)
        wwep_tls_story_tell(link, &event);
    wwep_tls_flight_next(flight);
}

/* --- the key log ---------------------------------------------------------- */

static bool secrets_wanted(const struct wwep_tls_link *link)
{
    return link->setup.observer != NULL && link->setup.observer->secrets;
}

#if defined(HAVE_SECRET_CALLBACK) || defined(MASTER_SECRET_FROM_KEYS) || \
    defined(MASTER_SECRET_FROM_SESSION)

static void add_hex(struct wwep_text *line, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char pair[3] = "";

    for (size_t i = 0; i < len; i++) {
        pair[0] = digits[bytes[i] >> 4];
        pair[1] = digits[bytes[i] & 0xF];
        wwep_text_add(line, pair);
    }
}

/* RFC 9850: label, the ClientHello's random, secret. */
static void tell_secret(struct wwep_tls_link *link, const char *label,
                        const uint8_t *secret, size_t len)
{
    const struct wwep_tls_flight *hello =
        link->setup.role == WWEP_TLS_CLIENT ? &link->out : &link->in;
    char out[LINE_MAX_LEN];
    struct wwep_text line;
    struct wwep_event event = {.kind = WWEP_EVENT_SECRET, .text = out};

    if (len > SECRET_MAX)
        return;
    wwep_text_start(&line, out, sizeof out);
    wwep_text_add(&line, label);
    wwep_text_add(&line, " ");
    add_hex(&line, hello->random, sizeof hello->random);
    wwep_text_add(&line, " ");
    add_hex(&line, secret, len);
    event.len = line.len;
    wwep_tls_story_tell(link, &event);
    wwep_tls_wipe(out, sizeof out);
}

#endif

#if defined(HAVE_SECRET_CALLBACK) && defined(WOLFSSL_TLS13)

static const struct {
    int id;
    const char *label;
} labels[] = {
    {CLIENT_EARLY_TRAFFIC_SECRET, "CLIENT_EARLY_TRAFFIC_SECRET"},
    {CLIENT_HANDSHAKE_TRAFFIC_SECRET, "CLIENT_HANDSHAKE_TRAFFIC_SECRET"},
    {SERVER_HANDSHAKE_TRAFFIC_SECRET, "SERVER_HANDSHAKE_TRAFFIC_SECRET"},
    {CLIENT_TRAFFIC_SECRET, "CLIENT_TRAFFIC_SECRET_0"},
    {SERVER_TRAFFIC_SECRET, "SERVER_TRAFFIC_SECRET_0"},
    {EARLY_EXPORTER_SECRET, "EARLY_EXPORTER_SECRET"},
    {EXPORTER_SECRET, "EXPORTER_SECRET"},
};

static int on_secret(WOLFSSL *ssl, int id, const unsigned char *secret, int len,
                     void *ctx)
{
    (void)ssl;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (labels[i].id == id && len > 0)
            tell_secret(ctx, labels[i].label, secret, (size_t)len);
    return 0;
}

#endif

void wwep_tls_story_want_secrets(struct wwep_tls_link *link)
{
    if (!secrets_wanted(link))
        return;
#ifdef MASTER_SECRET_FROM_KEYS
    wolfSSL_KeepArrays(link->ssl); /* the handshake's end would free it */
#endif
#if defined(HAVE_SECRET_CALLBACK) && defined(WOLFSSL_TLS13)
    (void)wolfSSL_set_tls13_secret_cb(link->ssl, on_secret, link);
#endif
}

#if defined(MASTER_SECRET_FROM_KEYS)

static void tell_master_secret(struct wwep_tls_link *link)
{
    unsigned char *master, *server_random, *client_random;
    unsigned int master_len, server_random_len, client_random_len;

    if (wolfSSL_get_keys(link->ssl, &master, &master_len, &server_random,
                         &server_random_len, &client_random,
                         &client_random_len) == WOLFSSL_SUCCESS)
        tell_secret(link, "CLIENT_RANDOM", master, master_len);
}

#elif defined(MASTER_SECRET_FROM_SESSION)

#define MASTER_LEN 48u
#define ID_LEN_AT  9u

/* A session as bytes begins with [1] side [4] made when [4] good for [1] length
 * of its ID, the ID, [48] master secret. Where the server gave it no ID, it has
 * no master secret. */
static void tell_master_secret(struct wwep_tls_link *link)
{
    static const uint8_t none[MASTER_LEN];
    WOLFSSL_SESSION *session = wolfSSL_get1_session(link->ssl);
    unsigned char *bytes = NULL;
    int len = session != NULL ? wolfSSL_i2d_SSL_SESSION(session, &bytes) : 0;

    if (bytes != NULL && len > (int)ID_LEN_AT) {
        size_t at = ID_LEN_AT + 1u + bytes[ID_LEN_AT];
        if (at + MASTER_LEN <= (size_t)len &&
            memcmp(bytes + at, none, MASTER_LEN) != 0)
            tell_secret(link, "CLIENT_RANDOM", bytes + at, MASTER_LEN);
        wwep_tls_wipe(bytes, (size_t)len);
    }
    XFREE(bytes, NULL, DYNAMIC_TYPE_OPENSSL);
    wolfSSL_SESSION_free(session);
}

#else

static void tell_master_secret(struct wwep_tls_link *link)
{
    (void)link;
}

#endif

void wwep_tls_story_secrets(struct wwep_tls_link *link)
{
    if (!secrets_wanted(link))
        return;
    if (wolfSSL_version(link->ssl) == TLS1_2_VERSION)
        tell_master_secret(link);
#ifdef MASTER_SECRET_FROM_KEYS
    wolfSSL_FreeArrays(link->ssl);
#endif
}

#endif
