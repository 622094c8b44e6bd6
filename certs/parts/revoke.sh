# Revoking: the authorities' lists say which certificates are no longer good
# (RFC 5280 section 5).
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_revoke() {
    cat <<'END'
wwep-certs revoke CERT|DEVICE [--dir DIR] [--force]

Revokes a certificate of the class, for good, and writes crl.pem anew. A
server that has `crl: crl.pem` refuses it from its next start on.

  CERT           a file, whose first certificate it is, or a device ID, for
                 that in clients/DEVICE
  -d, --dir DIR  the folder of the class [.]
  --force        even the intermediate authority, which ends the class

  wwep-certs revoke 0FAC --dir ~/wwep-class
END
}

help_crl() {
    cat <<'END'
wwep-certs crl [--days D | --until DATE] [--dir DIR]

Writes crl.pem anew, with the lists of the root and of the intermediate
authority. A server that is given lists which have ended refuses to start,
and, while it runs, every client.

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
    state=$(state_of "$issuer" "$(serial_of "$cert")")
    case $state in
    revoked*) say "$(subject_of "$cert") is already revoked." ;;
    *) revoke_on_stage ;;
    esac
    lists_end=$(choose_end "$(lists_end_default)")
    make_lists "$lists_end"
    stage_place
    [ "$state" = revoked ] || say "Revoked: $(subject_of "$cert")," \
        "serial number $(serial_of "$cert")."
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
    if [ ! -e "$file" ] && [ -f "$class/$file" ]; then
        file=$class/$file
    elif [ ! -e "$file" ] && device=$(device_of "$1"); then
        file=$class/clients/$device/client.pem
        [ -e "$file" ] ||
            fail "$class: device $device has no certificate in" \
                "clients/$device; see: wwep-certs list"
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
    awk -F '\t' -v serial="$2" '$4 == serial {
        print $1 == "R" ? "revoked" : "valid" }' \
        "$(staged "private/$1/index.txt")" | head -n 1
}

# Has one of the authorities revoked it?
is_revoked() {
    serial=$(serial_of "$1")
    [ "$(state_of intermediate "$serial")" = revoked ] ||
        [ "$(state_of root "$serial")" = revoked ]
}

revoke_on_stage() (
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
)

# As long as the server's certificate, if that has not ended; else a month, as
# a revocation must not wait for the renewal.
lists_end_default() (
    end=$(term_end)
    [ "$end" -gt "$(now)" ] || end=$(($(now) + 30 * 86400))
    echo "$end"
)

tell_lists() {
    cat <<END
$class/crl.pem is new:
$(revoked_count) revoked, valid until $(day_of "$lists_end").
Next: restart the servers that have it as tls.crl (on another host, copy it).
END
}

revoked_count() {
    cat "$class/private/root/index.txt" \
        "$class/private/intermediate/index.txt" |
        awk '/^R/ { n++ } END { print n + 0 }'
}
