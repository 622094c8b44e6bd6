/* usage.c - what wwep -h says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs.h"

#include <stdio.h>

static const char verbs_text[] =
    "usage: wwep [OPTION...] VERB ...\n"
    "\n"
    "  write DEV REG VALUE   write a register\n"
    "  read DEV REG          read a register\n"
    "  read DEV              read all 256, and list those that were written\n"
    "  board [--mac M]       a board with two buttons: keys 0 and 1; q ends\n"
    "  check [HOST[:PORT]]   the protocol's cases against a server: --tap,\n"
    "                        --device DEV, --yes\n"
    "  bench                 a load: -c CONNECTIONS, -n EXCHANGES or -d "
    "SECONDS,\n"
    "                        --rate, --resume, --keep-open, --idle N; wwep(1)\n"
    "  demo mim [--pause]    the man in the middle, all on this machine\n"
    "  help                  print this\n"
    "\n"
    "DEV is four hex digits, or the board's MAC address; REG two hex digits,\n"
    "VALUE four. The reply's value goes to standard output.\n"
    "\n";

static const char options_text[] =
    "  -H, --host HOST[:PORT]   the server [localhost]; [::1]:27708\n"
    "      --plain              in the clear, port 27708: the default\n"
    "      --tls                over TLS, port 40508; what follows means TLS\n"
    "      --ca FILE            the root certificates to trust\n"
    "      --cert FILE          our certificate, if the server asks for one\n"
    "      --key FILE           its private key\n"
    "      --name NAME          the name in the server's certificate\n"
    "      --tls-version V      1.2 or 1.3 alone\n"
    "      --insecure           do not check the server's certificate\n"
    "      --timeout S          seconds for each exchange [10]\n"
    "      --json               the result as a JSON object\n"
    "  -v, --verbose            tell what happens, on standard error\n"
    "      --keylog FILE        append the secrets, for Wireshark\n"
    "  -h, --help               print this\n"
    "  -V, --version            print the version\n"
    "\n"
    "Exit: 0 accepted (A), 1 refused (X), 2 wrong use, 3 no connection,\n"
    "4 TLS failed, 5 timeout, 6 other. Defaults: WWEP_HOST, WWEP_CA, ... and\n"
    "~/.config/wwep/config; see wwep(1).\n";

void usage_print(void)
{
    fputs(verbs_text, stdout);
    fputs(options_text, stdout);
}
