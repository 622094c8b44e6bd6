/* What is between two nodes is set in one place, join(), and so a list is never
 * linked one way only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "linked_list.h"

#include <stdbool.h>
#include <stddef.h>

/* Makes b follow a. NULL is the list's end: before the front, or behind the
 * rear. */
static void join(linked_list_t *list, linked_list_node_t *a,
                 linked_list_node_t *b)
{
    if (a != NULL)
        a->next = b;
    else
        list->front = b;
    if (b != NULL)
        b->prev = a;
    else
        list->rear = a;
}

static void insert_between(linked_list_t *list, linked_list_node_t *a,
                           linked_list_node_t *node, linked_list_node_t *b)
{
    join(list, a, node);
    join(list, node, b);
    list->count++;
}

static void take_out(linked_list_t *list, linked_list_node_t *node)
{
    join(list, node->prev, node->next);
    node->next = NULL;
    node->prev = NULL;
    list->count--;
}

static bool has(const linked_list_t *list, const linked_list_node_t *node)
{
    const linked_list_node_t *at = list->front;

    while (at != NULL && at != node)
        at = at->next;
    return at != NULL;
}

/* --- the list ------------------------------------------------------------- */

wiced_result_t linked_list_init(linked_list_t *list)
{
    if (list == NULL)
        return WICED_BADARG;
    *list = (linked_list_t){0};
    return WICED_SUCCESS;
}

wiced_result_t linked_list_deinit(linked_list_t *list)
{
    return linked_list_init(list);
}

wiced_result_t linked_list_get_count(linked_list_t *list, uint32_t *count)
{
    if (list == NULL || count == NULL)
        return WICED_BADARG;
    *count = list->count;
    return WICED_SUCCESS;
}

/* --- nodes ---------------------------------------------------------------- */

wiced_result_t linked_list_set_node_data(linked_list_node_t *node,
                                         const void *data)
{
    if (node == NULL)
        return WICED_BADARG;
    /* The list only keeps it: whether it is const is the program's matter. */
    node->data = (void *)(uintptr_t)data;
    return WICED_SUCCESS;
}

wiced_result_t linked_list_get_node_data(linked_list_node_t *node, void **data)
{
    if (node == NULL || data == NULL)
        return WICED_BADARG;
    *data = node->data;
    return WICED_SUCCESS;
}

wiced_result_t linked_list_get_front_node(linked_list_t *list,
                                          linked_list_node_t **front_node)
{
    if (list == NULL || front_node == NULL)
        return WICED_BADARG;
    *front_node = list->front;
    return list->front != NULL ? WICED_SUCCESS : WICED_NOT_FOUND;
}

wiced_result_t linked_list_get_rear_node(linked_list_t *list,
                                         linked_list_node_t **rear_node)
{
    if (list == NULL || rear_node == NULL)
        return WICED_BADARG;
    *rear_node = list->rear;
    return list->rear != NULL ? WICED_SUCCESS : WICED_NOT_FOUND;
}

wiced_result_t linked_list_find_node(linked_list_t *list,
                                     linked_list_compare_callback_t callback,
                                     void *user_data,
                                     linked_list_node_t **node_found)
{
    if (list == NULL || callback == NULL || node_found == NULL ||
        list->count == 0)
        return WICED_BADARG;
    for (linked_list_node_t *at = list->front; at != NULL; at = at->next) {
        if (callback(at, user_data) == WICED_TRUE) {
            *node_found = at;
            return WICED_SUCCESS;
        }
    }
    return WICED_NOT_FOUND;
}

/* --- inserting ------------------------------------------------------------ */

wiced_result_t linked_list_insert_node_at_front(linked_list_t *list,
                                                linked_list_node_t *node)
{
    if (list == NULL || node == NULL)
        return WICED_BADARG;
    insert_between(list, NULL, node, list->front);
    return WICED_SUCCESS;
}

wiced_result_t linked_list_insert_node_at_rear(linked_list_t *list,
                                               linked_list_node_t *node)
{
    if (list == NULL || node == NULL)
        return WICED_BADARG;
    insert_between(list, list->rear, node, NULL);
    return WICED_SUCCESS;
}

wiced_result_t linked_list_insert_node_before(
    linked_list_t *list, linked_list_node_t *reference_node,
    linked_list_node_t *node_to_insert)
{
    if (list == NULL || reference_node == NULL || node_to_insert == NULL)
        return WICED_BADARG;
    if (!has(list, reference_node))
        return WICED_NOT_FOUND;
    insert_between(list, reference_node->prev, node_to_insert, reference_node);
    return WICED_SUCCESS;
}

wiced_result_t linked_list_insert_node_after(linked_list_t *list,
                                             linked_list_node_t *reference_node,
                                             linked_list_node_t *node_to_insert)
{
    if (list == NULL || reference_node == NULL || node_to_insert == NULL)
        return WICED_BADARG;
    if (!has(list, reference_node))
        return WICED_NOT_FOUND;
    insert_between(list, reference_node, node_to_insert, reference_node->next);
    return WICED_SUCCESS;
}

/* --- removing ------------------------------------------------------------- */

wiced_result_t linked_list_remove_node(linked_list_t *list,
                                       linked_list_node_t *node)
{
    if (list == NULL || node == NULL)
        return WICED_BADARG;
    if (!has(list, node))
        return WICED_NOT_FOUND;
    take_out(list, node);
    return WICED_SUCCESS;
}

wiced_result_t linked_list_remove_node_from_front(
    linked_list_t *list, linked_list_node_t **removed_node)
{
    wiced_result_t result = linked_list_get_front_node(list, removed_node);

    if (result == WICED_SUCCESS)
        take_out(list, *removed_node);
    return result;
}

wiced_result_t linked_list_remove_node_from_rear(
    linked_list_t *list, linked_list_node_t **removed_node)
{
    wiced_result_t result = linked_list_get_rear_node(list, removed_node);

    if (result == WICED_SUCCESS)
        take_out(list, *removed_node);
    return result;
}
