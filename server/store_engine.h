/* store_engine.h - the thread that owns the database; for store.c, which says
 * what each call does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "store.h"

struct store_engine;

int store_engine_start(struct store_engine **e, struct registers *registers,
                       const struct store_options *options,
                       char error[STORE_ERROR_MAX]);
void store_engine_stop(struct store_engine *e);

void store_engine_write(struct store_engine *e, struct store_write *w);
void store_engine_add_message(struct store_engine *e, size_t worker,
                              const struct msglog_entry *entry);
void store_engine_submit(struct store_engine *e, struct store_job *job);
void store_engine_stats(struct store_engine *e, struct store_stats *out);

#endif
