/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wwep_fault.h"

#include "wwep_text.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct words {
    const char *text;
#ifndef WWEP_NO_ADVICE
    const char *advice;
#endif
};

#ifndef WWEP_NO_ADVICE
#define WORDS(name, text, advice) [name] = {text, advice},
#else
#define WORDS(name, text, advice) [name] = {text},
#endif
static const struct words words[WWEP_FAULT_KINDS] = {
    WORDS(WWEP_FAULT_NONE, "", "") WWEP_FAULT_MAP(WORDS)};
#undef WORDS

struct alert {
    uint8_t number;
    uint8_t kind; /* enum wwep_fault_kind */
#ifndef WWEP_NO_ADVICE
    const char *name;
#endif
};

#ifndef WWEP_NO_ADVICE
#define ALERT(number, name, kind) \
    {                             \
        number, kind, name        \
    }
#else
#define ALERT(number, name, kind) \
    {                             \
        number, kind              \
    }
#endif

/* RFC 8446 appendix B.2, which has those of RFC 5246 too. */
static const struct alert alerts[] = {
    ALERT(0, "close_notify", WWEP_FAULT_ALERT),
    ALERT(10, "unexpected_message", WWEP_FAULT_ALERT),
    ALERT(20, "bad_record_mac", WWEP_FAULT_ALERT),
    ALERT(21, "decryption_failed", WWEP_FAULT_ALERT),
    ALERT(22, "record_overflow", WWEP_FAULT_ALERT),
    ALERT(30, "decompression_failure", WWEP_FAULT_ALERT),
    ALERT(40, "handshake_failure", WWEP_FAULT_ALERT),
    ALERT(41, "no_certificate", WWEP_FAULT_ALERT),
    ALERT(42, "bad_certificate", WWEP_FAULT_ALERT_BAD_CERTIFICATE),
    ALERT(43, "unsupported_certificate", WWEP_FAULT_ALERT_BAD_CERTIFICATE),
    ALERT(44, "certificate_revoked", WWEP_FAULT_ALERT_REVOKED),
    ALERT(45, "certificate_expired", WWEP_FAULT_ALERT_EXPIRED),
    ALERT(46, "certificate_unknown", WWEP_FAULT_ALERT_BAD_CERTIFICATE),
    ALERT(47, "illegal_parameter", WWEP_FAULT_ALERT),
    ALERT(48, "unknown_ca", WWEP_FAULT_ALERT_UNKNOWN_CA),
    ALERT(49, "access_denied", WWEP_FAULT_ALERT),
    ALERT(50, "decode_error", WWEP_FAULT_ALERT),
    ALERT(51, "decrypt_error", WWEP_FAULT_ALERT),
    ALERT(60, "export_restriction", WWEP_FAULT_ALERT),
    ALERT(70, "protocol_version", WWEP_FAULT_ALERT_VERSION),
    ALERT(71, "insufficient_security", WWEP_FAULT_ALERT),
    ALERT(80, "internal_error", WWEP_FAULT_ALERT),
    ALERT(86, "inappropriate_fallback", WWEP_FAULT_ALERT),
    ALERT(90, "user_canceled", WWEP_FAULT_ALERT),
    ALERT(100, "no_renegotiation", WWEP_FAULT_ALERT),
    ALERT(109, "missing_extension", WWEP_FAULT_ALERT),
    ALERT(110, "unsupported_extension", WWEP_FAULT_ALERT),
    ALERT(111, "certificate_unobtainable", WWEP_FAULT_ALERT),
    ALERT(112, "unrecognized_name", WWEP_FAULT_ALERT),
    ALERT(113, "bad_certificate_status_response", WWEP_FAULT_ALERT),
    ALERT(114, "bad_certificate_hash_value", WWEP_FAULT_ALERT),
    ALERT(115, "unknown_psk_identity", WWEP_FAULT_ALERT),
    ALERT(116, "certificate_required", WWEP_FAULT_ALERT_NO_CERTIFICATE),
    ALERT(120, "no_application_protocol", WWEP_FAULT_ALERT),
};

/* Nothing is ever cut: this is the longest name; a code is shorter. */
#define FITS(name, text, advice)                                            \
    _Static_assert(                                                         \
        sizeof(text " (alert bad_certificate_status_response): " advice) <= \
            WWEP_FAULT_LINE_MAX,                                            \
        "WWEP_FAULT_LINE_MAX is too small for " #name);
WWEP_FAULT_MAP(FITS)
#undef FITS

static const struct words *words_of(enum wwep_fault_kind kind)
{
    return &words[(unsigned)kind < WWEP_FAULT_KINDS ? kind : WWEP_FAULT_NONE];
}

const char *wwep_fault_text(enum wwep_fault_kind kind)
{
    return words_of(kind)->text;
}

const char *wwep_fault_advice(enum wwep_fault_kind kind)
{
#ifndef WWEP_NO_ADVICE
    return words_of(kind)->advice;
#else
    (void)kind;
    return "";
#endif
}

/* NULL: not listed. */
static const struct alert *find_alert(int number)
{
    for (size_t i = 0; i < LENGTH(alerts); i++) {
        if (alerts[i].number == number)
            return &alerts[i];
    }
    return NULL;
}

enum wwep_fault_kind wwep_fault_of_alert(int alert)
{
    const struct alert *found = find_alert(alert);

    return found != NULL ? (enum wwep_fault_kind)found->kind : WWEP_FAULT_ALERT;
}

/* NULL: it has none, or this build has no names. */
static const char *alert_name(int alert)
{
#ifndef WWEP_NO_ADVICE
    const struct alert *found = find_alert(alert);

    return found != NULL ? found->name : NULL;
#else
    (void)alert;
    return NULL;
#endif
}

const char *wwep_alert_name(int alert)
{
    const char *name = alert_name(alert);

    return name != NULL ? name : "unknown";
}

static void add_int(struct wwep_text *line, int number)
{
    if (number < 0)
        wwep_text_add(line, "-");
    /* Unsigned: INT_MIN has no positive counterpart. */
    wwep_text_add_number(line,
                         number < 0 ? 0u - (unsigned)number : (unsigned)number);
}

static void add_alert(struct wwep_text *line, int number)
{
    const char *name = alert_name(number);

    if (name != NULL)
        wwep_text_add(line, name);
    else
        add_int(line, number);
}

size_t wwep_fault_format(const struct wwep_fault *fault,
                         char out[WWEP_FAULT_LINE_MAX])
{
    const struct words *w = words_of(fault->kind);
    struct wwep_text line;

    wwep_text_start(&line, out, WWEP_FAULT_LINE_MAX);
    if (w == &words[WWEP_FAULT_NONE])
        return 0;

    wwep_text_add(&line, w->text);
    if (fault->alert >= 0) {
        wwep_text_add(&line, " (alert ");
        add_alert(&line, fault->alert);
        wwep_text_add(&line, ")");
    } else if (fault->code != 0) {
        wwep_text_add(&line, " (code ");
        add_int(&line, fault->code);
        wwep_text_add(&line, ")");
    }
    if (*wwep_fault_advice(fault->kind) != '\0') {
        wwep_text_add(&line, ": ");
        wwep_text_add(&line, wwep_fault_advice(fault->kind));
    }
    return line.len;
}
