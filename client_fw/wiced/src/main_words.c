/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main_words.h"

#include "wwep_text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wwep/course.h>

#define OCTETS        6u
#define SECONDS_MAX   2000000.0
#define SECONDS_MIN   0.001
#define ONE_PORT_MAX  32u /* a word and a number, and more than enough */
#define NUMBER_DIGITS 5u

/* --- MAC addresses -------------------------------------------------------- */

/* Six pairs of digits, with the same separator between all, or with none. */
static bool take_mac(const char *text, wiced_mac_t *mac)
{
    size_t len = strlen(text);
    size_t step = len == 2 * OCTETS ? 2 : 3;

    if (len != step * OCTETS - (step - 2))
        return false;
    for (size_t i = 0; i < OCTETS; i++) {
        const char *pair = text + step * i;

        if (wwep_text_hex((uint8_t)pair[0]) < 0 ||
            wwep_text_hex((uint8_t)pair[1]) < 0)
            return false;
        if (step == 3 && i + 1 < OCTETS &&
            (pair[2] != text[2] || strchr(":-", pair[2]) == NULL))
            return false;
        mac->octet[i] = (uint8_t)wwep_text_get_hex((const uint8_t *)pair, 2);
    }
    return true;
}

bool main_words_mac(const char *word, wiced_mac_t *mac)
{
    if (take_mac(strncasecmp(word, "mac:", 4) == 0 ? word + 4 : word, mac))
        return true;
    board_say("--mac: \"%s\" is no MAC address: write six pairs of hex digits, "
              "such as 02:00:00:00:00:01",
              word);
    return false;
}

/* --- ports ---------------------------------------------------------------- */

static bool take_number(const char *text, size_t len, uint16_t *out)
{
    char digits[NUMBER_DIGITS + 1] = "";

    if (len == 0 || len > NUMBER_DIGITS || strspn(text, "0123456789") < len)
        return false;
    memcpy(digits, text, len);

    unsigned long number = strtoul(digits, NULL, 10);
    *out = (uint16_t)number;
    return number <= UINT16_MAX;
}

static bool take_course_port(const char *text, size_t len, uint16_t *out)
{
    if (len == 5 && strncasecmp(text, "plain", len) == 0)
        *out = WWEP_PLAIN_PORT;
    else if (len == 3 && strncasecmp(text, "tls", len) == 0)
        *out = WWEP_TLS_PORT;
    else
        return take_number(text, len, out) && *out != 0;
    return true;
}

static bool put_port(struct board_options *board, uint16_t course,
                     uint16_t here)
{
    unsigned i = 0;

    while (i < board->port_count && board->ports[i].course != course)
        i++;
    if (i == BOARD_PORTS_MAX) {
        board_say("--port: %u ports at most", BOARD_PORTS_MAX);
        return false;
    }
    board->ports[i] = (struct board_port){course, here};
    if (i == board->port_count)
        board->port_count++;
    return true;
}

/* "plain=1234", of len characters. */
static bool take_port(const char *text, size_t len, struct board_options *board)
{
    char word[ONE_PORT_MAX];
    uint16_t course;
    uint16_t here;

    (void)snprintf(word, sizeof word, "%.*s", (int)(len < 64 ? len : 64), text);

    const char *equals = memchr(text, '=', len);
    size_t key_len = equals != NULL ? (size_t)(equals - text) : len;
    if (!take_course_port(text, key_len, &course)) {
        board_say("--port: \"%s\" begins with no port of the course: write "
                  "plain=, tls= or a number, such as 27708=",
                  word);
        return false;
    }
    if (equals == NULL || !take_number(equals + 1, len - key_len - 1, &here)) {
        board_say("--port: \"%s\" does not say where it is: write a number "
                  "behind it, 1 to 65535, or 0 for any that is free, such as "
                  "%.*s=1234",
                  word, (int)key_len, text);
        return false;
    }
    return put_port(board, course, here);
}

bool main_words_ports(const char *word, struct board_options *board)
{
    for (;;) {
        size_t len = strcspn(word, ",");

        if (!take_port(word, len, board))
            return false;
        if (word[len] == '\0')
            return true;
        word += len + 1;
    }
}

/* --- hosts ---------------------------------------------------------------- */

bool main_words_host(const char *what, const char *word, char *host, size_t cap)
{
    bool bracket = word[0] == '[';
    const char *begin = word + (bracket ? 1 : 0);
    size_t len = strcspn(begin, bracket ? "]" : "");
    const char *rest = begin + len + (bracket && begin[len] == ']' ? 1 : 0);
    const char *colon = memchr(begin, ':', len);

    /* One colon alone is a port's; several are an IPv6 address. */
    if (rest[0] == ':' ||
        (!bracket && colon != NULL && strchr(colon + 1, ':') == NULL)) {
        board_say("%s: \"%s\" has a port: leave it out, and give --port", what,
                  word);
        return false;
    }
    if (len == 0 || len >= cap || rest[0] != '\0' ||
        (bracket && begin[len] != ']') || strpbrk(word, " \t/@,") != NULL) {
        board_say("%s: \"%s\" is no host: write a name or an address", what,
                  word);
        return false;
    }
    memcpy(host, begin, len);
    host[len] = '\0';
    return true;
}

bool main_words_listen(const char *word)
{
    struct in6_addr address;

    if (inet_pton(AF_INET, word, &address) == 1 ||
        inet_pton(AF_INET6, word, &address) == 1)
        return true;
    board_say("--listen: \"%s\" is no address: write one of this machine's, "
              "such as 127.0.0.1, or 0.0.0.0 for all",
              word);
    return false;
}

/* --- the rest ------------------------------------------------------------- */

bool main_words_tls(const char *word, enum wwep_tls_version *version)
{
    static const struct {
        const char *word;
        enum wwep_tls_version version;
    } versions[] = {
        {"1.2", WWEP_TLS_1_2}, {"1.3", WWEP_TLS_1_3}, {"any", WWEP_TLS_ANY}};

    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        if (strcasecmp(word, versions[i].word) == 0) {
            *version = versions[i].version;
            return true;
        }
    }
    board_say("--tls: \"%s\" is no version: write 1.2, 1.3 or any", word);
    return false;
}

bool main_words_seconds(const char *word, uint32_t *ms)
{
    char *end = NULL;
    double seconds = 0;

    /* strtod() also knows "inf", and hex. */
    if (word[0] != '\0' && word[strspn(word, "0123456789.")] == '\0')
        seconds = strtod(word, &end);
    if (end != NULL && *end == '\0' && seconds >= SECONDS_MIN &&
        seconds <= SECONDS_MAX) {
        *ms = (uint32_t)(seconds * 1000.0);
        return true;
    }
    board_say("--for: \"%s\" is no time: write seconds, such as 10 or 0.5",
              word);
    return false;
}
