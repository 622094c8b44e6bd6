/* Happy path: find out where the address really is -> a socket for echoes ->
 * send one -> wait for its answer, and pass over those to others.
 * Failures: the system gives nobody such a socket -> not supported, and the
 * console says once how to change it; no way there, no answer -> timeout.
 *
 * Source: RFC 792; icmp(7) of Linux.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"
#include "network.h"
#include "wiced_tcpip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TOKEN_LEN  16u
#define ECHO_LEN   (8u + TOKEN_LEN) /* an ICMP header, and what comes back */
#define PACKET_MAX 256u             /* with an IP header of any length */

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- the socket ----------------------------------------------------------- */

/* The first kind is for everybody, if the system's administrator says so. */
static int open_socket(bool *raw)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);

    *raw = fd < 0;
    if (*raw)
        fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    return fd;
}

static void tell_once(void)
{
    static atomic_bool told; /* of the process, as what it tells is */

    if (!atomic_exchange(&told, true))
        board_say("this system lets no user ping: as root, sysctl -w "
                  "net.ipv4.ping_group_range=\"0 2147483647\" does");
}

/* --- the echo ------------------------------------------------------------- */

static uint16_t checksum(const uint8_t *bytes, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    while (sum > 0xFFFF)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

/* The token is what its answer is known by: the kernel may change the rest. */
static bool make_echo(uint8_t echo[ECHO_LEN])
{
    memset(echo, 0, ECHO_LEN);
    if (getentropy(echo + 8, TOKEN_LEN) != 0)
        return false;
    echo[0] = ICMP_ECHO;
    memcpy(echo + 4, echo + 8, 2); /* the identifier */
    echo[7] = 1;                   /* the sequence number */

    uint16_t sum = checksum(echo, ECHO_LEN);
    echo[2] = (uint8_t)(sum >> 8);
    echo[3] = (uint8_t)sum;
    return true;
}

static bool is_answer(const uint8_t *packet, size_t len, bool raw,
                      const uint8_t echo[ECHO_LEN])
{
    size_t header_len = raw && len > 0 ? (packet[0] & 0xFu) * 4u : 0;

    return len >= header_len + ECHO_LEN &&
           packet[header_len] == ICMP_ECHOREPLY &&
           memcmp(packet + header_len + 8, echo + 8, TOKEN_LEN) == 0;
}

/* Whether it came before the end. */
static bool wait_for_answer(int fd, bool raw, const uint8_t echo[ECHO_LEN],
                            uint64_t end_ms)
{
    for (;;) {
        struct pollfd one = {.fd = fd, .events = POLLIN};
        uint8_t packet[PACKET_MAX];
        uint64_t at_ms = now_ms();
        uint64_t left_ms = end_ms > at_ms ? end_ms - at_ms : 0;
        int n = poll(&one, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || (n == 0 && left_ms < INT_MAX))
            return false;
        if (n == 0)
            continue;

        ssize_t len = recv(fd, packet, sizeof packet, MSG_DONTWAIT);
        if (len < 0 && errno != EAGAIN && errno != EINTR)
            return false; /* there is no way there */
        if (len > 0 && is_answer(packet, (size_t)len, raw, echo))
            return true;
    }
}

static wiced_result_t ping(const struct sockaddr_in *to, uint32_t timeout_ms,
                           uint32_t *elapsed_ms)
{
    uint8_t echo[ECHO_LEN];
    bool raw;
    int fd = open_socket(&raw);

    if (fd < 0) {
        tell_once();
        return WICED_UNSUPPORTED;
    }

    uint64_t began_ms = now_ms();
    wiced_result_t result = WICED_TIMEOUT;
    if (make_echo(echo) &&
        connect(fd, (const struct sockaddr *)to, sizeof *to) == 0 &&
        send(fd, echo, sizeof echo, MSG_NOSIGNAL) == (ssize_t)sizeof echo &&
        wait_for_answer(fd, raw, echo, began_ms + timeout_ms)) {
        *elapsed_ms = (uint32_t)(now_ms() - began_ms);
        result = WICED_SUCCESS;
    }
    close(fd);
    return result;
}

/* --- where ---------------------------------------------------------------- */

/* Fills out with the address that stands for this one. WICED_SUCCESS;
 * WICED_TIMEOUT: the server is not known; WICED_UNSUPPORTED: it has IPv6. */
static wiced_result_t find_place(uint32_t v4, uint32_t timeout_ms,
                                 struct in_addr *out)
{
    struct wwep_address server;

    out->s_addr = htonl(network_is_gateway(v4) ? INADDR_LOOPBACK : v4);
    if (!network_is_course_server(v4))
        return WICED_SUCCESS;
    if (!network_course_server(&server, timeout_ms))
        return WICED_TIMEOUT;
    if (server.len != 4)
        return WICED_UNSUPPORTED;
    memcpy(out, server.bytes, 4);
    return WICED_SUCCESS;
}

wiced_result_t wiced_ping(wiced_interface_t interface,
                          const wiced_ip_address_t *address,
                          uint32_t timeout_ms, uint32_t *elapsed_ms)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    uint64_t began_ms = now_ms();

    if (address == NULL || elapsed_ms == NULL)
        return WICED_BADARG;
    if (!board_is_up(interface))
        return WICED_NOTUP;
    if (address->version == WICED_IPV6)
        return WICED_UNSUPPORTED;
    if (address->version != WICED_IPV4)
        return WICED_BADARG;

    wiced_result_t result =
        find_place(GET_IPV4_ADDRESS(*address), timeout_ms, &to.sin_addr);
    if (result != WICED_SUCCESS)
        return result;
    uint64_t used_ms = now_ms() - began_ms;
    return ping(&to, used_ms < timeout_ms ? timeout_ms - (uint32_t)used_ms : 0,
                elapsed_ms);
}
