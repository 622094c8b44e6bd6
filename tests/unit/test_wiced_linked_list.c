/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linked_list.h"

#include "unit.h"

#include <string.h>

static linked_list_t list;
static linked_list_node_t a;
static linked_list_node_t b;
static linked_list_node_t c;
static linked_list_node_t other; /* is never in it */

static void setup(void)
{
    memset(&list, 0xA5, sizeof list);
    ck_assert_int_eq(linked_list_init(&list), WICED_SUCCESS);
    linked_list_set_node_data(&a, "a");
    linked_list_set_node_data(&b, "b");
    linked_list_set_node_data(&c, "c");
}

/* The nodes, in both directions, and their count. */
static void expect(const char *names)
{
    size_t n = strlen(names);
    const linked_list_node_t *at = list.front;
    uint32_t count = 99;

    for (size_t i = 0; i < n; i++, at = at->next) {
        ck_assert_ptr_nonnull(at);
        ck_assert_int_eq(*(const char *)at->data, names[i]);
    }
    ck_assert_ptr_null(at);
    at = list.rear;
    for (size_t i = n; i > 0; i--, at = at->prev) {
        ck_assert_ptr_nonnull(at);
        ck_assert_int_eq(*(const char *)at->data, names[i - 1]);
    }
    ck_assert_ptr_null(at);
    ck_assert_int_eq(linked_list_get_count(&list, &count), WICED_SUCCESS);
    ck_assert_uint_eq(count, n);
}

static void fill(void)
{
    ck_assert_int_eq(linked_list_insert_node_at_rear(&list, &a), 0);
    ck_assert_int_eq(linked_list_insert_node_at_rear(&list, &b), 0);
    ck_assert_int_eq(linked_list_insert_node_at_rear(&list, &c), 0);
    expect("abc");
}

static wiced_bool_t is_named(linked_list_node_t *node, void *name)
{
    return strcmp(node->data, name) == 0 ? WICED_TRUE : WICED_FALSE;
}

START_TEST(init_and_deinit)
{
    expect("");
    fill();
    ck_assert_int_eq(linked_list_deinit(&list), WICED_SUCCESS);
    expect("");
    ck_assert_str_eq(b.data, "b");
    ck_assert_int_eq(linked_list_init(NULL), 5);
    ck_assert_int_eq(linked_list_deinit(NULL), 5);
}
END_TEST

START_TEST(get_count)
{
    uint32_t count = 7;

    ck_assert_int_eq(linked_list_get_count(NULL, &count), 5);
    ck_assert_int_eq(linked_list_get_count(&list, NULL), 5);
    ck_assert_uint_eq(count, 7);
    fill();
    ck_assert_int_eq(linked_list_get_count(&list, &count), 0);
    ck_assert_uint_eq(count, 3);
}
END_TEST

START_TEST(node_data)
{
    void *data = NULL;
    int mine = 0;

    ck_assert_int_eq(linked_list_set_node_data(&other, &mine), 0);
    ck_assert_int_eq(linked_list_get_node_data(&other, &data), 0);
    ck_assert_ptr_eq(data, &mine);
    ck_assert_int_eq(linked_list_set_node_data(NULL, &mine), 5);
    ck_assert_int_eq(linked_list_get_node_data(NULL, &data), 5);
    ck_assert_int_eq(linked_list_get_node_data(&other, NULL), 5);
}
END_TEST

START_TEST(get_front_and_rear_node)
{
    linked_list_node_t *node = &other;

    ck_assert_int_eq(linked_list_get_front_node(&list, &node), 12);
    ck_assert_ptr_null(node);
    node = &other;
    ck_assert_int_eq(linked_list_get_rear_node(&list, &node), 12);
    ck_assert_ptr_null(node);
    fill();
    ck_assert_int_eq(linked_list_get_front_node(&list, &node), 0);
    ck_assert_ptr_eq(node, &a);
    ck_assert_int_eq(linked_list_get_rear_node(&list, &node), 0);
    ck_assert_ptr_eq(node, &c);
    ck_assert_int_eq(linked_list_get_front_node(NULL, &node), 5);
    ck_assert_int_eq(linked_list_get_front_node(&list, NULL), 5);
    ck_assert_int_eq(linked_list_get_rear_node(NULL, &node), 5);
    ck_assert_int_eq(linked_list_get_rear_node(&list, NULL), 5);
}
END_TEST

START_TEST(find_node)
{
    char name[] = "b";
    char nobody[] = "x";
    linked_list_node_t *node = &other;

    /* Of an empty list it is 5, and not 12. */
    ck_assert_int_eq(linked_list_find_node(&list, is_named, name, &node), 5);
    fill();
    ck_assert_int_eq(linked_list_find_node(&list, is_named, nobody, &node), 12);
    ck_assert_ptr_eq(node, &other);
    ck_assert_int_eq(linked_list_find_node(&list, is_named, name, &node), 0);
    ck_assert_ptr_eq(node, &b);
    ck_assert_int_eq(linked_list_find_node(NULL, is_named, name, &node), 5);
    ck_assert_int_eq(linked_list_find_node(&list, NULL, name, &node), 5);
    ck_assert_int_eq(linked_list_find_node(&list, is_named, name, NULL), 5);
}
END_TEST

/* The first from the front. */
START_TEST(find_node_of_two)
{
    char name[] = "same";
    linked_list_node_t *node = NULL;

    linked_list_set_node_data(&a, name);
    linked_list_set_node_data(&b, name);
    linked_list_insert_node_at_front(&list, &a);
    linked_list_insert_node_at_front(&list, &b);
    ck_assert_int_eq(linked_list_find_node(&list, is_named, name, &node), 0);
    ck_assert_ptr_eq(node, &b);
}
END_TEST

START_TEST(insert_at_front_and_rear)
{
    ck_assert_int_eq(linked_list_insert_node_at_front(&list, &b), 0);
    expect("b");
    ck_assert_int_eq(linked_list_insert_node_at_front(&list, &a), 0);
    expect("ab");
    ck_assert_int_eq(linked_list_insert_node_at_rear(&list, &c), 0);
    expect("abc");
    ck_assert_int_eq(linked_list_insert_node_at_front(NULL, &a), 5);
    ck_assert_int_eq(linked_list_insert_node_at_front(&list, NULL), 5);
    ck_assert_int_eq(linked_list_insert_node_at_rear(NULL, &a), 5);
    ck_assert_int_eq(linked_list_insert_node_at_rear(&list, NULL), 5);
    expect("abc");
}
END_TEST

START_TEST(insert_before_and_after)
{
    linked_list_insert_node_at_front(&list, &b);
    ck_assert_int_eq(linked_list_insert_node_before(&list, &b, &a), 0);
    expect("ab");
    ck_assert_int_eq(linked_list_insert_node_after(&list, &a, &c), 0);
    expect("acb");
    linked_list_remove_node(&list, &c);
    ck_assert_int_eq(linked_list_insert_node_before(&list, &b, &c), 0);
    expect("acb");
    linked_list_remove_node(&list, &c);
    ck_assert_int_eq(linked_list_insert_node_after(&list, &b, &c), 0);
    expect("abc");
    ck_assert_int_eq(linked_list_insert_node_before(&list, &other, &c), 12);
    ck_assert_int_eq(linked_list_insert_node_after(&list, &other, &c), 12);
    ck_assert_int_eq(linked_list_insert_node_before(NULL, &a, &other), 5);
    ck_assert_int_eq(linked_list_insert_node_before(&list, NULL, &other), 5);
    ck_assert_int_eq(linked_list_insert_node_before(&list, &a, NULL), 5);
    ck_assert_int_eq(linked_list_insert_node_after(NULL, &a, &other), 5);
    ck_assert_int_eq(linked_list_insert_node_after(&list, NULL, &other), 5);
    ck_assert_int_eq(linked_list_insert_node_after(&list, &a, NULL), 5);
    expect("abc");
}
END_TEST

START_TEST(remove_node)
{
    fill();
    ck_assert_int_eq(linked_list_remove_node(&list, &b), 0);
    expect("ac");
    ck_assert_ptr_null(b.next);
    ck_assert_ptr_null(b.prev);
    ck_assert_int_eq(linked_list_remove_node(&list, &b), 12);
    ck_assert_int_eq(linked_list_remove_node(&list, &a), 0);
    expect("c");
    ck_assert_int_eq(linked_list_remove_node(&list, &c), 0);
    expect("");
    ck_assert_int_eq(linked_list_remove_node(&list, &c), 12);
    ck_assert_int_eq(linked_list_remove_node(NULL, &c), 5);
    ck_assert_int_eq(linked_list_remove_node(&list, NULL), 5);
}
END_TEST

START_TEST(remove_from_front_and_rear)
{
    linked_list_node_t *node = NULL;

    fill();
    ck_assert_int_eq(linked_list_remove_node_from_front(&list, &node), 0);
    ck_assert_ptr_eq(node, &a);
    expect("bc");
    ck_assert_int_eq(linked_list_remove_node_from_rear(&list, &node), 0);
    ck_assert_ptr_eq(node, &c);
    expect("b");
    ck_assert_int_eq(linked_list_remove_node_from_rear(&list, &node), 0);
    ck_assert_ptr_eq(node, &b);
    expect("");
    ck_assert_int_eq(linked_list_remove_node_from_front(&list, &node), 12);
    ck_assert_int_eq(linked_list_remove_node_from_rear(&list, &node), 12);
    ck_assert_int_eq(linked_list_remove_node_from_front(NULL, &node), 5);
    ck_assert_int_eq(linked_list_remove_node_from_front(&list, NULL), 5);
    ck_assert_int_eq(linked_list_remove_node_from_rear(NULL, &node), 5);
    ck_assert_int_eq(linked_list_remove_node_from_rear(&list, NULL), 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_linked_list");
    TCase *tc = tcase_create("wiced_linked_list");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, init_and_deinit);
    tcase_add_test(tc, get_count);
    tcase_add_test(tc, node_data);
    tcase_add_test(tc, get_front_and_rear_node);
    tcase_add_test(tc, find_node);
    tcase_add_test(tc, find_node_of_two);
    tcase_add_test(tc, insert_at_front_and_rear);
    tcase_add_test(tc, insert_before_and_after);
    tcase_add_test(tc, remove_node);
    tcase_add_test(tc, remove_from_front_and_rear);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
