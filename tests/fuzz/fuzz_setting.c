/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "fuzz_setting.h"

#include "device.h"
#include "fuzz.h"
#include "fuzz_file.h"
#include "fuzz_model.h"
#include "fuzz_pki.h"
#include "log.h"

#include <string.h>

static struct config_tls tls_files = {.client_auth = CONFIG_CLIENT_AUTH_NONE};
static struct config_tls mutual_files = {.client_auth =
                                             CONFIG_CLIENT_AUTH_REQUIRED};
struct config_listener setting_listeners[RIG_LISTENERS] = {
    [RIG_PLAIN] = {.name = (char *)"plain"},
    [RIG_EXPLAINING] = {.name = (char *)"explaining", .explain_errors = true},
    [RIG_LINES] = {.name = (char *)"lines",
                   .explain_errors = true,
                   .keep_open = true},
    [RIG_TLS] = {.name = (char *)"tls", .tls = &tls_files},
    [RIG_MUTUAL] = {.name = (char *)"mutual",
                    .explain_errors = true,
                    .keep_open = true,
                    .write = CONFIG_WRITE_OWN,
                    .tls = &mutual_files},
};
const struct config setting_config = {
    .workers = 1,
    .listeners = setting_listeners,
    .n_listeners = RIG_LISTENERS,
    .timeouts = {.message_ms = MODEL_MESSAGE_MS,
                 .idle_s = MODEL_IDLE_MS / 1000,
                 .handshake_s = MODEL_HANDSHAKE_MS / 1000,
                 .drain_s = 5},
    .limits = {.connections = RIG_SLOTS},
    .store = {.durability = CONFIG_STORE_MEMORY},
};
static struct tls_context *contexts[RIG_LISTENERS];
static WOLFSSL_CTX *clients[RIG_CLIENTS][2]; /* TLS 1.3 and 1.2 */

static char *memory_file(enum fuzz_pki_name name, enum fuzz_pki_name more)
{
    static struct fuzz_file files[8];
    static size_t n;
    char text[8192];
    size_t len = fuzz_pki()[name].len;

    FUZZ_CHECK(n < 8);
    fuzz_file_init(&files[n]);
    memcpy(text, fuzz_pki()[name].text, len);
    if (more != name) {
        memcpy(text + len, fuzz_pki()[more].text, fuzz_pki()[more].len);
        len += fuzz_pki()[more].len;
    }
    fuzz_file_set(&files[n], text, len);
    return files[n++].path;
}

static const struct setting_identity identities[RIG_CLIENTS] = {
    [RIG_BOARD] = {FUZZ_PKI_CLIENT, true, "board", 0x0FAC},
    [RIG_FORGER] = {FUZZ_PKI_OTHER, false, "", DEVICE_NONE},
    [RIG_BELOW] = {FUZZ_PKI_BELOW, true, "below", 0x0001},
    [RIG_REVOKED] = {FUZZ_PKI_REVOKED, false, "", DEVICE_NONE},
    [RIG_BARE] = {FUZZ_PKI_BARE, true, "bare", DEVICE_NONE},
};

const struct setting_identity *setting_identity(enum rig_client client)
{
    return identities[client].name != NULL ? &identities[client] : NULL;
}

static WOLFSSL_CTX *client_context(WOLFSSL_METHOD *method,
                                   enum rig_client client)
{
    const struct setting_identity *who = setting_identity(client);
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(method);
    char chain[8192];

    FUZZ_CHECK(ctx != NULL);
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
    if (who == NULL)
        return ctx;
    int len =
        snprintf(chain, sizeof chain, "%s%s", fuzz_pki()[who->pem].text,
                 client == RIG_BELOW ? fuzz_pki()[FUZZ_PKI_SUB].text : "");
    FUZZ_CHECK(wolfSSL_CTX_use_certificate_chain_buffer(
                   ctx, (const uint8_t *)chain, len) == WOLFSSL_SUCCESS);
    const struct fuzz_pem *key = &fuzz_pki()[who->pem + 1];
    FUZZ_CHECK(wolfSSL_CTX_use_PrivateKey_buffer(
                   ctx, (const uint8_t *)key->text, (long)key->len,
                   WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS);
    return ctx;
}

void setting_make(void)
{
    char error[TLS_ERROR_MAX] = "";

    FUZZ_CHECK(tls_library_init() == 0);
    FUZZ_CHECK(log_open(CONFIG_LOG_DEBUG, "/dev/null") == 0);
    tls_files.certificate = memory_file(FUZZ_PKI_SERVER, FUZZ_PKI_SUB);
    tls_files.private_key =
        memory_file(FUZZ_PKI_SERVER_KEY, FUZZ_PKI_SERVER_KEY);
    mutual_files.certificate = tls_files.certificate;
    mutual_files.private_key = tls_files.private_key;
    mutual_files.client_ca = memory_file(FUZZ_PKI_CA, FUZZ_PKI_CA);
    mutual_files.crl = memory_file(FUZZ_PKI_CRL, FUZZ_PKI_SUB_CRL);
    for (int i = RIG_TLS; i <= RIG_MUTUAL; i++) {
        contexts[i] =
            tls_context_new(&setting_config, &setting_listeners[i], error);
        if (contexts[i] == NULL)
            fprintf(stderr, "%s\n", error);
        FUZZ_CHECK(contexts[i] != NULL);
    }
    for (enum rig_client i = 0; i < RIG_CLIENTS; i++) {
        clients[i][0] = client_context(wolfTLSv1_3_client_method(), i);
        clients[i][1] = client_context(wolfTLSv1_2_client_method(), i);
    }
}

struct tls_context *setting_context(enum rig_listener listener)
{
    return contexts[listener];
}

WOLFSSL_CTX *setting_client(enum rig_client client, bool tls_1_2)
{
    return clients[client][tls_1_2];
}
