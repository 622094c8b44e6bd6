/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/port.h>

const char *wwep_port_error_text(int error)
{
    switch ((enum wwep_port_error)error) {
    case WWEP_PORT_FAILED:
        return "it failed";
    case WWEP_PORT_TIMEOUT:
        return "it took too long";
    case WWEP_PORT_NO_NAME:
        return "there is no such name";
    case WWEP_PORT_REFUSED:
        return "nobody listens there";
    case WWEP_PORT_UNREACHABLE:
        return "there is no way there";
    case WWEP_PORT_RESET:
        return "the peer has cut the connection off";
    }
    return error == 0 ? "no error" : "unknown error";
}
