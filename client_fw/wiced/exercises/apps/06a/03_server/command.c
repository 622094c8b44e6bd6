/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include "database.h"

#include <ctype.h>

#define READ_LEN  7  /* R, device and register */
#define WRITE_LEN 11 /* W, device, register and value */

/* People end a line; boards do not. */
static uint32_t without_line_end(const char *request, uint32_t len)
{
    if (len > 0 && request[len - 1] == '\n')
        len--;
    if (len > 0 && request[len - 1] == '\r')
        len--;
    return len;
}

/* sscanf() alone would take spaces and signs, too. */
static wiced_bool_t has_digits(const char *at, uint32_t count)
{
    while (count > 0 && isxdigit((unsigned char)*at)) {
        at++;
        count--;
    }
    return count == 0 ? WICED_TRUE : WICED_FALSE;
}

static void put_reply(char *reply, unsigned device, unsigned reg,
                      unsigned value)
{
    sprintf(reply, "A%04X%02X%04X", device, reg, value);
}

void command_answer(const char *request, uint32_t len, char *reply)
{
    unsigned device, reg, value;

    reply[0] = '\0';
    if (len == 0)
        return;
    len = without_line_end(request, len);
    if (len == WRITE_LEN && request[0] == 'W' &&
        has_digits(request + 1, WRITE_LEN - 1)) {
        sscanf(request + 1, "%4x%2x%4x", &device, &reg, &value);
        if (database_set(device, reg, value))
            put_reply(reply, device, reg, value);
        else
            strcpy(reply, "X database full");
    } else if (len == READ_LEN && request[0] == 'R' &&
               has_digits(request + 1, READ_LEN - 1)) {
        sscanf(request + 1, "%4x%2x", &device, &reg);
        if (database_get(device, reg, &value))
            put_reply(reply, device, reg, value);
        else
            strcpy(reply, "X not found");
    } else if (request[0] != 'W' && request[0] != 'R') {
        strcpy(reply, "X illegal command");
    } else {
        strcpy(reply, "X illegal message");
    }
}
