# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_06b_03_dual_client

$(NAME)_SOURCES := 03_dual_client.c

CERTIFICATE := $(SOURCE_ROOT)resources/certificates/wwep_cert.pem

WIFI_CONFIG_DCT_H := wifi_config_dct.h
