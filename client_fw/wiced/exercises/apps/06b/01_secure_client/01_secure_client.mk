# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_06b_01_secure_client

$(NAME)_SOURCES := 01_secure_client.c

CERTIFICATE := $(SOURCE_ROOT)resources/certificates/wwep_cert.pem

WIFI_CONFIG_DCT_H := wifi_config_dct.h
