# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_06b_04_dual_server

$(NAME)_SOURCES := 04_dual_server.c \
                   ../../06a/03_server/command.c \
                   ../../06a/03_server/database.c

CERTIFICATE := $(SOURCE_ROOT)resources/certificates/wwep_cert.pem
PRIVATE_KEY := $(SOURCE_ROOT)resources/certificates/wwep_privkey.pem

WIFI_CONFIG_DCT_H := wifi_config_dct.h
