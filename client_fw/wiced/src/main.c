/* main(), alone in its object: a program with one of its own, as a test, does
 * not get this one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "main_run.h"
#include "wiced_management.h"

int main(int argc, char **argv)
{
    return main_run(argc, argv, application_start);
}
