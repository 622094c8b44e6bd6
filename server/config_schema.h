/* config_schema.h - what may stand in the file: the keys as libcyaml loads
 * them, and the rules for their values that its schema cannot tell.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"

#define CONFIG_LISTENERS_MAX 64u
#define CONFIG_NAME_MAX      32u
#define CONFIG_PATH_MAX      4095u

/* The file as written. NULL: the key is not there, which for numbers and
 * words whose default is not 0 only a pointer can tell. */
struct config_file_tls {
    char *certificate;
    char *private_key;
    enum config_client_auth client_auth;
    char *client_ca;
    char *crl;
    enum config_tls_version min_version;
};

struct config_file_listener {
    char *name;
    char *address;
    uint16_t port;
    bool explain_errors;
    bool keep_open;
    enum config_write write;
    enum config_read read;
    enum config_authorize authorize;
    struct config_file_tls *tls;
};

struct config_file_timeouts {
    unsigned *message_ms;
    unsigned *idle_s;
    unsigned *handshake_s;
    unsigned *drain_s;
};

struct config_file_limits {
    unsigned *connections;
    unsigned *per_address;
    unsigned *handshakes;
    unsigned *new_per_second;
};

struct config_file_log {
    enum config_log_level *level;
    char *target;
};

struct config_file_messages {
    enum config_messages_format format;
    char *target;
};

struct config_file_store {
    char *path;
    enum config_durability durability;
    unsigned *history_days;
    unsigned *history_max_mb;
};

struct config_file {
    unsigned workers;
    struct config_file_listener *listeners;
    uint64_t listeners_count; /* the name that libcyaml's macro wants */
    struct config_file_timeouts timeouts;
    struct config_file_limits limits;
    struct config_file_log log;
    struct config_file_messages messages;
    struct config_file_store store;
    char *control;
};

extern const cyaml_schema_value_t config_schema;

enum config_text { CONFIG_TEXT_PATH, CONFIG_TEXT_NAME, CONFIG_TEXT_ADDRESS };

/* A key has the same rule wherever it stands. */
struct config_rule {
    const char *key;
    unsigned min, max;     /* of a number */
    enum config_text text; /* of a text */
    const char *example;   /* what to write where a required key is missing */
};

/* A number and a required key have one; NULL: no rule but the schema. */
const struct config_rule *config_rule(const char *key);

/* The word by which the file sets this key, "write" say, to this value of its
 * enumeration. */
const char *config_word(const char *key, int value);

#endif
