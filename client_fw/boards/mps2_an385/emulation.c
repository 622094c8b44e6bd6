/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emulation.h"

#include "entropy.h"

#define SYS_OPEN          0x01u
#define SYS_CLOSE         0x02u
#define SYS_READ          0x06u
#define SYS_TIME          0x11u
#define SYS_GET_CMDLINE   0x15u
#define SYS_EXIT_EXTENDED 0x20u

#define OPEN_RB           1u
#define STOPPED_BY_EXIT   0x20026u

static int32_t call(uint32_t operation, const void *arguments)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = arguments;

    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
}

_Noreturn void emulation_exit(int code)
{
    const uint32_t arguments[] = {STOPPED_BY_EXIT, (uint32_t)code};

    for (;;)
        (void)call(SYS_EXIT_EXTENDED, arguments);
}

char *emulation_command_line(char *out, size_t cap)
{
    struct {
        char *at;
        size_t len;
    } arguments = {out, cap};

    if (call(SYS_GET_CMDLINE, &arguments) != 0 || arguments.len >= cap)
        return NULL;
    out[arguments.len] = '\0';
    while (*out != ' ' && *out != '\0')
        out++;
    return *out == ' ' ? out : NULL;
}

int64_t emulation_time(void)
{
    return (uint32_t)call(SYS_TIME, NULL); /* until 2106 */
}

int board_entropy(uint8_t *out, size_t len)
{
    static const char name[] = "/dev/urandom";
    const struct {
        const char *name;
        uint32_t mode;
        size_t len;
    } open = {name, OPEN_RB, sizeof name - 1};
    const int32_t file = call(SYS_OPEN, &open);
    const struct {
        int32_t file;
        uint8_t *out;
        size_t len;
    } read = {file, out, len};

    if (file < 0)
        return -1;
    int32_t missing = call(SYS_READ, &read);
    (void)call(SYS_CLOSE, &file);
    return missing == 0 ? 0 : -1;
}
