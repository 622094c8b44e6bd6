/* test_vectors - tests/wwep-vectors.tsv, played to the codec alone.
 *
 * A server without sockets: it feeds the decoder piece by piece, judges behind
 * each piece as the rules say, and keeps the few registers that the cases use.
 * Then it does so again, with the requests cut at every place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "wwep_reply.h"
#include "wwep_request.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define ONE_BY_ONE    SIZE_MAX

struct vector {
    char name[64];
    uint8_t bytes[64];
    size_t len;
    bool cut[64]; /* whether a piece ends before this byte */
    char want[32];
};

struct vectors {
    struct vector list[64];
    size_t len;
};

/* --- the file --- */

static void copy(char *out, size_t cap, const char *text)
{
    size_t len = strlen(text);

    ck_assert_uint_lt(len, cap);
    memcpy(out, text, len + 1);
}

/* One byte of the request's text, which \n, \r and \xNN stand for too. */
static uint8_t unescape(const char **text)
{
    const char *p = *text;

    if (p[0] != '\\') {
        *text = p + 1;
        return (uint8_t)p[0];
    }
    if (p[1] == 'n' || p[1] == 'r') {
        *text = p + 2;
        return p[1] == 'n' ? '\n' : '\r';
    }
    ck_assert_int_eq(p[1], 'x');
    char hex[3] = {p[2], p[3], '\0'};
    *text = p + 4;
    return (uint8_t)strtoul(hex, NULL, 16);
}

static void parse_request(struct vector *v, const char *text)
{
    while (*text != '\0' && strcmp(text, "<FIN>") != 0) {
        ck_assert_uint_lt(v->len, LENGTH(v->bytes));
        if (*text == '|') {
            v->cut[v->len] = true;
            text++;
        } else {
            v->bytes[v->len++] = unescape(&text);
        }
    }
}

static void parse_line(struct vector *v, char *line)
{
    char *request = strchr(line, '\t');

    ck_assert_ptr_nonnull(request);
    *request++ = '\0';
    char *reply = strchr(request, '\t');
    ck_assert_ptr_nonnull(reply);
    *reply++ = '\0';
    reply[strcspn(reply, "\t\n")] = '\0';

    memset(v, 0, sizeof *v);
    copy(v->name, sizeof v->name, line);
    copy(v->want, sizeof v->want, strcmp(reply, "<CLOSE>") == 0 ? "" : reply);
    parse_request(v, request);
}

static void load(struct vectors *all)
{
    const char *top = getenv("WWEP_TOP_SRCDIR");
    char path[4096];
    char line[512];

    snprintf(path, sizeof path, "%s/tests/wwep-vectors.tsv",
             top != NULL ? top : ".");
    FILE *f = fopen(path, "r");
    if (f == NULL)
        ck_abort_msg("can't open %s", path);
    all->len = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        ck_assert_uint_lt(all->len, LENGTH(all->list));
        if (line[0] != '#')
            parse_line(&all->list[all->len++], line);
    }
    fclose(f);
}

/* --- the server --- */

struct registers {
    struct {
        uint16_t device;
        uint8_t reg;
        uint16_t value;
    } slots[64];
    size_t len;
};

/* The value's place; NULL: nobody has written it. */
static uint16_t *find(struct registers *r, const struct wwep_request *req)
{
    for (size_t i = 0; i < r->len; i++) {
        if (r->slots[i].device == req->device && r->slots[i].reg == req->reg)
            return &r->slots[i].value;
    }
    return NULL;
}

static size_t serve(struct registers *r, const struct wwep_request *req,
                    uint8_t out[WWEP_REPLY_MAX])
{
    uint16_t *value = find(r, req);

    if (req->command == WWEP_READ && value == NULL)
        return wwep_reply_refuse(NULL, out);
    if (value == NULL) {
        ck_assert_uint_lt(r->len, LENGTH(r->slots));
        r->slots[r->len].device = req->device;
        r->slots[r->len].reg = req->reg;
        value = &r->slots[r->len++].value;
    }
    if (req->command == WWEP_WRITE)
        *value = req->value;
    return wwep_reply_accept(req, *value, out);
}

static bool cut_here(const struct vector *v, size_t at, size_t cut)
{
    return at == v->len || v->cut[at] || cut == ONE_BY_ONE || at == cut;
}

/* Plays one case, cut where it says and at this place too. */
static void play(struct registers *r, const struct vector *v, size_t cut,
                 char got[WWEP_REPLY_MAX + 1])
{
    enum wwep_progress progress = WWEP_EMPTY;
    uint8_t out[WWEP_REPLY_MAX];
    struct wwep_request req;
    struct wwep_reason why;
    struct wwep_decoder d;
    size_t begin = 0;
    size_t len = 0;

    wwep_decoder_init(&d);
    for (size_t at = 1; at <= v->len && progress < WWEP_COMPLETE; at++) {
        if (!cut_here(v, at, cut))
            continue;
        wwep_decoder_feed(&d, v->bytes + begin, at - begin);
        begin = at;
        progress = wwep_decoder_judge(&d, &req, &why);
    }
    if (progress < WWEP_COMPLETE)
        progress = wwep_decoder_finish(&d, &req, &why);

    if (progress == WWEP_COMPLETE)
        len = serve(r, &req, out);
    else if (progress == WWEP_REFUSED)
        len = wwep_reply_refuse(NULL, out);
    memcpy(got, out, len);
    got[len] = '\0';
}

/* --- the tests --- */

/* A too long request holds in one piece only: cut behind its last digit it is
 * a well-formed one. */
static bool is_too_long(const struct vector *v)
{
    struct wwep_request req;
    struct wwep_reason why;
    struct wwep_decoder d;

    wwep_decoder_init(&d);
    wwep_decoder_feed(&d, v->bytes, v->len);
    return wwep_decoder_judge(&d, &req, &why) == WWEP_REFUSED &&
           why.kind == WWEP_REASON_LENGTH && why.detail == v->len;
}

/* Plays all cases on one fresh server; returns how many were not cut. */
static size_t play_all(size_t cut)
{
    struct registers r = {.len = 0};
    struct vectors all;
    size_t held = 0;

    load(&all);
    ck_assert_uint_ge(all.len, 35);
    for (size_t i = 0; i < all.len; i++) {
        const struct vector *v = &all.list[i];
        bool hold = is_too_long(v);
        char got[WWEP_REPLY_MAX + 1];

        held += hold;
        play(&r, v, hold ? 0 : cut, got);
        if (strcmp(got, v->want) != 0)
            ck_abort_msg("%s: %s instead of %s", v->name, got, v->want);
    }
    return held;
}

START_TEST(as_they_stand)
{
    /* too-long, two-lf and read-with-value, as the file has it */
    ck_assert_uint_eq(play_all(0), 3);
}
END_TEST

START_TEST(byte_by_byte)
{
    play_all(ONE_BY_ONE);
}
END_TEST

START_TEST(cut_at_every_place)
{
    for (size_t cut = 1; cut <= WWEP_LINE_MAX; cut++)
        play_all(cut);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vectors");
    TCase *codec = tcase_create("codec");

    tcase_add_test(codec, as_they_stand);
    tcase_add_test(codec, byte_by_byte);
    tcase_add_test(codec, cut_at_every_place);
    suite_add_tcase(suite, codec);
    return unit_run(suite);
}
