# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_more_three_stores

$(NAME)_SOURCES := three_stores.c

$(NAME)_RESOURCES := certificates/wwep_cert.pem

CERTIFICATE := $(SOURCE_ROOT)resources/certificates/wwep_cert.pem

WIFI_CONFIG_DCT_H := wifi_config_dct.h
