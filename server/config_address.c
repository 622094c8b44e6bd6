/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

struct address {
    int family; /* AF_UNSPEC: "*" */
    unsigned char bytes[sizeof(struct in6_addr)];
    const char *scope; /* in the text; "": none */
};

static bool parse(const char *text, struct address *address)
{
    char number[INET6_ADDRSTRLEN];
    size_t len = strcspn(text, "%");

    memset(address, 0, sizeof *address);
    address->scope = text + len;
    if (strcmp(text, "*") == 0) {
        address->family = AF_UNSPEC;
        return true;
    }
    if (len >= sizeof number)
        return false;
    memcpy(number, text, len);
    number[len] = '\0';
    address->family = strchr(number, ':') != NULL ? AF_INET6 : AF_INET;
    if (*address->scope == '%' &&
        (address->family == AF_INET || *++address->scope == '\0'))
        return false;
    return inet_pton(address->family, number, address->bytes) == 1;
}

static bool is_any(const struct address *address)
{
    static const unsigned char zeros[sizeof address->bytes];

    return memcmp(address->bytes, zeros, sizeof zeros) == 0;
}

bool config_address_valid(const char *text)
{
    struct address address;

    return parse(text, &address);
}

bool config_address_overlap(const char *a, const char *b)
{
    struct address x, y;

    if (!parse(a, &x) || !parse(b, &y))
        return false;
    if (x.family == AF_UNSPEC || y.family == AF_UNSPEC)
        return true;
    if (x.family != y.family)
        return false;
    return is_any(&x) || is_any(&y) ||
           (memcmp(x.bytes, y.bytes, sizeof x.bytes) == 0 &&
            strcmp(x.scope, y.scope) == 0);
}
