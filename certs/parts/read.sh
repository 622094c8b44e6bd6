# Certificates from a file, in either form: PEM, of which a file may hold
# several with text between them (RFC 7468), or DER, one after another. What
# is no certificate is refused with what it is instead.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# More than any bundle of certificates has; a wrong file may be endless.
read_max=4194304 # bytes
read_wait_s=10

# read_certificates FILE FOLDER
# Makes FOLDER/1.pem, FOLDER/2.pem ..., in the file's order, each a PEM block
# and nothing else, and FOLDER/count. FILE may be `-`, the standard input.
read_certificates() (
    file=$1
    folder=$2
    mkdir -p "$folder"
    slurp "$file" "$folder/input"
    if grep -aq -- '-----BEGIN ' "$folder/input"; then
        read_pem
    else
        read_der
    fi
    rm -f "$folder/input"
)

slurp() {
    if [ "$1" = - ]; then
        head -c $((read_max + 1)) >"$2"
    else
        [ -e "$1" ] || fail "$1: there is no such file"
        [ ! -d "$1" ] || fail "$1: is a folder, not a file with a certificate"
        [ -r "$1" ] || fail "$1: may not be read by this user"
        # A pipe may have nobody at its other end.
        patience=
        [ -f "$1" ] || patience="timeout $read_wait_s"
        # shellcheck disable=SC2086 # two words, or none
        $patience head -c $((read_max + 1)) -- "$1" >"$2" 2>/dev/null ||
            fail "$1: can not be read${patience:+ in $read_wait_s s}"
    fi
    [ -s "$2" ] || fail "$1: is empty"
    [ "$(wc -c <"$2")" -le $read_max ] ||
        fail "$1: has more than 4 MiB, so it is no file of certificates"
}

# The blocks go to $folder/N.pem by awk, which prints a line for each: its
# number, label and first line; the number is 0 for what is no certificate.
read_pem() {
    awk -v folder="$folder" '
        function stop(line, why) {
            print "line " line ": " why >"/dev/stderr"
            failed = 1
            exit 1
        }
        { sub(/\r$/, "") }
        NR == 1 { sub(/^\357\273\277/, "") }
        /^[ \t]*-----BEGIN [^-]*-----[ \t]*$/ {
            if (label != "")
                stop(first, "the " label " block is cut off: it has no line" \
                     " -----END " label "-----")
            label = $0
            gsub(/^[ \t]*-----BEGIN |-----[ \t]*$/, "", label)
            first = NR
            number = 0
            if (label ~ /^(X509 |TRUSTED )?CERTIFICATE$/) {
                number = ++count
                out = folder "/" number ".pem"
            }
            print number "\t" first "\t" label
        }
        number { print >out }
        /^[ \t]*-----END [^-]*-----[ \t]*$/ {
            if (label == "") next
            end = $0
            gsub(/^[ \t]*-----END |-----[ \t]*$/, "", end)
            if (end != label)
                stop(NR, "END " end " closes a block that BEGIN " label \
                     " has opened")
            if (number) close(out)
            label = ""
            number = 0
        }
        END {
            if (!failed && label != "")
                stop(first, "the " label " block is cut off: it has no line" \
                     " -----END " label "-----")
            exit failed
        }' "$folder/input" >"$folder/blocks" 2>"$folder/why" ||
        fail "$file: $(head -n 1 "$folder/why")"
    pem_count=$(awk -F '\t' '$1 { n++ } END { print n + 0 }' "$folder/blocks")
    [ "$pem_count" -gt 0 ] ||
        fail "$file: $(what_instead "$(cut -f 3 "$folder/blocks" | head -n 1)")"
    echo "$pem_count" >"$folder/count"
    ! read_all_blocks || return 0
    while IFS='	' read -r number line label; do
        [ "$number" -ne 0 ] || continue
        # It writes what is a plain CERTIFICATE, whatever the label was.
        if ! quietly x509 -in "$folder/$number.pem" -out "$folder/one"; then
            fail "$file: line $line: certificate $number of $pem_count is" \
                "damaged: $(openssl_reason)"
        fi
        mv "$folder/one" "$folder/$number.pem"
    done <"$folder/blocks"
}

# All blocks with one command, if none is damaged: a bundle may have hundreds.
read_all_blocks() {
    number=0
    while [ $number -lt "$pem_count" ]; do
        number=$((number + 1))
        cat "$folder/$number.pem"
    done >"$folder/all"
    quietly storeutl -certs -out "$folder/listed" "$folder/all" >/dev/null &&
        [ "$(grep -c '^-----BEGIN CERTIFICATE-----' "$folder/listed")" \
            -eq "$pem_count" ] || return 1
    awk -v folder="$folder" '
        /^-----BEGIN / { out = folder "/" ++number ".pem" }
        out { print >out }
        /^-----END / { close(out); out = "" }' "$folder/listed"
    rm -f "$folder/all" "$folder/listed"
}

# What a file is that has a PEM block labelled $1, and no certificate.
what_instead() {
    case $1 in
    'ENCRYPTED PRIVATE KEY')
        echo "is an encrypted private key, not a certificate; give the" \
            "certificate that belongs to it" ;;
    *'PRIVATE KEY')
        echo "is a private key, not a certificate; give the certificate" \
            "that belongs to it, and keep the key to yourself" ;;
    *'PUBLIC KEY') echo "is a public key, not a certificate" ;;
    *'CERTIFICATE REQUEST')
        echo "is a request for a certificate, not a certificate; its" \
            "authority has to sign it" ;;
    'X509 CRL') echo "is a list of revoked certificates, not a certificate" ;;
    PKCS7 | CMS)
        echo "is PKCS #7; make a bundle of it by: openssl pkcs7" \
            "-print_certs -in FILE -out BUNDLE.pem" ;;
    '') echo "is no certificate: nothing between its BEGIN and END lines" ;;
    *) echo "has no certificate, but: $1" ;;
    esac
}

# One SEQUENCE after another. The length in each head (X.690 section 8.1.3)
# says where the next begins.
read_der() {
    size=$(wc -c <"$folder/input")
    offset=0
    count=0
    while [ "$offset" -lt "$size" ]; do
        length=$(der_length "$offset")
        count=$((count + 1))
        if [ -z "$length" ]; then
            [ "$offset" -eq 0 ] || fail "$file: byte $offset: after" \
                "$((count - 1)) certificates comes what is none"
            fail "$file: is no certificate, neither in PEM nor in DER"
        fi
        if [ $((offset + length)) -gt "$size" ]; then
            fail "$file: certificate $count is cut off: it says that it has" \
                "$length bytes, and there are $((size - offset))"
        fi
        tail -c "+$((offset + 1))" "$folder/input" | head -c "$length" \
            >"$folder/one"
        quietly x509 -inform DER -in "$folder/one" -out "$folder/$count.pem" ||
            fail "$file: $(what_der_instead "$folder/one" "$offset")"
        offset=$((offset + length))
    done
    rm -f "$folder/one"
    echo "$count" >"$folder/count"
}

# The length of the SEQUENCE at offset $1, head included; nothing if there is
# none.
der_length() (
    # shellcheck disable=SC2046 # a word a byte
    set -- $(tail -c "+$(($1 + 1))" "$folder/input" | head -c 6 |
        od -An -v -tu1)
    [ "${1:-}" = 48 ] && [ $# -ge 2 ] || exit 0
    case $2 in
    12[89] | 13[0-2])
        more=$(($2 - 128))
        [ $more -ge 1 ] && [ $# -ge $((2 + more)) ] || exit 0
        head=$((2 + more))
        total=0
        shift 2
        while [ $more -gt 0 ]; do
            total=$((total * 256 + $1))
            shift
            more=$((more - 1))
        done
        echo $((head + total))
        ;;
    ? | ?? | 1[01]? | 12[0-7]) echo $((2 + $2)) ;;
    esac
)

what_der_instead() {
    reason=$(openssl_reason)
    if quietly pkey -inform DER -in "$1" -noout; then
        what_instead 'PRIVATE KEY'
    elif quietly crl -inform DER -in "$1" -noout; then
        what_instead 'X509 CRL'
    elif quietly req -inform DER -in "$1" -noout; then
        what_instead 'CERTIFICATE REQUEST'
    elif quietly pkcs7 -inform DER -in "$1" -noout; then
        what_instead PKCS7
    elif quietly asn1parse -inform DER -in "$1" -noout &&
        quietly asn1parse -inform DER -in "$1" | grep -q pkcs7-data; then
        echo "is PKCS #12, a certificate with its key; take the certificate" \
            "out by: openssl pkcs12 -nokeys -in FILE -out CERT.pem"
    else
        echo "byte $2: is no certificate, or a damaged one: $reason"
    fi
}

# The one key in the file $1, for use with a certificate. An encrypted one is
# refused, as nobody is there to type its password when a server starts.
check_private_key() {
    [ -e "$1" ] || fail "$1: there is no such file"
    if grep -aq -e 'BEGIN ENCRYPTED PRIVATE KEY' -e 'Proc-Type: 4,ENCRYPTED' \
        -- "$1"; then
        fail "$1: is an encrypted key: decrypt it by:" \
            "openssl pkey -in $(quoted "$1") -out NEW.key"
    fi
    quietly pkey -in "$1" -noout ||
        fail "$1: is no private key: $(openssl_reason)"
}
