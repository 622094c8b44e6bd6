/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/result.h>

const char *wwep_result_text(enum wwep_result result)
{
#define RESULT_TEXT(name, number, text) \
    case name:                          \
        return text;
    switch (result) {
        WWEP_RESULT_MAP(RESULT_TEXT)
    }
#undef RESULT_TEXT
    return "unknown result";
}
