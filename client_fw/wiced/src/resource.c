/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced_resource.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes there are from `offset`, up to maxsize. */
static resource_result_t measure(const resource_hnd_t *resource,
                                 uint32_t offset, uint32_t maxsize,
                                 uint32_t *len)
{
    if (resource->location != RESOURCE_IN_MEMORY &&
        resource->location != RESOURCE_IN_FILESYSTEM)
        return RESOURCE_UNSUPPORTED;
    if (offset > resource->size)
        return RESOURCE_OFFSET_TOO_BIG;
    *len = resource->size - offset < maxsize
               ? (uint32_t)(resource->size - offset)
               : maxsize;
    return RESOURCE_SUCCESS;
}

static bool seek(FILE *file, unsigned long begin, uint32_t offset)
{
    return begin <= (unsigned long)LONG_MAX - offset &&
           fseek(file, (long)(begin + offset), SEEK_SET) == 0;
}

static resource_result_t read_file(const resource_hnd_t *resource,
                                   uint32_t offset, uint32_t len, void *out)
{
    const filesystem_resource_handle_t *at = &resource->val.fs;
    resource_result_t result = RESOURCE_SUCCESS;
    FILE *file = at->filename != NULL ? fopen(at->filename, "rbe") : NULL;

    if (file == NULL)
        return RESOURCE_FILE_OPEN_FAIL;
    if (!seek(file, at->offset, offset))
        result = RESOURCE_FILE_SEEK_FAIL;
    else if (fread(out, 1, len, file) != len)
        result = RESOURCE_FILE_READ_FAIL;
    fclose(file);
    return result;
}

resource_result_t resource_get_readonly_buffer(const resource_hnd_t *resource,
                                               uint32_t offset,
                                               uint32_t maxsize,
                                               uint32_t *size_out,
                                               const void **buffer)
{
    resource_result_t result;
    uint32_t len;

    if (resource == NULL || size_out == NULL || buffer == NULL)
        return WICED_BADARG;
    *size_out = 0;
    *buffer = NULL;
    result = measure(resource, offset, maxsize, &len);
    if (result != RESOURCE_SUCCESS)
        return result;
    if (resource->location == RESOURCE_IN_MEMORY) {
        *buffer = resource->val.mem.data + offset;
        *size_out = len;
        return RESOURCE_SUCCESS;
    }

    void *bytes = malloc(len > 0 ? len : 1);
    if (bytes == NULL)
        return RESOURCE_OUT_OF_HEAP_SPACE;
    result = read_file(resource, offset, len, bytes);
    if (result != RESOURCE_SUCCESS) {
        free(bytes);
        return result;
    }
    *buffer = bytes;
    *size_out = len;
    return RESOURCE_SUCCESS;
}

resource_result_t resource_free_readonly_buffer(const resource_hnd_t *handle,
                                                const void *buffer)
{
    if (handle == NULL)
        return WICED_BADARG;
    if (handle->location == RESOURCE_IN_FILESYSTEM)
        free((void *)(uintptr_t)buffer); /* our own malloc()'s */
    return RESOURCE_SUCCESS;
}

resource_result_t resource_read(const resource_hnd_t *resource, uint32_t offset,
                                uint32_t maxsize, uint32_t *size, void *buffer)
{
    resource_result_t result;
    uint32_t len;

    if (resource == NULL || size == NULL || buffer == NULL)
        return WICED_BADARG;
    *size = 0;
    result = measure(resource, offset, maxsize, &len);
    if (result == RESOURCE_SUCCESS && resource->location == RESOURCE_IN_MEMORY)
        memcpy(buffer, resource->val.mem.data + offset, len);
    else if (result == RESOURCE_SUCCESS)
        result = read_file(resource, offset, len, buffer);
    if (result == RESOURCE_SUCCESS)
        *size = len;
    return result;
}
