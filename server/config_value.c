/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_value.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config_address.h"
#include "config_schema.h"

struct value {
    const cyaml_schema_field_t *field;
    const char *path;
    const yaml_node_t *node;
    const char *text; /* of the node, with a NUL behind its last byte */
    size_t len;
    const struct config_error *error;
};

static bool check_number(const struct value *value);
static bool check_word(const struct value *value);
static bool check_bool(const struct value *value);
static bool check_text(const struct value *value);

/* Says what the value is, and what to write instead. */
static bool refuse(const struct value *value, const char *what,
                   const char *instead)
{
    struct config_shown shown;

    return config_error_at(value->error, value->node->start_mark,
                           "%s is %s%s: write %s", value->path,
                           config_error_show(value->text, value->len, &shown),
                           what, instead);
}

/* "key:" with nothing behind it, or with what YAML calls null. */
static bool is_null(const struct value *value)
{
    return value->len == 0 ||
           (value->node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
            (strcmp(value->text, "~") == 0 ||
             strcasecmp(value->text, "null") == 0));
}

static bool refuse_null(const struct value *value)
{
    const struct config_rule *rule = config_rule(value->field->key);

    if (rule != NULL && rule->example != NULL) {
        return config_error_at(value->error, value->node->start_mark,
                               "%s has no value: write %s", value->path,
                               rule->example);
    }
    return config_error_at(value->error, value->node->start_mark,
                           "%s has no value: write one, or remove the key to "
                           "have its default",
                           value->path);
}

bool config_value_check(const cyaml_schema_field_t *field, const char *path,
                        const yaml_node_t *node,
                        const struct config_error *error)
{
    struct value value = {
        .field = field, .path = path, .node = node, .error = error};

    if (node->type != YAML_SCALAR_NODE) {
        return config_error_at(
            error, node->start_mark,
            "%s is a %s: write one value behind the colon", path,
            node->type == YAML_MAPPING_NODE ? "mapping" : "list");
    }
    value.text = (const char *)node->data.scalar.value;
    value.len = node->data.scalar.length;
    if (is_null(&value))
        return refuse_null(&value);
    switch (field->value.type) {
    case CYAML_UINT:
        return check_number(&value);
    case CYAML_ENUM:
        return check_word(&value);
    case CYAML_BOOL:
        return check_bool(&value);
    default:
        return check_text(&value);
    }
}

static bool check_number(const struct value *value)
{
    const struct config_rule *rule = config_rule(value->field->key);
    const char *digits = value->text;
    char instead[64];
    unsigned long long number = 0;

    assert(rule != NULL);
    snprintf(instead, sizeof instead, "a number from %u to %u", rule->min,
             rule->max);
    digits += *digits == '-' ? 1 : 0;
    size_t len = strspn(digits, "0123456789");
    /* libcyaml would take 010 for 8. */
    if (len == 0 || digits + len != value->text + value->len ||
        (len > 1 && *digits == '0'))
        return refuse(value, ", which is no whole decimal number", instead);
    for (size_t i = 0; i < len && number <= rule->max; i++)
        number = number * 10 + (unsigned)(digits[i] - '0');
    if (digits != value->text || number < rule->min || number > rule->max)
        return refuse(value, ", which is out of range", instead);
    return true;
}

static bool check_word(const struct value *value)
{
    const cyaml_strval_t *words = value->field->value.enumeration.strings;
    uint32_t count = value->field->value.enumeration.count;
    char instead[128] = "";
    size_t used = 0;

    for (uint32_t i = 0; i < count; i++) {
        const char *join = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        if (strlen(words[i].str) == value->len &&
            memcmp(words[i].str, value->text, value->len) == 0)
            return true;
        used += (size_t)snprintf(instead + used, sizeof instead - used, "%s%s",
                                 join, words[i].str);
        assert(used < sizeof instead);
    }
    return refuse(value, "", instead);
}

static bool check_bool(const struct value *value)
{
    static const char *const words[] = {"yes",   "no", "true",
                                        "false", "on", "off"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == value->len &&
            strcasecmp(words[i], value->text) == 0)
            return true;
    return refuse(value, "", "yes or no");
}

bool config_value_is_name(const yaml_node_t *node)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz"
                                  "0123456789_-";

    if (node->type != YAML_SCALAR_NODE)
        return false;
    size_t len = node->data.scalar.length;
    return len >= 1 && len <= CONFIG_NAME_MAX &&
           strspn((const char *)node->data.scalar.value, allowed) == len;
}

static bool has_control(const struct value *value)
{
    for (size_t i = 0; i < value->len; i++)
        if ((unsigned char)value->text[i] < 0x20 || value->text[i] == 0x7f)
            return true;
    return false;
}

static bool check_text(const struct value *value)
{
    const struct config_rule *rule = config_rule(value->field->key);

    switch (rule != NULL ? rule->text : CONFIG_TEXT_PATH) {
    case CONFIG_TEXT_NAME:
        return config_value_is_name(value->node) ||
               refuse(value, "",
                      "1 to 32 of the letters A-Z and a-z, digits, _ and -");
    case CONFIG_TEXT_ADDRESS:
        return (!has_control(value) && config_address_valid(value->text)) ||
               refuse(value, ", which is no numeric address",
                      "\"*\" for all, or one like 192.0.2.1 or 2001:db8::1");
    default:
        break;
    }
    if (has_control(value))
        return refuse(value, ", with a control character", "a file's path");
    if (value->len > CONFIG_PATH_MAX)
        return refuse(value, ", which is too long", "a shorter path");
    return true;
}
