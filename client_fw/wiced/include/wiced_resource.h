/* wiced_resource.h - files that are built into the program, the second of the
 * three ways to store certificates: any number, each by its own name.
 *
 * wwep-resources(1) makes an object of each file, and resources.h declares
 * them: resources_apps_DIR_httpbin_org_DIR_ca_pem.
 *
 * Source: WICED SDK 6.6; course, chapter 6B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_RESOURCE_H
#define WICED_RESOURCE_H

#include "wiced_result.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    RESOURCE_IN_MEMORY,
    RESOURCE_IN_FILESYSTEM,
    RESOURCE_IN_EXTERNAL_STORAGE
} resource_location_t;

typedef struct {
    unsigned long offset; /* where in the file it begins */
    const char *filename;
} filesystem_resource_handle_t;

typedef struct {
    const char *data;
} memory_resource_handle_t;

typedef struct {
    resource_location_t location;
    unsigned long size; /* without the NUL that is behind a text */
    union {
        filesystem_resource_handle_t fs;
        memory_resource_handle_t mem;
        void *external_storage_context;
    } val;
} resource_hnd_t;

#define resource_get_size(resource) ((resource)->size)

/* Up to maxsize bytes from `offset`: *buffer, of *size_out bytes, is in the
 * object itself, or, from a file, on the heap, without a NUL behind it. Free
 * either by resource_free_readonly_buffer().
 *
 * RESOURCE_SUCCESS (an offset at the end gives 0 bytes),
 * RESOURCE_OFFSET_TOO_BIG (4001), _FILE_OPEN_FAIL (4002), _FILE_SEEK_FAIL
 * (4003), _FILE_READ_FAIL (4004), RESOURCE_UNSUPPORTED (7: external storage),
 * _OUT_OF_HEAP_SPACE (8). */
resource_result_t resource_get_readonly_buffer(const resource_hnd_t *resource,
                                               uint32_t offset,
                                               uint32_t maxsize,
                                               uint32_t *size_out,
                                               const void **buffer);
resource_result_t resource_free_readonly_buffer(const resource_hnd_t *handle,
                                                const void *buffer);

/* The same, into the caller's buffer, which has maxsize bytes. */
resource_result_t resource_read(const resource_hnd_t *resource, uint32_t offset,
                                uint32_t maxsize, uint32_t *size, void *buffer);

#ifdef __cplusplus
}
#endif

#endif
