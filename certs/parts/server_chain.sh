# The certificate of the class's server: server.pem, with the intermediate
# behind it and without the root, which the clients must have themselves.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# --name NAME... on stdin, one a line; each must be a host or an address.
check_server_names() {
    while IFS= read -r name; do
        is_host "$name" || is_address "$name" ||
            misuse "--name: '$name' is neither a host's name (letters," \
                "digits, hyphens and dots) nor an IP address"
    done
}

# make_server_certificate NAMES KEY KIND END
# NAMES, one a line, the first as CN. Writes server.pem to the stage.
make_server_certificate() {
    names=$(printf '%s\n' "$1" | alternative_names)
    kind=$3
    # What is too long for a CN is still among the names.
    cn=$(printf '%s\n' "$1" | awk 'length($0) <= 64 { print; exit }')
    sign intermediate server "$(subject "$(class_name)" "$cn")" "$2" "$4" \
        "$stage/leaf.pem"
    cat "$stage/leaf.pem" "$(staged intermediate.pem)" \
        >"$stage/out/server.pem"
    rm -f "$stage/leaf.pem"
}
