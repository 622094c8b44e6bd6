/* fuzz_model.h - what wwep(7) says must come of the bytes on a connection, and
 * of the time between them: told once more, in other words than the server's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "wwep_reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_BYTES_MAX    4096u /* at once: what a transport reads at once */
#define MODEL_OUTCOMES_MAX 2048u
#define MODEL_PIECES_MAX   1024u

#define MODEL_MESSAGE_MS   250u
#define MODEL_IDLE_MS      10000u
#define MODEL_HANDSHAKE_MS 5000u

/* One reply. */
struct outcome {
    bool accepted;
    bool any_value; /* whose value nobody can know, or whether there is one */
    bool line;      /* it ends with an LF */
    uint16_t device;
    uint8_t reg;
    uint16_t value;
    struct wwep_reason why; /* of an X */
};

/* What is known of the registers. */
struct model_registers {
    struct {
        uint16_t device;
        uint8_t reg;
        uint16_t value;
        bool vague;
    } all[MODEL_OUTCOMES_MAX];
    size_t n;
};

void model_registers_set(struct model_registers *r, uint16_t device,
                         uint8_t reg, uint16_t value, bool vague);

struct model {
    struct model_registers *registers;
    const bool *holding; /* writes take their time */
    bool keep_open;
    bool own; /* no write but to this device: */
    int32_t device;

    bool ready; /* the handshake is over */
    bool open;  /* it is listened to */
    bool held;  /* a write is under way */
    bool ended; /* by its client */
    uint64_t accepted_ms;
    uint64_t deadline_ms;
    uint64_t armed; /* which of two with one deadline comes first */
    uint8_t in[MODEL_BYTES_MAX]; /* that has come, and is not taken */
    size_t in_len;
    size_t pieces[MODEL_PIECES_MAX]; /* of it: the records of TLS */
    size_t n_pieces;
    size_t rest_len; /* what of it had been read before the write was held */
    uint8_t request[MODEL_BYTES_MAX];
    size_t request_len;
    struct outcome held_as;
    struct outcome outcomes[MODEL_OUTCOMES_MAX];
    size_t n;
};

/* tls: it waits for model_ready(). */
void model_open(struct model *m, bool tls, uint64_t now_ms);
void model_ready(struct model *m, uint64_t now_ms);

/* Bytes, and the client's end, have come to the socket. record: all of one. */
void model_bytes(struct model *m, const uint8_t *bytes, size_t len,
                 bool record);
void model_end(struct model *m);

/* The server has looked at the clock, and then at the socket. */
bool model_is_due(const struct model *m, uint64_t now_ms);
void model_strike(struct model *m, uint64_t now_ms);
void model_turn(struct model *m, uint64_t now_ms);

/* The write that is held is over. */
void model_release(struct model *m, bool stored, uint64_t now_ms);

enum model_verdict { MODEL_INCOMPLETE, MODEL_WELL_FORMED, MODEL_REFUSED };

/* Rules 1 to 3. whole: no more will come. Fills in what the outcome has of the
 * request, or why. */
enum model_verdict model_judge(const uint8_t *bytes, size_t len, bool whole,
                               struct outcome *out);

#endif
