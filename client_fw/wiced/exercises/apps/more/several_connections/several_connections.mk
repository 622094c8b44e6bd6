# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_more_several_connections

$(NAME)_SOURCES := several_connections.c \
                   ../../06a/03_server/command.c \
                   ../../06a/03_server/database.c

WIFI_CONFIG_DCT_H := wifi_config_dct.h
