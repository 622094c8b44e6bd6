/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dct_text.h"

#include "certificate.h"
#include "complain.h"
#include "credential.h"
#include "file.h"

#include <stdlib.h>
#include <string.h>
#include <wwep/dct.h>

const char *dct_option(enum dct_kind kind)
{
    return kind == DCT_PRIVATE_KEY ? "--private-key" : "--certificate";
}

size_t dct_room(enum dct_kind kind)
{
    return (kind == DCT_PRIVATE_KEY ? WWEP_DCT_PRIVATE_KEY_LEN
                                    : WWEP_DCT_CERTIFICATE_LEN) -
           1;
}

/* --- what is in it -------------------------------------------------------- */

/* False: it is damaged, and has been complained of. */
static bool check_whole(const char *path, const struct wwep_credential *object,
                        unsigned number)
{
    size_t room = wwep_credential_room(object);
    uint8_t *bytes = malloc(room + 1);
    struct wwep_x509 x509;
    bool whole = false;

    if (bytes == NULL) {
        complain("no memory is left");
        return false;
    }
    struct wwep_der der = wwep_credential_der(object, bytes);
    if (object->kind == WWEP_CREDENTIAL_CERTIFICATE)
        whole = wwep_x509_read(&x509, der.at, wwep_der_len(&der));
    else
        whole = wwep_der_len(&der) > 0;
    if (!whole)
        complain("%s: what stands between BEGIN and END of its block %u is "
                 "damaged: get the file once more",
                 path, number);
    explicit_bzero(bytes, room + 1);
    free(bytes);
    return whole;
}

/* An object in the place of another. */
static bool check_kind(const char *path, enum dct_kind kind,
                       enum wwep_credential_kind found)
{
    switch (found) {
    case WWEP_CREDENTIAL_ENCRYPTED_KEY:
        complain("%s: the key is encrypted, and a board can not ask for the "
                 "password: decrypt it with openssl pkey -in %s -out FILE",
                 path, path);
        return false;
    case WWEP_CREDENTIAL_DAMAGED:
        complain("%s: a BEGIN without its END: the file is cut off, get it "
                 "once more",
                 path);
        return false;
    case WWEP_CREDENTIAL_KEY:
        if (kind == DCT_PRIVATE_KEY)
            return true;
        complain("%s: there is a private key in it: that belongs to "
                 "--private-key, and nowhere else",
                 path);
        return false;
    case WWEP_CREDENTIAL_CERTIFICATE:
        if (kind == DCT_CERTIFICATE)
            return true;
        complain("%s: there is a certificate in it: that belongs to "
                 "--certificate",
                 path);
        return false;
    case WWEP_CREDENTIAL_OTHER: /* as the parameters before a key */
        return true;
    }
    return true;
}

static bool complain_of_number(const char *path, enum dct_kind kind,
                               unsigned wanted)
{
    if (wanted > 1)
        complain("%s: there are %u keys in it: a board has one", path, wanted);
    else
        complain("%s: there is no %s in it: give %s another file", path,
                 kind == DCT_PRIVATE_KEY ? "private key" : "certificate",
                 dct_option(kind));
    return false;
}

static bool check_objects(const char *path, const struct file *file,
                          enum dct_kind kind)
{
    struct wwep_bytes bytes = {file->bytes, file->len};
    struct wwep_credentials all;
    struct wwep_credential object;
    unsigned wanted = 0;

    wwep_credentials_start(&all, &bytes);
    for (unsigned number = 1; wwep_credentials_next(&all, &object); number++) {
        if (!object.pem) {
            complain(object.kind == WWEP_CREDENTIAL_DAMAGED
                         ? "%s: there is no PEM in it: it has to begin with "
                           "-----BEGIN"
                         : "%s: it is DER, and the SDK takes PEM alone: make "
                           "some with wwep-certs to-pem",
                     path);
            return false;
        }
        if (!check_kind(path, kind, object.kind))
            return false;
        if (object.kind == WWEP_CREDENTIAL_OTHER)
            continue;
        if (!check_whole(path, &object, number))
            return false;
        wanted++;
    }
    if (wanted == 0 || (kind == DCT_PRIVATE_KEY && wanted > 1))
        return complain_of_number(path, kind, wanted);
    return true;
}

/* --- its lines ------------------------------------------------------------ */

/* The length of the line end that begins here; 0: none does. */
static size_t line_end(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *from = at;

    while (at < end && *at == '\r')
        at++;
    if (at < end && *at == '\n')
        at++;
    return (size_t)(at - from);
}

/* Into out, which has room for twice as much; returns the length. */
static size_t put_lines(uint8_t *out, const uint8_t *at, const uint8_t *end)
{
    size_t len = 0;

    while (at < end) {
        size_t skip = line_end(at, end);
        if (skip == 0)
            out[len++] = *at++;
        if (skip > 0 || at == end) {
            out[len++] = '\r';
            out[len++] = '\n';
        }
        at += skip;
    }
    return len;
}

static bool take(struct dct_text *text, const char *path,
                 const struct file *file, enum dct_kind kind)
{
    if (memchr(file->bytes, '\0', file->len) != NULL) {
        complain("%s: there is a NUL byte in it: no PEM has one", path);
        return false;
    }
    /* One more than twice: the last line may lack its end. */
    text->bytes = malloc(2 * file->len + 2);
    if (text->bytes == NULL) {
        complain("no memory is left");
        return false;
    }
    text->len = put_lines(text->bytes, file->bytes, file->bytes + file->len);
    if (text->len <= dct_room(kind))
        return true;
    complain("%s: too long: %zu bytes, with CR LF at the end of each line, and "
             "there is room for %zu: leave out what is not PEM%s",
             path, text->len, dct_room(kind),
             kind == DCT_CERTIFICATE ? ", or use a smaller chain"
                                     : ", or use a smaller key");
    return false;
}

bool dct_text_read(struct dct_text *text, const char *path, enum dct_kind kind)
{
    struct file file = {0};
    bool done;

    *text = (struct dct_text){0};
    if (!file_read(&file, path, dct_option(kind)))
        return false;
    done = check_objects(path, &file, kind) && take(text, path, &file, kind);
    file_free(&file);
    if (!done)
        dct_text_free(text);
    return done;
}

void dct_text_free(struct dct_text *text)
{
    if (text->bytes != NULL)
        explicit_bzero(text->bytes, text->len);
    free(text->bytes);
    *text = (struct dct_text){0};
}
