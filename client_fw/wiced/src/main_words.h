/* main_words.h - MAC addresses, ports, hosts and times as people type them.
 *
 * Each function takes an option's word, and returns false after it has said
 * what is wrong, and what to write.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_MAIN_WORDS_H
#define WICED_MAIN_WORDS_H

#include "board.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 02:00:00:00:00:01, with - between the octets, or without anything; "mac:"
 * may be before it. */
bool main_words_mac(const char *word, wiced_mac_t *mac);

/* plain=1234,tls=0: a later one wins. */
bool main_words_ports(const char *word, struct board_options *board);

/* A name or an address, in brackets or not, and no port. */
bool main_words_host(const char *what, const char *word, char *host,
                     size_t cap);

/* A numeric address. */
bool main_words_listen(const char *word);

bool main_words_tls(const char *word, enum wwep_tls_version *version);

/* Seconds, 0.001 to 2,000,000. */
bool main_words_seconds(const char *word, uint32_t *ms);

#endif
