/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_report.h"

#include "trouble.h"
#include "wwep_text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* The results as words that programs may compare; the order is the enum's. */
static const char *result_word(enum wwep_result result)
{
    static const char *const words[] = {
        "accepted",    "refused", "argument", "state", "name",
        "connect",     "timeout", "lost",     "reply", "tls",
        "credentials", "entropy", "memory"};
    size_t i = (size_t) - (int)result;

    return i < sizeof words / sizeof words[0] ? words[i] : "unknown";
}

/* JSON is UTF-8, and what people type need not be. */
static json_t *text_or_null(const char *text)
{
    char safe[1024];
    json_t *as_is;

    if (text == NULL || text[0] == '\0')
        return json_null();
    as_is = json_string(text);
    if (as_is != NULL)
        return as_is;
    wwep_text_escape((const uint8_t *)text, strlen(text), safe, sizeof safe);
    return json_string(safe);
}

static json_t *hex(unsigned number, int digits)
{
    return json_sprintf("%0*X", digits, number);
}

static json_t *request_json(const struct wwep_request *r)
{
    bool write = r->command == WWEP_WRITE;

    return json_pack("{s:s, s:o, s:o, s:o}", "command",
                     write ? "write" : "read", "device", hex(r->device, 4),
                     "register", hex(r->reg, 2), "value",
                     write ? hex(r->value, 4) : json_null());
}

static json_t *server_json(const struct desk *desk)
{
    const struct witness *w = &desk->witness;
    char address[WWEP_ADDRESS_TEXT_MAX] = "";

    if (w->tried_count > 0)
        wwep_address_text(&w->tried[w->tried_count - 1], address);
    return json_pack(
        "{s:o, s:o, s:i}", "host", text_or_null(desk->options->host), "address",
        text_or_null(address), "port", (int)options_port(desk->options));
}

static json_t *fault_json(const struct wwep_fault *fault)
{
    if (fault->kind == WWEP_FAULT_NONE)
        return json_null();
    return json_pack(
        "{s:s, s:s, s:i, s:o, s:o}", "text", wwep_fault_text(fault->kind),
        "advice", wwep_fault_advice(fault->kind), "code", fault->code, "alert",
        fault->alert >= 0 ? json_integer(fault->alert) : json_null(),
        "alert_name",
        text_or_null(fault->alert >= 0 ? wwep_alert_name(fault->alert) : NULL));
}

static json_t *security_json(const struct wwep_security *s)
{
    if (!s->tls)
        return json_pack("{s:b}", "tls", 0);
    return json_pack("{s:b, s:b, s:b, s:b, s:b, s:o, s:o, s:o}", "tls", 1,
                     "verified", s->verified, "resumed", s->resumed,
                     "dates_checked", s->dates_checked, "client_certificate",
                     s->client_certificate, "version", text_or_null(s->version),
                     "cipher", text_or_null(s->cipher), "group",
                     text_or_null(s->group));
}

static json_t *span(uint32_t from_ms, uint32_t to_ms)
{
    if (from_ms == WITNESS_NEVER || to_ms == WITNESS_NEVER || to_ms < from_ms)
        return json_null();
    return json_integer((json_int_t)(to_ms - from_ms));
}

static json_t *times_json(const struct witness *w)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:i}", "name_ms",
                     span(w->resolving_ms, w->resolved_ms), "connect_ms",
                     span(w->connecting_ms, w->connected_ms), "handshake_ms",
                     span(w->connected_ms, w->secured_ms), "reply_ms",
                     span(w->sent_ms, w->received_ms), "total_ms",
                     (int)w->end_ms);
}

static json_t *error_json(const struct desk *desk,
                          const struct wwep_outcome *outcome)
{
    struct trouble t;

    trouble_find(&t, desk, outcome);
    if (t.text[0] == '\0')
        return json_null();
    return json_pack("{s:o, s:o}", "text", text_or_null(t.text), "advice",
                     text_or_null(t.advice));
}

/* Takes what the caller has to say first. */
static bool print(json_t *object, const struct desk *desk,
                  const struct wwep_outcome *outcome)
{
    bool good =
        object != NULL &&
        json_object_set_new(object, "reason", text_or_null(outcome->reason)) ==
            0 &&
        json_object_set_new(object, "error", error_json(desk, outcome)) == 0 &&
        json_object_set_new(object, "fault", fault_json(&outcome->fault)) ==
            0 &&
        json_object_set_new(object, "server", server_json(desk)) == 0 &&
        json_object_set_new(object, "security",
                            security_json(&outcome->security)) == 0 &&
        json_object_set_new(object, "times", times_json(&desk->witness)) == 0 &&
        json_dumpf(object, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF &&
        fflush(stdout) == 0;

    json_decref(object);
    return good;
}

bool json_report(const struct desk *desk, const struct wwep_outcome *outcome)
{
    json_t *value =
        outcome->result == WWEP_OK ? hex(outcome->value, 4) : json_null();

    return print(json_pack("{s:s, s:i, s:o, s:o}", "result",
                           result_word(outcome->result), "exit",
                           trouble_exit(outcome), "value", value, "request",
                           request_json(&desk->request)),
                 desk, outcome);
}

bool json_report_all(const struct desk *desk,
                     const struct wwep_outcome *outcome, const bool *written,
                     const uint16_t *values)
{
    json_t *registers = json_object();
    char name[4];
    int count = 0;

    for (unsigned i = 0; registers != NULL && i < 256; i++) {
        if (!written[i])
            continue;
        snprintf(name, sizeof name, "%02X", i);
        json_object_set_new(registers, name, hex(values[i], 4));
        count++;
    }
    return print(json_pack("{s:s, s:i, s:o, s:o, s:i}", "result",
                           result_word(outcome->result), "exit",
                           trouble_exit(outcome), "device",
                           hex(desk->request.device, 4), "registers", registers,
                           "written", count),
                 desk, outcome);
}
