/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "database.h"

typedef struct {
    unsigned device;
    unsigned reg;
    unsigned value;
} entry_t;

static linked_list_t entries; /* each node's data is an entry_t */
static wiced_mutex_t lock;

void database_init(void)
{
    linked_list_init(&entries);
    wiced_rtos_init_mutex(&lock);
}

static wiced_bool_t is_wanted(linked_list_node_t *node, void *wanted)
{
    const entry_t *entry = node->data;
    const entry_t *other = wanted;

    return entry->device == other->device && entry->reg == other->reg
               ? WICED_TRUE
               : WICED_FALSE;
}

/* NULL: there is none. The caller has the lock. */
static entry_t *find(unsigned device, unsigned reg)
{
    entry_t wanted = {device, reg, 0};
    linked_list_node_t *node = NULL;

    if (linked_list_find_node(&entries, is_wanted, &wanted, &node) !=
        WICED_SUCCESS)
        return NULL;
    return node->data;
}

static entry_t *add(unsigned device, unsigned reg)
{
    linked_list_node_t *node = malloc(sizeof *node);
    entry_t *entry = malloc(sizeof *entry);
    uint32_t count = 0;

    linked_list_get_count(&entries, &count);
    if (node == NULL || entry == NULL || count >= DATABASE_MAX) {
        free(node);
        free(entry);
        return NULL;
    }
    *entry = (entry_t){device, reg, 0};
    node->data = entry;
    linked_list_insert_node_at_front(&entries, node);
    return entry;
}

wiced_bool_t database_get(unsigned device, unsigned reg, unsigned *value)
{
    entry_t *entry;

    wiced_rtos_lock_mutex(&lock);
    entry = find(device, reg);
    if (entry != NULL)
        *value = entry->value;
    wiced_rtos_unlock_mutex(&lock);
    return entry != NULL ? WICED_TRUE : WICED_FALSE;
}

wiced_bool_t database_set(unsigned device, unsigned reg, unsigned value)
{
    entry_t *entry;

    wiced_rtos_lock_mutex(&lock);
    entry = find(device, reg);
    if (entry == NULL)
        entry = add(device, reg);
    if (entry != NULL)
        entry->value = value;
    wiced_rtos_unlock_mutex(&lock);
    return entry != NULL ? WICED_TRUE : WICED_FALSE;
}

uint32_t database_count(void)
{
    uint32_t count = 0;

    wiced_rtos_lock_mutex(&lock);
    linked_list_get_count(&entries, &count);
    wiced_rtos_unlock_mutex(&lock);
    return count;
}
