# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_06a_01_client

$(NAME)_SOURCES := 01_client.c

WIFI_CONFIG_DCT_H := wifi_config_dct.h
