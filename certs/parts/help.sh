# wwep-certs help
#
# SPDX-License-Identifier: GPL-2.0-or-later

verbs='init client class self-signed show fetch to-pem to-der to-c verify
revoke crl renew list check help'

is_verb() {
    case $1 in
    *[!a-z-]*) return 1 ;;
    esac
    # shellcheck disable=SC2086 # one word a verb
    printf '%s\n' $verbs | grep -qx -e "$1"
}

help_help() {
    cat <<'END'
wwep-certs help [COMMAND]

Prints what a command does, its options, and an example.
END
}

verb_help() {
    if [ $# -eq 0 ]; then
        help_all | print_text
        return
    fi
    is_verb "$1" || usage_error "'$1' is none of its commands"
    "help_$(function_name "$1")" | print_text
}

help_all() {
    cat <<'END'
wwep-certs makes, shows and checks the certificates of a class.

  init DIR          a class: root, intermediate and server certificate
  client DEVICE     a board's certificate
  class ROSTER.csv  one for each board of a roster, with handouts to print
  self-signed NAME  a key and a certificate that is its own root

  show FILE|HOST:PORT      what a certificate says
  fetch HOST:PORT          saves what a server sends, and says which of it
                           belongs into a board
  verify CERT|HOST:PORT    is it good? Told step by step
  to-pem, to-der, to-c     from one form into another

  revoke CERT|DEVICE  a certificate is no longer good
  crl                 fresh lists of what is revoked
  renew CERT|DEVICE   a new certificate for the same key
  list                all that the class has signed
  check               does something end soon?

  wwep-certs help COMMAND has the options; wwep-certs(1) is the manual.
END
}
