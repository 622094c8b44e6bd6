/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_control.h"

#include <string.h>
#include <sys/un.h>

#define SOCKET_PATH_MAX (sizeof((struct sockaddr_un *)0)->sun_path - 1)

/* SQLite's files are store.path, and that with something behind it. */
static bool is_of_store(const struct config *config)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    const char *path = config->store.path;
    size_t len = path != NULL ? strlen(path) : 0;

    if (path == NULL || strncmp(config->control, path, len) != 0)
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(config->control + len, suffixes[i]) == 0)
            return true;
    return false;
}

bool config_control_check(const struct config *config,
                          struct config_document *document,
                          const struct config_error *error)
{
    const yaml_node_t *root = yaml_document_get_root_node(&document->yaml);
    const yaml_node_t *control =
        config_document_value(document, root, "control");

    if (config->control == NULL)
        return true;
    if (is_of_store(config))
        return config_error_at(error, control->start_mark,
                               "control is a file of the database: write "
                               "another path");
    if (strlen(config->control) <= SOCKET_PATH_MAX)
        return true;
    return config_error_at(error, control->start_mark,
                           "control is a path of %zu bytes, with the folder of "
                           "this file in front where it is relative: a socket "
                           "has room for %zu: write a shorter one",
                           strlen(config->control), SOCKET_PATH_MAX);
}
