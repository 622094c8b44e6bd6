# Certificates from a server: what it sends before a client has to say who it
# is. It is not verified here: whoever calls this wants to see it as it is.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# read_target TEXT FOLDER WAIT [NAME]: certificates as read_certificates makes
# them, from the file TEXT or the server TEXT, HOST:PORT. A file of that name
# goes first. Sets target_host, which is empty for a file. WAIT is how many
# seconds a server may take, and NAME what it is asked for instead of HOST.
read_target() {
    target_host=
    if [ "$1" = - ] || [ -e "$1" ] || [ -h "$1" ]; then
        read_certificates "$1" "$2"
    else
        split_server "$1"
        target_host=$host
        read_server "$host" "$port" "$2" "$3" "${4:-}"
    fi
}

# split_server HOST:PORT sets host and port, or fails.
split_server() {
    case $1 in
    */*) fail "$1: there is no such file" ;;
    \[*\]:*)
        host=${1%\]:*}
        host=${host#\[}
        is_ipv6 "$host" || fail "$1: $host is no IPv6 address"
        ;;
    *:*:*) fail "$1: there is no such file; a server at an IPv6 address is" \
        "written [ADDRESS]:PORT, as [::1]:443" ;;
    *:*)
        host=${1%:*}
        is_host "$host" || is_ipv4 "$host" ||
            fail "$1: there is no such file, and '$host' is no host either"
        ;;
    *) fail "$1: there is no such file; a server is written HOST:PORT, as" \
        "localhost:443" ;;
    esac
    port=${1##*:}
    is_port "$port" ||
        fail "$1: there is no such file, and '$port' is no port either"
}

is_port() {
    case $1 in
    '' | 0* | *[!0-9]* | ??????*) return 1 ;;
    esac
    [ "$1" -le 65535 ]
}

# check_wait SECONDS, of the option --wait.
check_wait() {
    case $1 in
    [1-9] | [1-9][0-9] | [1-9][0-9][0-9]) ;;
    *) misuse "--wait: '$1' is no number of seconds from 1 to 999" ;;
    esac
}

# read_server HOST PORT FOLDER WAIT [NAME]
read_server() (
    case $1 in
    *:*) server="[$1]:$2" ;;
    *) server=$1:$2 ;;
    esac
    folder=$3
    wait_s=$4
    mkdir -p "$folder"
    set -- s_client -connect "$server" -showcerts
    # Level 0: also a server with a weak key or digest is to be looked at.
    # The states tell whether there was a connection, whatever happens then.
    set -- "$@" -cipher 'DEFAULT:@SECLEVEL=0' -state
    if [ -n "${5:-}" ] && is_host "$5"; then
        set -- "$@" -servername "$5"
    fi
    {
        timeout "$wait_s" openssl "$@" </dev/null 2>"$folder/said" ||
            echo $? >"$folder/code"
    } | head -c $read_max >"$folder/talk"
    grep -v '^SSL' "$folder/said" >"$work/openssl.err" || true
    # What the server sends inside of TLS comes later, and may be anything.
    awk '/^Certificate chain/ { on = 1 } on && /^---$/ { exit } on' \
        "$folder/talk" >"$folder/chain"
    grep -q '^-----BEGIN CERTIFICATE-----' "$folder/chain" ||
        fail "$server: $(why_no_certificate)"
    read_certificates "$folder/chain" "$folder"
    rm -f "$folder/talk" "$folder/chain" "$folder/code" "$folder/said"
)

# In words, from what the openssl command said before it gave up.
why_no_certificate() {
    case $(tr '\n' ' ' <"$work/openssl.err") in
    *'Connection refused'*)
        echo "nobody listens there (connection refused): does the server" \
            "run, and on this port?" ;;
    *'No route to host'* | *'etwork is unreachable'*)
        echo "there is no way to it: is it on, and in this network?" ;;
    *'BIO_lookup_ex'*)
        echo "there is no host of that name, as far as this one knows" ;;
    *'wrong version number'* | *'packet length too long'* | \
        *'http request'* | *'unknown protocol'* | *'bad record type'* | \
        *'record layer failure'*)
        echo "answers, but not in TLS: is it the port of a plain server?" ;;
    *'alert number '*)
        echo "refuses TLS before it sends a certificate:" \
            "$(openssl_reason | printable)" ;;
    *'unexpected eof'* | *'errno=104'* | *'Connection reset'* | \
        *'errno=0'* | *'errno=32'*)
        echo "closes the connection when TLS begins: is it the port of a" \
            "plain server?" ;;
    *) why_so_long ;;
    esac
}

# A time-out leaves no message. (143: the timeout command of busybox.)
why_so_long() {
    case $(cat "$folder/code" 2>/dev/null || true) in
    124 | 143)
        if grep -q '^SSL_connect' "$folder/said"; then
            echo "takes the connection, and then says nothing in TLS for" \
                "$wait_s s: is it the port of a plain server?"
        else
            echo "no answer within $wait_s s: is it on, and does a" \
                "firewall let this port through?"
        fi
        ;;
    '') echo "sends no certificate" ;;
    *) openssl_reason | printable ;;
    esac
}
