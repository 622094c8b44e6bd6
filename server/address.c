/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

int address_parse(union address *a, const char *text, uint16_t port)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;

    memset(a, 0, sizeof *a);
    if (strcmp(text, "*") == 0) {
        a->v6.sin6_family = AF_INET6;
        a->v6.sin6_addr = in6addr_any;
        address_set_port(a, port);
        return 0;
    }
    /* getaddrinfo() and not inet_pton(): it knows scopes (fe80::1%eth0). */
    if (getaddrinfo(text, NULL, &hints, &found) != 0)
        return -EINVAL;
    memcpy(a, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    address_set_port(a, port);
    return 0;
}

socklen_t address_len(const union address *a)
{
    return a->any.sa_family == AF_INET ? sizeof a->v4 : sizeof a->v6;
}

uint16_t address_port(const union address *a)
{
    return ntohs(a->any.sa_family == AF_INET ? a->v4.sin_port
                                             : a->v6.sin6_port);
}

void address_set_port(union address *a, uint16_t port)
{
    if (a->any.sa_family == AF_INET)
        a->v4.sin_port = htons(port);
    else
        a->v6.sin6_port = htons(port);
}

const uint8_t *address_bytes(const union address *a, size_t *len)
{
    const uint8_t *v6 = a->v6.sin6_addr.s6_addr;

    *len = 4;
    if (a->any.sa_family == AF_INET)
        return (const uint8_t *)&a->v4.sin_addr;
    if (IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr))
        return v6 + 12;
    *len = 16;
    return v6;
}

bool address_same_ip(const union address *a, const union address *b)
{
    size_t a_len;
    size_t b_len;
    const uint8_t *a_bytes = address_bytes(a, &a_len);
    const uint8_t *b_bytes = address_bytes(b, &b_len);

    return a_len == b_len && memcmp(a_bytes, b_bytes, a_len) == 0;
}

/* inet_ntop() has a printf() inside; this is for every line of the message
 * log. Returns the text's end. */
static char *put_decimal(char *out, unsigned byte)
{
    if (byte >= 100)
        *out++ = (char)('0' + byte / 100);
    if (byte >= 10)
        *out++ = (char)('0' + byte / 10 % 10);
    *out++ = (char)('0' + byte % 10);
    return out;
}

static const char *ip4_text(const uint8_t *bytes, char out[ADDRESS_IP_MAX])
{
    char *end = out;

    for (int i = 0; i < 4; i++) {
        end = put_decimal(end, bytes[i]);
        *end++ = '.';
    }
    end[-1] = '\0';
    return out;
}

void address_ip(const union address *a, char out[ADDRESS_IP_MAX])
{
    size_t bytes_len;
    const uint8_t *bytes = address_bytes(a, &bytes_len);
    char name[IF_NAMESIZE];
    const char *text = NULL;

    if (a->any.sa_family == AF_INET) {
        text = ip4_text(bytes, out);
    } else if (a->any.sa_family == AF_INET6) {
        text = bytes_len == 4 ? ip4_text(bytes, out)
                              : inet_ntop(AF_INET6, bytes, out, ADDRESS_IP_MAX);
        if (text != NULL && a->v6.sin6_scope_id != 0 &&
            if_indextoname(a->v6.sin6_scope_id, name) != NULL) {
            size_t len = strlen(out);
            snprintf(out + len, ADDRESS_IP_MAX - len, "%%%s", name);
        }
    }
    if (text == NULL)
        memcpy(out, "?", 2);
}

void address_format(const union address *a, char out[ADDRESS_TEXT_MAX])
{
    char ip[ADDRESS_IP_MAX];

    address_ip(a, ip);
    snprintf(out, ADDRESS_TEXT_MAX,
             strchr(ip, ':') != NULL ? "[%s]:%u" : "%s:%u", ip,
             (unsigned)address_port(a));
}
