/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include "store_db.h"
#include "store_engine.h"
#include "store_reader.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *store_library_version(void)
{
    return store_db_library_version();
}

int store_open(struct store *s, const struct store_options *options,
               char error[STORE_ERROR_MAX])
{
    int status = 0;

    *error = '\0';
    s->engine = NULL;
    s->registers = registers_new();
    if (s->registers == NULL)
        return -ENOMEM;
    if (options->config->durability != CONFIG_STORE_MEMORY)
        status = store_engine_start(&s->engine, s->registers, options, error);
    if (status == 0) {
        *error = '\0';
        return 0;
    }
    registers_free(s->registers);
    s->registers = NULL;
    return status;
}

bool store_check(const struct config_store *config, char error[STORE_ERROR_MAX])
{
    int64_t size;

    if (config->durability == CONFIG_STORE_MEMORY)
        return true;
    if (store_file_check(config->path, &size, error) != 0)
        return false;
    if (size == 0) { /* it would be made, or begun */
        bool emptied = store_file_is_emptied(config->path);
        if (emptied)
            snprintf(error, STORE_ERROR_MAX, "%.512s: %s", config->path,
                     STORE_FILE_EMPTIED);
        return !emptied;
    }
    struct store_reader *r = store_reader_open(config->path, error);
    store_reader_close(r);
    return r != NULL;
}

void store_close(struct store *s)
{
    if (s->engine != NULL)
        store_engine_stop(s->engine);
    s->engine = NULL;
    registers_free(s->registers);
    s->registers = NULL;
}

void store_write(struct store *s, struct store_write *w)
{
    if (s->engine != NULL) {
        store_engine_write(s->engine, w);
        return;
    }
    registers_set(s->registers, w->device, w->reg, w->value);
    w->done(w, true);
}

bool store_read(const struct store *s, uint16_t device, uint8_t reg,
                uint16_t *value)
{
    return registers_get(s->registers, device, reg, value);
}

bool store_has_history(const struct store *s)
{
    return s->engine != NULL;
}

void store_add_message(struct store *s, size_t worker,
                       const struct msglog_entry *e)
{
    if (s->engine != NULL)
        store_engine_add_message(s->engine, worker, e);
}

void store_submit(struct store *s, struct store_job *job)
{
    if (s->engine != NULL) {
        store_engine_submit(s->engine, job);
        return;
    }
    while (!job->run(job, NULL, s->registers))
        continue;
    job->done(job);
}

void store_stats(struct store *s, struct store_stats *out)
{
    if (s->engine != NULL)
        store_engine_stats(s->engine, out);
    else
        memset(out, 0, sizeof *out);
}
