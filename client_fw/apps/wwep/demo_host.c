/* demo_host.c - see demo_host.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "demo_host.h"

#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 50u /* between two looks at `stop` */

/* --- both ------------------------------------------------------------------
 */

/* Reads a request; false: none came. */
static bool take_request(struct line *l, struct wwep_request *request,
                         char text[WWEP_WRITE_LEN + 1])
{
    struct wwep_decoder decoder;
    struct wwep_reason why;
    uint8_t some[64];
    int n;

    wwep_decoder_init(&decoder);
    while ((n = line_recv(l, some, sizeof some, DEMO_LIMIT_MS)) > 0) {
        wwep_decoder_feed(&decoder, some, (size_t)n);
        switch (wwep_decoder_judge(&decoder, request, &why)) {
        case WWEP_COMPLETE:
            memcpy(text, decoder.seen, WWEP_WRITE_LEN);
            text[request->command == WWEP_WRITE ? WWEP_WRITE_LEN
                                                : WWEP_READ_LEN] = '\0';
            return true;
        case WWEP_REFUSED:
            return false;
        default:
            break;
        }
    }
    return false;
}

static void put_request(const struct wwep_request *request,
                        char text[WWEP_WRITE_LEN + 1])
{
    uint8_t bytes[WWEP_WRITE_LEN];
    size_t len = wwep_request_encode(request, bytes);

    memcpy(text, bytes, len);
    text[len] = '\0';
}

static void put_accept(const struct wwep_request *request, uint16_t value,
                       char text[WWEP_REPLY_MAX])
{
    uint8_t bytes[WWEP_REPLY_MAX];
    size_t len = wwep_reply_accept(request, value, bytes);

    memcpy(text, bytes, len);
    text[len] = '\0';
}

static void send_text(struct line *l, const char *text)
{
    (void)line_send(l, text, strlen(text), DEMO_LIMIT_MS);
}

/* --- the server ------------------------------------------------------------
 */

static void serve(struct demo_host *host, struct line *l,
                  struct demo_seen *seen)
{
    struct wwep_request request;

    if (!take_request(l, &request, seen->request))
        return;
    (void)pthread_mutex_lock(&host->lock);
    if (request.command == WWEP_WRITE)
        host->kept = request;
    put_accept(&request, host->kept.value, seen->reply);
    (void)pthread_mutex_unlock(&host->lock);
    send_text(l, seen->reply);
}

/* --- Mallory ---------------------------------------------------------------
 */

/* She checks no certificate: she knows where she has connected to, and has no
 * secrets of her own to lose. */
static void ask_server(const struct demo_host *host, struct demo_seen *seen)
{
    static const struct wwep_tls_config config = {.unverified = true};
    const struct line_tls tls = {
        .role = WWEP_TLS_CLIENT, .config = &config, .host = DEMO_NAME};
    struct line_address server;
    struct wwep_security security;
    struct wwep_fault fault;
    struct line l;
    size_t len = 0;
    int n;

    line_init(&l);
    if (line_resolve("127.0.0.1", host->behind->port, &server, 1) == 1 &&
        line_connect(&l, &server, DEMO_LIMIT_MS) == 0 &&
        line_secure(&l, &tls, DEMO_LIMIT_MS, &security, &fault) == WWEP_OK) {
        send_text(&l, seen->sent_on);
        while (len < WWEP_ACCEPT_LEN &&
               (n = line_recv(&l, seen->answered + len, WWEP_ACCEPT_LEN - len,
                              DEMO_LIMIT_MS)) > 0)
            len += (size_t)n;
        seen->answered[len] = '\0';
    }
    line_close(&l);
}

static void intercept(struct demo_host *host, struct line *l,
                      struct demo_seen *seen)
{
    struct wwep_request request;
    bool lies;

    if (!take_request(l, &request, seen->request))
        return;
    uint16_t asked = request.value;
    lies = atomic_load(&host->changes) && request.command == WWEP_WRITE;
    if (lies)
        request.value = 0;
    put_request(&request, seen->sent_on);
    ask_server(host, seen);
    if (lies)
        put_accept(&request, asked, seen->reply);
    else
        memcpy(seen->reply, seen->answered, sizeof seen->reply);
    send_text(l, seen->reply);
}

/* --- the thread ------------------------------------------------------------
 */

static void take_connection(struct demo_host *host, struct line *l)
{
    const struct line_tls tls = {.role = WWEP_TLS_SERVER, .config = &host->tls};
    struct wwep_security security;
    struct demo_seen seen = {0};

    seen.secured =
        line_secure(l, &tls, DEMO_LIMIT_MS, &security, &seen.fault) == WWEP_OK;
    if (seen.secured && host->behind != NULL)
        intercept(host, l, &seen);
    else if (seen.secured)
        serve(host, l, &seen);
    line_close(l);

    (void)pthread_mutex_lock(&host->lock);
    seen.connections = host->seen.connections + 1;
    host->seen = seen;
    (void)pthread_cond_broadcast(&host->news);
    (void)pthread_mutex_unlock(&host->lock);
}

static void *run(void *arg)
{
    struct demo_host *host = arg;
    struct line l;

    while (!atomic_load(&host->stop)) {
        line_init(&l);
        if (line_accept(&l, host->listening, LOOK_MS) == 0)
            take_connection(host, &l);
        line_close(&l);
    }
    return NULL;
}

int demo_host_start(struct demo_host *host,
                    const struct demo_identity *identity,
                    const struct demo_host *behind)
{
    memset(host, 0, sizeof *host);
    host->behind = behind;
    atomic_init(&host->changes, false);
    atomic_init(&host->stop, false);
    (void)pthread_mutex_init(&host->lock, NULL);
    (void)pthread_cond_init(&host->news, NULL);
    host->tls = (struct wwep_tls_config){
        .certificate = {identity->certificate.bytes, identity->certificate.len},
        .key = {identity->key.bytes, identity->key.len}};
    host->listening = line_listen(&host->port);
    if (host->listening < 0) {
        complain("no port on 127.0.0.1 to listen on: %s", strerror(errno));
        return -1;
    }
    host->runs = pthread_create(&host->thread, NULL, run, host) == 0;
    if (!host->runs)
        complain("no thread for the demonstration: close other programs");
    return host->runs ? 0 : -1;
}

void demo_host_stop(struct demo_host *host)
{
    atomic_store(&host->stop, true);
    if (host->runs)
        (void)pthread_join(host->thread, NULL);
    if (host->listening >= 0)
        (void)close(host->listening);
    (void)pthread_cond_destroy(&host->news);
    (void)pthread_mutex_destroy(&host->lock);
}

/* --- for who tells the story -----------------------------------------------
 */

bool demo_host_wait(struct demo_host *host, unsigned connection,
                    struct demo_seen *seen)
{
    struct timespec until;
    int error = 0;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DEMO_LIMIT_MS / 1000u;
    (void)pthread_mutex_lock(&host->lock);
    while (host->seen.connections < connection && error == 0)
        error = pthread_cond_timedwait(&host->news, &host->lock, &until);
    *seen = host->seen;
    (void)pthread_mutex_unlock(&host->lock);
    return seen->connections >= connection;
}

void demo_host_look(struct demo_host *host, struct demo_seen *seen)
{
    (void)pthread_mutex_lock(&host->lock);
    *seen = host->seen;
    (void)pthread_mutex_unlock(&host->lock);
}

uint16_t demo_host_value(struct demo_host *host)
{
    (void)pthread_mutex_lock(&host->lock);
    uint16_t value = host->kept.value;
    (void)pthread_mutex_unlock(&host->lock);
    return value;
}
