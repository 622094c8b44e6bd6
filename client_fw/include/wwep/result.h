/* result.h - how a call of the client ended, and in which words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_RESULT_H
#define WWEP_RESULT_H

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, number, text): one list for the enum and the texts. 0 is success,
 * all else is negative. The numbers are for good: boards print them. */
#define WWEP_RESULT_MAP(X)                                                     \
    X(WWEP_OK, 0, "done")                                                      \
    X(WWEP_E_REFUSED, -1, "the server refused the request")                    \
    X(WWEP_E_ARGUMENT, -2, "the client was called with a wrong argument")      \
    X(WWEP_E_STATE, -3, "the client was called out of order")                  \
    X(WWEP_E_NAME, -4, "the server's name has no address")                     \
    X(WWEP_E_CONNECT, -5, "no connection to the server")                       \
    X(WWEP_E_TIMEOUT, -6, "the server did not answer in time")                 \
    X(WWEP_E_LOST, -7, "the connection was lost before the reply")             \
    X(WWEP_E_REPLY, -8, "what came is no reply to this request")               \
    X(WWEP_E_TLS, -9, "TLS failed")                                            \
    X(WWEP_E_CREDENTIALS, -10, "a certificate or key of ours can not be used") \
    X(WWEP_E_ENTROPY, -11, "the board gave no entropy")                        \
    X(WWEP_E_MEMORY, -12, "no memory for TLS")

#define WWEP_RESULT_ENUM(name, number, text) name = (number),
enum wwep_result { WWEP_RESULT_MAP(WWEP_RESULT_ENUM) };
#undef WWEP_RESULT_ENUM

/* Never NULL; "unknown result" for a number that is none of them. */
const char *wwep_result_text(enum wwep_result result);

#ifdef __cplusplus
}
#endif

#endif
