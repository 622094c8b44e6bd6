/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "speech.h"

#include <string.h>

struct beginning {
    const char *bytes;
    const char *name;
};

/* RFC 9110, 4253, 5321, 854 (IAC and WILL, WONT, DO, DONT), 8446. What MQTT
 * begins with has the length between. */
static const struct beginning beginnings[] = {
    {"GET ", "HTTP"},       {"HEAD ", "HTTP"},      {"POST ", "HTTP"},
    {"PUT ", "HTTP"},       {"DELETE ", "HTTP"},    {"OPTIONS ", "HTTP"},
    {"CONNECT ", "HTTP"},   {"PATCH ", "HTTP"},     {"PRI * HTTP", "HTTP/2"},
    {"SSH-", "SSH"},        {"EHLO ", "SMTP"},      {"HELO ", "SMTP"},
    {"\x16", "TLS"},        {"\xff\xfb", "telnet"}, {"\xff\xfc", "telnet"},
    {"\xff\xfd", "telnet"}, {"\xff\xfe", "telnet"},
};

const char *speech_name(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        const struct beginning *b = &beginnings[i];
        size_t n = strlen(b->bytes);
        if (len >= n && memcmp(bytes, b->bytes, n) == 0)
            return b->name;
    }
    if (len >= 8 && bytes[0] == 0x10 && memcmp(bytes + 4, "MQTT", 4) == 0)
        return "MQTT";
    return NULL;
}
