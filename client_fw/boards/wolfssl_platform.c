/* wolfssl_platform.c - the two clocks that wolfSSL asks for by name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/internal.h>

/* Seconds, for how long a session is good. */
word32 LowResTimer(void)
{
    return wwep_board_ms() / 1000u;
}

/* For the age of a ticket. */
word32 TimeNowInMilliseconds(void)
{
    return wwep_board_ms();
}
