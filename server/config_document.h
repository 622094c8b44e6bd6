/* config_document.h - the file's text, and its YAML with the place of each
 * node.
 *
 * libcyaml fills the struct, but drops the lines and columns; what is checked
 * beside it finds them here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "config_error.h"

/* The whole of 64 listeners takes a tenth of it. libyaml needs time in the
 * square of the number of anchors: under a second for a file full of them. */
#define CONFIG_FILE_MAX (256u * 1024u)

/* The configuration needs 4 (a key of tls). For each token libyaml visits all
 * open brackets: without a limit 64 KiB of them keep it busy for seconds. */
#define CONFIG_DEPTH_MAX 16u

struct config_document {
    unsigned char *buffer;
    const unsigned char *text; /* in buffer, behind a byte order mark */
    size_t len;
    yaml_document_t yaml;
};

/* Reads the file of error->file. true: the document has a root, and is the
 * caller's until config_document_close(). false: error says why, nothing is to
 * be closed. */
bool config_document_open(struct config_document *document,
                          const struct config_error *error);
void config_document_close(struct config_document *document);

/* The node of an index of libyaml's pairs and items; never NULL. */
yaml_node_t *config_document_node(struct config_document *document, int index);

/* Whether the node is this text. */
bool config_document_is(const yaml_node_t *node, const char *text);

/* The first pair of the mapping with the key, or NULL; and its value alone. */
const yaml_node_pair_t *config_document_pair(struct config_document *document,
                                             const yaml_node_t *mapping,
                                             const char *key);
yaml_node_t *config_document_value(struct config_document *document,
                                   const yaml_node_t *mapping, const char *key);

#endif
