# The steps of verify, on $current, its $signer and the $leaf, but for that of
# the signature, which is in signature.sh. Each says what it asks, and ends with
# holds or fails.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# tell FIRST INDENT TEXT, in lines that fit a terminal, of which the first one
# begins with FIRST.
tell() {
    if [ $((${#2} + ${#3})) -le 78 ]; then
        say "$1$3"
    else
        printf '%s\n' "$3" | fold -s -w $((78 - ${#2})) |
            sed "1s/^/$1/; 2,\$s/^/$2/; s/ *\$//" | print_text
    fi
}

step() {
    step_count=$((step_count + 1))
    tell "$(printf '%3d. ' "$step_count")" '     ' "$*"
}

note() {
    tell '     ' '     ' "$*"
}

holds() {
    note "ok${1:+: $*}"
}

# fails REASON REMEDY
fails() {
    note "NO: $1"
    [ -n "$failure" ] || failure="FAILED at step $step_count: $1; $2"
}

weak() {
    warnings=$((warnings + 1))
    note "warning: $*"
}

where_is() {
    case $1 in
    "$work/ca/"*) echo "in $opt_ca" ;;
    *) if [ -n "$target_host" ]; then
        echo "sent along by the server"
    else
        echo "in $target"
    fi ;;
    esac
}

step_signer() {
    if [ "$signer" = "$current" ]; then
        step "Who has signed it? It says: itself."
        holds "then it is its own root"
    else
        step "Who has signed it? $(title_of "$signer")."
        holds "the certificate of that name is $(where_is "$signer")"
    fi
}

step_no_signer() {
    name=$(fact "$current" issuer)
    step "Who has signed it? ${name:-(no name)}."
    if [ -n "$signer" ]; then
        fails "there are more than 10 certificates, one above the other" \
            "give one of the CAs as --ca"
    else
        fails "the certificate of '$name' is missing: it is neither $(
            where_is sent) nor in $opt_ca" "if it is a CA that you trust, put\
 its certificate into --ca; if it is an intermediate, the server has to send\
 it: it belongs below the server's own in its certificate file"
    fi
}

step_dates() {
    begin=$(epoch_of "$(fact "$current" from)")
    end=$(epoch_of "$(fact "$current" until)")
    step "Is it valid then? From $(moment_of "$begin") to $(moment_of "$end")."
    if [ "$at" -lt "$begin" ]; then
        fails "it is not valid yet, until $(moment_of "$begin")" "wait, or set\
 the clock right that says $(moment_of "$at")"
    elif [ "$at" -gt "$end" ]; then
        fails "it has expired on $(moment_of "$end")" "have it renewed; or set\
 the clock right that says $(moment_of "$at")"
    else
        holds "for another $((end / 86400 - at / 86400)) days"
        # For openssl, a certificate has ended in its last second.
        [ "$at" -ne "$end" ] || openssl_at=$((at - 1))
    fi
}

# Is it somebody's whom we wanted to talk to?
steps_name() {
    if [ -z "$wanted_name" ]; then
        note "No name is asked for (--name), so nothing here says whom you" \
            "talk to with it."
        return
    fi
    names=$(server_names_of "$leaf" | tr '\n' ' ')
    step "Is it for $wanted_name? Its names: ${names:-none}"
    check=-checkhost
    ! is_address "$wanted_name" || check=-checkip
    if quietly x509 -in "$leaf" -noout $check "$wanted_name" |
        grep -q 'does match'; then
        if [ -n "$names" ]; then
            holds
        else
            holds "by its subject alone, as it has no other names"
            weak "newer clients take names from the subjectAltName alone"
        fi
    else
        fails "it is not for $wanted_name" "use a name that it has, or have\
 one made that has this name; if somebody else answers here, trust nothing"
    fi
    step "May it be a server's?"
    if quietly x509 -in "$leaf" -noout -purpose | grep -q '^SSL server : Yes'
    then
        holds
    else
        fails "its key usage does not let it be a server's" "have one made for\
 a server, with the extended key usage serverAuth"
    fi
}

step_may_sign() {
    uses=$(openssl x509 -in "$signer" -noout -ext basicConstraints,keyUsage \
        2>/dev/null | tr '\n' ' ')
    limit=$(printf '%s\n' "$uses" | sed -n 's/.*pathlen:\([0-9]*\).*/\1/p')
    step "May '$(title_of "$signer")' sign certificates?"
    remedy="trust nothing that it has signed; its owner may have used a\
 server's or a client's certificate as a CA"
    case $uses in
    *CA:TRUE*)
        case $uses in
        *'Certificate Sign'*) ;;
        *'Key Usage'*)
            fails "its key usage has no Certificate Sign" "$remedy"
            return
            ;;
        esac
        if [ "${limit:-99}" -lt "$cas_below" ]; then
            fails "it may have $limit CAs below it, and has $cas_below" \
                "the CA in between may not sign: trust nothing below it"
        else
            case $limit in
            '') holds "it is a CA" ;;
            0) holds "it is a CA, and no CA may be below it" ;;
            *) holds "it is a CA, for at most $limit CAs below it" ;;
            esac
        fi
        ;;
    *) if is_among "$signer" "$work/ca" && is_version_1 "$signer"; then
        holds "it is of version 1, which could not say; you trust it"
    else
        fails "it is no CA (CA:FALSE)" "$remedy"
    fi ;;
    esac
}

is_version_1() {
    openssl x509 -in "$1" -noout -text |
        grep -q '^ *Version: 1 ' && names_itself "$1"
}

step_revoked() {
    step "Is it revoked? That says its signer's list in $opt_crl."
    list=$(list_of "$signer" "$work/lists")
    if [ -z "$list" ]; then
        fails "there is no list of '$(title_of "$signer")' in it" "get the\
 list of this CA, too"
        return
    fi
    begin=$(list_date "$list" lastupdate)
    end=$(list_date "$list" nextupdate)
    revoked=$(revoked_in "$list" "$(fact "$current" serial)")
    if ! list_is_signed "$list" "$signer"; then
        fails "the list's signature is not its signer's" "get the list again"
    elif [ -n "$revoked" ]; then
        fails "it was revoked on $revoked" "refuse it: somebody else may have\
 its key"
    elif [ "$(epoch_of "$begin")" -gt "$at" ]; then
        fails "the list is not valid before $begin" "get the list of that day,\
 or set the clock right"
    elif [ "$end" != NONE ] && [ "$(epoch_of "$end")" -lt "$at" ]; then
        fails "the list is stale, it was good until $end" "get the CA's newest\
 list; in a class: wwep-certs crl"
    else
        holds "it is not in the list of $begin"
    fi
}

step_trusted() {
    step "Is it one of those you trust? By its SHA-256 fingerprint:"
    print '     %s\n' "$(fact "$current" fingerprint)"
    if is_among "$current" "$work/ca"; then
        holds "it is in $opt_ca"
        return
    fi
    hash=$(fact "$current" 'subject hash')
    name=$(title_of "$current")
    if [ "$depth" -eq 1 ]; then
        fails "it has signed itself, and is not in $opt_ca" "if you know by its\
 fingerprint that it is your server's, it is its own root: give it as --ca"
    elif [ -e "$work/ca/$hash.0" ]; then
        fails "'$name' is not in $opt_ca: what is there is another CA of the\
 same name" "get the right one from whoever runs the CA, and compare\
 fingerprints"
    else
        fails "'$name' is not in $opt_ca" "if you trust this CA, give its\
 certificate as --ca"
    fi
}
