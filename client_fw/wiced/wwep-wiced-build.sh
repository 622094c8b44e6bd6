# How wwep-wiced builds a program: the makefile, the sources, the image.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# --- the makefile ------------------------------------------------------------

# In make's eyes a blank ends a path, so a root with one gets another name.
root_for_make() {
    case $root in
    *[[:space:]]*)
        ln -s -- "$root" "$work/root"
        printf '%s\n' "$work/root/"
        ;;
    *) printf '%s\n' "$root/" ;;
    esac
}

# Lines of make's, with the path that the user knows. "FILE:LINE: *** what."
make_said() {
    sed -e 's/^make: \*\*\* /*** /' -e 's/\.  Stop\.$//' \
        -e "s|^[^ :]*/wwep-wiced.mk:[0-9]*: ||" "$work/make.err" |
        while IFS= read -r line; do
            case $line in
            "$makefile":*) complain "$dir/$line" ;;
            *) complain "$dir/$makefile: $line" ;;
            esac
        done
}

# Nothing of the environment gets in: a shell may well have a NAME.
read_makefile() {
    make=$(command -v make) || fail "make is missing: install it"
    if ! env -i PATH="$PATH" LC_ALL=C "$make" -r -R --no-print-directory \
        -C "$full_dir" -f "$conf_data/wwep-wiced.mk" WWEP_MAKEFILE="$makefile" \
        WWEP_REPORT="$work/report" SOURCE_ROOT="$source_root" \
        wwep-report 2>"$work/make.err" </dev/null; then
        make_said
        fail "$dir/$makefile: make can not read it, for the reason above"
    fi
    make_said
    app_name=$(reported name)
    [ -n "$app_name" ] ||
        fail "$dir/$makefile: NAME is not set: NAME := App_$name"
    case $app_name in
    *[[:space:]]*)
        fail "$dir/$makefile: NAME has a blank in it: '$app_name'"
        ;;
    esac
    [ -n "$(reported source)" ] ||
        fail "$dir/$makefile: \$(NAME)_SOURCES is not set, below NAME:" \
            "\$(NAME)_SOURCES := $name.c"
    reported other >"$work/other"
    while IFS= read -r variable; do
        warn "$dir/$makefile: $variable has no meaning here, and is left out"
    done <"$work/other"
}

# The values of one kind, a line each.
reported() {
    sed -n "s/^$1 //p" "$work/report"
}

# A path as the user knows it.
shown() {
    case $1 in
    "$work/root/"*) printf '%s\n' "$root/${1#"$work/root/"}" ;;
    *) printf '%s\n' "$1" ;;
    esac
}

in_dir() {
    case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$full_dir" "$1" ;;
    esac
}

# --- compiling ---------------------------------------------------------------

# compile SOURCE OBJECT FLAG...: as the SDK does. Our headers are the system's,
# so that an error within a macro of theirs is where the program uses it.
compile() {
    source=$1
    object=$2
    shift 2
    # shellcheck disable=SC2086 # words are options
    $cc -std=gnu11 -Wall -fsigned-char -fno-common -g -O1 $conf_cflags \
        "$@" -I "$work/generated" -I "$full_dir" -isystem "$conf_include" \
        ${CFLAGS:-} -c "$source" -o "$object"
}

# The defines as the SDK's shell would see them: quotes are the shell's.
read_defines() {
    reported defines >"$work/defines"
    if ! xargs -n 1 printf '%s\n' <"$work/defines" >"$work/define" \
        2>/dev/null; then
        fail "$dir/$makefile: GLOBAL_DEFINES: a quote has no end:" \
            "$(cat "$work/defines")"
    fi
}

# The path for the compiler, and so for its messages, is the user's own.
compile_sources() {
    reported source >"$work/sources"
    number=0
    bad=no
    while IFS= read -r source; do
        case $source in
        /*) path=$source ;;
        *) path=$dir/$source ;;
        esac
        [ -f "$path" ] || fail "$dir/$makefile: $(shown "$path"): there is" \
            "no such file, which \$(NAME)_SOURCES has"
        case $source in
        *.c) ;;
        *) fail "$dir/$makefile: $source: only C (.c) can be compiled here" ;;
        esac
        number=$((number + 1))
        compile "$path" "$work/object-$number.o" "$@" || bad=yes
    done <"$work/sources"
    [ $bad = no ] || fail "$dir: not built, for the reasons above"
}

compile_resources() {
    reported resource >"$work/resource"
    set --
    while IFS= read -r path; do
        set -- "$@" "$path"
    done <"$work/resource"
    [ $# -gt 0 ] || return 0
    "$conf_bindir/wwep-resources" --root "$root/" --component "$full_dir" \
        --keep-going -o "$work/generated" -- "$@" ||
        fail "$dir: not built, for the reasons above"
    number=0
    for source in "$work"/generated/resources_*.c; do
        [ -f "$source" ] || continue
        number=$((number + 1))
        compile "$source" "$work/object-resource-$number.o"
    done
}

# The radio's settings, which nothing here needs, are compiled as the SDK does,
# so that their errors show.
compile_wifi_config() {
    wifi=$(reported wifi)
    [ -n "$wifi" ] || return 0
    [ -f "$full_dir/$wifi" ] || fail "$dir/$makefile: $dir/$wifi: there is" \
        "no such file, which WIFI_CONFIG_DCT_H names"
    {
        printf '#include "wiced.h"\n#include "%s"\n' "$full_dir/$wifi"
        put_setting CLIENT_AP_SSID 'const char client_ap_ssid[]'
        put_setting CLIENT_AP_SECURITY 'wiced_security_t client_ap_security'
        put_setting CLIENT_AP_PASSPHRASE 'const char client_ap_passphrase[]'
        put_setting CLIENT_AP_BSS_TYPE 'wiced_bss_type_t client_ap_bss_type'
        put_setting CLIENT_AP_CHANNEL 'int client_ap_channel'
        put_setting CLIENT_AP_BAND 'wiced_802_11_band_t client_ap_band'
        for kind in SOFT CONFIG; do
            put_setting ${kind}_AP_SSID "const char ${kind}_ssid[]"
            put_setting ${kind}_AP_SECURITY "wiced_security_t ${kind}_security"
            put_setting ${kind}_AP_PASSPHRASE "const char ${kind}_phrase[]"
            put_setting ${kind}_AP_CHANNEL "int ${kind}_channel"
        done
        put_setting WICED_NETWORK_INTERFACE 'wiced_interface_t interface'
    } >"$work/generated/wifi_config.c"
    compile "$work/generated/wifi_config.c" "$work/wifi_config.o" "$@" ||
        fail "$dir: not built, for the reasons above"
}

put_setting() {
    printf '#ifdef %s\n%s = %s;\n#endif\n' "$1" "$2" "$1"
}

# --- linking -----------------------------------------------------------------

# All of the program in one object, of which nothing is seen from outside but
# where it starts. So a program may name its variables as it likes: "socket" is
# not the C library's to those who call that.
join_objects() {
    # shellcheck disable=SC2086 # words are options
    $cc -r -nostdlib -no-pie -o "$work/joined.o" "$work"/object-*.o \
        2>"$work/ld.err" || {
        cat "$work/ld.err" >&2
        fail "$dir: not built, for the reasons above"
    }
    if ! nm -g --defined-only "$work/joined.o" |
        grep -q ' T application_start$'; then
        fail "$dir: there is no function application_start in" \
            "$(tr '\n' ' ' <"$work/sources" | sed 's/ $//'): every program" \
            "begins there"
    fi
    objcopy --keep-global-symbol=application_start "$work/joined.o" \
        "$work/app.o" || fail "objcopy failed, for the reason above"
}

link_program() {
    # shellcheck disable=SC2086 # words are options
    $cc $conf_cflags ${CFLAGS:-} $conf_ldflags ${LDFLAGS:-} \
        -o "$work/program" "$work/app.o" "$conf_libdir/libwwep-wiced.a" \
        "$conf_libdir/libwwep-client.a" $conf_libs ||
        fail "$dir: not built, for the reasons above"
}

# --- the image ---------------------------------------------------------------

# Makes $work/dct of the makefile's certificate and key, if it has some.
make_dct() {
    set --
    for kind in certificate key; do
        reported $kind >"$work/$kind"
        [ -s "$work/$kind" ] || continue
        case $kind in
        certificate) set -- "$@" --certificate ;;
        key) set -- "$@" --private-key ;;
        esac
        while IFS= read -r path; do
            path=$(shown "$(in_dir "$path")")
            [ -f "$path" ] || missing_file $kind "$path"
            set -- "$@" "$path"
        done <"$work/$kind"
    done
    [ $# -gt 0 ] || return 0
    "$conf_bindir/wwep-dct" -o "$work/dct" "$@" ||
        fail "$dir: not built, for the reasons above"
}

missing_file() {
    variable=CERTIFICATE
    [ "$1" != key ] || variable=PRIVATE_KEY
    fail "$dir/$makefile: $variable: $2: there is no such file. It is looked" \
        "for under $root/: make one there (see wwep-certs(1)), or say with" \
        "--root what \$(SOURCE_ROOT) is"
}

# --- building ----------------------------------------------------------------

# Whole, or not at all: another build, or the program itself, may be there.
place() {
    placing=$(mktemp -- "$2.XXXXXX") ||
        fail "$2: can not be written, for the reason above"
    cp -- "$1" "$placing" || fail "$2: can not be written, for the reason above"
    chmod "$3" "$placing"
    mv -f -- "$placing" "$2" || fail "$2: can not be written"
    placing=
}

# What CC says, unless it is not set; then ours.
choose_tools() {
    cc=${CC:-$conf_cc}
    for tool in ${cc%% *} nm objcopy; do
        command -v "$tool" >/dev/null ||
            fail "$tool is missing: install gcc and binutils"
    done
}

# build ROOT OUTPUT CFLAG...
build() {
    choose_tools
    begin_work
    find_root "$1"
    if [ -n "$2" ]; then
        program=$2
    else
        choose_program
    fi
    shift 2
    source_root=$(root_for_make)
    read_makefile
    read_defines
    make_dct
    mkdir "$work/generated"
    while IFS= read -r define; do
        [ -z "$define" ] || set -- "-D$define" "$@"
    done <"$work/define"
    [ -z "$(reported wifi)" ] || set -- -DWIFI_CONFIG_APPLICATION_DEFINED "$@"
    # resources.h comes before the sources that include it.
    compile_resources
    compile_sources "$@"
    compile_wifi_config "$@"
    join_objects
    link_program
    make_folder "$(dirname -- "$program")"
    [ ! -d "$program" ] || fail "$program: is a folder: name a file with -o"
    place "$work/program" "$program" 755
    if [ -f "$work/dct" ]; then
        place "$work/dct" "$program.dct" 600
    else
        rm -f -- "$program.dct" # of a build before, with other settings
    fi
    end_work
    trap - EXIT INT TERM HUP PIPE
}
