/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resource_code.h"

#include "complain.h"
#include "place.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BYTES_A_LINE 16u

struct content {
    uint8_t *bytes;
    size_t len;
};

/* --- reading and writing -------------------------------------------------- */

static bool read_content(struct content *content, const char *path)
{
    FILE *f = fopen(path, "re");
    struct stat found;
    int error = 0;

    *content = (struct content){0};
    if (f == NULL || fstat(fileno(f), &found) != 0)
        error = errno;
    if (error == 0) {
        content->bytes = malloc((size_t)found.st_size + 1);
        if (content->bytes == NULL)
            error = ENOMEM;
    }
    if (error == 0) {
        content->len = fread(content->bytes, 1, (size_t)found.st_size, f);
        if (ferror(f))
            error = errno != 0 ? errno : EIO;
    }
    if (f != NULL)
        fclose(f);
    if (error == 0)
        return true;
    complain("%s: %s: give a file that you may read", path, strerror(error));
    free(content->bytes);
    return false;
}

/* The code is put together in memory, and then into its place. */
struct code {
    char *text;
    size_t len;
    FILE *out;
};

static bool code_begin(struct code *code)
{
    *code = (struct code){0};
    code->out = open_memstream(&code->text, &code->len);
    if (code->out == NULL)
        complain("no memory is left");
    return code->out != NULL;
}

/* The file may hold a key, as what it was made of may. */
static bool code_end(struct code *code, const char *outdir, const char *name,
                     const char *suffix)
{
    bool done = !ferror(code->out);
    char *path;

    done = fclose(code->out) == 0 && done;
    if (!done || asprintf(&path, "%s/%s%s", outdir, name, suffix) < 0) {
        complain("no memory is left");
        done = false;
    } else {
        done = place_file(path, code->text, code->len, 0600);
        free(path);
    }
    if (code->text != NULL)
        explicit_bzero(code->text, code->len);
    free(code->text);
    return done;
}

/* --- C -------------------------------------------------------------------- */

/* A literal in which no byte means another one to the compiler: octal numbers
 * have all three digits, and "?" is one, as two of them begin a trigraph. */
static void put_literal(FILE *out, const uint8_t *bytes, size_t len)
{
    fputc('"', out);
    for (size_t i = 0; i < len; i++)
        if (bytes[i] >= ' ' && bytes[i] <= '~' &&
            strchr("\"\\?", bytes[i]) == NULL)
            fputc(bytes[i], out);
        else if (bytes[i] == '\n')
            fputs("\\n", out);
        else
            fprintf(out, "\\%03o", (unsigned)bytes[i]);
    fputc('"', out);
}

/* Line by line. The compiler puts the NUL behind it. */
static void put_text(FILE *out, const struct content *content)
{
    size_t from = 0;

    if (content->len == 0)
        fputs("\n    \"\"", out);
    while (from < content->len) {
        const uint8_t *at = content->bytes + from;
        const uint8_t *end = memchr(at, '\n', content->len - from);
        size_t len = end != NULL ? (size_t)(end - at) + 1 : content->len - from;
        fputs("\n    ", out);
        put_literal(out, at, len);
        from += len;
    }
    fputs(";\n", out);
}

/* Characters, and no numbers: above 127 those do not fit into a char. */
static void put_binary(FILE *out, const struct content *content)
{
    fputs(" {", out);
    for (size_t i = 0; i < content->len; i++)
        fprintf(out, "%s'\\%03o',", i % BYTES_A_LINE == 0 ? "\n    " : " ",
                (unsigned)content->bytes[i]);
    fputs(content->len == 0 ? "0};\n" : "\n};\n", out); /* C has no [0] */
}

static size_t array_len(const struct resource *resource, size_t len)
{
    if (resource->kind == RESOURCE_TEXT)
        return len + 1;
    return len > 0 ? len : 1;
}

static void put_comment(FILE *out, const struct resource *resource)
{
    const char *name = strrchr(resource->path, '/') + 1;

    fprintf(out, "/* Made by wwep-resources of ");
    for (; *name != '\0'; name++) /* nothing that would end the comment */
        fputc(*name >= ' ' && *name <= '~' && *name != '*' && *name != '\\'
                  ? *name
                  : '?',
              out);
    fprintf(out, ". */\n#include \"resources.h\"\n\n");
}

bool resource_code_write(const struct resource *resource, const char *outdir,
                         bool in_filesystem)
{
    const char *name = resource->identifier;
    struct content content;
    struct code code;

    if (!read_content(&content, resource->path))
        return false;
    if (!code_begin(&code)) {
        free(content.bytes);
        return false;
    }
    put_comment(code.out, resource);
    if (!in_filesystem) {
        fprintf(code.out, "const char %s_data[%zu] =", name,
                array_len(resource, content.len));
        if (resource->kind == RESOURCE_TEXT)
            put_text(code.out, &content);
        else
            put_binary(code.out, &content);
        fprintf(code.out,
                "\nconst resource_hnd_t %s = {RESOURCE_IN_MEMORY, %zuul,\n"
                "    {.mem = {%s_data}}};\n",
                name, content.len, name);
    } else {
        fprintf(code.out,
                "const resource_hnd_t %s = {RESOURCE_IN_FILESYSTEM, %zuul,\n"
                "    {.fs = {0, ",
                name, content.len);
        put_literal(code.out, (const uint8_t *)resource->path,
                    strlen(resource->path));
        fprintf(code.out, "}}};\n");
    }
    explicit_bzero(content.bytes, content.len);
    free(content.bytes);
    return code_end(&code, outdir, name, ".c");
}

static bool put_declaration(FILE *out, const struct resource *resource,
                            bool in_filesystem)
{
    struct stat found;

    fprintf(out, "extern const resource_hnd_t %s;\n", resource->identifier);
    if (in_filesystem)
        return true;
    if (stat(resource->path, &found) != 0) {
        complain("%s: %s", resource->path, strerror(errno));
        return false;
    }
    fprintf(out, "extern const char %s_data[%zu];\n", resource->identifier,
            array_len(resource, (size_t)found.st_size));
    return true;
}

bool resource_code_declare(const struct resource *resources, size_t count,
                           const char *outdir, bool in_filesystem)
{
    struct code code;
    bool done = true;

    if (!code_begin(&code))
        return false;
    fprintf(code.out, "/* Made by wwep-resources. */\n"
                      "#ifndef RESOURCES_H\n#define RESOURCES_H\n\n"
                      "#include \"wiced_resource.h\"\n\n"
                      "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    for (size_t i = 0; i < count; i++)
        done = put_declaration(code.out, &resources[i], in_filesystem) && done;
    fprintf(code.out, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
    return code_end(&code, outdir, "resources", ".h") && done;
}
