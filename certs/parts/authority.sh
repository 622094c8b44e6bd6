# The two authorities of a class, and what they sign. Each has its database,
# as openssl keeps it, in private/root and private/intermediate; all work is
# on the stage's copies of them.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# Certificates and lists begin a day before they are made: the clocks of
# boards and laptops are behind at times, or take local time for UTC.
backdate_s=86400
# Root and intermediate: no board's 32-bit clock ends before they do.
authority_days=3652

# The folder of the class, from --dir, or this one.
find_class() {
    class=${opt_dir:-.}
    settle_folder "$class"
    for needed in . private private/root private/intermediate; do
        needed=$class/$needed
        [ ! -d "$needed" ] || { [ -r "$needed" ] && [ -x "$needed" ]; } ||
            fail "${needed%/.}: may not be read by this user"
    done
    [ -e "$class/private/intermediate.key" ] ||
        fail "$class: is no class (it has no private/intermediate.key): make" \
            "one by 'wwep-certs init DIR', then cd DIR or give --dir DIR"
    for needed in ca.pem intermediate.pem private/root/index.txt \
        private/intermediate/index.txt; do
        [ -e "$class/$needed" ] ||
            fail "$class/$needed: is missing; put it back from a copy"
        [ -f "$class/$needed" ] || fail "$class/$needed: is no file"
        # Nobody is revoked who stands in what can not be read.
        [ -r "$class/$needed" ] ||
            fail "$class/$needed: may not be read by this user; the class" \
                "belongs to $(stat -c %U -- "$class")"
    done
    class=$(cd "$(full_path "$class")" && pwd)
    dir=$class
}

# For a command that changes the class: one at a time, on copies.
open_class() {
    find_class
    stage_open "$class"
    mkdir "$stage/out/private"
    cp -R "$class/private/root" "$class/private/intermediate" \
        "$stage/out/private/" ||
        fail "$class/private: can not be copied, for the reason above"
    mkdir "$stage/out/private/certs"
    [ ! -e "$class/private/boards.tsv" ] ||
        cp "$class/private/boards.tsv" "$stage/out/private/"
}

new_databases() {
    mkdir -p "$stage/out/private/certs"
    for authority in root intermediate; do
        mkdir "$stage/out/private/$authority"
        : >"$stage/out/private/$authority/index.txt"
        echo 01 >"$stage/out/private/$authority/crlnumber"
    done
}

# make_key KIND FILE
make_key() {
    case $1 in
    rsa) must genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$2" ;;
    *) must genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
        -pkeyopt ec_param_enc:named_curve -out "$2" ;;
    esac
}

# The kind of key that the class uses.
class_key_kind() {
    case $(key_of "$(staged intermediate.pem)") in
    RSA*) echo rsa ;;
    *) echo ec ;;
    esac
}

# An RSA key may also encrypt the key of a TLS 1.2 session.
key_usage() {
    case $1 in
    rsa) echo 'digitalSignature, keyEncipherment' ;;
    *) echo 'digitalSignature' ;;
    esac
}

# subject ORGANIZATION COMMON-NAME, as -subj takes it
subject() {
    printf '/O=%s/CN=%s\n' "$(escaped "$1")" "$(escaped "$2")"
}

escaped() {
    printf '%s\n' "$1" | sed 's,[\\/+],\\&,g'
}

# The O= of all the class's certificates.
class_name() {
    openssl x509 -in "$(staged intermediate.pem)" -noout -subject \
        -nameopt multiline,utf8,-esc_msb |
        sed -n 's/^ *organizationName *= //p'
}

# sign AUTHORITY PROFILE SUBJECT KEY END OUT
# AUTHORITY is root, intermediate, or self. What the certificate is for stands
# in profiles.cnf; its subjectAltName is in $names, and its key's kind in
# $kind.
sign() (
    authority=$1
    profile=$2
    WWEP_DATABASE=out/private/${authority#self}
    [ "$authority" != self ] || WWEP_DATABASE=out/private/root
    WWEP_NAMES=${names:-DNS:none.invalid}
    WWEP_KEY_USAGE=$(key_usage "${kind:-ec}")
    export WWEP_DATABASE WWEP_NAMES WWEP_KEY_USAGE
    case $authority in
    self) set -- "$@" -selfsign -keyfile "$4" ;;
    root) set -- "$@" -cert "$(staged ca.pem)" \
        -keyfile "$(staged private/root.key)" ;;
    *) set -- "$@" -cert "$(staged intermediate.pem)" \
        -keyfile "$(staged private/intermediate.key)" ;;
    esac
    subject=$3
    key=$4
    end=$5
    out=$6
    shift 6
    # Relative paths, here and in profiles.cnf, are the stage's.
    cd "$stage"
    must req -new -config "$parts/profiles.cnf" -utf8 -subj "$subject" \
        -sha256 -key "$key" -out request
    begin=$(($(now) - backdate_s))
    must ca -config "$parts/profiles.cnf" -batch -notext -utf8 \
        -extensions "$profile" -startdate "$(stamp_of $begin)" \
        -enddate "$(stamp_of "$end")" "$@" -in request -out "$out"
    rm -f request "$WWEP_DATABASE"/*.old
)

# make_lists END: crl.pem, with the root's list and the intermediate's.
make_lists() (
    WWEP_NAMES=DNS:none.invalid
    WWEP_KEY_USAGE=digitalSignature
    begin=$(stamp_of $(($(now) - backdate_s)))
    root=$(staged ca.pem)
    intermediate=$(staged intermediate.pem)
    root_key=$(staged private/root.key)
    intermediate_key=$(staged private/intermediate.key)
    cd "$stage"
    for authority in root intermediate; do
        WWEP_DATABASE=out/private/$authority
        export WWEP_DATABASE WWEP_NAMES WWEP_KEY_USAGE
        eval "key=\$${authority}_key"
        [ $authority = root ] && cert=$root || cert=$intermediate
        must ca -config "$parts/profiles.cnf" -gencrl -crl_lastupdate "$begin" \
            -crl_nextupdate "$(stamp_of "$1")" -cert "$cert" -keyfile "$key" \
            -out list
        cat list >>out/crl.pem
        rm -f list "$WWEP_DATABASE"/*.old
    done
)

# What an authority signs that is itself revoked, nobody takes.
check_intermediate() {
    ! is_revoked "$class/intermediate.pem" ||
        fail "$class: its intermediate authority is revoked, and with it all" \
            "that it signs: make a new class, by 'wwep-certs init'"
}

# term_end: when the class's term ends, by its server's certificate.
term_end() {
    end_of "$(staged server.pem)"
}

# choose_end DEFAULT [LIMIT] -> epoch, from --until, --days, or DEFAULT. It must
# come, and not after LIMIT, which is the class's authorities' end.
choose_end() (
    end=$1
    if [ -n "${opt_until:-}" ] && [ -n "${opt_days:-}" ]; then
        misuse "give --until or --days, not both"
    elif [ -n "${opt_until:-}" ]; then
        end=$(read_date --until "$opt_until" 23:59:59)
    elif [ -n "${opt_days:-}" ]; then
        check_days --days "$opt_days"
        end=$(($(now) + opt_days * 86400))
    fi
    [ "$end" -gt "$(now)" ] ||
        fail "the end would be $(day_of "$end"), which is past: give --until" \
            "DATE, or --days N"
    limit=${2:-$(end_of "$(staged intermediate.pem)")}
    [ "$end" -le "$limit" ] ||
        fail "the end would be $(day_of "$end"), after that of the" \
            "authorities, $(day_of "$limit"): give an earlier one"
    echo "$end"
)
