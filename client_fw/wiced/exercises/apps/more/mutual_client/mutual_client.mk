# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_more_mutual_client

$(NAME)_SOURCES := mutual_client.c

$(NAME)_RESOURCES := certificates/ca.pem

CERTIFICATE := $(SOURCE_ROOT)resources/certificates/board_cert.pem
PRIVATE_KEY := $(SOURCE_ROOT)resources/certificates/board_privkey.pem

WIFI_CONFIG_DCT_H := wifi_config_dct.h
