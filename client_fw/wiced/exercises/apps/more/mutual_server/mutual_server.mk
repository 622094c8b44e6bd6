# SPDX-License-Identifier: GPL-2.0-or-later

NAME := App_WW101_more_mutual_server

$(NAME)_SOURCES := mutual_server.c \
                   ../../06a/03_server/command.c \
                   ../../06a/03_server/database.c

$(NAME)_RESOURCES := certificates/ca.pem

CERTIFICATE := $(SOURCE_ROOT)resources/certificates/server_cert.pem
PRIVATE_KEY := $(SOURCE_ROOT)resources/certificates/server_privkey.pem

WIFI_CONFIG_DCT_H := wifi_config_dct.h
