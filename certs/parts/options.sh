# The options of a command.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# parse_options VERB SPEC ARGUMENT...
# SPEC has a word an option: `force` is a flag, `days:` has a value, `name+`
# has one each time. Sets opt_force (yes or nothing), opt_days, opt_name (a
# line each), and the other arguments as arg_1, arg_2 ..., args of them.
parse_options() {
    options_verb=$1
    options_spec=$2
    shift 2
    for option in $options_spec; do
        eval "opt_$(function_name "${option%[:+]}")="
    done
    args=0
    arg_1=
    while [ $# -gt 0 ]; do
        case $1 in
        --)
            shift
            break
            ;;
        -h | --help)
            "help_$(function_name "$options_verb")" | print_text
            exit 0
            ;;
        -o) set_option "$@" && shift ;;
        -d) set_option "$@" && shift ;;
        --*=*)
            set_option "${1%%=*}" "${1#*=}" ||
                misuse "${1%%=*} takes no value"
            ;;
        --*) if set_option "$@"; then shift; fi ;;
        -?*) misuse "there is no option $1" ;;
        *) add_argument "$1" ;;
        esac
        shift
    done
    for argument in "$@"; do
        add_argument "$argument"
    done
}

misuse() {
    usage_error "$options_verb: $*. See: wwep-certs help $options_verb"
}

# set_option NAME [VALUE]: true if it took the value.
set_option() {
    case $1 in
    -o) option=output ;;
    -d) option=dir ;;
    *) option=${1#--} ;;
    esac
    case $option in
    '' | *[!a-z-]*) misuse "there is no option $1" ;;
    esac
    variable=opt_$(function_name "$option")
    case " $options_spec " in
    *" $option "*)
        eval "$variable=yes"
        return 1
        ;;
    *" $option: "*)
        [ $# -ge 2 ] || misuse "$1 needs a value"
        [ -n "$2" ] || misuse "$1 has an empty value"
        eval "$variable=\$2"
        ;;
    *" $option+ "*)
        [ $# -ge 2 ] || misuse "$1 needs a value"
        [ -n "$2" ] || misuse "$1 has an empty value"
        eval "$variable=\"\${$variable}\$2\$newline\""
        ;;
    *) misuse "there is no option $1" ;;
    esac
}
newline='
'

add_argument() {
    [ -n "$1" ] || misuse "an argument is empty"
    args=$((args + 1))
    eval "arg_$args=\$1"
}

# need_arguments LEAST MOST NAMES
need_arguments() {
    if [ "$args" -lt "$1" ]; then
        misuse "$3 is missing"
    fi
    if [ "$args" -gt "$2" ]; then
        eval "extra=\$arg_$(($2 + 1))"
        misuse "'$extra' is one argument too many"
    fi
}

# A whole number of days in $2, an option named $1, of at most ten years:
# after 2037 a board's 32-bit clock is at its end.
check_days() {
    case $2 in
    0 | '' | *[!0-9]* | 0[0-9]* | ?????*) ;;
    *) [ "$2" -gt 3650 ] || return 0 ;;
    esac
    misuse "$1: '$2' is no number of days from 1 to 3650"
}

# For a command that is shown: the class that this one works on.
dir_option() {
    [ -z "${opt_dir:-}" ] || printf ' --dir %s\n' "$(quoted "$opt_dir")"
}

check_key_kind() {
    case $1 in
    ec | rsa) ;;
    *) misuse "--key: '$1' is neither ec (P-256) nor rsa (RSA-2048)" ;;
    esac
}
