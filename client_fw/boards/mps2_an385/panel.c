/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel.h"

#define BASE      0x40028000u
#define LED       (*(volatile uint32_t *)(BASE + 0x00u))
#define BUTTON    (*(volatile uint32_t *)(BASE + 0x08u))

#define BOUNCE_MS 20u

static uint32_t lit;

static struct {
    bool down;
    uint32_t changed_ms;
} buttons[PANEL_BUTTONS];

void panel_led(unsigned number, bool on)
{
    uint32_t bit = 1u << number;

    lit = on ? lit | bit : lit & ~bit;
    LED = lit;
}

int panel_pressed(uint32_t now_ms)
{
    uint32_t state = BUTTON;

    for (unsigned i = 0; i < PANEL_BUTTONS; i++) {
        bool down = (state >> i & 1u) != 0;

        if (down == buttons[i].down ||
            now_ms - buttons[i].changed_ms < BOUNCE_MS)
            continue;
        buttons[i].down = down;
        buttons[i].changed_ms = now_ms;
        if (down)
            return (int)i;
    }
    return -1;
}
