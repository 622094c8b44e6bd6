# What one certificate says. Each takes a file that read_certificates made.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# Whom this system trusts is never asked here; but openssl would read all of
# its roots, for each command anew, which makes most of them ten times as slow.
SSL_CERT_FILE=/dev/null
SSL_CERT_DIR=/dev/null
export SSL_CERT_FILE SSL_CERT_DIR

# Names in certificates may be in any alphabet; control characters stay
# escaped.
name_options=utf8,esc_ctrl,sep_comma_plus_space,space_eq,sname

subject_of() {
    openssl x509 -in "$1" -noout -subject -nameopt "$name_options" |
        sed 's/^subject= *//' | visible
}

issuer_of() {
    openssl x509 -in "$1" -noout -issuer -nameopt "$name_options" |
        sed 's/^issuer= *//' | visible
}

# As printable, and without the control characters beyond ASCII: U+0080 to
# U+009F, which a terminal may obey, and those that turn a text around.
visible() {
    printable | awk '{
        gsub(/\302[\200-\237]/, "?")
        gsub(/\342\200[\216\217\250-\256]/, "?")
        gsub(/\342\201[\246-\251]/, "?")
        print
    }'
}

# The subject as bytes to compare, whatever its characters. As for openssl,
# whose hash it has, capitals do not matter.
subject_key() {
    openssl x509 -in "$1" -noout -subject_hash -subject \
        -nameopt RFC2253,-esc_msb | tr '[:upper:]' '[:lower:]'
}

issuer_key() {
    openssl x509 -in "$1" -noout -issuer_hash -issuer \
        -nameopt RFC2253,-esc_msb | sed 's/^issuer=/subject=/' |
        tr '[:upper:]' '[:lower:]'
}

serial_of() {
    openssl x509 -in "$1" -noout -serial | sed 's/^serial=//'
}

fingerprint_of() {
    openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/^[^=]*=//'
}

# When it begins to be valid, and ends: epoch, by dates.sh.
begin_of() {
    epoch_of "$(openssl x509 -in "$1" -noout -startdate -dateopt iso_8601)"
}

end_of() {
    epoch_of "$(openssl x509 -in "$1" -noout -enddate -dateopt iso_8601)"
}

# "EC P-256", "RSA 2048", or what else it is.
key_of() (
    text=$(openssl x509 -in "$1" -noout -text)
    bits=$(printf '%s\n' "$text" |
        sed -n 's/.*Public-Key: (\([0-9]*\) bit).*/\1/p' | head -n 1)
    case $(printf '%s\n' "$text" |
        sed -n 's/.*Public Key Algorithm: //p' | head -n 1) in
    id-ecPublicKey)
        curve=$(printf '%s\n' "$text" | sed -n 's/.*NIST CURVE: //p')
        oid=$(printf '%s\n' "$text" | sed -n 's/.*ASN1 OID: //p')
        echo "EC ${curve:-${oid:-$bits bits}}"
        ;;
    rsaEncryption) echo "RSA $bits" ;;
    *) printf '%s\n' "$text" |
        sed -n 's/.*Public Key Algorithm: //p' | head -n 1 ;;
    esac
)

signature_algorithm_of() {
    openssl x509 -in "$1" -noout -text |
        sed -n 's/^ *Signature Algorithm: //p' | head -n 1
}

# The subjectAltName, as "DNS:localhost, IP Address:127.0.0.1", or nothing.
alternative_names_of() {
    openssl x509 -in "$1" -noout -ext subjectAltName 2>/dev/null |
        sed -n '2,$s/^ *//p' | printable | tr '\200-\377' '?'
}

# Its hosts and addresses, one a line.
server_names_of() {
    alternative_names_of "$1" | tr ',' '\n' |
        sed -n -e 's/^ *DNS://p' -e 's/^ *IP Address://p' | while read -r name
    do
        short_address "$name"
    done
}

# Openssl writes 0:0:0:0:0:0:0:1; people write ::1.
short_address() {
    case $1 in
    *:*:*)
        printf '%s\n' "$1" | tr A-F a-f | sed -e 's/^/:/' \
            -e 's/\(:0\)\{2,\}\(:\|$\)/::/' -e 's/^:\([^:]\)/\1/' \
            -e 's/^:::/::/'
        ;;
    *) printf '%s\n' "$1" ;;
    esac
}

# Its device IDs, one a line: urn:wwep:device:0FAC
devices_of() {
    alternative_names_of "$1" | tr ',' '\n' |
        sed -n 's/^ *URI:urn:wwep:device:\([0-9A-F]\{4\}\)$/\1/p'
}

# May it sign certificates?
is_authority() {
    openssl x509 -in "$1" -noout -ext basicConstraints 2>/dev/null |
        grep -q 'CA:TRUE'
}

# Does it say that it has signed itself? (Not: has it.)
is_self_issued() {
    [ "$(subject_key "$1")" = "$(issuer_key "$1")" ]
}

# Does the key in the file $1 belong to the certificate $2?
key_fits() {
    [ "$(openssl pkey -in "$1" -pubout 2>/dev/null)" = \
        "$(openssl x509 -in "$2" -noout -pubkey 2>/dev/null)" ]
}

# facts_of CERT: most of the above as lines of NAME=VALUE, by one command, as
# each takes its time, and a bundle may have hundreds of certificates.
facts_of() {
    openssl x509 -in "$1" -noout -text -certopt no_header,no_version \
        -certopt no_serial,no_validity,no_subject,no_issuer,no_extensions \
        -certopt no_sigdump,no_aux -nameopt "$name_options" -dateopt iso_8601 \
        -subject_hash -issuer_hash -subject -issuer -serial -startdate \
        -enddate -sha256 -fingerprint -ext "basicConstraints,keyUsage,\
extendedKeyUsage,subjectAltName,subjectKeyIdentifier,authorityKeyIdentifier" \
        2>/dev/null | visible | awk '
        # First the text, then lines with a "=", and last the extensions, where
        # whoever made the certificate may have written anything.
        function is(name) {
            sub(/^[^=]*=/, "")
            print name "=" $0
        }
        !extensions && /^[0-9a-f]+$/ {
            print (hashes++ ? "issuer" : "subject") " hash=" $0
        }
        !extensions && /^subject=/ { is("subject"); next }
        !extensions && /^issuer=/ { is("issuer"); next }
        !extensions && /^serial=/ { is("serial"); next }
        !extensions && /^notBefore=/ { is("from"); next }
        !extensions && /^notAfter=/ { is("until"); next }
        !extensions && /^[Ss][Hh][Aa]256 Fingerprint=/ {
            is("fingerprint")
            extensions = 1
            next
        }
        extensions && /^[^ ].*: *(critical)? *$/ {
            name = tolower($0)
            sub(/^x509v3 /, "", name)
            sub(/:.*/, "", name)
            next
        }
        extensions {
            sub(/^ */, "")
            if ($0 != "" && name != "") print name "=" $0
            next
        }
        { sub(/ *$/, "") }
        # The digest is part of the name; PSS has it on a line of its own.
        !key && sub(/^.*(Signature|Hash) Algorithm: /, "") {
            if (!named++) print "signature=" $0
            $0 = tolower($0)
            sub(/sha2-/, "sha")
            if (match($0, /sha(3-|512-)?[0-9]+|md[0-9]/))
                print "digest=" substr($0, RSTART, RLENGTH)
        }
        !key && sub(/^ *Mask Algorithm: mgf1 with /, "") { print "mask=" $0 }
        sub(/^ *Public Key Algorithm: /, "") {
            key = 1
            sub(/id-ecPublicKey/, "EC")
            sub(/rsaEncryption/, "RSA")
            print "key=" $0
        }
        /Public-Key: \(/ {
            gsub(/^.*\(| bit.*$/, "")
            print "bits=" $0
        }
        sub(/^ *(ASN1 OID|NIST CURVE): /, "") { print "curve=" $0 }'
}

# fact CERT NAME: of facts_of, which is kept beside CERT, in $work.
fact() {
    [ -e "$1.facts" ] || facts_of "$1" >"$1.facts"
    while IFS= read -r line; do
        case $line in
        "$2="*) printf '%s\n' "${line#*=}" ;;
        esac
    done <"$1.facts"
}

# The subject for a sentence.
title_of() (
    title=$(fact "$1" subject)
    printf '%s\n' "${title:-(no subject)}"
)
