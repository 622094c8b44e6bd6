/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_syntax.h"

#include <string.h>

/* The first row whose words are in libyaml's problem and context wins. */
struct hint {
    const char *problem;
    const char *context;
    bool at_context; /* the mistake is where the construct begins */
    const char *text;
};

static const struct hint hints[] = {
    {"tab character", "", false, "a tab: indent with spaces"},
    {"unexpected end of stream", "quoted scalar", true,
     "this text is not closed: write the same quote at its end"},
    {"unexpected document indicator", "quoted scalar", true,
     "this text is not closed: write the same quote at its end"},
    {"unknown escape", "", false,
     "no such escape in double quotes: write \\\\ for a backslash, or use "
     "single quotes"},
    {"could not find expected ':'", "", true,
     "a key without a colon: write it as \"key: value\""},
    {"mapping values are not allowed", "", false,
     "no colon is expected here: check the indentation, or put the value in "
     "quotes"},
    {"did not find expected key", "block mapping", false,
     "a key is expected here, as far to the right as the first of its "
     "mapping: check the indentation, and the quotes"},
    {"expected '-' indicator", "", false,
     "\"- \" is expected here, as far to the right as the first of its list: "
     "check the indentation"},
    {"expected ',' or ']'", "", true,
     "this [ is not closed: separate the entries with commas, and write ] at "
     "the end"},
    {"expected ',' or '}'", "", true,
     "this { is not closed: separate the keys with commas, and write } at the "
     "end"},
    {"sequence entries are not allowed", "", false,
     "\"- \" cannot begin a list here: write it on a line of its own"},
    {"alphabetic or numeric character", "alias", true,
     "* without a name: put it in quotes, as \"*\""},
    {"alphabetic or numeric character", "anchor", true,
     "& without a name: put the value in quotes"},
    {"undefined alias", "", false,
     "no anchor has this name: put the value in quotes"},
    {"second occurrence", "duplicate anchor", false,
     "this anchor is there already: give it another name"},
    {"expected node content", "", false,
     "a value is expected here: close what is open, or put the value in "
     "quotes"},
    {"cannot start any token", "", false,
     "no value can begin with this character: put the value in quotes"},
};

/* The place of a byte: the parser tells no line of what it cannot decode. */
static yaml_mark_t mark_of(const unsigned char *text, size_t offset)
{
    yaml_mark_t mark = {.index = offset};

    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if ((text[i] & 0xc0) != 0x80) { /* not inside a character */
            mark.column++;
        }
    }
    return mark;
}

static bool is_tab(const unsigned char *text, size_t len, size_t index)
{
    size_t i = 0;

    /* The index of a mark counts characters. */
    for (; i < len; i++)
        if ((text[i] & 0xc0) != 0x80 && index-- == 0)
            break;
    return i < len && text[i] == '\t';
}

static bool reader_error(const struct config_error *error,
                         const yaml_parser_t *parser, const unsigned char *text,
                         size_t len)
{
    size_t offset = parser->problem_offset;

    if (strstr(parser->problem, "control") != NULL) {
        return config_error_at(error, mark_of(text, offset),
                               "a control character (U+%04X): remove it",
                               (unsigned)parser->problem_value);
    }
    /* A character that breaks off is told at the byte behind it. */
    bool behind = strstr(parser->problem, "trailing") != NULL;
    if (behind || offset >= len)
        do {
            offset--;
        } while (offset > 0 && (text[offset] & 0xc0) == 0x80);
    return config_error_at(error, mark_of(text, offset),
                           "a byte that is not UTF-8 (0x%02X): save the file "
                           "as UTF-8",
                           text[offset]);
}

static bool scanner_error(const struct config_error *error,
                          const yaml_parser_t *parser,
                          const unsigned char *text, size_t len)
{
    const char *context = parser->context != NULL ? parser->context : "";
    const char *problem = parser->problem;

    if (strstr(problem, "cannot start any token") != NULL &&
        is_tab(text, len, parser->problem_mark.index))
        problem = "tab character";
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        const struct hint *hint = &hints[i];
        if (strstr(problem, hint->problem) != NULL &&
            strstr(context, hint->context) != NULL) {
            return config_error_at(error,
                                   hint->at_context ? parser->context_mark
                                                    : parser->problem_mark,
                                   "%s", hint->text);
        }
    }
    return config_error_at(error, parser->problem_mark,
                           "not YAML (%s%s%s): correct it, or put the value "
                           "in quotes",
                           context, *context != '\0' ? " " : "", problem);
}

bool config_syntax_error(const struct config_error *error,
                         const yaml_parser_t *parser, const unsigned char *text,
                         size_t len)
{
    /* Out of memory, libyaml may set no error and no words at all. */
    if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL)
        return config_error_file(error, "no memory to read it");
    if (parser->error == YAML_READER_ERROR)
        return reader_error(error, parser, text, len);
    return scanner_error(error, parser, text, len);
}
