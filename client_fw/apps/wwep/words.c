/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include "complain.h"
#include "wwep_text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wwep/course.h>

#define OCTETS 6u

static const char *behind_prefix(const char *word)
{
    return strncasecmp(word, "0x", 2) == 0 ? word + 2 : word;
}

static size_t count_hex(const char *text)
{
    size_t n = 0;

    while (wwep_text_hex((uint8_t)text[n]) >= 0)
        n++;
    return n;
}

static bool take_hex(const char *word, size_t digits, uint32_t *out)
{
    const char *text = behind_prefix(word);

    if (count_hex(text) != digits || text[digits] != '\0')
        return false;
    *out = wwep_text_get_hex((const uint8_t *)text, digits);
    return true;
}

/* Takes "1" for 0001 in the advice alone: who means 10 or 0x10 must say. */
static void complain_hex(const char *word, const char *what, size_t digits,
                         const char *example)
{
    const char *text = behind_prefix(word);
    size_t len = strlen(text);
    const char *count = digits == 2 ? "two" : "four";

    if (len > 0 && len < digits && count_hex(text) == len)
        complain("%s is no %s: write %s hex digits, %.*s%s", word, what, count,
                 (int)(digits - len), "000", text);
    else
        complain("%s is no %s: write %s hex digits (0 to 9, A to F), such as "
                 "%s",
                 word[0] != '\0' ? word : "\"\"", what, count, example);
}

bool words_register(const char *word, uint8_t *reg)
{
    uint32_t number;

    if (!take_hex(word, 2, &number)) {
        complain_hex(word, "register", 2, "05");
        return false;
    }
    *reg = (uint8_t)number;
    return true;
}

bool words_value(const char *word, uint16_t *value)
{
    uint32_t number;

    if (!take_hex(word, 4, &number)) {
        complain_hex(word, "value", 4, "0001");
        return false;
    }
    *value = (uint16_t)number;
    return true;
}

/* Six pairs of digits, with the same separator between all, or with none. */
static bool take_mac(const char *text, uint8_t mac[6])
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
        mac[i] = (uint8_t)wwep_text_get_hex((const uint8_t *)pair, 2);
    }
    return true;
}

bool words_mac(const char *word, uint8_t mac[6])
{
    if (take_mac(word, mac))
        return true;
    complain("%s is no MAC address: write six pairs of hex digits, such as "
             "02:00:00:00:00:01",
             word[0] != '\0' ? word : "\"\"");
    return false;
}

bool words_device(const char *word, uint16_t *device)
{
    uint8_t mac[OCTETS];
    uint32_t number;

    if (take_hex(word, 4, &number)) {
        *device = (uint16_t)number;
        return true;
    }
    if (strncasecmp(word, "mac:", 4) == 0) {
        if (!words_mac(word + 4, mac))
            return false;
    } else if (!take_mac(word, mac)) {
        complain_hex(word, "device", 4,
                     "0FAC, or the board's MAC address with colons");
        return false;
    }
    *device = wwep_device_of_mac(mac);
    return true;
}

void words_mac_text(const uint8_t mac[6], char out[WORDS_MAC_MAX])
{
    snprintf(out, WORDS_MAC_MAX, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0],
             mac[1], mac[2], mac[3], mac[4], mac[5]);
}
