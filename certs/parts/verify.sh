# wwep-certs verify: the steps that a TLS client takes, one by one, and told.
# At the end the openssl command does all of it again, and has to agree.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_verify() {
    cat <<'END'
wwep-certs verify CERT|HOST:PORT --ca FILE [--name HOST] [--at DATE]
                  [--crl FILE] [--wait SECONDS]

Is the certificate good? Tells each step on the way from it up to a certificate
that is trusted, and which step fails first. Succeeds if all of them hold.

  CERT           a file; it may have the CAs between as well, below the first
  --ca FILE      the certificates that are trusted: what a board would have
  --name HOST    the host's name or address that the certificate has to have
                 [HOST, if it is a server's; else none is asked for]
  --at DATE      as of then, such as 2027-07-31T08:15:00Z, or 2027-07-31, which
                 is noon of that day [now]
  --crl FILE     lists of revoked certificates; there must be one of each CA
  --wait SECONDS   how long the server may take [10]

  wwep-certs verify localhost:27709 --ca ca.pem
END
}

verb_verify() {
    parse_options verify 'ca: name: at: crl: wait:' "$@"
    need_arguments 1 1 'CERT or HOST:PORT'
    [ -n "$opt_ca" ] || misuse "--ca FILE is missing: whom do you trust?"
    [ -z "$opt_name" ] || is_host "$opt_name" || is_address "$opt_name" ||
        misuse "--name: '$opt_name' is neither a host's name nor an IP address"
    check_wait "${opt_wait:=10}"
    at=$(now)
    if [ -n "$opt_at" ]; then
        at=$(read_date --at "$opt_at" 12:00:00)
    fi
    read_certificates "$opt_ca" "$work/ca"
    [ -z "$opt_crl" ] || read_lists "$opt_crl" "$work/lists"
    # shellcheck disable=SC2154 # by parse_options
    target=$arg_1
    read_target "$target" "$work/sent" "$opt_wait" "$opt_name"
    wanted_name=${opt_name:-$target_host}
    index_certificates "$work/ca"
    index_certificates "$work/sent"
    tell_all
}

tell_all() {
    tell '' '' "Is it good for whoever trusts $opt_ca,$(
        printf ' as of %s?' "$(moment_of "$at")"
    )"
    step_count=0
    warnings=0
    failure=
    openssl_at=
    walk
    step_openssl
    say
    [ -z "$failure" ] || fail "$failure"
    tell '' '' "All $step_count steps hold: $(title_of "$leaf") is good$(
        [ -z "$wanted_name" ] || echo " for $wanted_name"
    ).$([ "$warnings" -eq 0 ] || echo " But see the warnings.")"
}

# As people take it: 2026-11-22 12:00:00Z
moment_of() (
    # shellcheck disable=SC2046,SC2183 # six words
    printf '%s-%s-%s %s:%s:%sZ\n' $(calendar_of "$1")
)

# Up from the leaf, until a certificate is trusted and nothing that is trusted
# is above it, or it has signed itself.
walk() {
    leaf=$work/sent/1.pem
    current=$leaf
    depth=1
    cas_below=0 # $signer, those apart that name themselves as their signer
    while :; do
        say
        tell '' '' "Certificate $depth: $(title_of "$current")"
        warn_of_key
        find_role
        tell_signer
        step_dates
        [ "$depth" -gt 1 ] || steps_name
        case $role in
        own | trusted)
            step_trusted
            return
            ;;
        orphan) return ;;
        esac
        [ "$depth" -eq 1 ] || names_itself "$current" ||
            cas_below=$((cas_below + 1))
        step_may_sign
        [ -z "$opt_crl" ] || step_revoked
        depth=$((depth + 1))
        current=$signer
    done
}

# What $current is, as $role: `own`, it has signed itself, or says so;
# `trusted`, and nobody who is trusted has signed it; `signed`, by $signer, or
# by somebody of the name of $signer (the $verdict says which); `orphan`, signed
# by nobody who is here.
find_role() {
    role=signed
    signer=$current
    verdict=yes
    known=
    ! is_among "$current" "$work/ca" || known=yes
    if names_itself "$current" &&
        { [ -n "$known" ] && [ "$depth" -gt 1 ] ||
            signature_fits "$current" "$current"; }; then
        role=own
    elif [ -n "$known" ]; then
        signer=$(seek_signer "$current" "$work/ca") || role=trusted
    elif ! signer=$(seek_signer "$current" "$work/ca" "$work/sent"); then
        verdict=no
        if names_itself "$current"; then
            role=own
            signer=$current
        elif [ -z "$signer" ]; then
            role=orphan
        fi
    fi
    [ "$depth" -lt 10 ] || [ "$role" != signed ] || role=orphan
}

tell_signer() {
    case $role/$depth in
    own/1 | signed/*)
        step_signer
        step_signature
        ;;
    orphan/*) step_no_signer ;;
    trusted/1) note "Who has signed it does not matter if it is trusted" \
        "itself." ;;
    *) note "It is at the top, so it has to be known: that it has signed" \
        "itself, or who has, proves nothing." ;;
    esac
}

step_openssl() {
    say
    step "Does the openssl command say the same?"
    every_pem "$work/ca" >"$work/ca.pem"
    every_pem "$work/sent" >"$work/sent.pem"
    set -- -no-CApath -no-CAstore -CAfile "$work/ca.pem" -partial_chain \
        -untrusted "$work/sent.pem" -attime "${openssl_at:-$at}"
    if [ -n "$wanted_name" ]; then
        set -- "$@" -purpose sslserver
        if is_address "$wanted_name"; then
            set -- "$@" -verify_ip "$wanted_name"
        else
            set -- "$@" -verify_hostname "$wanted_name"
        fi
    fi
    # It would ask for a list of whoever is above a CA that is trusted, too.
    if [ -n "$opt_crl" ] && [ "$depth" -gt 1 ]; then
        every_pem "$work/lists" >"$work/lists.pem"
        set -- "$@" -CRLfile "$work/lists.pem" -crl_check
        [ "$role" != own ] || set -- "$@" -crl_check_all
    fi
    if quietly verify "$@" "$leaf" >/dev/null; then
        if [ -z "$failure" ]; then
            holds
        else
            note "It says OK, other than the steps above: believe those."
        fi
        return
    fi
    reason=$(sed -n 's/^error [0-9]* at \([0-9]*\) depth lookup: */\1 /p' \
        "$work/openssl.err" | head -n 1)
    where=${reason%% *}
    reason=${reason#* }
    [ -n "$reason" ] || reason=$(openssl_reason)
    if [ -n "$failure" ]; then
        note "It says no, too: certificate $((${where:-0} + 1)): $reason"
    else
        fails "it says no: certificate $((${where:-0} + 1)): $reason" "trust\
 nothing here; openssl-verification-options(1) tells what it checks further"
    fi
}
