# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_more_packet_client

$(NAME)_SOURCES := packet_client.c

WIFI_CONFIG_DCT_H := wifi_config_dct.h
