/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_secure.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void unit_secure_setup(void)
{
    free(unit_write(unit_pki_folder, "log", ""));
    unit_log_open(unit_pki_folder, CONFIG_LOG_DEBUG);
}

void unit_secure_teardown(void)
{
    unit_log_close();
}

static char *put_path(char path[4096], const char *name)
{
    snprintf(path, 4096, "%s/%s", unit_pki_folder, name);
    return path;
}

void unit_secure_init(struct unit_secure *s, const char *certificate,
                      const char *private_key)
{
    memset(s, 0, sizeof *s);
    s->tls.certificate = put_path(s->paths[0], certificate);
    s->tls.private_key = put_path(s->paths[1], private_key);
    s->listener.name = (char *)"secure";
    s->listener.address = (char *)"*";
    s->listener.tls = &s->tls;
    s->config.file = (char *)"wwepd.yaml";
    s->config.listeners = &s->listener;
    s->config.n_listeners = 1;
}

void unit_secure_ask(struct unit_secure *s, enum config_client_auth auth,
                     const char *client_ca, const char *crl)
{
    s->tls.client_auth = auth;
    s->tls.client_ca = put_path(s->paths[2], client_ca);
    s->tls.crl = crl != NULL ? put_path(s->paths[3], crl) : NULL;
}

struct tls_context *unit_secure_open(struct unit_secure *s)
{
    struct tls_context *c = tls_context_new(&s->config, &s->listener, s->error);

    ck_assert_msg(c != NULL, "%s", s->error);
    return c;
}

/* The words with the folder in place of each '%'. */
static void expand(const char *words, char *out, size_t cap)
{
    size_t len = 0;

    for (; *words != '\0' && len + 1 < cap; words++) {
        if (*words == '%')
            len +=
                (size_t)snprintf(out + len, cap - len, "%s", unit_pki_folder);
        else
            out[len++] = *words;
    }
    out[len < cap ? len : cap - 1] = '\0';
}

void unit_secure_refused(struct unit_secure *s, const char *key,
                         const char *words)
{
    char expected[2 * TLS_ERROR_MAX];
    char text[TLS_ERROR_MAX];

    ck_assert_ptr_null(tls_context_new(&s->config, &s->listener, s->error));
    expand(words, text, sizeof text);
    snprintf(expected, sizeof expected,
             "wwepd.yaml: listeners[secure].tls.%s: "
             "%s",
             key, text);
    ck_assert_msg(strncmp(s->error, expected, strlen(expected)) == 0,
                  "wanted %s\nand got %s", expected, s->error);
    ck_assert_ptr_null(strchr(s->error, '\n'));
}
