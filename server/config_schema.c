/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_schema.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define REQUIRED CYAML_FLAG_DEFAULT
/* Else a number would do for a word. */
#define STRICT       CYAML_FLAG_STRICT

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const cyaml_strval_t client_auths[] = {
    {"none", CONFIG_CLIENT_AUTH_NONE},
    {"optional", CONFIG_CLIENT_AUTH_OPTIONAL},
    {"required", CONFIG_CLIENT_AUTH_REQUIRED},
};

static const cyaml_strval_t writes[] = {
    {"any", CONFIG_WRITE_ANY},
    {"own-device", CONFIG_WRITE_OWN},
    {"no", CONFIG_WRITE_NO},
};

static const cyaml_strval_t reads[] = {
    {"any", CONFIG_READ_ANY},
    {"own-device", CONFIG_READ_OWN},
};

static const cyaml_strval_t authorizes[] = {
    {"enforce", CONFIG_AUTHORIZE_ENFORCE},
    {"warn", CONFIG_AUTHORIZE_WARN},
};

static const cyaml_strval_t tls_versions[] = {
    {"1.2", CONFIG_TLS_1_2},
    {"1.3", CONFIG_TLS_1_3},
};

static const cyaml_strval_t log_levels[] = {
    {"error", CONFIG_LOG_ERROR},
    {"warning", CONFIG_LOG_WARNING},
    {"info", CONFIG_LOG_INFO},
    {"debug", CONFIG_LOG_DEBUG},
};

static const cyaml_strval_t messages_formats[] = {
    {"table", CONFIG_MESSAGES_TABLE},
    {"json", CONFIG_MESSAGES_JSON},
    {"none", CONFIG_MESSAGES_NONE},
};

static const cyaml_strval_t durabilities[] = {
    {"commit", CONFIG_STORE_COMMIT},
    {"async", CONFIG_STORE_ASYNC},
    {"memory", CONFIG_STORE_MEMORY},
};

static const cyaml_schema_field_t tls_fields[] = {
    CYAML_FIELD_STRING_PTR("certificate", REQUIRED, struct config_file_tls,
                           certificate, 1, CONFIG_PATH_MAX),
    CYAML_FIELD_STRING_PTR("private_key", REQUIRED, struct config_file_tls,
                           private_key, 1, CONFIG_PATH_MAX),
    CYAML_FIELD_ENUM("client_auth", OPTIONAL | STRICT, struct config_file_tls,
                     client_auth, client_auths, COUNT(client_auths)),
    CYAML_FIELD_STRING_PTR("client_ca", OPTIONAL, struct config_file_tls,
                           client_ca, 1, CONFIG_PATH_MAX),
    CYAML_FIELD_STRING_PTR("crl", OPTIONAL, struct config_file_tls, crl, 1,
                           CONFIG_PATH_MAX),
    CYAML_FIELD_ENUM("min_version", OPTIONAL | STRICT, struct config_file_tls,
                     min_version, tls_versions, COUNT(tls_versions)),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t listener_fields[] = {
    CYAML_FIELD_STRING_PTR("name", REQUIRED, struct config_file_listener, name,
                           1, CONFIG_NAME_MAX),
    CYAML_FIELD_STRING_PTR("address", OPTIONAL, struct config_file_listener,
                           address, 1, CONFIG_PATH_MAX),
    CYAML_FIELD_UINT("port", REQUIRED, struct config_file_listener, port),
    CYAML_FIELD_BOOL("explain_errors", OPTIONAL, struct config_file_listener,
                     explain_errors),
    CYAML_FIELD_BOOL("keep_open", OPTIONAL, struct config_file_listener,
                     keep_open),
    CYAML_FIELD_ENUM("write", OPTIONAL | STRICT, struct config_file_listener,
                     write, writes, COUNT(writes)),
    CYAML_FIELD_ENUM("read", OPTIONAL | STRICT, struct config_file_listener,
                     read, reads, COUNT(reads)),
    CYAML_FIELD_ENUM("authorize", OPTIONAL | STRICT,
                     struct config_file_listener, authorize, authorizes,
                     COUNT(authorizes)),
    CYAML_FIELD_MAPPING_PTR("tls", OPTIONAL, struct config_file_listener, tls,
                            tls_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t listener_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_file_listener,
                        listener_fields),
};

static const cyaml_schema_field_t timeouts_fields[] = {
    CYAML_FIELD_UINT_PTR("message_ms", OPTIONAL, struct config_file_timeouts,
                         message_ms),
    CYAML_FIELD_UINT_PTR("idle_s", OPTIONAL, struct config_file_timeouts,
                         idle_s),
    CYAML_FIELD_UINT_PTR("handshake_s", OPTIONAL, struct config_file_timeouts,
                         handshake_s),
    CYAML_FIELD_UINT_PTR("drain_s", OPTIONAL, struct config_file_timeouts,
                         drain_s),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t limits_fields[] = {
    CYAML_FIELD_UINT_PTR("connections", OPTIONAL, struct config_file_limits,
                         connections),
    CYAML_FIELD_UINT_PTR("per_address", OPTIONAL, struct config_file_limits,
                         per_address),
    CYAML_FIELD_UINT_PTR("handshakes", OPTIONAL, struct config_file_limits,
                         handshakes),
    CYAML_FIELD_UINT_PTR("new_per_second", OPTIONAL, struct config_file_limits,
                         new_per_second),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t log_fields[] = {
    CYAML_FIELD_ENUM_PTR("level", OPTIONAL | STRICT, struct config_file_log,
                         level, log_levels, COUNT(log_levels)),
    CYAML_FIELD_STRING_PTR("target", OPTIONAL, struct config_file_log, target,
                           1, CONFIG_PATH_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t messages_fields[] = {
    CYAML_FIELD_ENUM("format", OPTIONAL | STRICT, struct config_file_messages,
                     format, messages_formats, COUNT(messages_formats)),
    CYAML_FIELD_STRING_PTR("target", OPTIONAL, struct config_file_messages,
                           target, 1, CONFIG_PATH_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t store_fields[] = {
    CYAML_FIELD_STRING_PTR("path", OPTIONAL, struct config_file_store, path, 1,
                           CONFIG_PATH_MAX),
    CYAML_FIELD_ENUM("durability", OPTIONAL | STRICT, struct config_file_store,
                     durability, durabilities, COUNT(durabilities)),
    CYAML_FIELD_UINT_PTR("history_days", OPTIONAL, struct config_file_store,
                         history_days),
    CYAML_FIELD_UINT_PTR("history_max_mb", OPTIONAL, struct config_file_store,
                         history_max_mb),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_UINT("workers", OPTIONAL, struct config_file, workers),
    CYAML_FIELD_SEQUENCE("listeners", CYAML_FLAG_POINTER, struct config_file,
                         listeners, &listener_value, 1, CONFIG_LISTENERS_MAX),
    CYAML_FIELD_MAPPING("timeouts", OPTIONAL, struct config_file, timeouts,
                        timeouts_fields),
    CYAML_FIELD_MAPPING("limits", OPTIONAL, struct config_file, limits,
                        limits_fields),
    CYAML_FIELD_MAPPING("log", OPTIONAL, struct config_file, log, log_fields),
    CYAML_FIELD_MAPPING("messages", OPTIONAL, struct config_file, messages,
                        messages_fields),
    CYAML_FIELD_MAPPING("store", OPTIONAL, struct config_file, store,
                        store_fields),
    CYAML_FIELD_STRING_PTR("control", OPTIONAL, struct config_file, control, 1,
                           CONFIG_PATH_MAX),
    CYAML_FIELD_END,
};

const cyaml_schema_value_t config_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_file, file_fields),
};

static const struct config_rule rules[] = {
    {.key = "workers", .max = 256},
    {.key = "listeners", .example = "listeners: [{name: plain, port: 27708}]"},
    {.key = "name", .text = CONFIG_TEXT_NAME, .example = "name: plain"},
    {.key = "address", .text = CONFIG_TEXT_ADDRESS},
    {.key = "port", .max = 65535, .example = "port: 27708"},
    {.key = "certificate",
     .example = "certificate: FILE with the server's chain, leaf first"},
    {.key = "private_key",
     .example = "private_key: FILE with the key of the certificate"},
    {.key = "message_ms", .min = 10, .max = 60000},
    {.key = "idle_s", .min = 1, .max = 86400},
    {.key = "handshake_s", .min = 1, .max = 600},
    {.key = "drain_s", .max = 3600},
    {.key = "connections", .min = 1, .max = 1000000},
    {.key = "per_address", .max = 1000000},
    {.key = "handshakes", .max = 1000000},
    {.key = "new_per_second", .max = 1000000},
    {.key = "history_days", .min = 1, .max = 36500},
    {.key = "history_max_mb", .min = 16, .max = 1048576},
};

const struct config_rule *config_rule(const char *key)
{
    for (size_t i = 0; i < COUNT(rules); i++)
        if (strcmp(rules[i].key, key) == 0)
            return &rules[i];
    return NULL;
}

static const struct {
    const char *key;
    const cyaml_strval_t *words;
    size_t n;
} enumerations[] = {
    {"client_auth", client_auths, COUNT(client_auths)},
    {"min_version", tls_versions, COUNT(tls_versions)},
    {"write", writes, COUNT(writes)},
    {"read", reads, COUNT(reads)},
    {"authorize", authorizes, COUNT(authorizes)},
    {"level", log_levels, COUNT(log_levels)},
    {"format", messages_formats, COUNT(messages_formats)},
    {"durability", durabilities, COUNT(durabilities)},
};

const char *config_word(const char *key, int value)
{
    for (size_t i = 0; i < COUNT(enumerations); i++)
        for (size_t k = 0; k < enumerations[i].n; k++)
            if (strcmp(enumerations[i].key, key) == 0 &&
                enumerations[i].words[k].val == value)
                return enumerations[i].words[k].str;
    assert(false); /* no such key, or it has no such value */
    return "?";
}
