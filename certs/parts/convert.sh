# wwep-certs to-pem, to-der, to-c: certificates in another form. What is
# written is read back first, and compared.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_to_pem() {
    cat <<'END'
wwep-certs to-pem FILE [-o OUT] [--force]

Writes the certificates of FILE, PEM or DER, as PEM: text, one below the other.

  FILE           - is the standard input
  -o, --output OUT   the file to make [standard output]
  --force        OUT may be there already, and is overwritten

  wwep-certs to-pem ca.der -o ca.pem
END
}

help_to_der() {
    cat <<'END'
wwep-certs to-der FILE [-o OUT] [--force]

Writes the certificates of FILE, PEM or DER, as DER: binary, one after another,
as wolfSSL takes them.

  FILE           - is the standard input
  -o, --output OUT   the file to make [standard output, if no terminal]
  --force        OUT may be there already, and is overwritten

  wwep-certs to-der ca.pem -o ca.der
END
}

help_to_c() {
    cat <<'END'
wwep-certs to-c FILE [--array NAME] [-o OUT] [--force]

Writes a C header with the certificates of FILE, PEM or DER, as one array of
characters: PEM, with a NUL at its end that is not part of it.

  FILE           - is the standard input
  --array NAME   the array's name [FILE's, as ca_pem for ca.pem]
  -o, --output OUT   the file to make [standard output]
  --force        OUT may be there already, and is overwritten

  wwep-certs to-c ca.pem --array httpbin_root_ca -o root_ca.h
END
}

verb_to_pem() {
    start_conversion to-pem 'output: force' "$@"
    every_pem "$work/in" >"$work/new"
    read_certificates "$work/new" "$work/back"
    finish_conversion
}

verb_to_der() {
    start_conversion to-der 'output: force' "$@"
    if [ -z "$opt_output" ] && [ -t 1 ]; then
        misuse "DER is binary, and not for a terminal: give -o OUT"
    fi
    number=0
    while [ $number -lt "$(cat "$work/in/count")" ]; do
        number=$((number + 1))
        openssl x509 -in "$work/in/$number.pem" -outform DER
    done >"$work/new"
    read_certificates "$work/new" "$work/back"
    finish_conversion
}

verb_to_c() {
    start_conversion to-c 'output: force array:' "$@"
    # shellcheck disable=SC2154 # by parse_options
    array=${opt_array:-$(array_name "$arg_1")}
    is_c_name "$array" ||
        misuse "--array: '$array' is no name for an array in C"
    every_pem "$work/in" >"$work/pem"
    c_header "$array" >"$work/new"
    c_text <"$work/new" >"$work/text"
    read_certificates "$work/text" "$work/back"
    finish_conversion
}

# start_conversion VERB OPTIONS ARGUMENT...: what is asked for, and the
# certificates, in $work/in.
start_conversion() {
    parse_options "$@"
    need_arguments 1 1 FILE
    case $opt_output in
    -) opt_output= ;;
    -*) opt_output=./$opt_output ;; # a name, and no option of a command
    esac
    [ -z "$opt_output" ] || check_output "$opt_output"
    # shellcheck disable=SC2154 # by parse_options
    read_certificates "$arg_1" "$work/in"
}

# Writes $work/new, if what was read back is what had been read.
finish_conversion() {
    number=0
    while [ $number -lt "$(cat "$work/in/count")" ]; do
        number=$((number + 1))
        cmp -s "$work/in/$number.pem" "$work/back/$number.pem" ||
            fail "certificate $number reads back as another one; nothing is" \
                "written"
    done
    cmp -s "$work/in/count" "$work/back/count" ||
        fail "more certificates read back than there are; nothing is written"
    if [ -z "$opt_output" ]; then
        print_text <"$work/new"
    else
        write_whole "$work/new" "$opt_output"
    fi
}

every_pem() (
    number=0
    while [ $number -lt "$(cat "$1/count")" ]; do
        number=$((number + 1))
        cat "$1/$number.pem"
    done
)

# Can OUT be made, and may it?
check_output() {
    case $1 in
    */) fail "$1: is a folder, not a file" ;;
    esac
    if [ -d "$1" ]; then
        fail "$1: is a folder, not a file"
    elif [ -e "$1" ] && [ ! -f "$1" ]; then
        fail "$1: is no plain file"
    fi
    must_be_new "$1"
    output_dir=$(dirname -- "$1")
    [ -d "$output_dir" ] || fail "$output_dir: there is no such folder"
    [ -w "$output_dir" ] || fail "$output_dir: this user may not write there"
}

# write_whole FROM TO: beside its place first, as a disk may be full.
write_whole() {
    stage=$(mktemp -d "$(dirname -- "$2")/.wwep-certs.XXXXXX" \
        2>"$work/cp.err") && cp -- "$1" "$stage/new" 2>"$work/cp.err" ||
        fail "$2: can not be written: $(sed 's/.*: //' "$work/cp.err")"
    chmod 0644 "$stage/new"
    must_be_new "$2"
    mv -f -- "$stage/new" "$2" 2>"$work/cp.err" ||
        fail "$2: can not be written: $(sed 's/.*: //' "$work/cp.err")"
    stage_drop
}

# An array's name of a file's: ca.pem is ca_pem.
array_name() (
    name=${1##*/}
    [ "$1" != - ] || name=certificates
    name=$(printf '%s' "$name" | tr -c 'A-Za-z0-9_' _ | cut -c 1-63)
    case $name in
    [0-9_]*) name=certificate_$name ;;
    esac
    is_c_name "$name" || name=${name}_pem
    printf '%s\n' "$name"
)

# Is $1 a name, and none of the words of C11, C23 or C++ that are taken?
is_c_name() {
    case $1 in
    '' | [0-9]* | *[!A-Za-z0-9_]*) return 1 ;;
    esac
    [ ${#1} -le 63 ] || return 1
    case " alignas alignof and and_eq asm auto bitand bitor bool break case \
catch char class compl const constexpr continue decltype default delete do \
double else enum explicit export extern false float for friend goto if inline \
int long mutable namespace new noexcept not not_eq nullptr operator or or_eq \
private protected public register restrict return short signed sizeof static \
static_assert struct switch template this thread_local throw true try typedef \
typeid typename typeof typeof_unqual union unsigned using virtual void \
volatile wchar_t while xor xor_eq _Alignas _Alignof _Atomic _BitInt _Bool \
_Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local " in
    *" $1 "*) return 1 ;;
    esac
}

# The header for $work/in and $work/pem.
c_header() (
    guard=WWEP_$(printf '%s\n' "$1" | tr '[:lower:]' '[:upper:]')_H
    echo "/* Made by wwep-certs to-c. In $1:"
    number=0
    while [ $number -lt "$(cat "$work/in/count")" ]; do
        number=$((number + 1))
        one=$work/in/$number.pem
        echo " *"
        echo " * $(title_of "$one" | c_comment)"
        end=$(epoch_of "$(fact "$one" until)")
        echo " *     valid until $(day_of "$end"), SHA-256:"
        echo " *     $(fact "$one" fingerprint)"
    done
    cat <<END
 *
 * The length of the PEM text is sizeof $1 - 1:
 * a NUL follows it. */
#ifndef $guard
#define $guard

$(c_array "$1" "$work/pem")

#endif
END
)

# Text that can not end a comment, nor be taken for anything else in there.
c_comment() {
    sed -e 's:[*]/:* /:g' -e 's:/[*]:/ *:g' -e 's:??:? ?:g' -e 's:??:? ?:g' \
        -e 's:\\$:\\ .:'
}

# c_array NAME FILE: the text of FILE, with the line ends that it has on a
# board (see the course's certificates), as the definition of an array. A C
# compiler need not take a literal of more than 4095 characters (C11, section
# 5.2.4.1), so a longer text is made of numbers.
c_array() {
    if [ "$(sed 's/$/./' "$2" | tr -d '\r' | wc -c)" -le 4095 ]; then
        printf 'static const char %s[] =' "$1"
        tr -d '\r' <"$2" | sed -e 's/[\\"?]/\\&/g' -e 's/.*/    "&\\r\\n"/' |
            awk '{ printf "\n%s", $0 } END { print ";" }'
    else
        printf 'static const char %s[] = {\n' "$1"
        tr -d '\r' <"$2" | sed "s/\$/$(printf '\r')/" | od -An -v -tx1 |
            awk '{
                line = "   "
                for (i = 1; i <= NF; i++) line = line " 0x" $i ","
                if (NF > 12) {
                    print substr(line, 1, 3 + 12 * 6)
                    line = "   " substr(line, 4 + 12 * 6)
                }
                print line
            } END { print "    0x00\n};" }'
    fi
}

# The text of an array that c_array has made, as a compiler reads it.
c_text() {
    awk '
        function number(hex) {
            hex = tolower(hex)
            return 16 * (index("0123456789abcdef", substr(hex, 3, 1)) - 1) + \
                index("0123456789abcdef", substr(hex, 4, 1)) - 1
        }
        /^    "/ {
            gsub(/^    "|";?$/, "")
            for (i = 1; i <= length($0); i++) {
                one = substr($0, i, 1)
                if (one == "\\") {
                    one = substr($0, ++i, 1)
                    if (one == "r") one = "\r"
                    if (one == "n") one = "\n"
                }
                printf "%s", one
            }
        }
        /^    0x/ {
            n = split($0, bytes, /[ ,]+/)
            for (i = 1; i <= n; i++)
                if (bytes[i] ~ /^0x/ && bytes[i] != "0x00")
                    printf "%c", number(bytes[i])
        }'
}
