# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_06a_02_client_response

$(NAME)_SOURCES := 02_client_response.c

WIFI_CONFIG_DCT_H := wifi_config_dct.h
