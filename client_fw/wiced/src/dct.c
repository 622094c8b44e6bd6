/* A copy has its size before it, so that unlock can wipe it all: there may be
 * a private key in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced_dct.h"

#include "board.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wwep/dct.h>

_Static_assert(sizeof(platform_dct_security_t) == WWEP_DCT_SECURITY_LEN,
               "the image's section is the struct's");

struct copy {
    size_t len; /* of all of it */
    max_align_t bytes[];
};

wiced_result_t wiced_dct_read_lock(void **info_ptr,
                                   wiced_bool_t ptr_is_writable,
                                   dct_section_t section, uint32_t offset,
                                   uint32_t size)
{
    const struct board_options *options = board_options();
    struct copy *copy;

    (void)ptr_is_writable;
    if (info_ptr == NULL)
        return WICED_ERROR;
    *info_ptr = NULL;
    if (section != DCT_SECURITY_SECTION || offset > WWEP_DCT_SECURITY_LEN ||
        size > WWEP_DCT_SECURITY_LEN - offset)
        return WICED_ERROR;
    copy = calloc(1, sizeof *copy + size);
    if (copy == NULL)
        return WICED_ERROR;
    copy->len = sizeof *copy + size;
    if (options->has_dct)
        memcpy(copy->bytes, options->dct + WWEP_DCT_SECURITY_AT + offset, size);
    *info_ptr = copy->bytes;
    return WICED_SUCCESS;
}

wiced_result_t wiced_dct_read_unlock(void *info_ptr,
                                     wiced_bool_t ptr_is_writable)
{
    (void)ptr_is_writable;
    if (info_ptr != NULL) {
        void *copy = (char *)info_ptr - offsetof(struct copy, bytes);
        size_t len;

        memcpy(&len, copy, sizeof len);
        explicit_bzero(copy, len);
        free(copy);
    }
    return WICED_SUCCESS;
}
