/* check_script.c - see check_script.h. Scripts are ours, so what is wrong with
 * one is a mistake of ours, and asserted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_script.h"

#include "wwep_text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ARROW " -> "

static bool skip(const char **at, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(*at, word, len) != 0)
        return false;
    *at += len;
    return true;
}

/* --- bytes -----------------------------------------------------------------
 */

static void put_lower(uint32_t value, size_t digits, uint8_t *out)
{
    wwep_text_put_hex(value, digits, out);
    for (size_t i = 0; i < digits; i++)
        if (out[i] >= 'A')
            out[i] = (uint8_t)(out[i] - 'A' + 'a');
}

/* Reads what an @ stands for; returns the number of bytes. */
static size_t take_name(const char **at, const struct check_names *names,
                        uint8_t *out)
{
    char name = *(*at)++;

    switch (name) {
    case 'D':
    case 'E':
        wwep_text_put_hex(names->device[name - 'D'], 4, out);
        return 4;
    case 'd':
    case 'e':
        put_lower(names->device[name - 'd'], 4, out);
        return 4;
    default:
        assert(name == 'N');
        wwep_text_put_hex(names->unwritten, 2, out);
        return 2;
    }
}

static uint8_t take_escape(const char **at)
{
    char name = *(*at)++;

    if (name == 'n')
        return '\n';
    if (name == 'r')
        return '\r';
    assert(name == 'x');
    uint8_t byte = (uint8_t)wwep_text_get_hex((const uint8_t *)*at, 2);
    *at += 2;
    return byte;
}

/* --- steps -----------------------------------------------------------------
 */

static void take_request(const char **at, const struct check_names *names,
                         struct check_request *r)
{
    while (!skip(at, ARROW)) {
        assert(**at != '\0' && r->len + 4 <= sizeof r->bytes);
        if (skip(at, "|"))
            r->cut[r->len] = true;
        else if (skip(at, "<FIN>"))
            r->fin = true;
        else if (skip(at, "<FILL>"))
            r->fill = CHECK_FILL;
        else if (skip(at, "@"))
            r->len += take_name(at, names, r->bytes + r->len);
        else if (skip(at, "\\"))
            r->bytes[r->len++] = take_escape(at);
        else
            r->bytes[r->len++] = (uint8_t) * (*at)++;
    }
}

static void take_want(const char **at, const struct check_names *names,
                      struct check_want *want)
{
    uint8_t text[WWEP_ACCEPT_LEN + 4];
    size_t len = 0;

    if (skip(at, "<CLOSE>")) {
        want->kind = CHECK_WANT_CLOSE;
    } else if (skip(at, "X")) {
        want->kind = CHECK_WANT_REFUSE;
    } else {
        want->kind = CHECK_WANT_ACCEPT;
        while (**at != '\n' && **at != '\0') {
            assert(len < WWEP_ACCEPT_LEN);
            if (skip(at, "@"))
                len += take_name(at, names, text + len);
            else
                text[len++] = (uint8_t) * (*at)++;
        }
        assert(len == WWEP_ACCEPT_LEN);
        memcpy(want->text, text, len);
    }
    want->text[len] = '\0';
    (void)skip(at, "\n");
}

bool check_script_next(const char **at, const struct check_names *names,
                       struct check_step *step)
{
    if (**at == '\0')
        return false;
    memset(step, 0, sizeof *step);
    step->varied = skip(at, "*");
    take_request(at, names, &step->request);
    take_want(at, names, &step->want);
    return true;
}

bool check_script_has_unwritten(const char *script)
{
    return strstr(script, "@N") != NULL;
}

/* --- variations ------------------------------------------------------------
 */

size_t check_vary_count(enum check_vary how, const struct check_request *of)
{
    return how == CHECK_AS_IT_IS || how == CHECK_CUT_ALL ? 1 : of->len - 1;
}

/* What is next to the digits and letters in ASCII, and what scanf() or
 * strtol() would take. */
static uint8_t no_digit(size_t i)
{
    static const uint8_t wrong[] = {'G', '/', ':', 'g', '@',  ' ',
                                    '`', '+', '-', 'x', 0x80, 0x00};

    return wrong[i % sizeof wrong];
}

void check_vary(enum check_vary how, const struct check_request *of, size_t i,
                struct check_request *out)
{
    *out = *of;
    switch (how) {
    case CHECK_AS_IT_IS:
        break;
    case CHECK_CUT_EACH:
        out->cut[i + 1] = true;
        break;
    case CHECK_CUT_ALL:
        for (size_t at = 1; at < of->len; at++)
            out->cut[at] = true;
        break;
    case CHECK_DIGIT_EACH:
        out->bytes[i + 1] = no_digit(i);
        break;
    case CHECK_SHORT_EACH:
        out->len = of->len - 1 - i;
        break;
    }
}

/* --- for people ------------------------------------------------------------
 */

const char *check_request_show(const struct check_request *request,
                               char out[CHECK_SHOWN_MAX])
{
    struct wwep_text text;
    char byte[WWEP_ESCAPED_MAX + 1];

    wwep_text_start(&text, out, CHECK_SHOWN_MAX);
    for (size_t i = 0; i < request->len; i++) {
        if (request->cut[i])
            wwep_text_add(&text, " | ");
        if (request->bytes[i] == '\n')
            wwep_text_add(&text, "\\n");
        else if (request->bytes[i] == '\r')
            wwep_text_add(&text, "\\r");
        else {
            (void)wwep_text_escape(request->bytes + i, 1, byte, sizeof byte);
            wwep_text_add(&text, byte);
        }
    }
    if (request->fill > 0)
        wwep_text_add(&text, " and 8 KiB more");
    if (request->fin)
        wwep_text_add(&text, request->len > 0 ? ", then the end of our side"
                                              : "nothing but our end");
    return out;
}
