/* tls_wolfssl.h - how wolfSSL was built: before any other header of its.
 *
 * A packaged or installed wolfSSL says so in options.h, a board's build in
 * user_settings.h, which settings.h includes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_WOLFSSL_H
#define WWEP_TLS_WOLFSSL_H

#ifndef WOLFSSL_USER_SETTINGS
#include <wolfssl/options.h>
#endif
#include <wolfssl/wolfcrypt/settings.h>

#endif
