/* Happy path: the file is read whole -> its events are counted (one document,
 * no deep nesting, no wrong syntax) -> libyaml composes the document.
 * Failures: each says where; what was taken is given back before the return.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_document.h"

#include <stdlib.h>
#include <string.h>

#include "config_syntax.h"
#include "input.h"

static bool read_file(struct config_document *document,
                      const struct config_error *error);
static void skip_byte_order_mark(struct config_document *document);
static bool survey(const struct config_document *document,
                   const struct config_error *error);
static bool compose(struct config_document *document,
                    const struct config_error *error);

bool config_document_open(struct config_document *document,
                          const struct config_error *error)
{
    document->buffer = malloc(CONFIG_FILE_MAX + 1);
    if (document->buffer == NULL)
        return config_error_file(error, "no memory to read it");
    if (read_file(document, error)) {
        skip_byte_order_mark(document);
        if (survey(document, error) && compose(document, error))
            return true;
    }
    free(document->buffer);
    return false;
}

void config_document_close(struct config_document *document)
{
    yaml_document_delete(&document->yaml);
    free(document->buffer);
}

static bool read_file(struct config_document *document,
                      const struct config_error *error)
{
    ssize_t len =
        input_read(error->file, document->buffer, CONFIG_FILE_MAX + 1, NULL);

    if (len < 0)
        return config_error_file(error, "cannot be read: %s",
                                 strerror((int)-len));
    if (len > (ssize_t)CONFIG_FILE_MAX) {
        return config_error_file(error,
                                 "is larger than %u KiB, which no "
                                 "configuration needs to be: check the path",
                                 CONFIG_FILE_MAX / 1024);
    }
    document->text = document->buffer;
    document->len = (size_t)len;
    return true;
}

/* Some editors write it; it would shift the columns of the first line. */
static void skip_byte_order_mark(struct config_document *document)
{
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf};

    if (document->len >= sizeof mark &&
        memcmp(document->text, mark, sizeof mark) == 0) {
        document->text += sizeof mark;
        document->len -= sizeof mark;
    }
}

/* false: no memory; nothing is to be deleted. */
static bool start(yaml_parser_t *parser, const struct config_document *document,
                  const struct config_error *error)
{
    if (!yaml_parser_initialize(parser))
        return config_error_file(error, "no memory to read it");
    yaml_parser_set_input_string(parser, document->text, document->len);
    /* Else it would guess, and take UTF-16 too. */
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    return true;
}

struct tally {
    unsigned depth;
    unsigned documents;
};

static bool count(struct tally *tally, const yaml_event_t *event,
                  const struct config_error *error)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++tally->documents > 1) {
            return config_error_at(error, event->start_mark,
                                   "a second document begins here: keep one, "
                                   "or remove the line with ---");
        }
        return true;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (++tally->depth > CONFIG_DEPTH_MAX) {
            return config_error_at(error, event->start_mark,
                                   "nested more than %u deep: no key needs "
                                   "that, remove it",
                                   CONFIG_DEPTH_MAX);
        }
        return true;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        tally->depth--;
        return true;
    default:
        return true;
    }
}

/* Ends before libyaml has seen more than it can digest in good time. */
static bool survey(const struct config_document *document,
                   const struct config_error *error)
{
    struct tally tally = {0};
    yaml_parser_t parser;
    bool ok = true;
    bool end = false;

    if (!start(&parser, document, error))
        return false;
    while (ok && !end) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            ok = config_syntax_error(error, &parser, document->text,
                                     document->len);
            break;
        }
        ok = count(&tally, &event, error);
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return ok;
}

static bool is_empty(yaml_document_t *yaml)
{
    const yaml_node_t *root = yaml_document_get_root_node(yaml);

    return root == NULL ||
           (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0);
}

static bool compose(struct config_document *document,
                    const struct config_error *error)
{
    yaml_parser_t parser;
    bool ok = true;

    if (!start(&parser, document, error))
        return false;
    if (!yaml_parser_load(&parser, &document->yaml)) {
        ok = config_syntax_error(error, &parser, document->text, document->len);
    } else if (is_empty(&document->yaml)) {
        yaml_document_delete(&document->yaml);
        ok = config_error_at(error, (yaml_mark_t){0},
                             "the file is empty: write at least \"listeners: "
                             "[{name: plain, port: 27708}]\"");
    }
    yaml_parser_delete(&parser);
    return ok;
}

yaml_node_t *config_document_node(struct config_document *document, int index)
{
    return yaml_document_get_node(&document->yaml, index);
}

bool config_document_is(const yaml_node_t *node, const char *text)
{
    return node->type == YAML_SCALAR_NODE &&
           node->data.scalar.length == strlen(text) &&
           memcmp(node->data.scalar.value, text, strlen(text)) == 0;
}

const yaml_node_pair_t *config_document_pair(struct config_document *document,
                                             const yaml_node_t *mapping,
                                             const char *key)
{
    const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;

    for (; pair < mapping->data.mapping.pairs.top; pair++)
        if (config_document_is(config_document_node(document, pair->key), key))
            return pair;
    return NULL;
}

yaml_node_t *config_document_value(struct config_document *document,
                                   const yaml_node_t *mapping, const char *key)
{
    const yaml_node_pair_t *pair = config_document_pair(document, mapping, key);

    return pair != NULL ? config_document_node(document, pair->value) : NULL;
}
