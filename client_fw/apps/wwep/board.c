/* board.c - wwep board: the course's dual client, with keys for buttons.
 *
 * Each button toggles its LED and writes the LED's state to register 05 of the
 * board's device: 0 in the clear, 1 over TLS. An exchange that fails changes
 * nothing for the next.
 *
 * Source: WW101 course, chapter 6B (the dual client).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "desk.h"
#include "host_port.h"
#include "json_report.h"
#include "terminal.h"
#include "trouble.h"
#include "verbs.h"
#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wwep/course.h>

#define CTRL_D 0x04

enum { PLAIN, SECURE, BUTTONS };

struct board {
    struct wwep_options options[BUTTONS]; /* share the texts of the caller's */
    struct desk desks[BUTTONS];
    bool led[BUTTONS];
    bool has_mac;
    uint8_t mac[6];
    uint16_t device;
    int worst; /* exit code */
};

/* --- options -------------------------------------------------------------- */

enum { OPTION_MAC = 1, OPTION_PORT_PLAIN, OPTION_PORT_TLS };

static bool take_port(struct wwep_options *o, const char *option,
                      const char *text)
{
    o->port = host_port_number(text);
    if (o->port == 0)
        complain("%s: \"%s\" is no port: write 1 to 65535", option, text);
    return o->port != 0;
}

static bool take_option(struct board *b, int option, const char *word)
{
    switch (option) {
    case OPTION_MAC:
        b->has_mac = words_mac(
            strncmp(optarg, "mac:", 4) == 0 ? optarg + 4 : optarg, b->mac);
        return b->has_mac;
    case OPTION_PORT_PLAIN:
        return take_port(&b->options[PLAIN], "--port-plain", optarg);
    case OPTION_PORT_TLS:
        return take_port(&b->options[SECURE], "--port-tls", optarg);
    case ':':
        complain("%s wants a value behind it: see wwep -h", word);
        return false;
    default:
        complain("there is no option %s of board: it has --mac, --port-plain "
                 "and --port-tls",
                 word);
        return false;
    }
}

static bool parse(struct board *b, int argc, char **argv)
{
    static const struct option longs[] = {
        {"mac", required_argument, NULL, OPTION_MAC},
        {"port-plain", required_argument, NULL, OPTION_PORT_PLAIN},
        {"port-tls", required_argument, NULL, OPTION_PORT_TLS},
        {NULL, 0, NULL, 0}};
    int option;

    optind = 0;
    opterr = 0;
    for (;;) {
        const char *word = argv[optind > 0 ? optind : 1];

        option = getopt_long(argc, argv, "+:", longs, NULL);
        if (option == -1)
            break;
        if (!options_is_whole(longs, option == ':' ? optopt : option, word))
            option = '?';
        if (!take_option(b, option, word))
            return false;
    }
    if (optind == argc)
        return true;
    complain("%s: board has no words, but options: wwep -h lists them",
             argv[optind]);
    return false;
}

/* The same server twice. A port that came with the host is that of the scheme
 * that the options stand for. */
static void split_options(struct board *b, const struct wwep_options *o)
{
    b->options[PLAIN] = *o;
    b->options[PLAIN].tls = false;
    b->options[PLAIN].keylog = NULL;
    b->options[SECURE] = *o;
    b->options[SECURE].tls = true;
    b->options[o->tls ? PLAIN : SECURE].port = 0;
}

/* --- the board ------------------------------------------------------------ */

/* A MAC address of nobody's: locally administered, and of one machine. */
static bool make_mac(struct board *b)
{
    const struct wwep_port *port = &b->desks[PLAIN].posix.port;

    if (b->has_mac)
        return true;
    if (port->entropy(port->ctx, b->mac, sizeof b->mac) != 0) {
        complain("%s: give a MAC address with --mac",
                 wwep_result_text(WWEP_E_ENTROPY));
        return false;
    }
    b->mac[0] = (uint8_t)((b->mac[0] & 0xFCu) | 0x02u);
    return true;
}

static void greet(const struct board *b)
{
    char mac[WORDS_MAC_MAX];
    char host[80];

    if (b->options[PLAIN].json)
        return;
    words_mac_text(b->mac, mac);
    complain_escape(b->options[PLAIN].host, host, sizeof host);
    printf("Board %s is device %04X.\n", mac, (unsigned)b->device);
    printf("Server: %s\n", host);
    printf("Key 0: LED 0, in the clear, port %u\n",
           (unsigned)options_port(&b->options[PLAIN]));
    printf("Key 1: LED 1, over TLS, port %u\n",
           (unsigned)options_port(&b->options[SECURE]));
    printf("q or Ctrl-D ends.\n\n");
    fflush(stdout);
}

/* "TLS 1.3 resumed" */
static void show_way(const struct board *b, int button,
                     const struct wwep_security *security, char *out,
                     size_t cap)
{
    if (!b->options[button].tls)
        snprintf(out, cap, "plain");
    else if (!security->tls)
        snprintf(out, cap, "TLS");
    else
        snprintf(out, cap, "%s%s", security->version,
                 security->resumed ? " resumed" : "");
}

static void show(const struct board *b, int button,
                 const struct wwep_outcome *outcome)
{
    const struct desk *desk = &b->desks[button];
    uint8_t request[WWEP_WRITE_LEN];
    char reply[80] = "no reply";
    char way[40];

    wwep_request_encode(&desk->request, request);
    if (outcome->result == WWEP_OK)
        snprintf(reply, sizeof reply, "A%04X%02X%04X", (unsigned)b->device,
                 WWEP_LED_REGISTER, (unsigned)outcome->value);
    else if (outcome->result == WWEP_E_REFUSED)
        snprintf(reply, sizeof reply, "X%s%s",
                 outcome->reason[0] != '\0' ? " " : "", outcome->reason);
    show_way(b, button, &outcome->security, way, sizeof way);
    printf("LED 0 [%c]  LED 1 [%c]  %-15s  %.*s -> %s, %u ms\n",
           b->led[PLAIN] ? '*' : ' ', b->led[SECURE] ? '*' : ' ', way,
           (int)sizeof request, (const char *)request, reply,
           (unsigned)desk->witness.end_ms);
    fflush(stdout);
}

static void press(struct board *b, int button)
{
    struct desk *desk = &b->desks[button];
    struct wwep_outcome outcome;

    b->led[button] = !b->led[button];
    int status = desk_write(desk, b->device, WWEP_LED_REGISTER,
                            b->led[button] ? 1 : 0, &outcome);
    desk_tell_eavesdropper(desk, &outcome);
    if (!b->options[button].json)
        show(b, button, &outcome);
    else if (!json_report(desk, &outcome))
        status = WWEP_EXIT_FAILURE;
    trouble_tell(desk, &outcome);
    if (status > b->worst)
        b->worst = status;
}

/* False: that was the last one. */
static bool take_key(struct board *b, unsigned char key)
{
    if (key == 'q' || key == 'Q' || key == CTRL_D)
        return false;
    if (key == '0' || key == '1')
        press(b, key - '0');
    else if (isgraph(key))
        complain("key %c does nothing: 0 and 1 are the buttons, q ends", key);
    return true;
}

static void play(struct board *b)
{
    unsigned char key;
    ssize_t n;

    do {
        do
            n = read(STDIN_FILENO, &key, 1);
        while (n < 0 && errno == EINTR);
    } while (n == 1 && take_key(b, key));
    if (n < 0) {
        complain("no more keys: %s", strerror(errno));
        b->worst = WWEP_EXIT_FAILURE;
    }
}

static int run(struct board *b)
{
    int status = desk_open(&b->desks[PLAIN], &b->options[PLAIN]);
    int secure = desk_open(&b->desks[SECURE], &b->options[SECURE]);

    if (status == WWEP_EXIT_OK)
        status = secure;
    if (status == WWEP_EXIT_OK && !make_mac(b))
        status = WWEP_EXIT_FAILURE;
    if (status == WWEP_EXIT_OK) {
        b->device = wwep_device_of_mac(b->mac);
        greet(b);
        terminal_raw();
        play(b);
        terminal_restore();
        status = b->worst;
    }
    desk_close(&b->desks[PLAIN]);
    desk_close(&b->desks[SECURE]);
    return status;
}

int verb_board(struct wwep_options *options, int argc, char **argv)
{
    static struct board board; /* large, and one is enough */

    memset(&board, 0, sizeof board);
    split_options(&board, options);
    if (!parse(&board, argc, argv))
        return WWEP_EXIT_USAGE;
    return run(&board);
}
