# How wwep-wiced reads a program's makefile: it has make do it, so that lines
# that go on, conditions, := and += are what they are in the SDK.
#
# Called with, on make's command line,
#     WWEP_MAKEFILE  the makefile, in the current folder
#     WWEP_REPORT    a file, for what it sets: a line each, "KIND VALUE"
#     SOURCE_ROOT    the SDK's root, with a slash at its end
#
# SPDX-License-Identifier: GPL-2.0-or-later

# What is set in a makefile, this one and MAKE's own included.
wwep_set_here = $(foreach v,$(.VARIABLES),$(if $(filter file,$(origin $v)),$v))
# Only if it is: make takes the variables of the environment for its own.
wwep_value = $(if $(filter-out undefined environment default,$(origin \
    $1)),$($1))
# A word a line.
wwep_words = $(foreach w,$(call wwep_value,$2),$(call wwep_put,$1 $w))
wwep_put = $(file >>$(WWEP_REPORT),$1)

wwep_known = NAME CERTIFICATE PRIVATE_KEY WIFI_CONFIG_DCT_H GLOBAL_DEFINES \
    MAKEFILE_LIST .DEFAULT_GOAL
wwep_before :=
wwep_before := $(wwep_set_here)

include $(WWEP_MAKEFILE)

# Here, and not in a recipe: the makefile's own rules are of no interest.
$(call wwep_put,name $(strip $(call wwep_value,NAME)))
$(call wwep_words,source,$(strip $(NAME))_SOURCES)
$(call wwep_words,resource,$(strip $(NAME))_RESOURCES)
$(call wwep_words,certificate,CERTIFICATE)
$(call wwep_words,key,PRIVATE_KEY)
$(call wwep_words,wifi,WIFI_CONFIG_DCT_H)
$(call wwep_put,defines $(strip $(call wwep_value,GLOBAL_DEFINES)))
$(foreach v,$(sort $(filter-out $(wwep_before) $(wwep_known) \
    $(strip $(NAME))_SOURCES $(strip $(NAME))_RESOURCES, \
    $(wwep_set_here))),$(call wwep_put,other \
    $(patsubst $(strip $(NAME))_%,$$(NAME)_%,$v)))

.PHONY: wwep-report
wwep-report:
	@:
