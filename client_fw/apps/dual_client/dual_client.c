/* dual_client.c - the course's exercise 6B.3: each button toggles its LED, and
 * writes the LED's state to register 05 of the board's device; button 0 in the
 * clear, button 1 over TLS.
 *
 * Happy path: board_start() -> what to trust -> two clients, of which the one
 * over TLS has a session to resume -> an event -> an exchange -> a line.
 * Failures: an exchange that fails is told, and changes nothing for the next;
 * without entropy the board does not start.
 *
 * Source: WW101 course, chapter 6B, exercise 03.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"
#include "credentials.h"
#include "report.h"

#include <string.h>
#include <wwep/client.h>
#include <wwep/course.h>

enum { PLAIN, SECURE, BUTTONS };

/* Large, and there is one. */
static struct dual_client {
    struct board_setup setup;
    struct wwep_tls_config tls;
    struct wwep_session session;
    struct wwep_client_config configs[BUTTONS];
    struct wwep_client clients[BUTTONS];
    bool led[BUTTONS];
    uint16_t device;
} dual;

static bool prepare(struct dual_client *d)
{
    const struct board_setup *s = &d->setup;

    d->tls = (struct wwep_tls_config){
        .roots = s->roots,
        .certificate = s->certificate,
        .key = s->key,
        .name = s->name,
        .max_fragment = s->max_fragment,
        .session = &d->session,
    };
    for (unsigned i = 0; i < BUTTONS; i++) {
        d->configs[i] = (struct wwep_client_config){
            .port = s->port,
            .host = s->host,
            .fallback = s->fallback,
            .tcp_port = i == PLAIN ? s->plain_port : s->tls_port,
            .timeout_ms = s->timeout_ms,
            .tls = i == PLAIN ? NULL : &d->tls,
        };
        enum wwep_result result =
            wwep_client_init(&d->clients[i], &d->configs[i]);
        if (result != WWEP_OK) {
            report_trouble("This setup can not be used",
                           wwep_result_text(result));
            return false;
        }
    }
    return true;
}

static bool press(struct dual_client *d, unsigned button)
{
    const struct wwep_port *port = d->setup.port;
    struct report_facts facts = {.button = button, .device = d->device};
    struct wwep_outcome outcome;
    uint32_t started_ms = port->now_ms(port->ctx);
    uint32_t started_us = board_busy_us();

    d->led[button] = !d->led[button];
    board_led(button, d->led[button]);
    (void)wwep_client_write(&d->clients[button], d->device, WWEP_LED_REGISTER,
                            d->led[button] ? 1 : 0, &outcome);
    facts.busy_us = board_busy_us() - started_us;
    facts.took_ms = port->now_ms(port->ctx) - started_ms;
    memcpy(facts.led, d->led, sizeof facts.led);
    report_exchange(&facts, &outcome);
    return outcome.result == WWEP_OK;
}

/* Whether all exchanges went well. */
static bool play(struct dual_client *d)
{
    bool good = true;

    for (;;) {
        switch (board_wait()) {
        case BOARD_BUTTON_0:
            good = press(d, PLAIN) && good;
            break;
        case BOARD_BUTTON_1:
            good = press(d, SECURE) && good;
            break;
        case BOARD_FIGURES:
            board_print_figures();
            break;
        case BOARD_END:
            return good;
        }
    }
}

int main(int argc, char **argv)
{
    struct dual_client *d = &dual;
    struct credentials_origin origin;
    const char *why = "";

    if (!board_start(&d->setup, argc, argv))
        return board_end(1);
    if (!credentials_choose(&d->setup, &origin, &why)) {
        report_trouble("The board's configuration can not be used", why);
        return board_end(1);
    }
    d->device = wwep_device_of_mac(d->setup.mac);
    report_start(&d->setup, d->device, &origin);
    bool good = prepare(d) && play(d);
    wwep_client_deinit(&d->clients[PLAIN]);
    wwep_client_deinit(&d->clients[SECURE]);
    wwep_session_clear(&d->session);
    return board_end(good ? 0 : 1);
}
