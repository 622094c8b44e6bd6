/* speech.h - what a client that speaks no WWEP speaks instead, by its first
 * bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SPEECH_H
#define SPEECH_H

#include <stddef.h>
#include <stdint.h>

/* "HTTP", "TLS" ...: a constant; NULL: nobody knows. */
const char *speech_name(const uint8_t *bytes, size_t len);

#endif
