# What the class has, and until when.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_list() {
    cat <<'END'
wwep-certs list [DIR]

Prints each certificate that the class's authorities have signed: whether it
is valid, revoked or expired, its end, its serial number and its subject.

  DIR            the folder of the class [.]; --dir DIR says the same
END
}

help_check() {
    cat <<'END'
wwep-certs check [DIR] [--days N]

Looks at what the class uses: authorities, server, clients and lists. Exit
code 1 if something has ended or ends within N days, if a key does not belong
to its certificate, or if others may read a key.

  --days N       how far to look ahead [30]; 0 is now
  DIR            the folder of the class [.]; --dir DIR says the same

  wwep-certs check --days 60
END
}

# The folder may come without its option, as these two have no other argument.
class_argument() {
    [ -z "$arg_1" ] || [ -z "$opt_dir" ] || misuse "give one folder, not two"
    opt_dir=${opt_dir:-$arg_1}
}

verb_list() {
    parse_options list 'dir:' "$@"
    need_arguments 0 1 ''
    class_argument
    find_class
    print '%-8s %-10s %-40s %s\n' state ends 'serial number' subject
    for authority in root intermediate; do
        while IFS='	' read -r state rest <&3; do
            list_one "$state" "$rest"
        done 3<"$class/private/$authority/index.txt"
    done
}

# list_one STATE REST-OF-THE-LINE. The last three fields are the serial number,
# the file, and the subject; before them, the date of a revocation may be
# missing.
list_one() (
    serial=$(printf '%s\n' "$2" | awk -F '\t' '{ print $(NF - 2) }')
    copy=$class/private/certs/$serial.pem
    if [ ! -e "$copy" ]; then
        print '%-8s %-10s %-40s %s\n' '?' '?' "$serial" \
            "private/certs has no $serial.pem"
        exit 0
    fi
    end=$(end_of "$copy")
    case $1 in
    R) state=revoked ;;
    *) [ "$end" -gt "$(now)" ] && state=valid || state=expired ;;
    esac
    print '%-8s %s %-40s %s\n' $state "$(day_of "$end")" "$serial" \
        "$(subject_of "$copy")"
)

verb_check() {
    parse_options check 'days: dir:' "$@"
    need_arguments 0 1 ''
    class_argument
    # shellcheck disable=SC2154 # set by parse_options
    days=${opt_days:-30}
    [ "$days" = 0 ] || check_days --days "$days"
    find_class
    worst=0
    check_file ca.pem
    check_file intermediate.pem
    check_file server.pem server.key
    for folder in "$class"/clients/*/; do
        [ -d "$folder" ] || continue
        device=$(basename "$folder")
        check_file "clients/$device/client.pem" "clients/$device/client.key"
    done
    check_lists
    check_modes
    if [ $worst -ne 0 ]; then
        fail "$class: see the lines above that are not ok"
    fi
}

# report STATE END NAME
report() {
    print '%-10s %s  %s\n' "$1" "$2" "$3"
    [ "$1" = ok ] || worst=1
}

report_end() {
    if [ "$1" -le "$(now)" ]; then
        report ENDED "$(day_of "$1")" "$2: ended $(distance "$1")"
    elif [ "$1" -le $(($(now) + days * 86400)) ]; then
        report 'ENDS SOON' "$(day_of "$1")" "$2: ends $(distance "$1")"
    else
        report ok "$(day_of "$1")" "$2: ends $(distance "$1")"
    fi
}

# check_file CERTIFICATE [KEY]. A client that is revoked is of no concern.
check_file() {
    if [ ! -e "$class/$1" ]; then
        report MISSING '          ' "$1"
        return
    fi
    rm -rf "$work/check"
    read_certificates "$class/$1" "$work/check"
    one=$work/check/1.pem
    if is_revoked "$one"; then
        case $1 in
        clients/*) report ok "$(day_of "$(end_of "$one")")" "$1: is revoked" ;;
        *) report REVOKED "$(day_of "$(end_of "$one")")" "$1" ;;
        esac
        return
    fi
    if [ $# -eq 2 ] && ! is_ours "$one"; then
        report 'NOT OURS' '          ' "$1 is from another class"
    fi
    report_end "$(end_of "$one")" "$1"
    if [ $# -eq 2 ] && ! key_fits "$class/$2" "$one"; then
        report 'WRONG KEY' '          ' "$2 is not the key of $1"
    fi
}

check_lists() {
    [ -e "$class/crl.pem" ] || {
        report MISSING '          ' "crl.pem: wwep-certs crl makes it"
        return
    }
    cat "$class/ca.pem" "$class/intermediate.pem" >"$work/authorities.pem"
    n=0
    awk -v folder="$work" '/-----BEGIN X509 CRL-----/ { n++ }
        n { print >(folder "/crl-" n ".pem") }' "$class/crl.pem"
    for list in "$work"/crl-*.pem; do
        quietly crl -in "$list" -noout ||
            fail "$class/crl.pem: has a damaged list: $(openssl_reason)"
        n=$((n + 1))
        quietly crl -in "$list" -noout -CAfile "$work/authorities.pem" ||
            report 'NOT OURS' '          ' "crl.pem, list $n:\
 is from another class; wwep-certs crl makes a new one"
        report_end "$(epoch_of "$(openssl crl -in "$list" -noout -nextupdate \
            -dateopt iso_8601)")" "crl.pem, list $n"
    done
    [ $n -eq 2 ] || report INCOMPLETE '          ' "crl.pem: has $n lists, not\
 the root's and the intermediate's; wwep-certs crl makes it"
}

# Private keys, and what holds one, are for their owner alone.
check_modes() {
    find "$class" \( -name '*.key' -o -name client.h \) -type f \
        \( -perm -040 -o -perm -004 \) >"$work/readable"
    while IFS= read -r file; do
        report READABLE '          ' "$file has a key and is readable by\
 others: chmod 600 it"
    done <"$work/readable"
}
