# The image for the board: one profile, in one folder. scripts/build-firmware
# calls it, and has fetched what it needs:
#
#   make PROFILE=small OUT=DIR WOLFSSL=DIR LWIP=DIR [IMAGE=FILE.c]
#
# WOLFSSL and LWIP are source trees; IMAGE has the certificates (image.h).
# OBJECTS names a folder of objects for all images of the profile, in place of
# OUT.
# ENTROPY names the file that has board_entropy(), see PORTING.md.
#
# SPDX-License-Identifier: GPL-2.0-or-later

BOARD := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
FW := $(abspath $(BOARD)/../..)
TOP := $(abspath $(FW)/..)

CROSS ?= arm-none-eabi-
PROFILE ?= small
OUT ?= .
OBJECTS ?= $(OUT)
IMAGE ?= $(FW)/boards/no_credentials.c
ENTROPY ?= $(BOARD)emulation.c

ifeq ($(strip $(ENTROPY)),)
$(error no source of entropy: without one there is no TLS. Name the file that \
    has board_entropy() by ENTROPY=FILE.c, see client_fw/PORTING.md)
endif

# --- the profiles -------------------------------------------------------------
#
# What an image may take, in bytes: it is linked to that size. HEAP is what a
# handshake with our own certificate needs; where it does not fit, the linker
# says so. A class's certificates may be longer than those that FLASH is for:
# there is a page more for them, and `describe` tells when it is used.
CERTIFICATES_MORE := 4096

ifeq ($(PROFILE),small)
FLASH := 102400
RAM := 32768
STACK := 5632
HEAP := 18432
else ifeq ($(PROFILE),fast)
FLASH := 122880
RAM := 32768
STACK := 3072
HEAP := 20480
else ifeq ($(PROFILE),compat)
FLASH := 178176
RAM := 65536
STACK := 4096
HEAP := 40960
else
$(error there is no profile $(PROFILE): small, fast and compat there are)
endif

upper = $(shell echo $(1) | tr a-z A-Z)
LTO ?= -flto -flto-partition=one

# --- flags --------------------------------------------------------------------

ARCH := -mcpu=cortex-m3 -mthumb
CFLAGS := $(ARCH) -Os -std=gnu11 -ffunction-sections -fdata-sections \
    -fno-common -g
# What the client leaves out, see the macros' names in client_fw/ and common/.
LEAN_small := -DWWEP_NO_ADVICE -DWWEP_NO_CIPHER_LIST
LEAN_fast := -DWWEP_NO_CIPHER_LIST
CPPFLAGS := -DWWEP_PROFILE_$(call upper,$(PROFILE)) $(LEAN_$(PROFILE)) \
    -DWOLFSSL_USER_SETTINGS -DWWEP_SEED_IS_THE_PORTS -DWWEP_NO_TLS_SERVER \
    -DWWEP_NO_STORY -DWWEP_NO_LENIENCY -DWWEP_NO_FINE_FAULTS -MMD -MP \
    -ffile-prefix-map=$(TOP)/=
ifneq ($(SOURCE_DATE_EPOCH),)
CPPFLAGS += -DWWEP_BUILD_TIME='INT64_C($(SOURCE_DATE_EPOCH))'
endif

# What takes more room than it is worth where room is short; by trial.
CFLAGS += -fno-jump-tables -fno-schedule-insns2 -fno-if-conversion
ifeq ($(PROFILE),small)
CFLAGS += -fno-tree-loop-optimize -fno-tree-pre -fno-code-hoisting \
    -fno-caller-saves
endif

# Where the time goes, a little room buys some of it.
HOT := aes.c
HOT_fast := -O2
hot = $(if $(filter $(notdir $(1)),$(HOT)),$(HOT_$(PROFILE)))

# Ours, to the letter; those of others, as they are.
WARN := -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
    -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Werror
OURS := -I$(FW)/include -I$(TOP)/common -I$(FW)/src -I$(FW)/port/lwip \
    -I$(FW)/apps/dual_client -I$(FW)/boards -I$(BOARD) \
    -isystem $(WOLFSSL) -isystem $(LWIP)/src/include
THEIRS := -w -I$(FW)/boards -I$(FW)/port/lwip -I$(WOLFSSL) \
    -I$(LWIP)/src/include

# --- sources ------------------------------------------------------------------

ours := \
    $(addprefix $(TOP)/common/,wwep_der.c wwep_fault.c wwep_reason.c \
        wwep_reply.c wwep_request.c wwep_text.c) \
    $(wildcard $(FW)/src/*.c) \
    $(wildcard $(FW)/port/lwip/*.c) \
    $(addprefix $(FW)/apps/dual_client/,credentials.c dual_client.c report.c \
        setup.c) \
    $(FW)/boards/heap.c $(FW)/boards/wolfssl_platform.c \
    $(addprefix $(BOARD),board.c clock.c ethernet.c lan9118.c memory.c \
        panel.c start.c uart.c) \
    $(sort $(BOARD)emulation.c $(ENTROPY))

lwip := $(addprefix $(LWIP)/src/, \
    $(addprefix core/,def.c dns.c inet_chksum.c init.c ip.c mem.c memp.c \
        netif.c pbuf.c tcp.c tcp_in.c tcp_out.c timeouts.c udp.c) \
    $(addprefix core/ipv4/,dhcp.c etharp.c icmp.c ip4.c ip4_addr.c) \
    netif/ethernet.c)

wolfssl := $(addprefix $(WOLFSSL)/, \
    $(addprefix src/,internal.c keys.c ssl.c tls.c tls13.c wolfio.c) \
    $(addprefix wolfcrypt/src/,aes.c asn.c chacha.c chacha20_poly1305.c \
        coding.c cryptocb.c ecc.c error.c hash.c hmac.c kdf.c memory.c \
        poly1305.c random.c rsa.c sha256.c sha512.c signature.c sp_c32.c \
        sp_cortexm.c sp_int.c wc_port.c wolfmath.c))

# A name says where it came from: there are two of some.
object = $(OBJECTS)/$(1)/$(notdir $(2:.c=.o))
ours_o := $(foreach f,$(ours),$(call object,wwep,$(f)))
lwip_o := $(foreach f,$(lwip),$(call object,lwip,$(f)))
wolfssl_o := $(foreach f,$(wolfssl),$(call object,wolfssl,$(f)))
image_o := $(OUT)/$(notdir $(IMAGE:.c=.o))
objects := $(ours_o) $(image_o) $(lwip_o) $(wolfssl_o)

IMAGE_ELF := $(OUT)/wwep-$(PROFILE).elf

all: $(IMAGE_ELF)

# Another line of commands makes other objects, other sizes another image.
made_by := $(CROSS) $(CFLAGS) $(CPPFLAGS) $(LTO) $(WARN) $(ENTROPY) \
    $(HOT) $(HOT_$(PROFILE))
sizes := $(FLASH)+$(CERTIFICATES_MORE) $(RAM) $(STACK) $(HEAP)

# $(1) a file, $(2) what is to stand in it
define keep
$(1): FORCE
	@mkdir -p $(OUT) $(addprefix $(OBJECTS)/,wwep lwip wolfssl)
	@echo '$(subst ','\'',$(2))' | cmp -s - $$@ || \
	    echo '$(subst ','\'',$(2))' >$$@
endef
$(eval $(call keep,$(OBJECTS)/made-by,$(made_by)))
$(eval $(call keep,$(OUT)/image-made-by,$(made_by) $(IMAGE)))
$(eval $(call keep,$(OUT)/sizes,$(sizes)))
FORCE:

# $(1) source, $(2) group, $(3) its flags
define compile
$(call object,$(2),$(1)): $(1) $(OBJECTS)/made-by $(FW)/boards/user_settings.h
	$(CROSS)gcc $(CFLAGS) $(LTO) $(CPPFLAGS) $(3) -c -o $$@ $$<
endef
# malloc() itself must not be taken for the one that the compiler knows.
NOT_LTO := -fno-lto -fno-builtin
only = $(if $(filter $(notdir $(1)),heap.c start.c),$(NOT_LTO))
$(foreach f,$(ours),$(eval $(call compile,$(f),wwep,$(WARN) $(OURS) \
    $(call only,$(f)))))
$(foreach f,$(lwip),$(eval $(call compile,$(f),lwip,$(THEIRS))))
$(foreach f,$(wolfssl),$(eval $(call compile,$(f),wolfssl,$(THEIRS) \
    $(call hot,$(f)))))

$(image_o): $(IMAGE) $(OUT)/image-made-by
	$(CROSS)gcc $(CFLAGS) $(LTO) $(CPPFLAGS) \
	    -ffile-prefix-map=$(abspath $(OUT))/= $(WARN) $(OURS) -c -o $@ $<

$(OUT)/image.ld: $(BOARD)mps2_an385.ld.S $(OUT)/sizes
	$(CROSS)gcc -E -P -x c -DFLASH_LEN=$$(($(FLASH) + $(CERTIFICATES_MORE))) \
	    -DRAM_LEN=$(RAM) -DSTACK_LEN=$(STACK) -DHEAP_LEN=$(HEAP) -o $@ $<

$(IMAGE_ELF): $(objects) $(OUT)/image.ld
	$(CROSS)gcc $(CFLAGS) $(LTO) --specs=nano.specs --specs=nosys.specs \
	    -nostartfiles -Wl,--gc-sections -Wl,-Map=$(OUT)/image.map \
	    -T $(OUT)/image.ld -o $@ $(objects)

# How much of the budget it takes; the size is that of .text and .data.
describe:
	@$(CROSS)size $(IMAGE_ELF) | awk 'NR == 2 { printf \
	    "flash %d of %d bytes, RAM %d bytes in all%s\n", \
	    $$1 + $$2, $(FLASH), $(RAM), ($$1 + $$2 > $(FLASH)) ? \
	    ": its certificates are long; a DCT would hold them" : "" }'

clean:
	rm -rf $(addprefix $(OBJECTS)/,wwep lwip wolfssl made-by) $(image_o) \
	    $(addprefix $(OUT)/,image-made-by sizes image.ld image.map) \
	    $(IMAGE_ELF)

.PHONY: all clean describe FORCE
.DELETE_ON_ERROR:
-include $(objects:.o=.d)
