/* demo.c - the verb `wwep demo`.
 *
 * A demonstration takes no addresses: it is between this machine and itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "demo.h"

#include "verbs.h"

#include <string.h>

int verb_demo(struct wwep_options *options, int argc, char **argv)
{
    bool pause = false;
    bool mim = false;

    (void)options;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--pause") == 0) {
            pause = true;
        } else if (strcmp(argv[i], "mim") == 0 && !mim) {
            mim = true;
        } else {
            complain("demo does not know %s: there is `wwep demo mim`, and "
                     "--pause behind it; a demonstration takes no address",
                     argv[i]);
            return WWEP_EXIT_USAGE;
        }
    }
    if (!mim) {
        complain("say which demonstration: wwep demo mim, the man in the "
                 "middle");
        return WWEP_EXIT_USAGE;
    }
    return demo_mim(pause);
}
