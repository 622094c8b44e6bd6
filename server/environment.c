/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "environment.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <unistd.h>

bool environment_number(const char *text, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoumax(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

bool environment_is_us(const char *text)
{
    uint64_t pid;

    return text != NULL && environment_number(text, &pid) &&
           pid == (uint64_t)getpid();
}
