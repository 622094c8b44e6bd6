/* dct_text.h - a file of PEM as the course's SDK puts it into the board's
 * configuration table: each line, also the last, ends by CR LF.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TOOLS_DCT_TEXT_H
#define WWEP_TOOLS_DCT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dct_kind { DCT_CERTIFICATE, DCT_PRIVATE_KEY };

/* Zero-filled is empty. */
struct dct_text {
    uint8_t *bytes; /* without a NUL behind them */
    size_t len;
};

/* The word of the command line. */
const char *dct_option(enum dct_kind kind);

/* How many bytes such a text may have in an image. */
size_t dct_room(enum dct_kind kind);

/* Reads the file, and checks that it is what its option says, and that it
 * fits. False: it has been complained of. */
bool dct_text_read(struct dct_text *text, const char *path, enum dct_kind kind);

/* Wipes it before it is freed. */
void dct_text_free(struct dct_text *text);

#endif
