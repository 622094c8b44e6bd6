/* linked_list.h - a list of nodes that the caller owns, linked both ways.
 *
 * Nothing is allocated, and nothing is locked: a list that several threads use
 * needs a mutex. A node is in one list at a time, and stays where it is as
 * long as it is in it.
 *
 * All return WICED_SUCCESS; WICED_BADARG (5) for a NULL; WICED_NOT_FOUND (12)
 * for what is not there.
 *
 * Source: WICED SDK 6.6; the SDK packs the node, which this one does not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LINKED_LIST_H
#define LINKED_LIST_H

#include "wiced_result.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linked_list_node {
    void *data; /* the program's own */
    struct linked_list_node *next;
    struct linked_list_node *prev;
} linked_list_node_t;

typedef struct {
    uint32_t count;
    linked_list_node_t *front;
    linked_list_node_t *rear;
} linked_list_t;

/* WICED_TRUE: this is the one. */
typedef wiced_bool_t (*linked_list_compare_callback_t)(
    linked_list_node_t *node_to_compare, void *user_data);

wiced_result_t linked_list_init(linked_list_t *list);

/* Forgets all nodes; they are the caller's to free. */
wiced_result_t linked_list_deinit(linked_list_t *list);

wiced_result_t linked_list_get_count(linked_list_t *list, uint32_t *count);

wiced_result_t linked_list_set_node_data(linked_list_node_t *node,
                                         const void *data);
wiced_result_t linked_list_get_node_data(linked_list_node_t *node, void **data);

/* Of an empty list: NULL, and WICED_NOT_FOUND. */
wiced_result_t linked_list_get_front_node(linked_list_t *list,
                                          linked_list_node_t **front_node);
wiced_result_t linked_list_get_rear_node(linked_list_t *list,
                                         linked_list_node_t **rear_node);

/* From the front, until the callback says WICED_TRUE. An empty list gives
 * WICED_BADARG, as in the SDK; *node_found is only set when one is found. */
wiced_result_t linked_list_find_node(linked_list_t *list,
                                     linked_list_compare_callback_t callback,
                                     void *user_data,
                                     linked_list_node_t **node_found);

wiced_result_t linked_list_insert_node_at_front(linked_list_t *list,
                                                linked_list_node_t *node);
wiced_result_t linked_list_insert_node_at_rear(linked_list_t *list,
                                               linked_list_node_t *node);
wiced_result_t linked_list_insert_node_before(
    linked_list_t *list, linked_list_node_t *reference_node,
    linked_list_node_t *node_to_insert);
wiced_result_t linked_list_insert_node_after(
    linked_list_t *list, linked_list_node_t *reference_node,
    linked_list_node_t *node_to_insert);

/* The removed node is the caller's again. Of an empty list: WICED_NOT_FOUND. */
wiced_result_t linked_list_remove_node(linked_list_t *list,
                                       linked_list_node_t *node);
wiced_result_t linked_list_remove_node_from_front(
    linked_list_t *list, linked_list_node_t **removed_node);
wiced_result_t linked_list_remove_node_from_rear(
    linked_list_t *list, linked_list_node_t **removed_node);

#ifdef __cplusplus
}
#endif

#endif
