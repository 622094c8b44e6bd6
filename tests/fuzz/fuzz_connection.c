/* fuzz_connection.c - whole connections, plain and by TLS, several at a time:
 * bytes in any pieces, ends and resets, time, a slow store, a drain.
 *
 * The input is a script, an operation a byte: its low half says what, its high
 * half to which connection.
 * Held to: what the client gets and the message log has is what wwep(7) says of
 * these bytes at these times (fuzz_model.h), after each turn of the loop; never
 * a reply to what was not asked, a second one, or one to a client that may not
 * come in; the loop comes to rest; each connection ends by itself, and nothing
 * of it is left.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"
#include "fuzz_model.h"
#include "fuzz_rig.h"

#include <string.h>

#define SCRIPT_MAX 1024u

enum operation {
    OPEN,
    TEXT,
    TEXT_AND_MORE, /* in the same turn */
    REQUEST,
    TIME,
    TURN,
    HANG_UP,
    NOTIFY,
    RESET,
    READING,
    HOLDING,
    RELEASE,
    TELL,
    DELIVER,
    DAMAGE,
    RAW
};

struct script {
    const uint8_t *at;
    const uint8_t *end;
};

static unsigned take(struct script *s)
{
    return s->at < s->end ? *s->at++ : 0;
}

static const uint8_t *take_bytes(struct script *s, size_t *len)
{
    size_t n = take(s) & 63;
    const uint8_t *bytes = s->at;

    if (n > (size_t)(s->end - s->at))
        n = (size_t)(s->end - s->at);
    s->at += n;
    *len = n;
    return bytes;
}

static void open_slot(struct script *s, size_t slot)
{
    unsigned who = take(s);
    unsigned how = take(s);
    const struct rig_options options = {
        .listener = who % RIG_LISTENERS,
        .client = who / RIG_LISTENERS % RIG_CLIENTS,
        .tls_1_2 = (how & 1) != 0,
        .small = (how & 2) != 0,
        .piecewise = (how & 4) != 0,
    };

    rig_open(slot, &options);
    rig_turn();
}

/* A well-formed one: a fuzzer would be long in finding many. */
static void ask(struct script *s, size_t slot)
{
    static const char *const ends[] = {"", "\n", "\r\n", "\r"};
    static const char *const devices[] = {"0FAC", "0001", "FFFF", "0fad"};
    unsigned how = take(s);
    unsigned what = take(s);
    char text[16];
    int len;

    if (how & 1)
        len =
            snprintf(text, sizeof text, "W%s%02X%04X%s", devices[how >> 4 & 3],
                     what & 3, what, ends[how >> 1 & 3]);
    else
        len = snprintf(text, sizeof text, "R%s%02X%s", devices[how >> 4 & 3],
                       what & 3, ends[how >> 1 & 3]);
    rig_say(slot, (const uint8_t *)text, (size_t)len);
    if ((how & 8) == 0)
        rig_turn();
}

static void pass(unsigned what)
{
    static const unsigned times_ms[] = {
        0,    1,    MODEL_MESSAGE_MS - 1,   MODEL_MESSAGE_MS,
        99,   100,  MODEL_MESSAGE_MS + 1,   MODEL_IDLE_MS - 1,
        999,  1000, MODEL_IDLE_MS,          MODEL_IDLE_MS + 1,
        1001, 4000, MODEL_HANDSHAKE_MS - 1, MODEL_HANDSHAKE_MS};

    rig_advance(times_ms[what % 16]);
    rig_turn();
}

static void say(struct script *s, size_t slot, enum operation operation)
{
    size_t len;
    const uint8_t *bytes = take_bytes(s, &len);

    if (operation == RAW)
        rig_say_raw(slot, bytes, len);
    else
        rig_say(slot, bytes, len);
    if (operation != TEXT_AND_MORE)
        rig_turn();
}

static void act_on(struct script *s, size_t slot, enum operation operation)
{
    switch (operation) {
    case HANG_UP:
        rig_hang_up(slot);
        break;
    case NOTIFY:
        rig_notify(slot);
        break;
    case RESET:
        rig_reset(slot);
        break;
    case READING:
        rig_toggle_reading(slot);
        break;
    case DELIVER:
        rig_deliver(slot, take(s));
        break;
    case DAMAGE:
        rig_damage(slot, take(s), (uint8_t)(take(s) | 1));
        break;
    default:
        break;
    }
}

static void step(struct script *s)
{
    unsigned byte = take(s);
    enum operation operation = byte & 15;
    size_t slot = byte >> 4;

    switch (operation) {
    case OPEN:
        open_slot(s, slot);
        break;
    case TEXT:
    case TEXT_AND_MORE:
    case RAW:
        say(s, slot, operation);
        break;
    case REQUEST:
        ask(s, slot);
        break;
    case TIME:
        pass(take(s));
        break;
    case TURN:
        rig_turn();
        break;
    case HOLDING:
        rig_toggle_holding();
        break;
    case RELEASE:
        rig_release((take(s) & 1) == 0);
        break;
    case TELL:
        rig_tell((take(s) & 1) != 0);
        break;
    default:
        act_on(s, slot, operation);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script s = {data, data + size};

    if (size > SCRIPT_MAX)
        return 0;
    rig_begin();
    while (s.at < s.end)
        step(&s);
    rig_end();
    return 0;
}
