/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "credentials.h"

#include <wwep/dct.h>

static const char nowhere[] = "none";
static const char program[] = "from the program";
static const char table[] = "from the DCT";

bool credentials_choose(struct board_setup *setup,
                        struct credentials_origin *origin,
                        const char **dct_trouble)
{
    struct wwep_dct dct;
    enum wwep_dct_result result;

    *origin = (struct credentials_origin){
        .roots = setup->roots.bytes != NULL ? program : nowhere,
        .identity = setup->key.bytes != NULL ? program : nowhere,
    };
    if (setup->dct.bytes == NULL)
        return true;
    result = wwep_dct_read(&dct, setup->dct.bytes, setup->dct.len);
    if (result == WWEP_DCT_NONE)
        return true;
    *dct_trouble = wwep_dct_result_text(result);
    if (result != WWEP_DCT_OK)
        return false;
    if (dct.private_key.bytes != NULL && dct.certificate.bytes != NULL) {
        setup->certificate = dct.certificate;
        setup->key = dct.private_key;
        origin->identity = table;
    } else if (dct.certificate.bytes != NULL) {
        setup->roots = dct.certificate;
        origin->roots = table;
    }
    return true;
}
