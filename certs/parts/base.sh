# What all parts use: errors, a folder for scratch, the openssl command.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# Exit codes: 0 done, or all holds; 1 not done, or it does not hold, with the
# reason on stderr; 2 for a command line that can not be meant.
fail() {
    complain_that "$*"
    exit 1
}

usage_error() {
    complain_that "$*"
    exit 2
}

warn() {
    complain_that "warning: $*"
}

# Names of files, and what was to be a name, may hold anything, too.
complain_that() {
    printf 'wwep-certs: %s\n' "$1" | visible >&2
}

say() {
    print '%s\n' "$*"
}

# printf to standard output, and the same for a text on stdin. Who has made all
# that was asked for does not fail because nobody hears of it.
print() {
    command printf "$@" 2>/dev/null || output_failed $?
}

print_text() {
    cat 2>/dev/null || output_failed $?
}

output_failed() {
    [ "$1" -ne 141 ] || exit 141 # its reader has gone, as `head` does
    [ -n "$stage_placed" ] ||
        fail "standard output can not be written: see where it goes"
    warn "all is done, but standard output can not be written"
    exec >/dev/null
}

# The part of a name in a function's: to-pem is to_pem.
function_name() {
    printf '%s\n' "$1" | tr - _
}

# Makes $work, for what is read and compared; never for a key. Keys that are
# made lie in the stage (see stage.sh), beside where they belong.
start() {
    open_standard_streams
    check_openssl
    # The full path: `sign` works elsewhere.
    work=$(mktemp -d "$(full_path "${TMPDIR:-/tmp}")/wwep-certs.XXXXXX") ||
        fail "no scratch folder under ${TMPDIR:-/tmp}: see the reason above"
    case $work in
    *\\*)
        rmdir "$work" # awk -v would take it for an escape
        fail "TMPDIR: ${TMPDIR:-} has a backslash in it: choose another"
        ;;
    esac
    trap clean_up EXIT
    trap_signals
}

# A file that is opened must not be taken for one that is closed. What is said
# to a closed output is to fail, so it is one that is only read.
open_standard_streams() {
    (exec 3<&0) 2>/dev/null || exec </dev/null
    (exec 3>&1) 2>/dev/null || exec 1</dev/null
    (exec 3>&2) || exec 2>/dev/null
}

trap_signals() {
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    trap 'exit 141' PIPE # as of `wwep-certs show ... | head -n 1`
}

clean_up() {
    stage_leave
    [ -z "$made_folder" ] || rmdir -- "$made_folder" 2>/dev/null || true
    rm -rf "$work"
}
made_folder= # by a command that has made nothing in it yet

check_openssl() {
    command -v openssl >/dev/null ||
        fail "the openssl command is missing: install the package openssl"
    case $(openssl version) in
    'OpenSSL '[3-9].* | 'OpenSSL '[1-9][0-9].*) ;;
    *) fail "OpenSSL 3.0 or newer is needed, and here is:" \
        "$(openssl version)" ;;
    esac
}

# Runs openssl with its complaints kept for `openssl_reason`.
quietly() {
    openssl "$@" 2>"$work/openssl.err" </dev/null
}

# The first of openssl's reasons, without its bookkeeping.
openssl_reason() {
    sed -n -e '/unregistered scheme/d' \
        -e 's/^[0-9A-F]*:error:[^:]*:[^:]*:[^:]*:\(.*\):[^:]*:[0-9]*:.*/\1/p' \
        "$work/openssl.err" | head -n 1 | grep . ||
        head -n 1 "$work/openssl.err"
}

# For what fails only where the machine does: a full disk, no entropy.
must() {
    quietly "$@" ||
        fail "openssl $1 failed: $(openssl_reason)"
}

# For folders: what begins with a hyphen is no option then, and CDPATH does
# not come into it.
full_path() {
    case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$(pwd)" "$1" ;;
    esac
}

# A word as the shell takes it, for commands that are shown.
quoted() {
    case $1 in
    *[!A-Za-z0-9_./:@%+,=-]*)
        printf "'%s'\n" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")"
        ;;
    *) printf '%s\n' "$1" ;;
    esac
}

# Text from a certificate or a server may hold anything; a terminal obeys
# control characters.
printable() {
    tr '\001-\010\013-\037\177' '?'
}
