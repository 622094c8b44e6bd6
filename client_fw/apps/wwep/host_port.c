/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint16_t host_port_number(const char *text)
{
    size_t len = strspn(text, "0123456789");

    if (len == 0 || len > 5 || text[len] != '\0')
        return 0;
    unsigned long number = strtoul(text, NULL, 10);
    return number <= UINT16_MAX ? (uint16_t)number : 0;
}

bool host_port_is_name(const char *host)
{
    return strchr(host, ':') == NULL &&
           host[strspn(host, "0123456789.")] != '\0';
}

/* Where the host ends, and where the port begins; NULL: there is none. */
static const char *find_end(const char *text, const char **port)
{
    const char *end;

    *port = NULL;
    if (text[0] == '[') {
        end = strchr(text, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return NULL;
        *port = end[1] == ':' ? end + 2 : NULL;
        return end;
    }
    end = strchr(text, ':');
    if (end == NULL || strchr(end + 1, ':') != NULL)
        return text + strlen(text);
    *port = end + 1;
    return end;
}

bool host_port_split(const char *text, char host[HOST_PORT_MAX], uint16_t *port,
                     char *problem, size_t problem_cap)
{
    const char *digits;
    const char *end = find_end(text, &digits);
    const char *begin = text + (text[0] == '[' ? 1 : 0);

    *port = 0;
    if (end == NULL) {
        snprintf(problem, problem_cap,
                 "%.80s has a bracket too few: write [::1]:27708", text);
        return false;
    }
    size_t len = (size_t)(end - begin);
    if (len == 0 || len >= HOST_PORT_MAX || strpbrk(text, " \t/@") != NULL) {
        snprintf(problem, problem_cap,
                 "\"%.80s\" is no host: write a name or an address, and after "
                 "a colon its port",
                 text);
        return false;
    }
    memcpy(host, begin, len);
    host[len] = '\0';
    if (digits == NULL)
        return true;
    *port = host_port_number(digits);
    if (*port == 0)
        snprintf(problem, problem_cap, "\"%.20s\" is no port: write 1 to 65535",
                 digits);
    return *port != 0;
}
