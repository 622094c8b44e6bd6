# Revoking: the authorities' lists say which certificates are no longer good
# (RFC 5280 section 5).
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_revoke() {
    cat <<'END'
wwep-certs revoke CERT|DEVICE [--dir DIR] [--force]

Revokes a certificate of the class, for good, and writes crl.pem anew. A
server that has `crl: crl.pem` refuses it as soon as it is told to reload. What
else is still good and has the same key is revoked with it, as `renew` keeps the
key.

  CERT           a file, whose first certificate it is
  DEVICE         a device ID or a MAC address, for all certificates of that
                 device, whatever their keys
  -d, --dir DIR  the folder of the class [.]
  --force        even the intermediate authority, which ends the class

  wwep-certs revoke 0FAC --dir ~/wwep-class
END
}

help_crl() {
    cat <<'END'
wwep-certs crl [--days D | --until DATE] [--dir DIR]

Writes crl.pem anew, with the lists of the root and of the intermediate
authority. A server that is given lists which have ended refuses to start, or
to reload; one whose lists end while it runs refuses every client that shows a
certificate, until it has been told to reload with these.

  --days D       how many days they are valid [as long as the server's
                 certificate]
  --until DATE   their last day, such as 2027-07-31, instead
  -d, --dir DIR  the folder of the class [.]

  wwep-certs crl --until 2027-07-31
END
}

verb_revoke() {
    parse_options revoke 'dir: force' "$@"
    need_arguments 1 1 'CERT or DEVICE'
    find_class
    find_certificate "$arg_1"
    open_class
    cert=$work/cert/1.pem
    find_issuer "$cert"
    [ "$issuer" = intermediate ] || [ -n "$opt_force" ] ||
        fail "$file: is the intermediate authority of the class: with it, all" \
            "its certificates are revoked, for good; --force does so"
    : >"$work/revoked"
    state=$(state_of "$issuer" "$(serial_of "$cert")")
    case $state in
    revoked) say "$(subject_of "$cert") is already revoked." ;;
    *) revoke_on_stage "$issuer" "$cert" Revoked ;;
    esac
    revoke_what_else "$device"
    lists_end=$(choose_end "$(lists_end_default)")
    make_lists "$lists_end"
    stage_place
    print_text <"$work/revoked"
    tell_lists
}

verb_crl() {
    parse_options crl 'days: until: dir:' "$@"
    need_arguments 0 0 ''
    open_class
    lists_end=$(choose_end "$(lists_end_default)")
    make_lists "$lists_end"
    stage_place
    tell_lists
}

# Of the file, here or in the class, or the device ID $1, to $work/cert/1.pem.
find_certificate() {
    file=$1
    device=
    if [ ! -e "$file" ] && [ -f "$class/$file" ]; then
        file=$class/$file
    elif [ ! -f "$file" ] && device=$(device_of "$1"); then
        file=$class/clients/$device/client.pem
        [ -e "$file" ] ||
            fail "$class: device $device has no certificate in" \
                "clients/$device; see: wwep-certs list"
    elif [ ! -e "$file" ] && [ "$file" != - ]; then
        fail "$file: there is no such file, and it is neither a device ID," \
            "such as 0FAC, nor a MAC address, such as 00:A0:50:12:34:56"
    fi
    read_certificates "$file" "$work/cert"
}

# Which authority of this class has signed it? The name alone is no proof. The
# root has signed the intermediate, and itself, which no list can undo.
find_issuer() {
    case $(fingerprint_of "$1") in
    "$(fingerprint_of "$class/ca.pem")")
        fail "$file: is the root of the class, which can be neither revoked" \
            "nor renewed: make a new class, and give its root to all"
        ;;
    "$(fingerprint_of "$class/intermediate.pem")")
        issuer=root
        return 0
        ;;
    esac
    issuer=intermediate
    is_ours "$1" ||
        fail "$file: $(subject_of "$1") is not of this class: its authority" \
            "has not signed it"
}

# Has the intermediate signed the certificate $1? Its end does not matter here.
is_ours() {
    quietly verify -no-CApath -no-CAfile -no-CAstore -no_check_time \
        -partial_chain -trusted "$class/intermediate.pem" "$1" >/dev/null
}

# state_of AUTHORITY SERIAL: valid, revoked, or nothing if it is not known.
state_of() {
    database=$(staged "private/$1/index.txt")
    awk -F '\t' -v serial="$2" '$4 == serial {
        print $1 == "R" ? "revoked" : "valid"
        exit
    }' "$database" || fail "$database: can not be read, for the reason above"
}

# Has one of the authorities revoked it? Ends all if that can not be found out.
is_revoked() {
    revoked_serial=$(serial_of "$1")
    [ -n "$revoked_serial" ] || fail "$1: can not be read"
    for revoked_by in intermediate root; do
        revoked_state=$(state_of $revoked_by "$revoked_serial") || exit 1
        [ "$revoked_state" != revoked ] || return 0
    done
    return 1
}

# Serial number, device and key of each certificate by the intermediate that is
# neither revoked nor at its end, to $work/good, with tabs between them.
list_good() {
    # The year has two digits before 2050 (RFC 5280, section 4.1.2.5).
    good=$(awk -F '\t' -v now="$(stamp_of "$(now)")" '$1 == "V" {
        if ((length($2) == 13 ? "20" $2 : $2) > now "") print $4
    }' "$stage/out/private/intermediate/index.txt")
    for serial in $good; do
        describe_good "$serial" "$class/private/certs/$serial.pem" ||
            warn "$class/private/certs/$serial.pem: can not be read, so what" \
                "key it has is not known; revoke its file if it has to end"
    done >"$work/good"
}

# describe_good SERIAL FILE
describe_good() {
    quietly x509 -in "$2" -noout -pubkey -ext subjectAltName |
        awk -v serial="$1" '
            /^-----BEGIN / { inside = 1; next }
            /^-----END / { inside = 0; next }
            inside { key = key $0; next }
            match($0, /URI:urn:wwep:device:[0-9A-F][0-9A-F][0-9A-F][0-9A-F]$/) {
                device = substr($0, RSTART + RLENGTH - 4)
            }
            END {
                if (key == "") exit 1
                print serial "\t" (device == "" ? "-" : device) "\t" key
            }'
}

# revoke_what_else DEVICE: all that is good yet and has the key of $cert, or is
# of the device, if one is given. What is of the root has no key in common.
revoke_what_else() {
    list_good
    key=$(quietly x509 -in "$cert" -noout -pubkey | sed /^-----/d | tr -d '\n')
    while IFS='	' read -r serial whose its_key <&3; do
        if [ "$its_key" = "$key" ]; then
            why='Revoked, too, as it has the same key'
        elif [ "$whose" = "$1" ]; then
            why="Revoked, too, as it is of device $1"
        else
            continue
        fi
        revoke_on_stage intermediate "$class/private/certs/$serial.pem" "$why"
    done 3<"$work/good"
}

# revoke_on_stage AUTHORITY CERT WHY: and a line to $work/revoked.
revoke_on_stage() (
    issuer=$1
    cert=$2
    WWEP_DATABASE=out/private/$issuer
    WWEP_NAMES=DNS:none.invalid
    WWEP_KEY_USAGE=digitalSignature
    export WWEP_DATABASE WWEP_NAMES WWEP_KEY_USAGE
    case $issuer in
    root) signer=$class/ca.pem ;;
    *) signer=$class/intermediate.pem ;;
    esac
    key=$class/private/$issuer.key
    cd "$stage"
    must ca -config "$parts/profiles.cnf" -cert "$signer" -keyfile "$key" \
        -revoke "$cert"
    rm -f "$WWEP_DATABASE"/*.old
    say "$3: $(subject_of "$cert"), serial number $(serial_of "$cert")." \
        >>"$work/revoked"
)

# As long as the server's certificate, if that has not ended; else a month, as
# a revocation must not wait for the renewal.
lists_end_default() (
    end=$(term_end)
    [ "$end" -gt "$(now)" ] || end=$(($(now) + 30 * 86400))
    echo "$end"
)

tell_lists() {
    print_text <<END
$class/crl.pem is new:
$(revoked_count) revoked, valid until $(day_of "$lists_end").
Next: reload the servers that have it as tls.crl (on another host, copy it
there first): wwepd ctl -c $(quoted "$class/wwepd.yaml") reload
END
}

revoked_count() {
    cat "$class/private/root/index.txt" \
        "$class/private/intermediate/index.txt" |
        awk '/^R/ { n++ } END { print n + 0 }'
}
