# A new certificate for the same key and the same subject.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_renew() {
    cat <<'END'
wwep-certs renew CERT|DEVICE [--days D | --until DATE] [--name N]...
                 [--dir DIR]

Makes a new certificate for the same key and name, in place of the old one,
of which private/certs keeps a copy. The server's also gets the names and
addresses that this host has now. Clients need not be told: the root stays.

  CERT           server.pem, or clients/DEVICE/client.pem
  DEVICE         the device ID, instead
  --days D       how many days it is valid [the server's: 365; a client's: as
                 long as the server's]
  --until DATE   its last day, such as 2027-07-31, instead
  --name N       one more name or address of the server
  -d, --dir DIR  the folder of the class [.]

  wwep-certs renew server.pem --name 10.0.0.5
END
}

verb_renew() {
    parse_options renew 'days: until: name+ dir:' "$@"
    need_arguments 1 1 'CERT or DEVICE'
    printf '%s' "$opt_name" | check_server_names
    find_class
    find_certificate "$arg_1"
    cert=$work/cert/1.pem
    find_issuer "$cert"
    [ "$issuer" = intermediate ] ||
        fail "$file: an authority is not renewed, as every client would need" \
            "the new one; make a new class, by 'wwep-certs init'"
    open_class
    device=$(devices_of "$cert" | head -n 1)
    # Its key may be in wrong hands.
    instead="a new class, by 'wwep-certs init'"
    [ -z "$device" ] || instead="one with a new key, by: wwep-certs client\
 $device --force$(dir_option)"
    ! is_revoked "$cert" ||
        fail "$file: is revoked, and its key gets no new certificate; make" \
            "$instead"
    if [ -n "$device" ]; then
        [ -z "$opt_name" ] || misuse "--name is for the server's certificate"
        renew_client
    else
        renew_server
    fi
}

must_be_in_place() {
    place_is=$class/$1
    read_certificates "$place_is" "$work/in_place"
    [ "$(fingerprint_of "$work/in_place/1.pem")" = \
        "$(fingerprint_of "$cert")" ] ||
        fail "$file: is not the certificate in $place_is: renew that"
}

renew_client() {
    must_be_in_place "clients/$device/client.pem"
    key=$class/clients/$device/client.key
    check_private_key "$key"
    key_fits "$key" "$cert" || fail "$key: is not the key of $file"
    end=$(choose_end "$(term_end)")
    prepare_clients "$end"
    folder=$stage/out/clients/$device
    mkdir "$folder"
    cp "$key" "$folder/client.key"
    read_board "$device"
    make_client_certificate "$folder" "$device" "$(cn_of "$cert")" "$seat" \
        "$name" "$mac"
    stage_place
    tell_renewed "$class/clients/$device/client.pem, .der, .h, handout.html" \
        "put it into the board; the key is the same"
}

renew_server() {
    must_be_in_place server.pem
    key=$class/server.key
    check_private_key "$key"
    key_fits "$key" "$cert" || fail "$key: is not the key of $file"
    check_intermediate
    end=$(choose_end $(($(now) + 365 * 86400)))
    server_names=$({
        server_names_of "$cert"
        printf '%s' "$opt_name"
        host_names
    } | without_repeats)
    case $(key_of "$cert") in
    RSA*) kind=rsa ;;
    *) kind=ec ;;
    esac
    make_server_certificate "$server_names" "$key" "$kind" "$end"
    make_lists "$end"
    stage_place
    tell_renewed "$class/server.pem and crl.pem" \
        "reload the servers that have them (wwepd ctl reload)"
    say "Its names: $(printf '%s\n' "$server_names" | paste -s -d ' ' -)"
}

tell_renewed() {
    say "Renewed: $(subject_of "$cert"), until $(day_of "$end"), in $1."
    say "The old one stays valid until $(day_of "$(end_of "$cert")");" \
        "private/certs has it as $(serial_of "$cert").pem."
    say "Next: $2."
}
