/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setup.h"

#include <stddef.h>
#include <string.h>

/* 1 to max; 0: it is none. */
static uint32_t number_of(const char *text, uint32_t max)
{
    uint32_t number = 0;

    for (; *text >= '0' && *text <= '9' && number <= max; text++)
        number = 10 * number + (uint32_t)(*text - '0');
    return *text == '\0' && number <= max ? number : 0;
}

static bool take_port(uint16_t *port, const char *text)
{
    *port = (uint16_t)number_of(text, 0xFFFF);
    return *port != 0;
}

const char *setup_value(const char *word, const char *key)
{
    size_t len = strlen(key);

    return strncmp(word, key, len) == 0 && word[len] == '=' ? word + len + 1
                                                            : NULL;
}

bool setup_take(struct board_setup *setup, const char *word)
{
    const char *value;

    if ((value = setup_value(word, "server")) != NULL) {
        setup->host = value;
        setup->fallback = NULL;
        return *value != '\0';
    }
    if ((value = setup_value(word, "name")) != NULL) {
        setup->name = value;
        return *value != '\0';
    }
    if ((value = setup_value(word, "plain")) != NULL)
        return take_port(&setup->plain_port, value);
    if ((value = setup_value(word, "tls")) != NULL)
        return take_port(&setup->tls_port, value);
    if ((value = setup_value(word, "timeout")) != NULL) {
        setup->timeout_ms = number_of(value, 600000);
        return setup->timeout_ms != 0;
    }
    return false;
}

const char *setup_read(struct board_setup *setup, char *words)
{
    while (*words != '\0') {
        char *end = words;

        while (*end != ' ' && *end != '\0')
            end++;
        char *next = *end == '\0' ? end : end + 1;
        *end = '\0';
        if (*words != '\0' && !setup_take(setup, words))
            return words;
        words = next;
    }
    return NULL;
}
