# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_06a_03_server

$(NAME)_SOURCES := 03_server.c \
                   command.c \
                   database.c

WIFI_CONFIG_DCT_H := wifi_config_dct.h
