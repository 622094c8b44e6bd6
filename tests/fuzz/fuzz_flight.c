/* fuzz_flight.c - the namer of handshakes against any bytes, in any pieces.
 *
 * Held to: the pieces change nothing, and the text ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"
#include "tls_flight.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wwep_tls_flight whole, pieces;

    memset(&whole, 0, sizeof whole);
    memset(&pieces, 0, sizeof pieces);
    wwep_tls_flight_feed(&whole, data, size);
    for (size_t at = 0, n = 1; at < size; at += n, n = n % 7 + 1)
        wwep_tls_flight_feed(&pieces, data + at, size - at < n ? size - at : n);
    FUZZ_CHECK(memchr(whole.text, '\0', sizeof whole.text) != NULL);
    FUZZ_CHECK(strcmp(whole.text, pieces.text) == 0);
    FUZZ_CHECK(whole.len == size && pieces.len == size);
    FUZZ_CHECK(whole.encrypted == pieces.encrypted);
    FUZZ_CHECK(whole.certificate == pieces.certificate);
    FUZZ_CHECK(memcmp(whole.random, pieces.random, sizeof whole.random) == 0);
    return 0;
}
