/* Happy path: wolfSSL_new() asks for a seed -> on_crypto() -> port->entropy().
 * Failures: the port has none, or what it gives stands still -> no object, and
 * nothing has been sent. Nobody else is asked.
 *
 * wolfSSL's table of devices has eight places for the whole process, no lock,
 * and its answers know the device, not the connection. So we take one place
 * for all links, and tell the function whose seed is asked for by a variable of
 * the thread. To take it is to write the table, which other threads may read:
 * so it is taken only where nobody has asked us, as it was not ours yet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_seed.h"

#include "tls_wipe.h"
#include "tls_wolfssl.h"

#include <string.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/random.h>
#ifdef WOLF_CRYPTO_CB
#include <wolfssl/wolfcrypt/cryptocb.h>
#endif

/* wolfSSL takes a seed in which two neighbours of this size are equal for a
 * source that stands still, and says "no memory"; we find it first. */
#define UNIT_LEN 4u

/* 0, or an error as of the port's. */
static int ask_port(const struct wwep_port *port, uint8_t *out, size_t len)
{
    if (port->entropy == NULL)
        return WWEP_PORT_FAILED;
    int status = port->entropy(port->ctx, out, len);
    for (size_t i = UNIT_LEN; status == 0 && i + UNIT_LEN <= len; i += UNIT_LEN)
        if (memcmp(out + i, out + i - UNIT_LEN, UNIT_LEN) == 0)
            status = WWEP_PORT_FAILED;
    return status;
}

#ifdef WOLF_CRYPTO_CB

#define DEVICE 0x57574550 /* "WWEP" */

struct request {
    const struct wwep_port *port;
    bool asked;
    bool failed;
};

/* Set while wolfSSL_new() is under way, and only then. */
#ifdef SINGLE_THREADED
static struct request *request;
#else
static _Thread_local struct request *request;
#endif

static int on_crypto(int device, wc_CryptoInfo *info, void *ctx)
{
    (void)device;
    (void)ctx;
    if (info->algo_type != WC_ALGO_TYPE_SEED)
        return CRYPTOCB_UNAVAILABLE; /* wolfSSL does it */
    /* A generator wants a new seed after a million uses, which no link comes
     * near: but never must it go and ask somebody else. */
    if (request == NULL)
        return RNG_FAILURE_E;
    request->asked = true;
    if (ask_port(request->port, info->seed.seed, info->seed.sz) == 0)
        return 0;
    request->failed = true;
    return RNG_FAILURE_E;
}

bool wwep_tls_seed_start(void)
{
    return wc_CryptoCb_RegisterDevice(DEVICE, on_crypto, NULL) == 0;
}

/* One that was made without us has another's seed, and goes. */
static void make(struct wwep_tls_link *link, struct request *mine)
{
    mine->failed = false;
    request = mine;
    link->ssl = wolfSSL_new(link->ctx);
    request = NULL;
    if (!mine->asked && link->ssl != NULL) {
        wolfSSL_free(link->ssl);
        link->ssl = NULL;
        mine->failed = true;
    }
}

enum wwep_result wwep_tls_seed_new(struct wwep_tls_link *link)
{
    struct request mine = {.port = link->setup.port};

    if (wolfSSL_CTX_SetDevId(link->ctx, DEVICE) != WOLFSSL_SUCCESS)
        return WWEP_E_MEMORY;
    make(link, &mine);
    if (!mine.asked) {
        if (!wwep_tls_seed_start())
            return WWEP_E_MEMORY;
        make(link, &mine);
    }
    if (link->ssl == NULL)
        return mine.failed ? WWEP_E_ENTROPY : WWEP_E_MEMORY;
    /* Only the generator keeps to the device: ciphers need not ask it. */
    (void)wolfSSL_SetDevId(link->ssl, INVALID_DEVID);
    return WWEP_OK;
}

#else

#define NONCE_LEN 48u

bool wwep_tls_seed_start(void)
{
    return true;
}

enum wwep_result wwep_tls_seed_new(struct wwep_tls_link *link)
{
    uint8_t nonce[NONCE_LEN];

    if (ask_port(link->setup.port, nonce, sizeof nonce) != 0)
        return WWEP_E_ENTROPY;
    link->ssl = wolfSSL_new(link->ctx);
    if (link->ssl == NULL)
        return WWEP_E_MEMORY;
#ifdef WWEP_SEED_IS_THE_PORTS
    wwep_tls_wipe(nonce, sizeof nonce);
    return WWEP_OK;
#else
    WC_RNG *rng = wolfSSL_GetRNG(link->ssl);
    (void)wc_FreeRng(rng);
    int status = wc_InitRngNonce(rng, nonce, sizeof nonce);
    wwep_tls_wipe(nonce, sizeof nonce);
    return status == 0 ? WWEP_OK : WWEP_E_MEMORY;
#endif
}

#endif
