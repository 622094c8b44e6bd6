/* The document is walked along the schema, in the order of the file, so what
 * is not in the schema is never entered: aliases cannot make the way long.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_check.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "config_near.h"
#include "config_schema.h"
#include "config_value.h"

struct check {
    struct config_document *document;
    const struct config_error *error;
};

/* The path of a key: "listeners[secure].tls.client_auth"; "": the top. */
struct path {
    char text[160];
};

static bool check_mapping(const struct check *check,
                          const cyaml_schema_field_t *fields,
                          const struct path *path, const yaml_node_t *node);
static bool check_pair(const struct check *check,
                       const cyaml_schema_field_t *fields,
                       const struct path *path, const yaml_node_t *mapping,
                       const yaml_node_pair_t *pair);
static bool check_field(const struct check *check,
                        const cyaml_schema_field_t *field,
                        const struct path *path, const yaml_node_t *node);
static bool check_list(const struct check *check,
                       const cyaml_schema_value_t *list,
                       const struct path *path, const yaml_node_t *node);

bool config_check(struct config_document *document,
                  const struct config_error *error)
{
    const struct check check = {document, error};
    const struct path top = {""};
    const yaml_node_t *root = yaml_document_get_root_node(&document->yaml);

    if (root->type != YAML_MAPPING_NODE) {
        return config_error_at(error, root->start_mark,
                               "the file is not made of keys: write each as "
                               "\"key: value\"");
    }
    return check_mapping(&check, config_schema.mapping.fields, &top, root);
}

static struct path path_of_key(const struct path *path, const char *key)
{
    struct path inner;

    /* Keys come from the schema and names are short, so all have room. */
    snprintf(inner.text, sizeof inner.text, "%.80s%s%.40s", path->text,
             *path->text != '\0' ? "." : "", key);
    return inner;
}

/* An entry is known by its name; one without a good name, by its number. */
static struct path path_of_entry(const struct check *check,
                                 const struct path *path, size_t number,
                                 const yaml_node_t *node)
{
    struct path inner;
    const yaml_node_t *name = NULL;

    if (node->type == YAML_MAPPING_NODE)
        name = config_document_value(check->document, node, "name");
    if (name != NULL && config_value_is_name(name)) {
        snprintf(inner.text, sizeof inner.text, "%.40s[%.40s]", path->text,
                 (const char *)name->data.scalar.value);
    } else {
        snprintf(inner.text, sizeof inner.text, "%.40s[#%zu]", path->text,
                 number);
    }
    return inner;
}

static bool check_missing(const struct check *check,
                          const cyaml_schema_field_t *fields,
                          const struct path *path, const yaml_node_t *node)
{
    for (; fields->key != NULL; fields++) {
        if ((fields->value.flags & CYAML_FLAG_OPTIONAL) != 0 ||
            config_document_pair(check->document, node, fields->key) != NULL)
            continue;
        const struct config_rule *rule = config_rule(fields->key);
        assert(rule != NULL && rule->example != NULL);
        return config_error_at(check->error, node->start_mark,
                               "%s has no %s: add %s",
                               *path->text != '\0' ? path->text : "the file",
                               fields->key, rule->example);
    }
    return true;
}

static bool check_mapping(const struct check *check,
                          const cyaml_schema_field_t *fields,
                          const struct path *path, const yaml_node_t *node)
{
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;

    for (; pair < node->data.mapping.pairs.top; pair++)
        if (!check_pair(check, fields, path, node, pair))
            return false;
    return check_missing(check, fields, path, node);
}

static bool refuse_key(const struct check *check,
                       const cyaml_schema_field_t *fields,
                       const struct path *path, const yaml_node_t *key)
{
    const char *text = (const char *)key->data.scalar.value;
    const char *near = config_near(fields, text);
    const char *in = *path->text != '\0' ? " in " : "";
    struct config_shown shown;
    char keys[256] = "";
    size_t used = 0;

    config_error_show(text, key->data.scalar.length, &shown);
    if (near != NULL) {
        return config_error_at(check->error, key->start_mark,
                               "unknown key %s%s%s: did you mean %s?",
                               shown.text, in, path->text, near);
    }
    for (; fields->key != NULL && used < sizeof keys; fields++) {
        used += (size_t)snprintf(keys + used, sizeof keys - used, "%s%s",
                                 used > 0 ? ", " : "", fields->key);
    }
    return config_error_at(check->error, key->start_mark,
                           "unknown key %s%s%s: remove it, or write one of %s",
                           shown.text, in, path->text, keys);
}

static bool check_pair(const struct check *check,
                       const cyaml_schema_field_t *fields,
                       const struct path *path, const yaml_node_t *mapping,
                       const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = config_document_node(check->document, pair->key);
    const cyaml_schema_field_t *field = fields;

    if (key->type != YAML_SCALAR_NODE) {
        return config_error_at(check->error, key->start_mark,
                               "brackets and braces cannot be a key: write "
                               "\"key: value\"");
    }
    while (field->key != NULL && !config_document_is(key, field->key))
        field++;
    if (field->key == NULL)
        return refuse_key(check, fields, path, key);
    struct path inner = path_of_key(path, field->key);
    const yaml_node_pair_t *first =
        config_document_pair(check->document, mapping, field->key);
    if (first != pair) {
        yaml_mark_t mark =
            config_document_node(check->document, first->key)->start_mark;
        return config_error_at(check->error, key->start_mark,
                               "%s is repeated: keep this one or the one in "
                               "line %zu, column %zu",
                               inner.text, mark.line + 1, mark.column + 1);
    }
    return check_field(check, field, &inner,
                       config_document_node(check->document, pair->value));
}

/* For a key that others belong to. */
static bool refuse_kind(const struct check *check, const struct path *path,
                        const yaml_node_t *node, const char *instead)
{
    static const char *const kinds[] = {
        [YAML_NO_NODE] = "nothing",
        [YAML_SCALAR_NODE] = "a single value",
        [YAML_SEQUENCE_NODE] = "a list",
        [YAML_MAPPING_NODE] = "a mapping",
    };
    bool empty =
        node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0;

    return config_error_at(check->error, node->start_mark, "%s is %s: write %s",
                           path->text, empty ? "empty" : kinds[node->type],
                           instead);
}

static bool check_field(const struct check *check,
                        const cyaml_schema_field_t *field,
                        const struct path *path, const yaml_node_t *node)
{
    switch (field->value.type) {
    case CYAML_MAPPING:
        if (node->type != YAML_MAPPING_NODE) {
            return refuse_kind(check, path, node,
                               "its keys below it, each indented by spaces");
        }
        return check_mapping(check, field->value.mapping.fields, path, node);
    case CYAML_SEQUENCE:
        if (node->type != YAML_SEQUENCE_NODE) {
            return refuse_kind(check, path, node,
                               "each entry below it, begun by \"- \"");
        }
        return check_list(check, &field->value, path, node);
    default:
        return config_value_check(field, path->text, node, check->error);
    }
}

static bool check_list(const struct check *check,
                       const cyaml_schema_value_t *list,
                       const struct path *path, const yaml_node_t *node)
{
    const yaml_node_item_t *items = node->data.sequence.items.start;
    size_t count = (size_t)(node->data.sequence.items.top - items);

    if (count < list->sequence.min) {
        return config_error_at(check->error, node->start_mark,
                               "%s has no entry: add one, as \"- {name: plain, "
                               "port: 27708}\"",
                               path->text);
    }
    for (size_t i = 0; i < count; i++) {
        const yaml_node_t *entry =
            config_document_node(check->document, items[i]);
        if (i == list->sequence.max) {
            return config_error_at(check->error, entry->start_mark,
                                   "%s has %zu entries: remove all but %u",
                                   path->text, count, list->sequence.max);
        }
        struct path inner = path_of_entry(check, path, i + 1, entry);
        if (entry->type != YAML_MAPPING_NODE) {
            return refuse_kind(check, &inner, entry,
                               "its keys behind the \"- \"");
        }
        if (!check_mapping(check, list->sequence.entry->mapping.fields, &inner,
                           entry))
            return false;
    }
    return true;
}
