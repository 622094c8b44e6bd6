# One board's certificate, in all the forms that a board may want.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_client() {
    cat <<'END'
wwep-certs client DEVICE [--cn NAME] [--days D | --until DATE] [--dir DIR]
                  [--force]

Makes a client's certificate, in clients/DEVICE of the class: client.pem (the
chain) and client.key, client.der (the chain in DER, one after another),
client.h (root, chain and key as C arrays), ca.pem, and handout.html to print.

  DEVICE         the device ID, such as 0FAC, or the board's MAC address,
                 whose octets' sum is the ID
  --cn NAME      the name in the certificate [as before, if the board had
                 one, with its name and seat; else board DEVICE]
  --days D       how many days it is valid [as long as the server's]
  --until DATE   its last day, such as 2027-07-31, instead
  -d, --dir DIR  the folder of the class [.]
  --force        replaces the one that is there

  wwep-certs client 0FAC --cn "board of Ada" --dir ~/wwep-class
END
}

verb_client() {
    parse_options client 'cn: days: until: dir: force' "$@"
    need_arguments 1 1 DEVICE
    device=$(device_of "$arg_1") ||
        misuse "'$arg_1' is neither a device ID, such as 0FAC, nor a MAC" \
            "address, such as 00:A0:50:12:34:56"
    # shellcheck disable=SC2154 # set by parse_options
    [ -z "$opt_cn" ] || is_common_name "$opt_cn" ||
        misuse "--cn: '$opt_cn' is no name of 1 to 64 characters in UTF-8," \
            "none of them a control character"
    open_class
    # shellcheck disable=SC2154 # set by find_class
    must_be_new "$class/clients/$device"
    end=$(choose_end "$(term_end)")
    prepare_clients "$end"
    choose_names
    find_old
    make_client "$device" "$cn" "$seat" "$name" "$mac"
    stage_place
    print_text <<END
Made in $class/clients/$device, for $cn, valid until $(day_of "$end"):
  client.pem, client.key    its certificate chain and key
  client.der                the chain in DER
  client.h                  root, chain and key as C arrays: it has the key
  ca.pem                    the root certificate
  handout.html              to print: what to enter where
Next: give the folder to whoever has the board. The server takes it with
client_auth: required, or optional, and client_ca: ca.pem.
END
    [ -z "$old" ] ||
        say "The certificate that was there is still good. To end that:" \
            "wwep-certs revoke" \
            "$(quoted "$class/private/certs/$old.pem")$(dir_option)"
}

# What the board is called: as last time, but for what is said now.
choose_names() {
    read_board "$device"
    [ -z "$opt_cn" ] || seat='' name=''
    cn=${opt_cn:-${board_cn:-board $device}}
    [ ${#arg_1} -le 6 ] || mac=$(without_mac "$arg_1")
}

# The serial number of the certificate that is replaced, if it is still good.
find_old() {
    old=
    one=$class/clients/$device/client.pem
    if [ -s "$one" ] && is_ours "$one" && ! is_revoked "$one" &&
        [ "$(end_of "$one")" -gt "$(now)" ]; then
        old=$(serial_of "$one")
    fi
}

# prepare_clients END: what is the same for all clients that are made now.
prepare_clients() {
    check_intermediate
    client_end=$1
    kind=$(class_key_kind)
    organization=$(class_name)
    root=$(staged ca.pem)
    intermediate=$(staged intermediate.pem)
    must x509 -in "$intermediate" -outform DER -out "$work/intermediate.der"
    server_names=$(read_server_names)
    root_fingerprint=$(fingerprint_of "$root")
    prepare_handouts
    mkdir -p "$stage/out/clients"
}

read_server_names() (
    read_certificates "$(staged server.pem)" "$work/server"
    server_names_of "$work/server/1.pem"
)

# make_client DEVICE CN SEAT NAME MAC: its folder, on the stage, with a new
# key.
make_client() {
    folder=$stage/out/clients/$1
    mkdir "$folder"
    make_key "$kind" "$folder/client.key"
    make_client_certificate "$folder" "$@"
}

# make_client_certificate FOLDER DEVICE CN SEAT NAME MAC: all that is made
# from the key in the folder.
make_client_certificate() {
    folder=$1
    leaf=$stage/leaf.pem
    names=URI:urn:wwep:device:$2
    sign intermediate client "$(subject "$organization" "$3")" \
        "$folder/client.key" "$client_end" "$leaf"
    cat "$leaf" "$intermediate" >"$folder/client.pem"
    must x509 -in "$leaf" -outform DER -out "$folder/client.der"
    cat "$work/intermediate.der" >>"$folder/client.der"
    cat "$root" >"$folder/ca.pem"
    client_header "$2" "$3" "$folder" >"$folder/client.h"
    shift
    handout_page "$@" >"$stage/page"
    handout "$1" >"$folder/handout.html"
    record_board "$@"
    rm -f "$leaf"
}

# client_header DEVICE CN FOLDER. The CN must not end the comment.
client_header() (
    cn=$(printf '%s\n' "$2" | sed -e 's,\*/,* /,g' -e 's,/\*,/ *,g' \
        -e 's/??/? ?/g' -e 's/\\$/&./')
    cat <<END
/*
 * Root certificate, certificate chain and private key of a WWEP board.
 * Device $1: $cn
 * Valid until $(day_of "$client_end"). Made by wwep-certs.
 *
 * Who has the key can pass for this board: do not commit this file.
 */
#ifndef WWEP_CLIENT_H
#define WWEP_CLIENT_H

END
    c_array wwep_root_ca "$root"
    echo
    c_array wwep_client_certificate "$3/client.pem"
    echo
    c_array wwep_client_key "$3/client.key"
    echo
    echo '#endif'
)

# What a board is called, for its next certificate and for `list`: device,
# CN, seat, name and MAC, with tabs between them.
record_board() {
    boards=$stage/out/private/boards.tsv
    [ ! -e "$boards" ] ||
        awk -F '\t' -v device="$1" '$1 != device' "$boards" >"$boards.new"
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" >>"$boards.new"
    mv "$boards.new" "$boards"
}

# read_board DEVICE: what is recorded of it, as $board_cn, $seat, $name and
# $mac; all empty if nothing is.
read_board() {
    board=$(awk -F '\t' -v device="$1" '$1 == device {
        print $2 " \t" $3 " \t" $4 " \t" $5 " "; exit }' \
        "$class/private/boards.tsv" 2>/dev/null || true)
    IFS='	' read -r board_cn seat name mac <<END
$board
END
    board_cn=${board_cn% } seat=${seat% } name=${name% } mac=${mac% }
}
