/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_choice.h"

#include "secure_hello.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Between two looks at a hello that has come in part: what is there already
 * would end any wait for more at once. */
#define PAUSE_MS 5

static bool has_several_kinds(const wiced_tls_identity_t *identity,
                              const struct secure_pair *first)
{
    const struct secure_pair *pair = first;

    while ((pair = secure_identity_next(identity, pair)) != NULL)
        if (pair->kind != first->kind)
            return true;
    return false;
}

/* Until there is something to be seen. False: no more will come. */
static bool wait_for(const struct secure_carrier *carrier, short events,
                     uint32_t most_ms)
{
    struct pollfd one = {.fd = carrier->connection->fd,
                         .events = (short)(events | POLLRDHUP)};
    uint32_t left_ms = secure_carrier_left_ms(carrier);
    uint32_t wait_ms = left_ms < most_ms ? left_ms : most_ms;

    (void)poll(&one, 1, wait_ms < INT_MAX ? (int)wait_ms : INT_MAX);
    return left_ms > 0 && (one.revents & ~POLLIN) == 0;
}

static bool peek(const struct secure_carrier *carrier, uint8_t *bytes,
                 struct secure_offer *offer)
{
    bool more = true;

    for (;;) {
        ssize_t n = recv(carrier->connection->fd, bytes, SECURE_HELLO_MAX,
                         MSG_PEEK | MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
                       errno != EINTR))
            return false;
        enum secure_hello hello =
            n < 0 ? SECURE_HELLO_PART
                  : secure_hello_read(bytes, (size_t)n, offer);
        if (hello != SECURE_HELLO_PART)
            return hello == SECURE_HELLO_WHOLE;
        if (!more || n == SECURE_HELLO_MAX)
            return false;
        /* What came with the end is looked at once more. */
        more = n < 0 ? wait_for(carrier, POLLIN, UINT32_MAX)
                     : wait_for(carrier, 0, PAUSE_MS);
    }
}

static const struct secure_pair *choose(const wiced_tls_identity_t *identity,
                                        const struct secure_pair *first,
                                        enum wwep_tls_version version,
                                        const struct secure_offer *offer)
{
    for (const struct secure_pair *pair = first; pair != NULL;
         pair = secure_identity_next(identity, pair))
        if (secure_offer_allows(offer, pair->kind, version != WWEP_TLS_1_3,
                                version != WWEP_TLS_1_2))
            return pair;
    return first;
}

const struct secure_pair *secure_choice(const wiced_tls_identity_t *identity,
                                        enum wwep_tls_role role,
                                        enum wwep_tls_version version,
                                        const struct secure_carrier *carrier)
{
    const struct secure_pair *first = secure_identity_next(identity, NULL);
    struct secure_offer offer;

    if (first == NULL || role != WWEP_TLS_SERVER ||
        !has_several_kinds(identity, first))
        return first;
    uint8_t *bytes = malloc(SECURE_HELLO_MAX);
    if (bytes == NULL)
        return first;
    if (peek(carrier, bytes, &offer))
        first = choose(identity, first, version, &offer);
    free(bytes);
    return first;
}
