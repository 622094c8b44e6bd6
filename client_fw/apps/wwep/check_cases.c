/* check_cases.c - the protocol's cases, and what a failure of each means.
 *
 * Source: wwep(7), and tests/wwep-vectors.tsv. Whoever changes one of those
 * looks here, too. What may differ between servers is not judged: whether an X
 * has a reason behind it, and what happens to bytes that come when a
 * well-formed request has its reply already.
 *
 * Over TLS no client ends its side alone: a FIN without close_notify may be
 * forged, and many a TLS library refuses to go on behind it.
 *
 * A server that takes what it should refuse still writes to a device of ours:
 * where a request is wrong, it is so behind the device, if it can be.
 *
 * Scripts: see check_script.h. Registers: 00, 0B, 0C, FF, 20 to 27 and B0 are
 * written, and those that @N stands for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_run.h"

/* --- what several cases have to say ----------------------------------------
 */

static const char one_recv[] =
    "It doesn't wait for the rest of a request that comes in two segments: "
    "it takes what one recv() returns for the whole request. TCP carries "
    "bytes, not messages. Read on until there are 7 bytes (R) or 11 (W).";

static const char digits_only[] =
    "It takes a byte that is no hex digit. sscanf(\"%4x\") and strtol() skip "
    "spaces, and take a sign, 0x, and fewer digits than you want: look at "
    "each byte with isxdigit() first.";

static const char too_long[] =
    "It reads its 7 or 11 bytes, and doesn't look whether more came with "
    "them. Only one LF, or one CRLF, may follow a request. (For a wwepd with "
    "keep_open each line is a request of its own: check another port.)";

static const char line_ends[] =
    "People type requests into nc, which puts a line end behind them: one LF, "
    "or one CRLF, behind a request belongs to it.";

static const char short_taken[] =
    "It takes a request that is too short for a whole one, and makes up the "
    "rest. A W has 11 bytes, an R has 7.";

/* --- the table -------------------------------------------------------------
 */

const struct check_case check_cases[] = {
    {.section = "Write and read",
     .name = "a write is answered by A, and what was written",
     .script = "*W@D0B1234 -> A@D0B1234\n",
     .means = "This is the first thing that a server does. The reply has the "
              "device, the register and the value of the request: 11 bytes."},
    {.name = "a read gives the value that was written",
     .script = "W@D0B5678 -> A@D0B5678\n"
               "*R@D0B -> A@D0B5678\n",
     .means = "It doesn't keep what is written, or looks it up in the wrong "
              "place. The values must outlive the connection."},
    {.name = "the last write counts",
     .script = "W@D0B0001 -> A@D0B0001\n"
               "*W@D0B0002 -> A@D0B0002\n"
               "*R@D0B -> A@D0B0002\n",
     .means = "A second write must find the entry of the first, not make "
              "another one behind it."},
    {.name = "the values 0000 and FFFF",
     .script = "*W@D0BFFFF -> A@D0BFFFF\n"
               "*R@D0B -> A@D0BFFFF\n"
               "*W@D0B0000 -> A@D0B0000\n"
               "*R@D0B -> A@D0B0000\n",
     .means = "0000 is a value, too, and not a register that nobody has "
              "written; FFFF wants 16 bits without a sign."},
    {.name = "the registers 00 and FF",
     .script = "*W@D00CAFE -> A@D00CAFE\n"
               "*W@DFFBEEF -> A@DFFBEEF\n"
               "*R@D00 -> A@D00CAFE\n"
               "*R@DFF -> A@DFFBEEF\n",
     .means = "A device has 256 registers, from 00 to FF: look at the size of "
              "the table and at the comparisons with its ends."},
    {.name = "a register that nobody has written is refused",
     .script = "*R@D@N -> X\n",
     .means = "A read of what nobody has written is answered by X."},
    {.name = "registers are apart",
     .script = "W@D0B1111 -> A@D0B1111\n"
               "W@D0C2222 -> A@D0C2222\n"
               "W@DB03333 -> A@DB03333\n"
               "*R@D0B -> A@D0B1111\n"
               "*R@D0C -> A@D0C2222\n",
     .means = "It mixes up registers of one device: look at what it compares "
              "when it looks one up."},
    {.name = "devices are apart",
     .script = "W@D0B4444 -> A@D0B4444\n"
               "W@E0B5555 -> A@E0B5555\n"
               "*R@D0B -> A@D0B4444\n"
               "*R@E0B -> A@E0B5555\n",
     .means = "It mixes up the devices: one board would switch another's LED. "
              "It must look up device and register, both."},
    {.name = "what one device has written, another has not",
     .script = "*R@E@N -> X\n"
               "W@D@N6666 -> A@D@N6666\n"
               "*R@E@N -> X\n",
     .means = "It mixes up the devices: a read must look for device and "
              "register, both.",
     .accepted = "It gives one device's value to another: a read must look "
                 "for device and register, both."},

    {.section = "How it is written",
     .name = "hex digits may be lower case in a request",
     .script = "*W@d0babcd -> A@D0BABCD\n"
               "*R@d0b -> A@D0BABCD\n",
     .means = "Requests may have a to f as well as A to F."},
    {.name = "a reply has upper-case digits",
     .script = "*W@D0BABCD -> A@D0BABCD\n"
               "*R@d0b -> A@D0BABCD\n"
               "*W@d0bfeed -> A@D0BFEED\n",
     .strict = CHECK_STRICT_CASE,
     .means = "printf() wants %X instead of %x; and a reply is made from the "
              "numbers, not copied from the request."},
    {.name = "a reply is 11 bytes, or X, and no more",
     .script = "*W@D0B1234 -> A@D0B1234\n"
               "*R@D0B -> A@D0B1234\n"
               "*Q -> X\n",
     .strict = CHECK_STRICT_BYTES,
     .means = "Is it a line end, or the NUL of a C string, sent with the "
              "reply? Send strlen() bytes of it."},
    {.name = "the server closes after its reply",
     .script = "*W@D0B1234 -> A@D0B1234\n"
               "*R@D0B -> A@D0B1234\n"
               "*Q -> X\n",
     .how = CHECK_TO_THE_END,
     .strict = CHECK_STRICT_END,
     .means = "One connection is one exchange: after its reply the server "
              "closes. nc waits for that, and a client knows by it that "
              "nothing follows the X."},
    {.name = "one LF may follow",
     .script = "*W@D0B1234\\n -> A@D0B1234\n"
               "*R@D0B\\n -> A@D0B1234\n",
     .means = line_ends},
    {.name = "one CRLF may follow",
     .script = "*W@D0B1235\\r\\n -> A@D0B1235\n"
               "*R@D0B\\r\\n -> A@D0B1235\n",
     .means = line_ends},

    {.section = "What is refused",
     .name = "any first byte but W and R",
     .script = "*Q@D0B1234 -> X\n"
               "*w@D0B1234 -> X\n"
               "*r@D0B -> X\n"
               "*A@D0B1234 -> X\n"
               "*X -> X\n"
               "* R@D0B -> X\n"
               "*\\n -> X\n"
               "*\\x00 -> X\n"
               "*GET / HTTP/1.1\\r\\n\\r\\n -> X\n",
     .means = "The first byte decides: W or R, in upper case; X at once for "
              "any other. Does it wait for more bytes before it looks?",
     .accepted = "The first byte decides: W or R, in upper case; X at once "
                 "for any other."},
    {.name = "a write with one digit that is none, at each place",
     .script = "W@D0B1234 -> A@D0B1234\n"
               "*W@D0B1234 -> X\n"
               "R@D0B -> A@D0B1234\n",
     .vary = CHECK_DIGIT_EACH,
     .means = digits_only},
    {.name = "a read with one digit that is none, at each place",
     .script = "*R@D0B -> X\n",
     .vary = CHECK_DIGIT_EACH,
     .means = digits_only},
    {.name = "what scanf() would take: 0x, signs, spaces",
     .script = "*W@D0x1234 -> X\n"
               "*W@D+B1234 -> X\n"
               "*W@D B1234 -> X\n"
               "*W@D0B0x12 -> X\n"
               "*W@D0B-123 -> X\n"
               "*W@D0B 123 -> X\n"
               "*R@D+B -> X\n",
     .means = digits_only},
    {.name = "a request that is too short, and the client's end",
     .script = "*W@D0B1234<FIN> -> X\n"
               "*R@D0B<FIN> -> X\n",
     .vary = CHECK_SHORT_EACH,
     .flags = CHECK_PLAIN_ALONE,
     .means = "When recv() returns 0 the client has said all that it had to "
              "say: what came is too short, and wants its X. It can still "
              "read.",
     .accepted = short_taken},
    {.name = "a request that is too short, and a line end",
     .script = "*W@D0\\n -> X\n"
               "*W@D0B123\\n -> X\n"
               "*R@D0\\r\\n -> X\n"
               "*W\\n -> X\n",
     .means = "A line end is no hex digit: X at once.",
     .accepted = short_taken},
    {.name = "a request that is too short, and a client that waits",
     .script = "*W@D0 -> X\n"
               "*R -> X\n"
               "*W@D0B123 -> X\n",
     .flags = CHECK_TIMED,
     .means = "It waits for the rest for ever, and the client with it. Give "
              "up after 250 ms without a byte, with an X: SO_RCVTIMEO, poll() "
              "or a time limit of the receive call. The course's clients wait "
              "500 ms.",
     .accepted = short_taken},
    {.name = "a request that is too long",
     .script = "W@D0B1234 -> A@D0B1234\n"
               "*W@D0B56789 -> X\n"
               "*W@D0B5678W@D0B5678 -> X\n"
               "*R@D0B5678 -> X\n"
               "*R@D0BR@D0B -> X\n"
               "*R@D0B\\n\\n -> X\n"
               "*R@D0B\\r\\r -> X\n"
               "*W@D0B5678\\nx -> X\n"
               "*R@D0B -> A@D0B1234\n",
     .means = too_long,
     .accepted = too_long},
    {.name = "a refused write writes nothing",
     .script = "W@D0B1234 -> A@D0B1234\n"
               "W@D0B567\\n -> X\n"
               "W@D0B567G -> X\n"
               "*R@D0B -> A@D0B1234\n",
     .means = "It writes first, and judges then. Look at the whole request "
              "before you touch the register.",
     .accepted = "It takes what it should refuse: see the cases above."},

    {.section = "On a real network",
     .name = "a write that comes in two segments, cut at each place",
     .script = "*W@D0BA5A5 -> A@D0BA5A5\n",
     .vary = CHECK_CUT_EACH,
     .means = one_recv},
    {.name = "a read that comes in two segments, cut at each place",
     .script = "W@D0B7777 -> A@D0B7777\n"
               "*R@D0B -> A@D0B7777\n",
     .vary = CHECK_CUT_EACH,
     .means = one_recv},
    {.name = "requests that come byte by byte",
     .script = "*W@D0B7878 -> A@D0B7878\n"
               "*R@D0B -> A@D0B7878\n",
     .vary = CHECK_CUT_ALL,
     .means = one_recv},
    {.name = "a line end that comes by itself",
     .script = "*W@D0B7979|\\n -> A@D0B7979\n"
               "*R@D0B|\\r\\n -> A@D0B7979\n",
     .means = "The request was complete with its last digit, and had its reply "
              "then; a line end behind it changes nothing."},
    {.name = "a client that ends its side behind its request",
     .script = "*W@D0B1234<FIN> -> A@D0B1234\n"
               "*R@D0B<FIN> -> A@D0B1234\n",
     .flags = CHECK_PLAIN_ALONE,
     .means = "nc -N does so: it has no more to say, and waits for the reply. "
              "The end of its side is not the end of ours."},
    {.name = "a client that says nothing and ends",
     .script = "*<FIN> -> <CLOSE>\n",
     .means =
         "Nothing was asked: close the connection, without a reply. recv() "
         "has returned 0."},
    {.name = "the reply is not lost where more came than was read",
     .script = "*Q@D0B1234<FILL> -> X\n"
               "*GET / HTTP/1.1\\r\\nHost: wwep\\r\\n\\r\\n -> X\n",
     .how = CHECK_TO_THE_END,
     .strict = CHECK_STRICT_RESET,
     .means = "Who closes a socket while there are bytes in it that were not "
              "read sends a RST, and that may destroy the reply on its way. "
              "After an X call shutdown(SHUT_WR), read what still comes, for a "
              "second at most, and close then."},
    {.name = "eight clients at once",
     .run = check_many_at_once,
     .means = "Each must get its own reply. Are there buffers or a socket that "
              "all connections share? Is the backlog of listen() too short?"},
    {.name = "a client that connects and is silent holds up nobody",
     .run = check_silent_client,
     .means = "The server takes one client at a time, as the course's own "
              "server does: while one is connected and silent, the class "
              "waits. Give each connection a thread, or wait for all of them "
              "with poll() or select()."},
    {.name = "a client that stops within its request holds up nobody",
     .run = check_halting_client,
     .means = "The server takes one client at a time, as the course's own "
              "server does, and this one has stopped in the middle. Give each "
              "connection a thread, or wait for all of them with poll() or "
              "select(); and give up after 250 ms."},

    {.section = "TLS",
     .name = "TLS 1.2",
     .script = "*W@D0B1212 -> A@D0B1212\n",
     .flags = CHECK_TLS_ALONE | CHECK_TLS_1_2,
     .means = "The course's boards speak TLS 1.2 at most: without it none of "
              "them gets in."},
    {.name = "TLS 1.3",
     .script = "*W@D0B1313 -> A@D0B1313\n",
     .flags = CHECK_TLS_ALONE | CHECK_TLS_1_3,
     .means = "It takes TLS 1.3, and then fails."},
    {.name = "the server ends with a close_notify",
     .script = "*W@D0B1234 -> A@D0B1234\n"
               "*Q -> X\n",
     .flags = CHECK_TLS_ALONE,
     .how = CHECK_TO_THE_END,
     .strict = CHECK_STRICT_NOTIFY,
     .means = "Anybody on the way can forge a FIN, and cut a reply short. A "
              "close_notify can't be forged: end TLS (wolfSSL_shutdown(), "
              "wiced_tls_close_notify()) before you close the socket."},
    {.name = "a request cut in records that come in one segment",
     .script = "*W@D0B2468 -> A@D0B2468\n"
               "*R@D0B -> A@D0B2468\n",
     .vary = CHECK_CUT_ALL,
     .flags = CHECK_TLS_ALONE,
     .how = CHECK_ONE_SEGMENT,
     .means = "When the TLS library has decrypted more records than one, the "
              "socket has nothing left to wait for: read until it has no more "
              "bytes for you, before you wait with poll() or select()."},
    {.name = "a record that comes in several segments",
     .script = "*W@D0B1357 -> A@D0B1357\n"
               "*R@D0B -> A@D0B1357\n",
     .flags = CHECK_TLS_ALONE,
     .how = CHECK_PIECES,
     .means = "A part of a record is no request yet, and no error: the TLS "
              "library says WANT_READ, and wants to be called again."},
    {.name = "too long, in two records that come in one segment",
     .script = "*W@D0B5678|9 -> X\n",
     .flags = CHECK_TLS_ALONE,
     .how = CHECK_ONE_SEGMENT,
     .means = too_long,
     .accepted = "It judges the first record alone. Read until the TLS library "
                 "has no more bytes for you; then judge the request."},
    {.name = NULL}};
