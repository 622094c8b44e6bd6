# Who has signed a certificate, and is it so? By hand, as chapter 6 of the
# course tells it: the digest of what is signed beside the one in the
# signature.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# Makes the certificates of FOLDER, of read_certificates, ready to be searched
# for a subject: links named after the hash of that.
index_certificates() {
    quietly rehash "$1" ||
        fail "openssl rehash failed: $(openssl_reason)"
}

# Is the certificate in the folder?
is_among() (
    for one in "$2"/[0-9]*.pem; do
        ! cmp -s "$1" "$one" || exit 0
    done
    exit 1
)

# seek_signer CERT FOLDER...: prints the one that has signed CERT. The name
# finds it and the signature decides, as there may be several of that name. If
# no signature fits, prints one of that name, and returns 1.
seek_signer() (
    cert=$1
    shift
    hash=$(fact "$cert" 'issuer hash')
    found=
    for folder; do
        for link in "$folder/$hash".[0-9]*; do
            [ -e "$link" ] || continue
            candidate=$folder/$(readlink -- "$link")
            ! cmp -s "$cert" "$candidate" || continue
            if signature_fits "$cert" "$candidate"; then
                printf '%s\n' "$candidate"
                exit 0
            fi
            found=${found:-$candidate}
        done
    done
    printf '%s\n' "$found"
    exit 1
)

# Does it say that it has signed itself?
names_itself() {
    [ "$(fact "$1" 'subject hash')" = "$(fact "$1" 'issuer hash')" ]
}

is_self_signed() {
    names_itself "$1" && signature_fits "$1" "$1"
}

# take_apart CERT: CERT.tbs is what is signed (RFC 5280 section 4.1.1.1),
# CERT.signature is the signature.
take_apart() {
    [ ! -e "$1.signature" ] || return 0
    quietly asn1parse -in "$1" |
        awk -F : '$2 ~ /^d=1 / { print $1 + 0 }' >"$1.offsets"
    quietly asn1parse -in "$1" -noout -out "$1.tbs" \
        -strparse "$(sed -n 1p "$1.offsets")" &&
        quietly asn1parse -in "$1" -noout -out "$1.signature" \
            -strparse "$(sed -n 3p "$1.offsets")"
}

# What kind of signature it has: rsa, pss, digest (the others that sign one),
# message (they sign the text itself).
kind_of() {
    case $(fact "$1" signature) in
    rsassaPss) echo pss ;;
    *RSA*) echo rsa ;;
    *)
        if [ -n "$(fact "$1" digest)" ]; then
            echo digest
        else
            echo message
        fi
        ;;
    esac
}

public_key_of() {
    # A key that openssl can not read is empty, and fits nothing.
    [ -e "$1.key" ] || quietly x509 -in "$1" -noout -pubkey >"$1.key" || true
    printf '%s\n' "$1.key"
}

# signature_fits CERT SIGNER: does SIGNER's key say so?
signature_fits() (
    cert=$1
    key=$(public_key_of "$2")
    take_apart "$cert" || exit 1
    set --
    case $(kind_of "$cert") in
    message)
        quietly pkeyutl -verify -rawin -pubin -inkey "$key" \
            -sigfile "$cert.signature" -in "$cert.tbs" >/dev/null
        exit
        ;;
    pss)
        set -- -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:auto
        mask=$(fact "$cert" mask)
        [ -z "$mask" ] || set -- "$@" -sigopt "rsa_mgf1_md:$mask"
        ;;
    esac
    quietly dgst "-$(fact "$cert" digest)" -verify "$key" \
        -signature "$cert.signature" "$@" "$cert.tbs" >/dev/null
)

# The digest that we make of what is signed, in hexadecimal.
computed_digest() {
    quietly dgst "-$(fact "$1" digest)" -r "$1.tbs" | sed 's/ .*//'
}

# opened_digest CERT SIGNER: the digest that SIGNER's key opens an RSA signature
# to, with its name before it ("sha256 a1b2..."): the DigestInfo of RFC 8017,
# section 9.2. Returns 1 if there is none in it.
opened_digest() {
    quietly pkeyutl -verifyrecover -pubin -inkey "$(public_key_of "$2")" \
        -in "$1.signature" -pkeyopt rsa_padding_mode:pkcs1 -out "$1.opened" ||
        return 1
    quietly asn1parse -inform DER -in "$1.opened" |
        sed -n -e 's/.*OBJECT *:\([^ ]*\).*/\1/p' \
            -e 's/.*\[HEX DUMP\]:\(.*\)/\1/p' | tr 'A-F\n' 'a-f ' |
        grep '^[^ ]* [0-9a-f]* *$' | sed 's/ *$//'
}

# The step: the signature of $current, by the key of $signer, on which the
# $verdict is known.
step_signature() {
    step "Is the signature that of '$(title_of "$signer")'?"
    if ! take_apart "$current"; then
        fails "it can not be taken apart" "get the certificate again"
        return
    fi
    digest=$(fact "$current" digest)
    note "It is $(fact "$current" signature)," \
        "the key is $(key_title "$signer")."
    [ -z "$digest" ] || print '     computed  %s\n' \
        "$(computed_digest "$current")"
    case $(kind_of "$current") in
    rsa)
        tell_rsa
        return
        ;;
    pss) note "A PSS signature has random numbers mixed in: no digest can be" \
        "taken out, the CA's key only tells whether it fits ours." ;;
    digest) note "An $(fact "$current" signature | sed 's/[-_].*//' |
        tr '[:lower:]' '[:upper:]') signature has no digest in it to be taken" \
        "out: the CA's key only tells whether it fits ours." ;;
    message) note "It signs the certificate itself, not a digest of it: the" \
        "CA's key only tells whether it fits." ;;
    esac
    if [ "$verdict" = yes ]; then
        holds "it fits, so what was signed has not been changed since"
    else
        tell_misfit "the signature does not fit"
    fi
    warn_of_digest
}

tell_rsa() {
    opened=$(opened_digest "$current" "$signer") || opened=
    [ -z "$opened" ] || print '     opened    %s\n' "${opened#* }"
    if [ "$verdict" = yes ]; then
        holds "the same, so what was signed has not been changed since"
    elif [ -z "$opened" ]; then
        print '     opened    %s\n' "(that key opens nothing)"
        tell_misfit "that CA's key does not open the signature"
    elif [ "${opened#* }" = "$(computed_digest "$current")" ]; then
        fails "the digests are the same, but the signature is not in order" \
            "do not trust it; openssl says: $(openssl_reason)"
    else
        fails "the digests differ: the certificate was changed after it was\
 signed" "do not trust it, and get it again from its owner"
    fi
    warn_of_digest
}

# The name was right, the key is not, or else the certificate: the key IDs tell
# which, if both have them.
tell_misfit() {
    has=$(fact "$signer" 'subject key identifier')
    wants=$(fact "$current" 'authority key identifier' |
        sed -n -e 's/^keyid://' -e '/^[0-9A-F]*:/p')
    if [ -n "$has" ] && [ -n "$wants" ] && [ "$has" != "$wants" ]; then
        print '     its signer has the key  %s\n' "$wants"
        print '     this CA has the key     %s\n' "$has"
        fails "$1: another CA of the same name has signed it" "get the\
 certificate of the CA that did, and compare fingerprints with its owner"
    elif [ -n "$has" ] && [ "$has" = "$wants" ]; then
        fails "$1, and it is the right key: the certificate or its signature\
 was changed after it was signed" "do not trust it, and get it again from its\
 owner"
    else
        fails "$1: the certificate was changed, or another CA of the same name\
 has signed it" "get the certificates of both again from their owners"
    fi
}

warn_of_digest() {
    case $digest in
    md5 | md4 | md2 | sha1) weak "somebody with much time can find another" \
        "certificate that has the same $(printf '%s\n' "$digest" |
            tr '[:lower:]' '[:upper:]') digest: many clients refuse it" ;;
    esac
}

warn_of_key() {
    bits=$(fact "$current" bits)
    if [ "$(fact "$current" key)" = RSA ] && [ "${bits:-2048}" -lt 2048 ]; then
        weak "its key, $(key_title "$current"), is so short that it can be" \
            "found out: many clients refuse it"
    fi
}

# "RSA 2048", "EC P-256", "ED25519"
key_title() (
    size=$({ fact "$1" bits && fact "$1" curve; } | tail -n 1)
    printf '%s\n' "$(fact "$1" key)${size:+ $size}"
)
