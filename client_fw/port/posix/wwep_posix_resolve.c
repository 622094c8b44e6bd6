/* Happy path: a numeric address is read at once; else a thread looks the name
 * up, and we wait for it.
 * Failures: the time is up -> we leave; the thread finds, when it is done, that
 * it is the last to hold the lookup, and frees it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_posix_resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define HOST_MAX 256u /* a name of DNS has 253 characters at most */

/* Held by the caller and by the thread: who lets it go last frees it. */
struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned holders;
    bool done;
    int error; /* of getaddrinfo() */
    struct addrinfo *found;
    char host[HOST_MAX];
};

static int lookup_now(const char *host, int flags, struct addrinfo **found)
{
    const struct addrinfo hints = {
        .ai_flags = flags, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

    *found = NULL;
    return getaddrinfo(host, NULL, &hints, found);
}

/* --- what was found ------------------------------------------------------- */

static int port_error(int error)
{
    switch (error) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
        return WWEP_PORT_NO_NAME;
    case EAI_AGAIN: /* no name server answers */
        return WWEP_PORT_UNREACHABLE;
    default:
        return WWEP_PORT_FAILED;
    }
}

static bool is_ip(const struct addrinfo *info)
{
    return info->ai_family == AF_INET || info->ai_family == AF_INET6;
}

static void fill(struct wwep_address *out, const struct addrinfo *info)
{
    memset(out, 0, sizeof *out);
    if (info->ai_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, info->ai_addr, sizeof v4);
        out->len = 4;
        memcpy(out->bytes, &v4.sin_addr, 4);
    } else {
        struct sockaddr_in6 v6;

        memcpy(&v6, info->ai_addr, sizeof v6);
        out->len = 16;
        memcpy(out->bytes, &v6.sin6_addr, 16);
        out->scope = v6.sin6_scope_id;
    }
}

/* The first from here on that is IPv6, or is not. */
static const struct addrinfo *next(const struct addrinfo *from, bool v6)
{
    while (from != NULL &&
           (!is_ip(from) || (from->ai_family == AF_INET6) != v6))
        from = from->ai_next;
    return from;
}

/* In turns of IPv6 and IPv4, so that cap cuts neither off where the other does
 * not work. The system's order decides who begins (RFC 6724, RFC 8305). */
static int take(const struct addrinfo *found, struct wwep_address *out,
                size_t cap)
{
    bool v6 = found->ai_family == AF_INET6;
    const struct addrinfo *turn[2] = {next(found, v6), next(found, !v6)};
    size_t n = 0;

    while (n < cap && (turn[0] != NULL || turn[1] != NULL)) {
        for (unsigned i = 0; i < 2; i++) {
            if (turn[i] == NULL || n == cap)
                continue;
            fill(&out[n++], turn[i]);
            turn[i] = next(turn[i]->ai_next, i == 0 ? v6 : !v6);
        }
    }
    return n > 0 ? (int)n : WWEP_PORT_NO_NAME;
}

/* --- the lookup ----------------------------------------------------------- */

static struct lookup *make_lookup(const char *host)
{
    struct lookup *l = calloc(1, sizeof *l);
    pthread_condattr_t monotonic;

    if (l == NULL)
        return NULL;
    memcpy(l->host, host, strlen(host) + 1);
    l->holders = 1;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&l->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return l;
}

/* With the lock held, which is gone afterwards as the lookup may be. */
static void let_go(struct lookup *l)
{
    bool last = --l->holders == 0;

    pthread_mutex_unlock(&l->lock);
    if (!last)
        return;
    if (l->found != NULL)
        freeaddrinfo(l->found);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static void *on_thread(void *ctx)
{
    struct lookup *l = ctx;
    struct addrinfo *found;
    int error = lookup_now(l->host, 0, &found);

    pthread_mutex_lock(&l->lock);
    l->error = error;
    l->found = found;
    l->done = true;
    pthread_cond_signal(&l->changed);
    let_go(l);
    return NULL;
}

/* The program's signals are for its own threads. */
static bool start(struct lookup *l)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    l->holders++;
    bool started = pthread_create(&thread, &attr, on_thread, l) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return started;
}

static struct timespec moment_in(uint32_t ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(ms / 1000);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* With the lock held. */
static int wait_for(struct lookup *l, struct wwep_address *out, size_t cap,
                    uint32_t timeout_ms)
{
    const struct timespec end = moment_in(timeout_ms);
    int error = 0;

    while (!l->done && error == 0)
        error = pthread_cond_timedwait(&l->changed, &l->lock, &end);
    if (!l->done)
        return WWEP_PORT_TIMEOUT;
    return l->error == 0 ? take(l->found, out, cap) : port_error(l->error);
}

int wwep_posix_resolve(void *ctx, const char *host, struct wwep_address *out,
                       size_t cap, uint32_t timeout_ms)
{
    struct addrinfo *numeric;

    (void)ctx;
    if (lookup_now(host, AI_NUMERICHOST, &numeric) == 0) {
        int n = take(numeric, out, cap);

        freeaddrinfo(numeric);
        return n;
    }
    if (strlen(host) >= HOST_MAX)
        return WWEP_PORT_NO_NAME;

    struct lookup *l = make_lookup(host);
    if (l == NULL)
        return WWEP_PORT_FAILED;
    pthread_mutex_lock(&l->lock);
    int n = WWEP_PORT_FAILED;
    if (start(l))
        n = wait_for(l, out, cap, timeout_ms);
    else
        l->holders = 1; /* there is no thread to hold it */
    let_go(l);
    return n;
}
