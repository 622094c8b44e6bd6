# Is a certificate revoked? What lists of revoked certificates (CRLs, RFC 5280
# section 5) say.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# read_lists FILE FOLDER: makes FOLDER/1.pem ... of the lists in FILE, PEM or
# DER, and FOLDER/count.
read_lists() (
    file=$1
    folder=$2
    mkdir -p "$folder"
    slurp "$file" "$folder/input"
    if grep -aq -- '-----BEGIN ' "$folder/input"; then
        tr -d '\r' <"$folder/input" | awk -v folder="$folder" '
            /^[ \t]*-----BEGIN X509 CRL-----/ { out = folder "/" ++n ".pem" }
            out { print >out }
            /^[ \t]*-----END X509 CRL-----/ { out = "" }
            END { print n + 0 }' >"$folder/count"
        number=0
        while [ $number -lt "$(cat "$folder/count")" ]; do
            number=$((number + 1))
            quietly crl -in "$folder/$number.pem" -noout ||
                fail "$file: list $number is damaged: $(openssl_reason)"
        done
    elif quietly crl -inform DER -in "$folder/input" -out "$folder/1.pem"; then
        echo 1 >"$folder/count"
    else
        echo 0 >"$folder/count"
    fi
    [ "$(cat "$folder/count")" -gt 0 ] ||
        fail "$file: has no list of revoked certificates (CRL)"
)

# The list among those of FOLDER that SIGNER has issued, the newest one, or
# nothing.
list_of() (
    wanted=$(subject_key "$1" | sed 1d)
    newest=
    number=0
    while [ $number -lt "$(cat "$2/count")" ]; do
        number=$((number + 1))
        list=$2/$number.pem
        name=$(quietly crl -in "$list" -noout -issuer \
            -nameopt RFC2253,-esc_msb | tr '[:upper:]' '[:lower:]')
        [ "${name#issuer=}" = "${wanted#subject=}" ] || continue
        # Dates in this form can be compared as text.
        date=$(list_date "$list" lastupdate)
        if [ -z "$newest" ] || [ "$(printf '%s\n' "$newest" "$date" | sort |
            tail -n 1)" = "$date" ]; then
            newest=$date
            found=$list
        fi
    done
    [ -z "$newest" ] || printf '%s\n' "$found"
)

# list_date LIST lastupdate|nextupdate: as openssl writes it, or NONE.
list_date() {
    quietly crl -in "$1" -noout "-$2" -dateopt iso_8601 | sed 's/^[^=]*=//'
}

# Has SIGNER signed it?
list_is_signed() {
    openssl crl -in "$1" -noout -CAfile "$2" -no-CApath -no-CAstore 2>&1 |
        grep -q '^verify OK'
}

# "2026-11-22 12:00:00Z", or that and a reason, if the list has the number.
revoked_in() {
    quietly crl -in "$1" -noout -text -dateopt iso_8601 | awk -v serial="$2" '
        $1 " " $2 == "Serial Number:" { on = $3 == serial }
        on && sub(/^ *Revocation Date: */, "") { when = $0 }
        on && reason { sub(/^ */, ""); why = ": " $0; reason = 0 }
        on && /CRL Reason Code/ { reason = 1 }
        /Signature Algorithm/ { on = 0 }
        END { if (when) print when why }'
}
