# The names of things: hosts and addresses, devices, people.
#
# SPDX-License-Identifier: GPL-2.0-or-later

is_ipv4() (
    IFS=.
    # shellcheck disable=SC2086 # split at the dots
    set -f && set -- $1
    [ $# -eq 4 ] || exit 1
    for octet; do
        case $octet in
        '' | *[!0-9]* | ????* | 0?*) exit 1 ;;
        esac
        [ "$octet" -le 255 ] || exit 1
    done
)

# Openssl knows best what is an IPv6 address; what it is given can not be
# anything else.
is_ipv6() {
    case $1 in
    *:*:*) ;;
    *) return 1 ;;
    esac
    case $1 in
    *[!0-9a-fA-F:.]*) return 1 ;;
    esac
    printf '[req]\ndistinguished_name=n\n[n]\n[x]\nsubjectAltName=IP:%s\n' \
        "$1" >"$work/address.cnf"
    quietly req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -keyout /dev/null -subj /CN=x -config "$work/address.cnf" \
        -reqexts x -out /dev/null
}

is_address() {
    is_ipv4 "$1" || is_ipv6 "$1"
}

# Letters, digits and hyphens in labels, RFC 1123 section 2.1. A name of
# digits alone would be taken for an address.
is_host() (
    case $1 in
    '' | *[!A-Za-z0-9.-]* | .* | *. | *..*) exit 1 ;;
    *[!0-9.]*) ;;
    *) exit 1 ;;
    esac
    [ ${#1} -le 253 ] || exit 1
    IFS=.
    # shellcheck disable=SC2086 # split at the dots
    set -f && set -- $1
    for label; do
        case $label in
        -* | *-) exit 1 ;;
        esac
        [ ${#label} -le 63 ] || exit 1
    done
)

# One name a line on stdin -> "DNS:a, IP:b", for a subjectAltName.
alternative_names() {
    while IFS= read -r name; do
        if is_address "$name"; then
            echo "IP:$name"
        else
            echo "DNS:$name"
        fi
    done | paste -s -d , -
}

# The names that this host has for others, one a line.
host_names() {
    for name in $({ hostname && hostname -f; } 2>/dev/null || true); do
        ! is_host "$name" || echo "$name"
        case $name in
        *.*) ;;
        # As it is found on a network without a name server (RFC 6762).
        *) ! is_host "$name" || echo "$name.local" ;;
        esac
    done
    for name in $(hostname -I 2>/dev/null || true); do
        ! is_address "$name" || echo "$name"
    done
}

# What every server of a class is called, one a line: here, and by the
# course's programs (chapter 6A), with the address they fall back to.
class_names() {
    printf '%s\n' localhost 127.0.0.1 ::1 wwep.ww101.cypress.com 198.51.100.3
}

# Lines on stdin without those that came before, case apart.
without_repeats() {
    awk '!seen[tolower($0)]++'
}

# device_of TEXT -> four hexadecimal digits. TEXT is a device ID, 0FAC or
# 0x0FAC, or a MAC address, with or without "mac:" in front, whose octets' sum
# is the ID (course, chapter 6A).
device_of() (
    text=$(printf '%s\n' "$1" | tr a-f A-F)
    h='[0-9A-F]'
    # shellcheck disable=SC2254 # patterns
    case ${text#0[xX]} in
    $h$h$h$h)
        echo "${text#0[xX]}"
        exit 0
        ;;
    esac
    text=$(without_mac "$text")
    # shellcheck disable=SC2254
    case $text in
    $h$h:$h$h:$h$h:$h$h:$h$h:$h$h | $h$h-$h$h-$h$h-$h$h-$h$h-$h$h | \
        $h$h$h$h.$h$h$h$h.$h$h$h$h | $h$h$h$h$h$h$h$h$h$h$h$h) ;;
    *) exit 1 ;;
    esac
    digits=$(printf '%s\n' "$text" | tr -d ':.-')
    sum=0
    while [ -n "$digits" ]; do
        rest=${digits#??}
        sum=$((sum + 0x${digits%"$rest"}))
        digits=$rest
    done
    printf '%04X\n' $sum
)

# What `wwep` writes in front of a MAC address, too.
without_mac() {
    printf '%s\n' "${1#[mM][aA][cC]:}"
}

# Is $1 UTF-8 of at most 64 characters, and none of control? (RFC 5280,
# appendix A.1: ub-common-name.)
is_common_name() {
    printf '%s' "$1" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 || return 1
    case $1 in
    '' | *[[:cntrl:]]*) return 1 ;;
    esac
    [ "$(printf '%s\n' "$1" | visible)" = "$1" ] || return 1
    [ "$(printf '%s' "$1" | tr -d '\200-\277' | wc -c)" -le 64 ]
}
