/* config.h - the configuration: read once into a struct that nobody changes.
 *
 * Every key is described in wwepd.yaml(5). Paths in the file are relative to
 * it, and are absolute (or relative to the working directory, if the file's
 * own path is) in this struct.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_client_auth {
    CONFIG_CLIENT_AUTH_NONE,
    CONFIG_CLIENT_AUTH_OPTIONAL,
    CONFIG_CLIENT_AUTH_REQUIRED
};

enum config_tls_version { CONFIG_TLS_1_2, CONFIG_TLS_1_3 };

enum config_log_level {
    CONFIG_LOG_ERROR,
    CONFIG_LOG_WARNING,
    CONFIG_LOG_INFO,
    CONFIG_LOG_DEBUG
};

enum config_messages_format {
    CONFIG_MESSAGES_TABLE,
    CONFIG_MESSAGES_JSON,
    CONFIG_MESSAGES_NONE
};

enum config_durability {
    CONFIG_STORE_COMMIT, /* on the disk before it is acknowledged */
    CONFIG_STORE_ASYNC,  /* on the disk within a second */
    CONFIG_STORE_MEMORY  /* gone when the server ends */
};

enum config_write { CONFIG_WRITE_ANY, CONFIG_WRITE_OWN, CONFIG_WRITE_NO };

enum config_read { CONFIG_READ_ANY, CONFIG_READ_OWN };

enum config_authorize { CONFIG_AUTHORIZE_ENFORCE, CONFIG_AUTHORIZE_WARN };

struct config_tls {
    char *certificate;
    char *private_key;
    enum config_client_auth client_auth;
    char *client_ca; /* NULL: none */
    char *crl;       /* NULL: none; else there is client_auth */
    enum config_tls_version min_version;
};

struct config_listener {
    char *name;
    char *address; /* "*": every address, IPv4 and IPv6 */
    uint16_t port; /* 0: any free one */
    bool explain_errors;
    bool keep_open;
    enum config_write write; /* an OWN needs CONFIG_CLIENT_AUTH_REQUIRED */
    enum config_read read;
    enum config_authorize authorize;
    struct config_tls *tls; /* NULL: plain */
};

struct config_timeouts {
    unsigned message_ms;
    unsigned idle_s;
    unsigned handshake_s;
    unsigned drain_s;
};

/* 0: no limit, but for connections. */
struct config_limits {
    unsigned connections; /* the files that may be open limit them as well */
    unsigned per_address;
    unsigned handshakes;
    unsigned new_per_second; /* of an address */
};

struct config_store {
    enum config_durability durability;
    char *path; /* NULL: CONFIG_STORE_MEMORY */
    unsigned history_days;
    unsigned history_max_mb;
};

struct config {
    char *file;       /* where it was read from; NULL: built in */
    unsigned workers; /* never 0 here: "one a core" is resolved */
    struct config_listener *listeners;
    size_t n_listeners; /* at least 1 */
    struct config_timeouts timeouts;
    struct config_limits limits;
    enum config_log_level log_level;
    char *log_target; /* "stderr", or a path */
    enum config_messages_format messages_format;
    char *messages_target; /* "stdout", or a path */
    struct config_store store;
    char *control; /* path of the control socket; NULL: none */
};

#define CONFIG_ERROR_MAX 1024u

/* Reads and checks the file: its syntax, keys, values, and what follows from
 * them alone (no certificate is opened, no port). Returns NULL and one line in
 * error, "file:line:column: what is wrong, and what to write instead", without
 * line end; else the caller owns the configuration until config_free(). */
struct config *config_load(const char *path, char error[CONFIG_ERROR_MAX]);

/* The configuration without a file: the plain listener alone. NULL: no
 * memory. */
struct config *config_builtin(void);

/* NULL is fine. */
void config_free(struct config *config);

/* The file, as messages name it. */
const char *config_name(const struct config *config);

/* The index of the listener of this name, or -1. */
long config_find(const struct config *config, const char *name);

/* Writes the path of a listener's key as messages show it:
 * "FILE: listeners[secure].tls.private_key". */
void config_key_path(const struct config *config,
                     const struct config_listener *listener, const char *key,
                     char *out, size_t cap);

#endif
