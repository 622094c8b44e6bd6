# Whole files or none. What a command makes for the folder $dir, it makes in
# $dir/.wwep-certs/out, and when all is there, and only then, it is renamed
# into its place. There is one command at a time in a folder: see lock.sh.
#
# SPDX-License-Identifier: GPL-2.0-or-later

stage=
stage_name=.wwep-certs
stage_placed= # yes, once all that was asked for is in its place

# stage_open DIR: the folder must be there.
stage_open() {
    dir=$(cd "$(full_path "$1")" && pwd)
    lock_folder "$dir"
    settle
    stage=$dir/$stage_name
    mkdir "$stage" "$stage/out" 2>"$work/mkdir.err" ||
        fail "$dir: $(sed 's/.*: //' "$work/mkdir.err" | head -n 1)"
    stage_need_room 1
}

# stage_need_room BOARDS: openssl does not notice when what it writes is cut
# short by a full disk, so there must be room for all before it begins.
stage_need_room() {
    head -c $((131072 + $1 * 65536)) /dev/zero >"$stage/room" 2>/dev/null ||
        fail "$dir: there is too little room on the disk"
    rm "$stage/room"
}

# What a command that was killed has left: if it had made all, and was putting
# it into its place, that is done now; else nothing comes of it.
settle() {
    left=$dir/$stage_name
    if [ ! -e "$left" ] && [ ! -h "$left" ]; then
        return 0
    fi
    # In a folder such as /tmp, anybody may have laid it there.
    [ -n "$(find "$left" -prune -type d -user "$(id -u)")" ] ||
        fail "$left: is not what this user's wwep-certs makes: remove it"
    if [ -e "$left/ready" ]; then
        warn "$dir: finishes what a wwep-certs had made that was killed"
        place_all "$left"
    else
        warn "$dir: removes what a wwep-certs has left that was killed"
    fi
    rm -rf "$left"
}

# settle_folder DIR: for what only looks into the folder, if it is there.
settle_folder() {
    [ -e "$(full_path "$1")/$stage_name/ready" ] || return 0
    stage_open "$1"
    stage_drop
}

stage_drop() {
    [ -z "$stage" ] || rm -rf "$stage"
    stage=
    unlock_folder
}

# At the end, whatever it is. What has begun to go to its place, and could not,
# is left for the next command: some of it is nowhere else any more.
stage_leave() {
    [ -z "$stage" ] || [ ! -e "$stage/ready" ] || stage=
    stage_drop
}

# The file NAME of the folder: as it is being made, or as it is.
staged() {
    if [ -e "$stage/out/$1" ]; then
        printf '%s\n' "$stage/out/$1"
    else
        printf '%s\n' "$dir/$1"
    fi
}

# stage_replace: all that is in the folder's private goes, too.
stage_replace() {
    : >"$stage/replace"
}

# stage_place: renames all into place, which nobody interrupts.
stage_place() {
    must_be_whole
    open_what_is_public
    give_to_owner "$stage/out"
    trap '' INT TERM HUP
    : >"$stage/ready"
    place_all "$stage"
    stage_placed=yes
    stage_drop
    trap_signals
}

# place_all STAGE. The database of the authority goes first: a certificate that
# it does not know could not be revoked by number. Keys that are replaced go
# with the stage, when all that is new is in its place.
place_all() {
    if [ -e "$1/replace" ] && [ -e "$1/out/private" ] &&
        { [ -e "$dir/private" ] || [ -h "$dir/private" ]; }; then
        mv -- "$dir/private" "$1/old" || can_not_place "$dir/private"
    fi
    [ ! -d "$1/out/private" ] || place "$1/out/private" "$dir/private"
    place "$1/out" "$dir"
}

can_not_place() {
    or=
    # Old keys, which may be wanted yet, are not to be thrown away.
    [ -e "$dir/$stage_name/old" ] ||
        or="; to give it up, remove $dir/$stage_name"
    fail "$1: can not be replaced, for the reason above; when that is mended," \
        "the next command there finishes this one$or"
}

# Root may work in the folder of a user, who would then have a class that he may
# neither read nor change.
give_to_owner() {
    [ "$(id -u)" -eq 0 ] || return 0
    owner=$(stat -c %u:%g -- "$dir")
    case $owner in
    0:*) return 0 ;;
    esac
    chown -hR "$owner" -- "$1" ||
        fail "$dir: what root makes can not be given to its owner, for the" \
            "reason above: run this as the owner"
}

# The room may have gone since.
must_be_whole() {
    find "$stage/out" -type f ! -name 'index.txt*' -size 0 >"$work/cut"
    find "$stage/out" -type f \( -name '*.pem' -o -name '*.key' \) \
        -exec awk 'function look() { if (last !~ /^-----END /) print file }
            FNR == 1 && file { look() }
            { file = FILENAME; last = $0 }
            END { look() }' {} + >>"$work/cut"
    [ ! -s "$work/cut" ] ||
        fail "$(head -n 1 "$work/cut"): is cut short: is the disk full?"
}

# A file that has a key keeps 0600, and so does the database.
open_what_is_public() {
    find "$stage/out" -type d -exec chmod 0700 {} +
    find "$stage/out" -type f -exec chmod 0600 {} +
    find "$stage/out" -path "$stage/out/private" -prune -o -type f \
        \( -name '*.pem' -o -name '*.der' -o -name '*.html' -o \
        -name '*.yaml' \) \
        -exec chmod 0644 {} +
}

# place FROM TO: a folder that is new goes as one, so it is there whole.
place() (
    if [ ! -e "$2" ]; then
        mv -- "$1" "$2" || can_not_place "$2"
        exit 0
    fi
    for entry in "$1"/* "$1"/.[!.]*; do
        [ -e "$entry" ] || continue
        if [ -d "$entry" ]; then
            place "$entry" "$2/${entry##*/}"
        else
            mv -f -- "$entry" "$2/" || can_not_place "$2/${entry##*/}"
        fi
    done
)

# must_be_new FILE...: nothing is overwritten without --force.
must_be_new() {
    [ -z "${opt_force:-}" ] || return 0
    for file in "$@"; do
        if [ -e "$file" ] || [ -h "$file" ]; then
            fail "$file: is there already, and stays as it is;" \
                "--force overwrites it"
        fi
    done
}

# make_folder DIR: with those above it, for us alone if they are new.
make_folder() {
    [ ! -e "$1" ] || [ -d "$1" ] || fail "$1: is a file, not a folder"
    mkdir -p -- "$1" 2>"$work/mkdir.err" ||
        fail "$1: can not be made: $(sed 's/.*: //' "$work/mkdir.err")"
    [ -w "$1" ] || fail "$1: this user may not write there"
}

# Is the folder $1, or where it will be, in somebody's git work tree?
in_git() (
    folder=$(full_path "$1")
    until [ -d "$folder" ]; do
        folder=$(dirname -- "$folder")
    done
    folder=$(cd "$folder" && pwd -P)
    while :; do
        [ ! -e "$folder/.git" ] || exit 0
        [ "$folder" != / ] || exit 1
        folder=$(dirname -- "$folder")
    done
)
