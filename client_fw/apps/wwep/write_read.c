/* write_read.c - wwep write and wwep read: one exchange, or 256.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "desk.h"
#include "json_report.h"
#include "trouble.h"
#include "verbs.h"
#include "words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define REGISTERS 256u

static int print_json(bool printed, int status)
{
    if (printed)
        return status;
    complain("no memory for JSON, or standard output can not be written");
    return status != WWEP_EXIT_OK ? status : WWEP_EXIT_FAILURE;
}

/* What one exchange has to say. */
static int tell(const struct desk *desk, const struct wwep_outcome *outcome,
                int status)
{
    desk_tell_eavesdropper(desk, outcome);
    if (outcome->result == WWEP_OK && !desk->options->json)
        printf("%04X\n", (unsigned)outcome->value);
    trouble_tell(desk, outcome);
    if (desk->options->json)
        status = print_json(json_report(desk, outcome), status);
    return status;
}

int verb_write(struct wwep_options *options, int argc, char **argv)
{
    struct desk desk;
    struct wwep_outcome outcome;
    uint16_t device;
    uint16_t value;
    uint8_t reg;

    if (!options_none_left(&argc, argv))
        return WWEP_EXIT_USAGE;
    if (argc != 4) {
        complain("write wants a device, a register and a value: wwep write "
                 "0FAC 05 0001");
        return WWEP_EXIT_USAGE;
    }
    if (!words_device(argv[1], &device) || !words_register(argv[2], &reg) ||
        !words_value(argv[3], &value))
        return WWEP_EXIT_USAGE;
    int status = desk_open(&desk, options);
    if (status == WWEP_EXIT_OK) {
        status = desk_write(&desk, device, reg, value, &outcome);
        status = tell(&desk, &outcome, status);
    }
    desk_close(&desk);
    return status;
}

static int read_one(struct desk *desk, uint16_t device, uint8_t reg)
{
    struct wwep_outcome outcome;
    int status = desk_read(desk, device, reg, &outcome);

    return tell(desk, &outcome, status);
}

/* --- all registers -------------------------------------------------------- */

/* A run over all of a device's registers. A server that keeps connections open
 * gets one for all of them; one that closes behind each reply shows it by its
 * second read: then each gets a connection of its own. */
struct run {
    struct desk *desk;
    bool keep_open;   /* as far as is known */
    unsigned on_this; /* replies on this connection */
    bool written[REGISTERS];
    uint16_t values[REGISTERS];
    unsigned count;
};

/* One attempt. True: it is to be made once more, on a new connection. */
static bool attempt(struct run *run, uint16_t device, uint8_t reg,
                    struct wwep_outcome *outcome)
{
    struct desk *desk = run->desk;

    if (run->keep_open && !desk->witness.open) {
        run->on_this = 0;
        if (desk_connect(desk, outcome) != WWEP_EXIT_OK)
            return false;
    }
    desk_read(desk, device, reg, outcome);
    if (outcome->result == WWEP_OK || outcome->result == WWEP_E_REFUSED) {
        run->on_this++;
        /* The end was what the X was waited for. */
        if (!desk->witness.open)
            run->keep_open = false;
        return false;
    }
    if (outcome->result != WWEP_E_LOST || !run->keep_open)
        return false;
    /* After one reply it is this server's way, or before, if it is one that the
     * line end confuses; after more, its patience has an end. */
    if (run->on_this <= 1)
        run->keep_open = false;
    return true;
}

/* A server that does not explain says X to a register that was not written. */
static bool is_unwritten(const struct wwep_outcome *outcome)
{
    return outcome->result == WWEP_E_REFUSED &&
           (outcome->reason[0] == '\0' ||
            strcmp(outcome->reason, "not found") == 0);
}

static int read_run(struct run *run, uint16_t device,
                    struct wwep_outcome *outcome)
{
    for (unsigned i = 0; i < REGISTERS; i++) {
        while (attempt(run, device, (uint8_t)i, outcome))
            ;
        if (is_unwritten(outcome))
            continue;
        if (outcome->result != WWEP_OK)
            return trouble_exit(outcome);
        run->written[i] = true;
        run->values[i] = outcome->value;
        run->count++;
        if (!run->desk->options->json)
            printf("%02X %04X\n", i, (unsigned)outcome->value);
    }
    /* A register without a value is no refusal of the run. */
    outcome->result = WWEP_OK;
    outcome->reason[0] = '\0';
    return WWEP_EXIT_OK;
}

static int read_all(struct desk *desk, uint16_t device)
{
    struct run run = {.desk = desk, .keep_open = true};
    struct wwep_outcome outcome;
    int status = read_run(&run, device, &outcome);

    desk_tell_eavesdropper(desk, &outcome);
    if (status != WWEP_EXIT_OK)
        trouble_tell(desk, &outcome);
    complain("%u of %u registers of device %04X %s", run.count, REGISTERS,
             (unsigned)device,
             status == WWEP_EXIT_OK ? "have been written" : "were read");
    if (desk->options->json)
        status = print_json(
            json_report_all(desk, &outcome, run.written, run.values), status);
    return status;
}

int verb_read(struct wwep_options *options, int argc, char **argv)
{
    struct desk desk;
    uint16_t device;
    uint8_t reg = 0;

    if (!options_none_left(&argc, argv))
        return WWEP_EXIT_USAGE;
    if (argc != 2 && argc != 3) {
        complain("read wants a device, and a register unless all: wwep read "
                 "0FAC 05");
        return WWEP_EXIT_USAGE;
    }
    if (!words_device(argv[1], &device) ||
        (argc == 3 && !words_register(argv[2], &reg)))
        return WWEP_EXIT_USAGE;
    int status = desk_open(&desk, options);
    if (status == WWEP_EXIT_OK)
        status =
            argc == 3 ? read_one(&desk, device, reg) : read_all(&desk, device);
    desk_close(&desk);
    return status;
}
