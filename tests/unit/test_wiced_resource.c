/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wiced_resource.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const char text[] = "0123456789";
static const resource_hnd_t in_memory = {
    RESOURCE_IN_MEMORY, 10, {.mem = {text}}};
static const resource_hnd_t outside = {
    RESOURCE_IN_EXTERNAL_STORAGE, 10, {.external_storage_context = NULL}};

static char *folder;
static char *path;
static resource_hnd_t in_file;

/* The resource is in the middle of the file. */
static void setup(void)
{
    folder = unit_mkdtemp();
    path = unit_write(folder, "file", "head0123456789tail");
    in_file = (resource_hnd_t){RESOURCE_IN_FILESYSTEM, 10, {.fs = {4, path}}};
}

static void teardown(void)
{
    free(path);
    unit_rmdir(folder);
}

static void expect_buffer(const resource_hnd_t *resource, uint32_t offset,
                          uint32_t maxsize, const char *want)
{
    const void *buffer = NULL;
    uint32_t size = 99;

    ck_assert_int_eq(
        resource_get_readonly_buffer(resource, offset, maxsize, &size, &buffer),
        RESOURCE_SUCCESS);
    ck_assert_uint_eq(size, strlen(want));
    ck_assert_ptr_nonnull(buffer);
    ck_assert_mem_eq(buffer, want, strlen(want));
    if (resource->location == RESOURCE_IN_MEMORY)
        ck_assert_ptr_eq(buffer, text + offset); /* no copy */
    ck_assert_int_eq(resource_free_readonly_buffer(resource, buffer),
                     RESOURCE_SUCCESS);
}

static void expect_read(const resource_hnd_t *resource, uint32_t offset,
                        uint32_t maxsize, const char *want)
{
    char buffer[16];
    uint32_t size = 99;

    memset(buffer, '#', sizeof buffer);
    ck_assert_int_eq(resource_read(resource, offset, maxsize, &size, buffer),
                     RESOURCE_SUCCESS);
    ck_assert_uint_eq(size, strlen(want));
    ck_assert_mem_eq(buffer, want, strlen(want));
    ck_assert_int_eq(buffer[size], '#');
}

static void expect_error(const resource_hnd_t *resource, uint32_t offset,
                         int want)
{
    const void *buffer = "";
    char bytes[16];
    uint32_t size = 99;

    ck_assert_int_eq(
        resource_get_readonly_buffer(resource, offset, 10, &size, &buffer),
        want);
    ck_assert_ptr_null(buffer);
    ck_assert_uint_eq(size, 0);
    size = 99;
    ck_assert_int_eq(resource_read(resource, offset, 10, &size, bytes), want);
    ck_assert_uint_eq(size, 0);
}

static void expect_all(const resource_hnd_t *resource)
{
    ck_assert_uint_eq(resource_get_size(resource), 10);
    expect_buffer(resource, 0, 2048, text);
    expect_buffer(resource, 0, UINT32_MAX, text);
    expect_buffer(resource, 3, 4, "3456");
    expect_buffer(resource, 8, 4, "89");
    expect_buffer(resource, 10, 4, "");
    expect_buffer(resource, 0, 0, "");
    expect_read(resource, 0, 10, text);
    expect_read(resource, 3, 4, "3456");
    expect_read(resource, 8, 4, "89");
    expect_read(resource, 10, 4, "");
    expect_error(resource, 11, 4001);
    expect_error(resource, UINT32_MAX, RESOURCE_OFFSET_TOO_BIG);
}

START_TEST(a_resource_in_memory)
{
    expect_all(&in_memory);
}
END_TEST

START_TEST(a_resource_in_a_file)
{
    expect_all(&in_file);
}
END_TEST

START_TEST(a_file_that_can_not_be_opened)
{
    in_file.val.fs.filename = "/nowhere/at/all";
    expect_error(&in_file, 0, 4002);
    in_file.val.fs.filename = NULL;
    expect_error(&in_file, 0, RESOURCE_FILE_OPEN_FAIL);
}
END_TEST

START_TEST(a_file_without_places)
{
    in_file.val.fs.offset = (unsigned long)-1;
    expect_error(&in_file, 0, 4003);
    in_file.val.fs.offset = (unsigned long)-1 / 2;
    expect_error(&in_file, 1, RESOURCE_FILE_SEEK_FAIL);
}
END_TEST

START_TEST(a_file_that_is_too_short)
{
    in_file.val.fs.offset = 10;
    expect_error(&in_file, 0, 4004);
    in_file.val.fs.offset = 0;
    in_file.val.fs.filename = folder;
    expect_error(&in_file, 0, RESOURCE_FILE_READ_FAIL);
}
END_TEST

START_TEST(a_resource_outside)
{
    expect_error(&outside, 0, 7);
    ck_assert_int_eq(resource_free_readonly_buffer(&outside, text), 0);
}
END_TEST

START_TEST(wrong_arguments)
{
    const void *buffer;
    char bytes[16];
    uint32_t size;

    ck_assert_int_eq(resource_get_readonly_buffer(NULL, 0, 1, &size, &buffer),
                     WICED_BADARG);
    ck_assert_int_eq(
        resource_get_readonly_buffer(&in_memory, 0, 1, NULL, &buffer),
        WICED_BADARG);
    ck_assert_int_eq(
        resource_get_readonly_buffer(&in_memory, 0, 1, &size, NULL),
        WICED_BADARG);
    ck_assert_int_eq(resource_read(NULL, 0, 1, &size, bytes), WICED_BADARG);
    ck_assert_int_eq(resource_read(&in_memory, 0, 1, NULL, bytes),
                     WICED_BADARG);
    ck_assert_int_eq(resource_read(&in_memory, 0, 1, &size, NULL),
                     WICED_BADARG);
    ck_assert_int_eq(resource_free_readonly_buffer(NULL, text), WICED_BADARG);
    ck_assert_int_eq(resource_free_readonly_buffer(&in_file, NULL),
                     RESOURCE_SUCCESS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_resource");
    TCase *tc = tcase_create("wiced_resource");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_resource_in_memory);
    tcase_add_test(tc, a_resource_in_a_file);
    tcase_add_test(tc, a_file_that_can_not_be_opened);
    tcase_add_test(tc, a_file_without_places);
    tcase_add_test(tc, a_file_that_is_too_short);
    tcase_add_test(tc, a_resource_outside);
    tcase_add_test(tc, wrong_arguments);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
