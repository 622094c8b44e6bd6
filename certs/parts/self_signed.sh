# The course's own first step (chapter 6B): key and certificate in one go.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_self_signed() {
    cat <<'END'
wwep-certs self-signed NAME [-o DIR] [--days D | --until DATE]
                       [--key ec|rsa] [--force]

Makes a server's key and a certificate that it signs itself: NAME.pem and
NAME.key. Such a certificate is its own root: clients need it, and there is
nothing above it by which it could be replaced or revoked.

  NAME           the server's host name or address
  -o, --output DIR   where [.]
  --days D       how many days it is valid [365]
  --until DATE   its last day, such as 2027-07-31, instead
  --key KIND     ec: P-256 [this]; rsa: RSA-2048

  wwep-certs self-signed localhost
END
}

verb_self_signed() {
    parse_options self-signed 'output: days: until: key: force' "$@"
    need_arguments 1 1 NAME
    name=$arg_1
    kind=${opt_key:-ec}
    check_key_kind "$kind"
    is_host "$name" || is_address "$name" ||
        misuse "'$name' is neither a host's name nor an IP address"
    # shellcheck disable=SC2154 # set by parse_options
    dir=${opt_output:-.}
    make_folder "$dir"
    stage_open "$dir"
    must_be_new "$dir/$name.pem" "$dir/$name.key"
    end=$(choose_end $(($(now) + 365 * 86400)) \
        $(($(now) + authority_days * 86400)))

    new_databases
    make_key "$kind" "$stage/out/$name.key"
    names=$(printf '%s\n' "$name" | alternative_names)
    cn=$name
    [ ${#name} -le 64 ] || cn=server # the name is in the subjectAltName
    sign self self_signed "$(subject 'WWEP self-signed' "$cn")" \
        "$stage/out/$name.key" "$end" "$stage/out/$name.pem"
    rm -r "$stage/out/private" # it has no authority that keeps a record
    fingerprint=$(fingerprint_of "$stage/out/$name.pem")
    stage_place
    print_text <<END
Made in $dir, valid until $(day_of "$end"):
  $name.pem    the certificate: the server's, and the root for its clients
  $name.key    the key, for the server alone
SHA-256 fingerprint, to compare on the client:
  $fingerprint
END
    if in_git "$dir"; then
        warn "$dir is in a git work tree: do not commit $name.key"
    fi
}
