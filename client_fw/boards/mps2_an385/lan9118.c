/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lan9118.h"

#include "clock.h"

#define BASE              0x40200000u
#define REG(at)           (*(volatile uint32_t *)(BASE + (at)))
#define RX_DATA           REG(0x00u)
#define TX_DATA           REG(0x20u)
#define RX_STATUS         REG(0x40u)
#define TX_STATUS         REG(0x48u)
#define IRQ_CFG           REG(0x54u)
#define INT_STS           REG(0x58u)
#define INT_EN            REG(0x5Cu)
#define BYTE_TEST         REG(0x64u)
#define FIFO_INT          REG(0x68u)
#define RX_CFG            REG(0x6Cu)
#define TX_CFG            REG(0x70u)
#define HW_CFG            REG(0x74u)
#define RX_FIFO_INF       REG(0x7Cu)
#define TX_FIFO_INF       REG(0x80u)
#define MAC_CMD           REG(0xA4u)
#define MAC_DATA          REG(0xA8u)
#define AFC_CFG           REG(0xACu)

#define BYTE_TEST_VALUE   0x87654321u
#define HW_CFG_RESET      0x00000001u
#define HW_CFG_TX_5K      0x00050000u /* of the 16 KiB that both FIFOs have */
#define HW_CFG_MUST_BE_1  0x00100000u
#define AFC_CFG_DEFAULT   0x006E3740u /* as the data sheet has it for 5 KiB */
#define TX_CFG_ON         0x00000002u
#define IRQ_CFG_PUSH_HIGH 0x00000111u /* enabled, active high, push-pull */
#define INT_RX_STATUS     0x00000008u /* RSFL: a frame's status is there */
#define FIFO_INT_AT_ONE   0x48000000u /* so that it comes with the first one */
#define TX_CMD_WHOLE      0x00003000u /* first and last piece of its frame */
#define RX_STATUS_ERROR   0x00008000u
#define CRC_LEN           4u
#define TX_OVERHEAD       8u /* two command words */
#define FRAME_MAX         1518u

#define MAC_CMD_BUSY      0x80000000u
#define MAC_CMD_READ      0x40000000u

enum mac_register {
    MAC_CR = 1,
    MAC_ADDRH = 2,
    MAC_ADDRL = 3,
    MAC_MII_ACC = 6,
    MAC_MII_DATA = 7
};

/* Bit 11 is left 0: it would forbid broadcasts, and DHCP with them. */
#define MAC_CR_FULL_DUPLEX 0x00100000u
#define MAC_CR_TX          0x00000008u
#define MAC_CR_RX          0x00000004u

#define MII_BUSY           0x1u
#define MII_WRITE          0x2u
#define PHY                1u /* the address of the one inside */

enum phy_register { PHY_CONTROL = 0, PHY_STATUS = 1 };

#define PHY_CONTROL_NEGOTIATE 0x1200u /* automatically, and now */
#define PHY_STATUS_LINK       0x0004u

#define NVIC_ENABLE           (*(volatile uint32_t *)0xE000E100u)
#define ETHERNET_IRQ          13u

#define WAIT_MS               100u /* for what takes microseconds */

/* The word that a frame's pieces are put together in, or taken from. */
static struct {
    uint32_t word;
    unsigned have; /* bytes in it */
    size_t words;  /* of the frame, still in the FIFO */
} rx, tx;

/* --- registers behind registers ------------------------------------------- */

static bool wait_while(volatile const uint32_t *at, uint32_t mask)
{
    uint32_t started_ms = clock_ms();

    while ((*at & mask) != 0)
        if (clock_ms() - started_ms > WAIT_MS)
            return false;
    return true;
}

static uint32_t mac_read(enum mac_register which)
{
    MAC_CMD = MAC_CMD_BUSY | MAC_CMD_READ | (uint32_t)which;
    (void)wait_while(&MAC_CMD, MAC_CMD_BUSY);
    return MAC_DATA;
}

static void mac_write(enum mac_register which, uint32_t value)
{
    MAC_DATA = value;
    MAC_CMD = MAC_CMD_BUSY | (uint32_t)which;
    (void)wait_while(&MAC_CMD, MAC_CMD_BUSY);
}

static void mii_do(enum phy_register which, uint32_t how)
{
    uint32_t started_ms = clock_ms();

    mac_write(MAC_MII_ACC, PHY << 11 | (uint32_t)which << 6 | how | MII_BUSY);
    while ((mac_read(MAC_MII_ACC) & MII_BUSY) != 0)
        if (clock_ms() - started_ms > WAIT_MS)
            return;
}

static uint32_t phy_read(enum phy_register which)
{
    mii_do(which, 0);
    return mac_read(MAC_MII_DATA);
}

static void phy_write(enum phy_register which, uint32_t value)
{
    mac_write(MAC_MII_DATA, value);
    mii_do(which, MII_WRITE);
}

/* --- start ---------------------------------------------------------------- */

bool lan9118_start(void)
{
    if (BYTE_TEST != BYTE_TEST_VALUE)
        return false;
    HW_CFG = HW_CFG_RESET;
    if (!wait_while(&HW_CFG, HW_CFG_RESET))
        return false;
    HW_CFG = HW_CFG_MUST_BE_1 | HW_CFG_TX_5K;
    AFC_CFG = AFC_CFG_DEFAULT;
    phy_write(PHY_CONTROL, PHY_CONTROL_NEGOTIATE);
    RX_CFG = 0;
    TX_CFG = TX_CFG_ON;
    FIFO_INT = FIFO_INT_AT_ONE;
    IRQ_CFG = IRQ_CFG_PUSH_HIGH;
    mac_write(MAC_CR, MAC_CR_FULL_DUPLEX | MAC_CR_TX | MAC_CR_RX);
    INT_STS = 0xFFFFFFFFu;
    INT_EN = INT_RX_STATUS;
    NVIC_ENABLE = 1u << ETHERNET_IRQ;
    return true;
}

/* From the EEPROM, which the part has read by itself. */
void lan9118_mac(uint8_t mac[6])
{
    uint32_t low = mac_read(MAC_ADDRL);
    uint32_t high = mac_read(MAC_ADDRH);

    for (unsigned i = 0; i < 4; i++)
        mac[i] = (uint8_t)(low >> (8 * i));
    mac[4] = (uint8_t)high;
    mac[5] = (uint8_t)(high >> 8);
}

/* The bit stays 0 after a loss until it was read once. */
bool lan9118_has_link(void)
{
    (void)phy_read(PHY_STATUS);
    return (phy_read(PHY_STATUS) & PHY_STATUS_LINK) != 0;
}

/* The line stays up until the frames are taken, which is not done here: so it
 * is held back until then. */
void lan9118_on_interrupt(void)
{
    INT_EN = 0;
}

/* --- receiving ------------------------------------------------------------ */

/* A frame that is damaged, or that no Ethernet has, is taken and dropped. */
size_t lan9118_take_begin(void)
{
    while ((RX_FIFO_INF >> 16 & 0xFFu) != 0) {
        uint32_t status = RX_STATUS;
        size_t len = status >> 16 & 0x3FFFu;

        rx.words = (len + 3) / 4;
        rx.have = 0;
        if ((status & RX_STATUS_ERROR) == 0 && len > CRC_LEN &&
            len <= FRAME_MAX)
            return len - CRC_LEN;
        lan9118_take_end();
    }
    INT_STS = INT_RX_STATUS;
    INT_EN = INT_RX_STATUS;
    return 0;
}

void lan9118_take(uint8_t *out, size_t len)
{
    for (; len > 0; len--) {
        if (rx.have == 0) {
            rx.word = RX_DATA;
            rx.words--;
            rx.have = 4;
        }
        *out++ = (uint8_t)rx.word;
        rx.word >>= 8;
        rx.have--;
    }
}

/* Neither fewer words than the frame has, nor more: the FIFO knows no
 * frames. */
void lan9118_take_end(void)
{
    for (; rx.words > 0; rx.words--)
        (void)RX_DATA;
}

/* --- sending -------------------------------------------------------------- */

bool lan9118_send_begin(size_t len)
{
    /* Of each frame that went; a full FIFO of them stops the part. */
    while ((TX_FIFO_INF >> 16 & 0xFFu) != 0)
        (void)TX_STATUS;
    if (len > FRAME_MAX || (TX_FIFO_INF & 0xFFFFu) < len + TX_OVERHEAD + 3)
        return false;
    TX_DATA = TX_CMD_WHOLE | (uint32_t)len;
    TX_DATA = (uint32_t)len << 16 | (uint32_t)len;
    tx.have = 0;
    tx.word = 0;
    return true;
}

void lan9118_send(const uint8_t *bytes, size_t len)
{
    for (; len > 0; len--) {
        tx.word |= (uint32_t)*bytes++ << (8 * tx.have++);
        if (tx.have == 4)
            lan9118_send_end();
    }
}

void lan9118_send_end(void)
{
    if (tx.have > 0)
        TX_DATA = tx.word;
    tx.have = 0;
    tx.word = 0;
}
