# One command at a time in a folder: who works there has locked a file in it.
# The kernel keeps the lock, so that it ends with us however we end. It is a
# file, opened for writing, as over a network (NFS) a folder has no locks.
#
# SPDX-License-Identifier: GPL-2.0-or-later

lock_name=.wwep-certs.lock
lock_wait_s=20
lock_file= # that is ours

lock_folder() {
    command -v flock >/dev/null ||
        fail "the flock command is missing: install the package util-linux"
    tries=0
    until try_to_lock "$1/$lock_name"; do
        tries=$((tries + 1))
        [ $tries -le $((lock_wait_s * 5)) ] ||
            fail "$1: another wwep-certs works there; try again when it has" \
                "ended"
        sleep 0.2
    done
}

unlock_folder() {
    [ -n "$lock_file" ] || return 0
    rm -f -- "$lock_file"
    lock_file=
    exec 9>&-
}

# False if somebody else has it. Whose lock it was may have removed the file
# while we waited: then we have locked nothing that others see.
try_to_lock() {
    open_lock "$1"
    lock_status=0
    flock -n 9 2>"$work/lock.err" || lock_status=$?
    # Some end with 1 whatever it is, but say so only if it is not that.
    if [ $lock_status -gt 1 ] || [ -s "$work/lock.err" ]; then
        fail "$1: can not be locked: $(lock_reason)"
    fi
    if [ $lock_status -eq 0 ] &&
        [ "$(file_number "$1")" = "$(file_number - <&9)" ]; then
        lock_file=$1
        return 0
    fi
    exec 9>&-
    return 1
}

open_lock() {
    # In a folder such as /tmp, anybody may have laid it there.
    if [ -h "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then
        fail "$1: is not what wwep-certs makes: remove it"
    fi
    (exec 9<>"$1") 2>"$work/lock.err" ||
        fail "$1: can not be written: $(lock_reason)"
    exec 9<>"$1"
    give_to_owner "$1"
}

lock_reason() {
    sed 's/.*: //' "$work/lock.err" | grep . | tail -n 1 ||
        echo "flock ends with $lock_status"
}

# Which file it is, whatever it is called.
file_number() {
    stat -c %d:%i -- "$1" 2>/dev/null || true
}
