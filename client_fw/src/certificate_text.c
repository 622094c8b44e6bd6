/* certificate_text.c - a certificate in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate.h"
#include "wwep_text.h"

#include <wwep/port.h>

#include <string.h>

/* The types of names that have a short form (RFC 4514, section 3); all are
 * 2.5.4.n. */
static const struct {
    uint8_t n;
    const char *text;
} types[] = {
    {3, "CN="}, {5, "serialNumber="}, {6, "C="},  {7, "L="},
    {8, "ST="}, {9, "STREET="},       {10, "O="}, {11, "OU="},
};

static void add_escaped(struct wwep_text *text, const struct wwep_der *value)
{
    text->len += wwep_text_escape(value->at, wwep_der_len(value),
                                  text->out + text->len, text->cap - text->len);
}

static const char *type_text(const struct wwep_der *oid)
{
    if (wwep_der_len(oid) == 3 && oid->at[0] == 0x55 && oid->at[1] == 0x04)
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
            if (types[i].n == oid->at[2])
                return types[i].text;
    return "?=";
}

void wwep_x509_name_text(const struct wwep_der *name, char *out, size_t cap)
{
    struct wwep_der rest = *name;
    struct wwep_der set, pair, oid, value;
    struct wwep_text text;
    uint8_t tag;

    wwep_text_start(&text, out, cap);
    while (wwep_der_take(&rest, WWEP_DER_SET, &set))
        while (wwep_der_take(&set, WWEP_DER_SEQUENCE, &pair)) {
            if (!wwep_der_take(&pair, WWEP_DER_OID, &oid) ||
                !wwep_der_next(&pair, &tag, &value))
                return;
            if (text.len > 0)
                wwep_text_add(&text, ", ");
            wwep_text_add(&text, type_text(&oid));
            add_escaped(&text, &value);
        }
}

static void add_address(struct wwep_text *text, const struct wwep_der *value)
{
    struct wwep_address address = {.len = (uint8_t)wwep_der_len(value)};
    char shown[WWEP_ADDRESS_TEXT_MAX];

    memcpy(address.bytes, value->at, address.len);
    wwep_address_text(&address, shown);
    wwep_text_add(text, shown);
}

/* GeneralNames: [1] mail, [2] host, [6] URI, [7] address; others are left
 * out. */
static void names_text(const struct wwep_der *names, char *out, size_t cap)
{
    struct wwep_der rest = *names;
    struct wwep_der value;
    struct wwep_text text;
    uint8_t tag;

    wwep_text_start(&text, out, cap);
    while (wwep_der_next(&rest, &tag, &value)) {
        size_t len = wwep_der_len(&value);
        bool address = tag == WWEP_DER_CONTEXT(7) && (len == 4 || len == 16);
        if (!address && tag != WWEP_DER_CONTEXT(1) &&
            tag != WWEP_DER_CONTEXT(2) && tag != WWEP_DER_CONTEXT(6))
            continue;
        if (text.len > 0)
            wwep_text_add(&text, ", ");
        if (address)
            add_address(&text, &value);
        else
            add_escaped(&text, &value);
    }
}

static void key_text(const struct wwep_x509 *c, char *out, size_t cap)
{
    struct wwep_text text;

    wwep_text_start(&text, out, cap);
    switch (c->key_kind) {
    case WWEP_KEY_RSA:
        wwep_text_add(&text, "RSA ");
        wwep_text_add_number(&text, c->key_bits);
        break;
    case WWEP_KEY_EC:
        wwep_text_add(&text, "EC P-");
        wwep_text_add_number(&text, c->key_bits);
        break;
    case WWEP_KEY_ED25519:
        wwep_text_add(&text, "Ed25519");
        break;
    case WWEP_KEY_OTHER:
        wwep_text_add(&text, "another kind");
        break;
    }
}

void wwep_x509_describe(const struct wwep_x509 *c, struct wwep_certificate *out)
{
    wwep_x509_name_text(&c->subject, out->subject, sizeof out->subject);
    wwep_x509_name_text(&c->issuer, out->issuer, sizeof out->issuer);
    names_text(&c->names, out->names, sizeof out->names);
    key_text(c, out->key, sizeof out->key);
    out->not_before = c->not_before;
    out->not_after = c->not_after;
}
