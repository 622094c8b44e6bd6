/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/dct.h>

#include <string.h>

#define LAYOUT    1u
#define LAYOUT_AT 8u
#define CRC_AT    12u
#define KEY_AT    WWEP_DCT_SECURITY_AT
#define CERT_AT   (KEY_AT + WWEP_DCT_PRIVATE_KEY_LEN)
#define END_AT    (WWEP_DCT_SECURITY_AT + WWEP_DCT_SECURITY_LEN)

static const uint8_t magic[LAYOUT_AT] = "WWEPDCT";

/* A bit at a time: it is done once, at start, and needs no table. */
static uint32_t crc_of(const uint8_t *bytes, size_t len)
{
    uint32_t crc = 0xFFFFFFFFu;

    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0);
    }
    return crc ^ 0xFFFFFFFFu;
}

static void put(uint8_t *at, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (8 * i));
}

static uint32_t get(const uint8_t *at)
{
    uint32_t number = 0;

    for (unsigned i = 0; i < 4; i++)
        number |= (uint32_t)at[i] << (8 * i);
    return number;
}

const char *wwep_dct_result_text(enum wwep_dct_result result)
{
    switch (result) {
    case WWEP_DCT_OK:
        return "a DCT image";
    case WWEP_DCT_NONE:
        return "not a DCT image";
    case WWEP_DCT_NEWER:
        return "a DCT image of a newer wwep-dct";
    case WWEP_DCT_DAMAGED:
        return "a damaged DCT image";
    }
    return "";
}

/* False: it has no end. */
static bool take(struct wwep_bytes *out, const uint8_t *at, size_t len)
{
    const uint8_t *end = memchr(at, '\0', len);

    *out = (struct wwep_bytes){NULL, 0};
    if (end != NULL && end > at)
        *out = (struct wwep_bytes){at, (size_t)(end - at)};
    return end != NULL;
}

enum wwep_dct_result wwep_dct_read(struct wwep_dct *out, const uint8_t *image,
                                   size_t len)
{
    struct wwep_dct dct;

    if (len < WWEP_DCT_LEN || memcmp(image, magic, sizeof magic) != 0)
        return WWEP_DCT_NONE;
    if (get(image + LAYOUT_AT) != LAYOUT)
        return WWEP_DCT_NEWER;
    if (len > WWEP_DCT_LEN ||
        get(image + CRC_AT) != crc_of(image + WWEP_DCT_SECURITY_AT,
                                      WWEP_DCT_LEN - WWEP_DCT_SECURITY_AT) ||
        !take(&dct.private_key, image + KEY_AT, WWEP_DCT_PRIVATE_KEY_LEN) ||
        !take(&dct.certificate, image + CERT_AT, WWEP_DCT_CERTIFICATE_LEN))
        return WWEP_DCT_DAMAGED;
    *out = dct;
    return WWEP_DCT_OK;
}

static bool fits(const struct wwep_bytes *text, size_t room)
{
    return text->bytes == NULL ||
           (text->len < room && memchr(text->bytes, '\0', text->len) == NULL);
}

bool wwep_dct_write(uint8_t image[WWEP_DCT_LEN], const struct wwep_dct *dct)
{
    const struct wwep_bytes *key = &dct->private_key;
    const struct wwep_bytes *certificate = &dct->certificate;

    if (!fits(key, WWEP_DCT_PRIVATE_KEY_LEN) ||
        !fits(certificate, WWEP_DCT_CERTIFICATE_LEN))
        return false;
    memset(image, 0, END_AT);
    memset(image + END_AT, 0xFF, WWEP_DCT_LEN - END_AT);
    memcpy(image, magic, sizeof magic);
    put(image + LAYOUT_AT, LAYOUT);
    if (key->bytes != NULL)
        memcpy(image + KEY_AT, key->bytes, key->len);
    if (certificate->bytes != NULL)
        memcpy(image + CERT_AT, certificate->bytes, certificate->len);
    put(image + CRC_AT, crc_of(image + WWEP_DCT_SECURITY_AT,
                               WWEP_DCT_LEN - WWEP_DCT_SECURITY_AT));
    return true;
}
