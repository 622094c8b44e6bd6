/* Happy path of a load: the file becomes a document -> the document is checked
 * against the schema -> libcyaml loads it by the same schema -> what it loaded
 * becomes the configuration, with defaults and paths -> the listeners are
 * checked against each other.
 * Failures: error says which and where; all that was taken is given back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_build.h"
#include "config_check.h"
#include "config_control.h"
#include "config_document.h"
#include "config_error.h"
#include "config_listeners.h"
#include "config_schema.h"
#include "config_store.h"

static const cyaml_config_t cyaml = {
    .mem_fn = cyaml_mem,
    /* The check was before, in our words. */
    .log_fn = NULL,
    .log_level = CYAML_LOG_ERROR,
};

static struct config_file *load(const struct config_document *document,
                                const struct config_error *error)
{
    cyaml_data_t *data = NULL;
    cyaml_err_t err = cyaml_load_data(document->text, document->len, &cyaml,
                                      &config_schema, &data, NULL);

    if (err != CYAML_OK) {
        config_error_file(error, "cannot be loaded: %s", cyaml_strerror(err));
        return NULL;
    }
    return data;
}

static struct config *make(struct config_document *document,
                           const struct config_error *error)
{
    if (!config_check(document, error))
        return NULL;
    struct config_file *file = load(document, error);
    if (file == NULL)
        return NULL;
    struct config *config = config_build(file, error->file);
    cyaml_free(&cyaml, &config_schema, file, 0);
    if (config == NULL) {
        config_error_file(error, "no memory for it");
        return NULL;
    }
    if (!config_listeners_check(config, document, error) ||
        !config_store_check(document, error) ||
        !config_control_check(config, document, error)) {
        config_free(config);
        return NULL;
    }
    return config;
}

struct config *config_load(const char *path, char line[CONFIG_ERROR_MAX])
{
    const struct config_error error = {.file = path, .line = line};
    struct config_document document;

    *line = '\0';
    if (!config_document_open(&document, &error))
        return NULL;
    struct config *config = make(&document, &error);
    config_document_close(&document);
    return config;
}

struct config *config_builtin(void)
{
    static char name[] = "plain";
    static struct config_file_listener plain = {.name = name, .port = 27708};
    static const struct config_file file = {.listeners = &plain,
                                            .listeners_count = 1};

    return config_build(&file, NULL);
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    for (size_t i = 0; i < config->n_listeners; i++) {
        struct config_listener *listener = &config->listeners[i];
        if (listener->tls != NULL) {
            free(listener->tls->certificate);
            free(listener->tls->private_key);
            free(listener->tls->client_ca);
            free(listener->tls->crl);
            free(listener->tls);
        }
        free(listener->name);
        free(listener->address);
    }
    free(config->listeners);
    free(config->file);
    free(config->log_target);
    free(config->messages_target);
    free(config->store.path);
    free(config->control);
    free(config);
}

const char *config_name(const struct config *config)
{
    return config->file != NULL ? config->file : "built-in";
}

long config_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->n_listeners; i++)
        if (strcmp(config->listeners[i].name, name) == 0)
            return (long)i;
    return -1;
}

void config_key_path(const struct config *config,
                     const struct config_listener *listener, const char *key,
                     char *out, size_t cap)
{
    snprintf(out, cap, "%s: listeners[%s].%s",
             config->file != NULL ? config->file : "built-in configuration",
             listener->name, key);
}
