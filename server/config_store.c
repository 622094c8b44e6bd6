/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_store.h"

bool config_store_check(struct config_document *document,
                        const struct config_error *error)
{
    const yaml_node_t *root = yaml_document_get_root_node(&document->yaml);
    const yaml_node_t *store = config_document_value(document, root, "store");

    if (store == NULL || config_document_value(document, store, "path") != NULL)
        return true;
    const yaml_node_t *durability =
        config_document_value(document, store, "durability");
    if (durability != NULL && config_document_is(durability, "memory"))
        return true;
    return config_error_at(error, store->start_mark,
                           "store has no path: add path: FILE, the database, "
                           "or durability: memory, to keep nothing");
}
