# A certificate for everybody in the roster.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_class() {
    cat <<'END'
wwep-certs class ROSTER.csv [--days D | --until DATE] [--dir DIR] [--force]

Makes a client's certificate for each row of the roster, as `client` does,
and handouts.html with all handouts, a page each. A row is

  seat,name,device ID or MAC address

in UTF-8, with commas or semicolons. Blank lines, lines that begin with #, and
a first line whose third field names the column are skipped, and it says which.
A MAC address gives the device ID by the sum of its octets; where two boards
have the same, give one of them another ID in the roster, and in its program. A
board that has its certificate keeps it, so the class may be run again when the
roster has grown; one whose certificate is revoked gets another, with a new key.

  --days D       how many days they are valid [as long as the server's]
  --until DATE   their last day, such as 2027-07-31, instead
  -d, --dir DIR  the folder of the class [.]
  --force        new certificates and keys also for those who have them; those
                 that they had are revoked, and crl.pem is written anew

  wwep-certs class roster.csv --dir ~/wwep-class
END
}

verb_class() {
    parse_options class 'days: until: dir: force' "$@"
    need_arguments 1 1 ROSTER.csv
    roster=$arg_1
    find_class
    slurp "$roster" "$work/roster.csv"
    iconv -f UTF-8 -t UTF-8 "$work/roster.csv" >/dev/null 2>&1 ||
        fail "$roster:$(line_not_utf8): is not UTF-8: save it as CSV in UTF-8"
    split_roster
    check_roster
    open_class
    check_boards
    end=$(choose_end "$(term_end)")
    prepare_clients "$end"
    stage_need_room "$(wc -l <"$work/boards")"
    make_boards
    if [ "$replaced" -gt 0 ]; then
        lists_end=$(lists_end_default)
        make_lists "$lists_end"
    fi
    stage_place
    tell_class
}

line_not_utf8() {
    n=0
    while IFS= read -r line || [ -n "$line" ]; do
        n=$((n + 1))
        printf '%s\n' "$line" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 ||
            break
    done <"$work/roster.csv"
    echo "$n"
}

# For split_roster: `row` is what is left of the line, `ok` whether it is good.
# shellcheck disable=SC2016 # awk
roster_functions='
    function complain(why) { print file ":" NR ": " why >bad; ok = 0 }

    # Has the field no ID nor MAC address in it, it is the name of the column.
    function names_column(text, word, n, i) {
        text = tolower(text)
        if (text !~ /device|mac|board/ || text ~ /[0-9]/) return 0
        n = split(text, word, /[^a-z]+/)
        for (i = 1; i <= n; i++)
            if (word[i] ~ /^[a-f][a-f][a-f][a-f]$/) return 0
        return 1
    }

    # A header or a name may have the other separator in it.
    function separator_of(text, commas, semicolons) {
        gsub(/"[^"]*"/, "", text)
        commas = gsub(/,/, "", text)
        semicolons = gsub(/;/, "", text)
        return semicolons >= 2 && commas != 2 ? ";" : ","
    }

    function field(text, at) {
        sub(/^[ ]+/, "", row)
        if (substr(row, 1, 1) != "\"") {
            at = index(row, separator)
            text = at ? substr(row, 1, at - 1) : row
            row = substr(row, length(text) + 1)
        } else {
            row = substr(row, 2)
            text = ""
            while ((at = index(row, "\"")) > 0) {
                text = text substr(row, 1, at - 1)
                row = substr(row, at + 1)
                if (substr(row, 1, 1) != "\"") break
                text = text "\""
                row = substr(row, 2)
            }
            if (!at) complain("a quoted field has no end")
            sub(/^[ ]+/, "", row)
            if (ok && row != "" && substr(row, 1, 1) != separator)
                complain("after a quoted field comes more than a separator")
        }
        more = row != ""
        row = substr(row, 2)
        sub(/[ ]+$/, "", text)
        return text
    }'

# Rows to $work/rows: line, seat, name and device or MAC, with tabs between
# them. Fields may be quoted (RFC 4180), but end with their line. Complaints
# to $work/bad, one a line; the numbers of lines with something else than a row
# to $work/skipped.
split_roster() {
    : >"$work/bad"
    : >"$work/skipped"
    WWEP_ROSTER=$roster awk -v bad="$work/bad" -v skipped="$work/skipped" \
        "$roster_functions"'
        BEGIN {
            file = ENVIRON["WWEP_ROSTER"]
            # As `visible` has them.
            beyond_ascii = "\302[\200-\237]|\342\201[\246-\251]|" \
                           "\342\200[\216\217\250-\256]"
        }
        NR == 1 { sub(/^\357\273\277/, "") }
        { sub(/\r$/, "") }
        # As Excel writes it, and takes it away again.
        NR == 1 && tolower($0) ~ /^sep=[,;]$/ {
            separator = substr($0, 5)
            next
        }
        /^[ \t]*#/ { print NR >skipped; next }
        /^[ \t,;]*$/ { next }
        {
            ok = 1
            rows++
            if (/[\001-\010\013-\037\177]/ || $0 ~ beyond_ascii)
                complain("has a control character")
            gsub(/\t/, " ")
            if (separator == "") separator = separator_of($0)
            row = $0
            seat = field()
            if (ok && more) name = field(); else if (ok)
                complain("has one field; it takes three: seat, name, and " \
                         "device ID or MAC address")
            if (ok && more) device = field(); else if (ok)
                complain("has two fields; it takes three: seat, name, and " \
                         "device ID or MAC address")
            if (ok && row != "" && row !~ /^[ ,;]*$/)
                complain("has more than three fields; put quotes around " \
                         "one that has a \"" separator "\" in it")
            if (!ok) next
            if (rows == 1 && names_column(device)) {
                print NR >skipped
                next
            }
            # A blank, as an empty field would vanish between tabs.
            print NR "\t" seat " \t" name " \t" device " "
        }' "$work/roster.csv" >"$work/rows"
}

complain() {
    printf '%s:%s: %s\n' "$roster" "$1" "$2" >>"$work/bad"
}

# Nothing is made while a row is bad; all that is bad is said at once.
stop_if_bad() {
    [ -s "$work/bad" ] || return 0
    sort -t : -k 2,2n "$work/bad" | sed 's/^/wwep-certs: /' | printable >&2
    fail "$roster: nothing was made"
}

# From $work/rows to $work/boards: line, device, CN, seat, name, MAC.
check_roster() {
    : >"$work/boards"
    while IFS='	' read -r line seat name device; do
        seat=${seat% } name=${name% } device=${device% }
        check_row
    done <"$work/rows"
    stop_if_bad
    [ -s "$work/boards" ] || fail "$roster: has no row"
}

check_row() {
    if [ -z "$name" ]; then
        complain "$line" "has no name"
        return
    fi
    if ! id=$(device_of "$device"); then
        complain "$line" "'$device' is neither a device ID, such as 0FAC,\
 nor a MAC address, such as 00:A0:50:12:34:56"
        return
    fi
    cn="board $id $name"
    if ! is_common_name "$cn"; then
        complain "$line" "the name is too long: '$cn' has more than 64\
 characters"
        return
    fi
    twin=$(awk -F '\t' -v id="$id" '$2 == id { print $1 "\t" $5; exit }' \
        "$work/boards")
    if [ -n "$twin" ]; then
        complain "$line" "$name has device ID $id, and so has\
 ${twin#*	} in line ${twin%%	*}: give one of them another ID"
        return
    fi
    mac=
    [ ${#device} -le 6 ] || mac=$(without_mac "$device")
    printf '%s\t%s\t%s\t%s \t%s\t%s \n' "$line" "$id" "$cn" "$seat" "$name" \
        "$mac" >>"$work/boards"
}

# Boards that have a certificate keep it; it must be for the same.
check_boards() {
    [ -z "$opt_force" ] || return 0
    while IFS='	' read -r line device cn seat name mac; do
        folder=$class/clients/$device
        [ -e "$folder" ] || continue
        if [ ! -s "$folder/client.pem" ]; then
            complain "$line" "$folder is there, without a client.pem:\
 remove it"
            continue
        fi
        if ! is_ours "$folder/client.pem"; then
            complain "$line" "$folder has a certificate of another class:\
 remove it, or say --force"
            continue
        fi
        there=$(cn_of "$folder/client.pem")
        [ "$there" = "$cn" ] || is_revoked "$folder/client.pem" ||
            complain "$line" "device ID $device has a certificate for\
 '$there', not '$cn': give it another ID; or, if it is the same board, say:\
 wwep-certs client $device --force --cn $(quoted "$cn")$(dir_option)"
    done <"$work/boards"
    stop_if_bad
}

cn_of() {
    openssl x509 -in "$1" -noout -subject \
        -nameopt multiline,utf8,-esc_msb,-esc_ctrl |
        sed -n 's/^ *commonName *= //p'
}

make_boards() {
    made=0
    kept=0
    replaced=0
    : >"$work/revoked"
    [ -z "$opt_force" ] || list_good
    handout_head "WWEP boards of $organization" >"$stage/out/handouts.html"
    while IFS='	' read -r line device cn seat name mac <&3; do
        seat=${seat% } mac=${mac% }
        if is_to_be_made "$device"; then
            client_end=$end
            [ -z "$opt_force" ] || revoke_replaced "$device"
            make_client "$device" "$cn" "$seat" "$name" "$mac"
            made=$((made + 1))
        else
            client_end=$(end_of "$class/clients/$device/client.pem")
            handout_page "$device" "$cn" "$seat" "$name" "$mac" >"$stage/page"
            kept=$((kept + 1))
        fi
        cat "$stage/page" >>"$stage/out/handouts.html"
        print '  %-6s %s  %-34s %s\n' "$seat" "$device" "$name" "$state"
    done 3<"$work/boards"
    echo '</body></html>' >>"$stage/out/handouts.html"
}

# Is there to be a new one for DEVICE? Sets $state, to tell.
is_to_be_made() {
    state=made
    if [ -n "$opt_force" ] || [ ! -e "$class/clients/$1" ]; then
        return 0
    fi
    state='made: the one before is REVOKED'
    ! is_revoked "$class/clients/$1/client.pem" || return 0
    state='kept: it is there'
    return 1
}

# revoke_replaced DEVICE: what it had, as nobody else would know of it.
revoke_replaced() {
    while IFS='	' read -r serial whose _ <&4; do
        [ "$whose" = "$1" ] || continue
        revoke_on_stage intermediate "$class/private/certs/$serial.pem" Revoked
        replaced=$((replaced + 1))
    done 4<"$work/good"
}

tell_class() {
    print_text <<END
In $class: $made certificates made, valid until $(day_of "$end"); $kept kept.
END
    [ ! -s "$work/skipped" ] ||
        say "Rows skipped: $(wc -l <"$work/skipped" | tr -d ' ') (lines $(
            paste -s -d , "$work/skipped" | sed 's/,/, /g'
        )), which begin with # or name the columns."
    if [ "$replaced" -gt 0 ]; then
        print_text <"$work/revoked"
        tell_lists
    fi
    print_text <<END
Next: print handouts.html, and give each student the folder clients/DEVICE. It
holds the board's private key: hand it on by a way that the others can not read.
END
}
