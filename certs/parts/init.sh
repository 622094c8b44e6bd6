# A class: its authorities, its server's certificate, empty lists.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_init() {
    cat <<'END'
wwep-certs init DIR [--name N]... [--days D | --until DATE] [--key ec|rsa]
                    [--in-git] [--force]

Makes the certificates of a class in the folder DIR: a root, an intermediate
authority, and the server's certificate, with their keys; and, if there is none,
wwepd.yaml, by which `wwepd -c DIR/wwepd.yaml` serves the class.

  --name N       one more name or address of the server; the first --name is
                 the one that the handouts give. Without it the certificate is
                 for this host's names and addresses, localhost,
                 wwep.ww101.cypress.com and 198.51.100.3.
  --days D       how many days the server's certificate is valid [365]; that
                 is the term, and the clients' certificates end with it
  --until DATE   the term's last day, such as 2027-07-31, instead
  --key KIND     ec: P-256 [this]; rsa: RSA-2048, for boards that need it
  --in-git       even under a git work tree
  --force        even if DIR has a class: it is replaced, and the
                 certificates that its authorities signed are worth nothing

  wwep-certs init ~/wwep-class --name wwep.example.edu --until 2027-07-31
END
}

verb_init() {
    parse_options init 'name+ days: until: key: in-git force' "$@"
    need_arguments 1 1 DIR
    kind=${opt_key:-ec}
    check_key_kind "$kind"
    printf '%s' "$opt_name" | check_server_names
    dir=$arg_1
    # shellcheck disable=SC2154 # set by parse_options
    if [ -z "$opt_in_git" ] && in_git "$dir"; then
        fail "$dir: is in a git work tree, where an authority's key is" \
            "committed sooner or later; choose another folder, or say --in-git"
    fi
    new_class_folder "$dir"
    end=$(choose_end $(($(now) + 365 * 86400)) \
        $(($(now) + authority_days * 86400)))
    make_class "$end"
    [ -z "$opt_force" ] || stage_replace
    stage_place
    made_folder=
    tell_init
}

# The folder goes again if nothing comes of it. One with other things in it
# keeps its mode, as it may be any, even /etc: all keys are 0600 anyway.
new_class_folder() {
    dir=$(full_path "$1")
    made_folder=
    [ -e "$dir" ] || made_folder=$dir
    make_folder "$dir"
    if [ -z "$(ls -A "$dir")" ]; then
        chmod 0700 "$dir" 2>/dev/null ||
            fail "$1: belongs to somebody else; choose another"
    elif find "$dir" -prune \( -perm -020 -o -perm -002 \) | grep -q .; then
        fail "$1: others may write there: choose another, or say:" \
            "chmod go-w $(quoted "$dir")"
    fi
    stage_open "$dir"
    for file in ca.pem intermediate.pem server.pem server.key crl.pem \
        private; do
        must_be_new "$dir/$file"
    done
}

make_class() {
    out=$stage/out
    new_databases
    # So that no two classes, and no two of its certificates, look the same.
    tag="$(day_of "$(now)") $(openssl rand -hex 2 | tr a-f A-F)"
    organization="WWEP class $tag"
    authority_end=$(($(now) + authority_days * 86400))

    make_key "$kind" "$out/private/root.key"
    sign self root "$(subject "$organization" "WWEP root $tag")" \
        out/private/root.key "$authority_end" out/ca.pem
    make_key "$kind" "$out/private/intermediate.key"
    sign root intermediate \
        "$(subject "$organization" "WWEP intermediate $tag")" \
        out/private/intermediate.key "$authority_end" out/intermediate.pem

    make_key "$kind" "$out/server.key"
    server_names=$({
        printf '%s' "$opt_name"
        host_names
        class_names
    } | without_repeats)
    make_server_certificate "$server_names" "$out/server.key" "$kind" "$1"
    make_lists "$1"
    # Keys must not be committed by whoever makes a repository around here.
    [ -e "$dir/.gitignore" ] || echo '*' >"$out/.gitignore"
    configured=yes
    if [ ! -e "$dir/wwepd.yaml" ] && [ ! -h "$dir/wwepd.yaml" ]; then
        configured=
        server_configuration >"$out/wwepd.yaml"
    fi
}

server_configuration() {
    cat <<'END'
# The configuration of wwepd for this class, made by wwep-certs init, which
# leaves it alone from then on. To start it: wwepd -c wwepd.yaml
#
# Paths are relative to the folder of this file. All keys: wwepd.yaml(5).
listeners:
  - name: plain
    port: 27708
  - name: secure
    port: 40508
    tls:
      certificate: server.pem
      private_key: server.key
      # Whoever shows a certificate must show a good one of this class.
      # required: nobody gets in without.
      client_auth: optional
      client_ca: ca.pem
      crl: crl.pem
    # With client_auth: required, each board may write to its own device alone:
    #write: own-device
# Registers, and who asked what, stay when the server ends. The file must be on
# a local disk: if this folder is not, write a path that is. To look into it:
# wwep-db -c wwepd.yaml registers
store:
  path: wwep.db
# For wwep-db, and for certificates and lists that are new:
# wwepd ctl -c wwepd.yaml reload
END
    # A socket's path has at most 107 bytes.
    if [ "$(printf %s/control "$dir" | wc -c)" -le 107 ]; then
        echo "control: control"
    else
        echo "#control: control  # the path is too long: write another"
    fi
}

tell_init() {
    q=$(quoted "$dir")
    print_text <<END
A class is made in $dir:
  ca.pem                    the root certificate, which every client needs
  intermediate.pem          the authority that signs
  server.pem, server.key    the server's certificate chain and key
  crl.pem                   the lists of revoked certificates
  wwepd.yaml                the server's configuration, with all of these
  private/                  the authorities' keys and database: keep a copy,
                            and give them to nobody

The server's certificate and the lists end on $(day_of "$end"); it is for
$(printf '%s\n' "$server_names" | sed 's/^/  /')

Next: certificates for the boards, wwep-certs class ROSTER.csv --dir $q
(or client DEVICE); and the server, wwepd -c $(quoted "$dir/wwepd.yaml")
END
    [ -z "$configured" ] || print_text <<END

wwepd.yaml was there, and stays as it is. Below tls: of a listener it needs
  certificate: server.pem
  private_key: server.key
  client_auth: optional
  client_ca: ca.pem
  crl: crl.pem
END
}
