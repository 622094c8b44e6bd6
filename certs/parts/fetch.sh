# wwep-certs fetch: a server's certificates, and which of them a board needs.
# The course goes through three browsers for this.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_fetch() {
    cat <<'END'
wwep-certs fetch HOST:PORT [-o DIR] [--wait SECONDS] [--force]

Saves the certificates that a server sends: leaf.pem, its own, and ca-1.pem,
ca-2.pem ..., in the order in which they come. Says which of them belongs into
a board. Nothing is verified: compare the fingerprint with one that you have
from whoever runs the server.

  -o, --output DIR   where [./HOST]
  --wait SECONDS   how long the server may take [10]
  --force        files that are there already are overwritten

  wwep-certs fetch httpbin.org:443
END
}

verb_fetch() {
    parse_options fetch 'output: wait: force' "$@"
    need_arguments 1 1 HOST:PORT
    check_wait "${opt_wait:=10}"
    # shellcheck disable=SC2154 # by parse_options
    split_server "$arg_1"
    home=${opt_output:-./$host}
    case $home in
    -*) home=./$home ;; # a name, and no option of a command
    esac
    [ ! -e "$home" ] || [ -d "$home" ] || fail "$home: is a file, not a folder"
    must_be_new "$home/leaf.pem" "$home"/ca-[0-9]*.pem
    read_server "$host" "$port" "$work/sent" "$opt_wait"
    keep_each_once
    index_certificates "$work/kept"
    find_top
    save_kept
    tell_kept
    tell_choice
    say "Nothing of it is verified. Who answers here may be anybody: compare" \
        "the"
    say "fingerprint with one that you have from whoever runs the server."
}

# $work/kept/1.pem ..., as sent, but none twice.
keep_each_once() {
    mkdir "$work/kept"
    kept=0
    number=0
    while [ $number -lt "$(cat "$work/sent/count")" ]; do
        number=$((number + 1))
        ! is_among "$work/sent/$number.pem" "$work/kept" || continue
        kept=$((kept + 1))
        cp "$work/sent/$number.pem" "$work/kept/$kept.pem"
    done
}

# Up from the leaf, from signer to signer: $top is the number of the last one,
# and $is_root says whether it has signed itself.
find_top() {
    top=1
    is_root=
    steps=0
    while [ $steps -le "$kept" ]; do
        steps=$((steps + 1))
        if is_self_signed "$work/kept/$top.pem"; then
            is_root=yes
            return
        fi
        signer=$(seek_signer "$work/kept/$top.pem" "$work/kept") || return 0
        top=0
        until cmp -s "$work/kept/$top.pem" "$signer"; do
            top=$((top + 1))
        done
    done
}

# The name of the file of the certificate $1.
kept_name() {
    if [ "$1" -eq 1 ]; then
        echo leaf.pem
    else
        echo "ca-$(($1 - 1)).pem"
    fi
}

save_kept() {
    make_folder "$home"
    stage_open "$home"
    number=0
    while [ $number -lt "$kept" ]; do
        number=$((number + 1))
        cp "$work/kept/$number.pem" "$stage/out/$(kept_name $number)"
    done
    must_be_new "$home/leaf.pem" "$home"/ca-[0-9]*.pem
    stage_place
    # With --force: those of a longer chain that was there before.
    for old in "$home"/ca-[0-9]*.pem; do
        [ "${old##*/ca-}" = "${old##*/}" ] || is_kept "$old" || rm -f -- "$old"
    done
}

is_kept() (
    number=${1##*/ca-}
    number=${number%.pem}
    case $number in
    *[!0-9]*) exit 0 ;; # somebody else's file
    esac
    [ "$number" -lt "$kept" ]
)

tell_kept() {
    say "Saved in $home:"
    number=0
    while [ $number -lt "$kept" ]; do
        number=$((number + 1))
        one=$work/kept/$number.pem
        print '  %-9s %s\n' "$(kept_name $number)" "$(title_of "$one")"
        end=$(epoch_of "$(fact "$one" until)")
        print '  %-9s valid until %s, %s\n' '' "$(day_of "$end")" \
            "$(distance "$end")"
    done
    say
}

tell_choice() {
    file=$home/$(kept_name "$top")
    one=$work/kept/$top.pem
    case $is_root/$top in
    yes/1)
        say "Into the board belongs $file:"
        say "it has signed itself, so it is its own root. When it is" \
            "replaced, each"
        say "board needs the new one."
        ;;
    /1)
        name=$(fact "$one" issuer)
        say "Into the board belongs nothing of this: the server sends its own" \
            "certificate"
        say "alone, which is renewed often, and then every board refuses it." \
            "Ask whoever"
        say "runs the server for the certificate of the CA that has signed it:"
        say "  ${name:-(no name)}"
        return
        ;;
    yes/*)
        say "Into the board belongs $file, the root."
        tell_why_not_leaf
        ;;
    *)
        say "Into the board belongs $file:"
        say "the highest CA that the server sends. It is not the root, so it" \
            "will do on a"
        say "board that takes an intermediate CA as its anchor of trust. For" \
            "others, get"
        say "the certificate of the root, which is not sent, from its owner:"
        name=$(fact "$one" issuer)
        say "  ${name:-(no name)}"
        tell_why_not_leaf
        ;;
    esac
    say "Its SHA-256 fingerprint:"
    say "  $(fact "$one" fingerprint)"
    say "As a C array: wwep-certs to-c $(quoted "$file") -o ca.h"
}

tell_why_not_leaf() {
    say "Not leaf.pem: it is renewed often, and then every board refuses the" \
        "server."
}
