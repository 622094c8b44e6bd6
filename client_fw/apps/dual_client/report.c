/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include "wwep_text.h"

#include <wwep/course.h>

#define LINE_MAX 320u

struct line {
    char out[LINE_MAX];
    struct wwep_text text;
};

static void start(struct line *line)
{
    wwep_text_start(&line->text, line->out, sizeof line->out);
}

static void add(struct line *line, const char *words)
{
    wwep_text_add(&line->text, words);
}

static void add_hex(struct line *line, unsigned value, unsigned digits)
{
    static const char digit[] = "0123456789ABCDEF";
    char one[2] = "";

    while (digits-- > 0) {
        one[0] = digit[value >> (4 * digits) & 0xFu];
        add(line, one);
    }
}

static void print(struct line *line)
{
    board_print(line->out);
    board_print("\n");
}

/* --- at start ------------------------------------------------------------- */

static void tell_button(unsigned number, const char *way, uint16_t port)
{
    struct line line;

    start(&line);
    add(&line, "Button ");
    wwep_text_add_number(&line.text, number);
    add(&line, ": LED ");
    wwep_text_add_number(&line.text, number);
    add(&line, way);
    wwep_text_add_number(&line.text, port);
    print(&line);
}

void report_start(const struct board_setup *setup, uint16_t device,
                  const struct credentials_origin *origin)
{
    struct line line;

    start(&line);
    add(&line, "Board ");
    for (unsigned i = 0; i < sizeof setup->mac; i++) {
        add_hex(&line, setup->mac[i], 2);
        add(&line, i + 1 < sizeof setup->mac ? ":" : " is device ");
    }
    add_hex(&line, device, 4);
    print(&line);
    start(&line);
    add(&line, "Server ");
    add(&line, setup->host);
    print(&line);
    start(&line);
    add(&line, "Trusted certificates: ");
    add(&line, origin->roots);
    add(&line, "; its own: ");
    add(&line, origin->identity);
    print(&line);
    tell_button(0, ", in the clear, port ", setup->plain_port);
    tell_button(1, ", over TLS, port ", setup->tls_port);
}

/* --- an exchange ---------------------------------------------------------- */

static void add_way(struct line *line, const struct wwep_security *s)
{
    if (!s->tls) {
        add(line, "plain");
        return;
    }
    add(line, s->version);
    add(line, s->resumed ? " resumed" : " full");
    if (!s->verified)
        add(line, " UNVERIFIED");
    if (s->client_certificate)
        add(line, " with our certificate");
}

static void add_request(struct line *line, const struct report_facts *facts,
                        char command, unsigned value)
{
    char one[2] = {command, '\0'};

    add(line, one);
    add_hex(line, facts->device, 4);
    add_hex(line, WWEP_LED_REGISTER, 2);
    add_hex(line, value, 4);
}

static void add_failure(struct line *line, const struct wwep_outcome *outcome)
{
    char words[WWEP_FAULT_LINE_MAX];

    add(line, wwep_result_text(outcome->result));
    if (outcome->reason[0] != '\0') {
        add(line, ": ");
        add(line, outcome->reason);
    }
    if (outcome->port_error != 0) {
        add(line, ": ");
        add(line, wwep_port_error_text(outcome->port_error));
    }
    if (wwep_fault_format(&outcome->fault, words) > 0) {
        add(line, ": ");
        add(line, words);
    }
}

void report_exchange(const struct report_facts *facts,
                     const struct wwep_outcome *outcome)
{
    struct line line;

    start(&line);
    add(&line, facts->led[0] ? "LED 0 [*]  " : "LED 0 [ ]  ");
    add(&line, facts->led[1] ? "LED 1 [*]  " : "LED 1 [ ]  ");
    if (outcome->result == WWEP_OK || outcome->security.tls)
        add_way(&line, &outcome->security);
    else
        add(&line, facts->button == 0 ? "plain" : "TLS");
    add(&line, "  ");
    add_request(&line, facts, 'W', facts->led[facts->button]);
    add(&line, " -> ");
    if (outcome->result == WWEP_OK)
        add_request(&line, facts, 'A', outcome->value);
    else
        add_failure(&line, outcome);
    add(&line, ", ");
    wwep_text_add_number(&line.text, facts->took_ms);
    add(&line, " ms");
    if (facts->busy_us != 0) {
        add(&line, ", busy ");
        wwep_text_add_number(&line.text, facts->busy_us);
        add(&line, " us");
    }
    print(&line);
}

void report_trouble(const char *what, const char *why)
{
    struct line line;

    start(&line);
    add(&line, what);
    add(&line, ": ");
    add(&line, why);
    print(&line);
}
