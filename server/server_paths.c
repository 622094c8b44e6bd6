/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server_paths.h"

#include "control_socket.h"
#include "store.h"

#include <stdio.h>
#include <string.h>

static bool is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool refuse(const struct config *config, const char *key,
                   const char *words, char error[SERVER_PATHS_ERROR_MAX])
{
    snprintf(error, SERVER_PATHS_ERROR_MAX, "%s: %s: %s", config_name(config),
             key, words);
    return false;
}

bool server_paths_check(const struct config *config,
                        const struct config *running,
                        char error[SERVER_PATHS_ERROR_MAX])
{
    char words[STORE_ERROR_MAX > CONTROL_ERROR_MAX ? STORE_ERROR_MAX
                                                   : CONTROL_ERROR_MAX];
    const char *store = running != NULL ? running->store.path : NULL;
    const char *control = running != NULL ? running->control : NULL;

    if (!is_same(config->store.path, store) &&
        !store_check(&config->store, words))
        return refuse(config, "store.path", words, error);
    if (config->control != NULL && !is_same(config->control, control) &&
        control_socket_check(config->control, words) != 0)
        return refuse(config, "control", words, error);
    return true;
}
