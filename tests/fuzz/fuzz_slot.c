/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "fuzz_slot.h"

#include "fuzz.h"
#include "wwep_text.h"

#include <stdio.h>
#include <string.h>

/* --- the log -------------------------------------------------------------- */

static bool has(const uint8_t *bytes, size_t len, const uint8_t *part,
                size_t part_len)
{
    for (size_t i = 0; i + part_len <= len; i++)
        if (memcmp(bytes + i, part, part_len) == 0)
            return true;
    return false;
}

/* The server has not made up what it says came. */
static void check_request(const struct slot *s, const struct msglog_entry *e)
{
    const struct client *c = &s->client;
    size_t seen = e->request.len;

    if (seen > sizeof e->request.seen)
        seen = sizeof e->request.seen;
    FUZZ_CHECK(seen > 0 && e->request.len <= c->sent_len + c->len);
    if (c->dirty && c->ssl == NULL)
        FUZZ_CHECK(has(c->queue, c->delivered, e->request.seen, seen));
    else
        FUZZ_CHECK(has(c->sent, c->sent_len, e->request.seen, seen));
}

static void check_texts(const struct msglog_entry *e)
{
    static const struct msglog_count count;
    char line[MSGLOG_LINE_MAX];

    for (int json = 0; json < 2; json++) {
        size_t len = json ? msglog_format_json(e, line)
                          : msglog_format_table(e, &count, line);
        FUZZ_CHECK(len > 1 && len <= sizeof line && line[len - 1] == '\n');
        for (size_t i = 0; i + 1 < len; i++)
            FUZZ_CHECK(wwep_text_printable((uint8_t)line[i]));
    }
}

static struct outcome outcome_of(const struct msglog_entry *e)
{
    char text[WWEP_ACCEPT_LEN + 1];
    unsigned device, reg, value;
    struct outcome out = {.why = e->reason};

    FUZZ_CHECK(e->reply_len > 0 && e->reply_len < sizeof text);
    memcpy(text, e->reply, e->reply_len);
    text[e->reply_len] = '\0';
    if (strcmp(text, "X") == 0) {
        FUZZ_CHECK(e->reason.kind != WWEP_REASON_NONE);
        return out;
    }
    FUZZ_CHECK(strlen(text) == 11 && text[0] == 'A');
    FUZZ_CHECK(sscanf(text + 1, "%4X%2X%4X", &device, &reg, &value) == 3);
    out.accepted = true;
    out.device = (uint16_t)device;
    out.reg = (uint8_t)reg;
    out.value = (uint16_t)value;
    return out;
}

void slot_log(struct slot *s, const struct msglog_entry *e,
              struct model_registers *registers)
{
    struct outcome out = outcome_of(e);
    struct outcome asked;

    FUZZ_CHECK(s->greets);
    FUZZ_CHECK((e->tls != NULL) == (s->listener >= RIG_TLS));
    FUZZ_CHECK(strcmp(e->identity, s->identity) == 0);
    check_request(s, e);
    check_texts(e);
    if (out.accepted) {
        FUZZ_CHECK(model_judge(e->request.seen, e->request.len, true, &asked) ==
                   MODEL_WELL_FORMED);
        FUZZ_CHECK(out.device == asked.device && out.reg == asked.reg);
        bool writes = e->request.seen[0] == 'W';
        FUZZ_CHECK(!writes || out.value == asked.value);
        FUZZ_CHECK(!writes || !s->model.own || out.device == s->model.device);
        if (writes && !s->sure)
            model_registers_set(registers, out.device, out.reg, out.value,
                                true);
    }
    FUZZ_CHECK(s->n_logged < MODEL_OUTCOMES_MAX);
    FUZZ_CHECK(s->n_logged == 0 || s->model.keep_open);
    s->logged[s->n_logged++] = out;
}

/* --- comparing ------------------------------------------------------------ */

static bool is_same(const struct outcome *model, const struct outcome *real)
{
    if (model->any_value && !real->accepted)
        return real->why.kind == WWEP_REASON_NOT_FOUND;
    if (model->accepted != real->accepted)
        return false;
    if (!real->accepted)
        return model->why.kind == real->why.kind &&
               model->why.detail == real->why.detail;
    return model->device == real->device && model->reg == real->reg &&
           (model->any_value || model->value == real->value);
}

static size_t render(const struct slot *s, const struct outcome *out,
                     char text[WWEP_REPLY_MAX + 1])
{
    char words[WWEP_REASON_MAX];

    if (out->accepted)
        return (size_t)sprintf(text, "A%04X%02X%04X", out->device, out->reg,
                               out->value);
    if (!s->explains)
        return (size_t)sprintf(text, "X");
    wwep_reason_format(&out->why, words);
    return (size_t)sprintf(text, "X %s", words);
}

/* What the client must have got, by the log and, for LFs, the model. */
static void check_got(const struct slot *s)
{
    char text[WWEP_REPLY_MAX + 1];
    size_t at = 0;

    for (size_t i = 0; i < s->n_logged; i++) {
        size_t len = render(s, &s->logged[i], text);
        if (s->model.outcomes[i].line)
            text[len++] = '\n';
        FUZZ_CHECK(len <= s->client.got_len - at);
        FUZZ_CHECK(memcmp(s->client.got + at, text, len) == 0);
        at += len;
    }
    FUZZ_CHECK(at == s->client.got_len);
}

static void show(const char *whose, const struct outcome *out)
{
    char words[WWEP_REASON_MAX];

    wwep_reason_format(&out->why, words);
    fprintf(stderr, "    %s: %s %04X %02X %04X %s\n", whose,
            out->accepted ? "A" : "X", out->device, out->reg, out->value,
            out->accepted ? "" : words);
}

static void check_logged(const struct slot *s)
{
    size_t i = 0;

    while (i < s->n_logged && i < s->model.n &&
           is_same(&s->model.outcomes[i], &s->logged[i]))
        i++;
    if (i == s->n_logged && i == s->model.n)
        return;
    fprintf(stderr, "connection %d, reply %zu:\n", (int)s->number, i);
    if (i < s->model.n)
        show("by the rule", &s->model.outcomes[i]);
    if (i < s->n_logged)
        show("by the server", &s->logged[i]);
    FUZZ_CHECK(i == s->n_logged && i == s->model.n);
}

void slot_compare(const struct slot *s)
{
    if (!s->used || !s->sure)
        return;
    check_logged(s);
    if (!s->whole)
        return;
    check_got(s);
    FUZZ_CHECK(s->client.eof == !s->model.open);
}

void slot_finish(const struct slot *s)
{
    char text[WWEP_REPLY_MAX + 1];
    size_t at = 0;

    if (!s->used)
        return;
    for (size_t i = 0; i < s->n_logged && at < s->client.got_len; i++) {
        size_t left = s->client.got_len - at;
        size_t len = render(s, &s->logged[i], text);
        size_t n = len < left ? len : left;
        FUZZ_CHECK(memcmp(s->client.got + at, text, n) == 0);
        at += n;
        if (s->model.keep_open && at < s->client.got_len &&
            s->client.got[at] == '\n')
            at++;
    }
    /* A server that refuses TLS answers in its own way. */
    if (s->listener < RIG_TLS || s->client.ssl != NULL)
        FUZZ_CHECK(at == s->client.got_len);
}
