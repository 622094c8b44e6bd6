# wwep-certs show: what certificates say.
#
# SPDX-License-Identifier: GPL-2.0-or-later

help_show() {
    cat <<'END'
wwep-certs show FILE|HOST:PORT [--wait SECONDS]

Shows what the certificates say that are in a file, or that a server sends:
whose they are, who signed them, their names, dates, keys and fingerprints. It
shows them as they are; whether they are good is a matter for verify.

  FILE        PEM, also several with text between them, or DER; - is the
              standard input
  --wait SECONDS   how long the server may take [10]

  wwep-certs show localhost:27709
END
}

verb_show() {
    parse_options show 'wait:' "$@"
    need_arguments 1 1 "a FILE or HOST:PORT"
    opt_wait=${opt_wait:-10}
    check_wait "$opt_wait"
    # shellcheck disable=SC2154 # by parse_options
    read_target "$arg_1" "$work/shown" "$opt_wait"
    show_certificates "$work/shown"
}

# show_certificates FOLDER, of read_certificates
show_certificates() (
    count=$(cat "$1/count")
    number=0
    while [ $number -lt "$count" ]; do
        number=$((number + 1))
        [ $number -eq 1 ] || say
        if [ "$count" -eq 1 ]; then
            say "Certificate"
        else
            say "Certificate $number of $count"
        fi
        facts_of "$1/$number.pem" | show_table | print_text
    done
)

# In awk, so that a table costs one process: as in dates.sh.
# shellcheck disable=SC2016
awk_dates='
    function days_of(y, m, d) {
        y -= m <= 2
        m = (m + 9) % 12
        return y * 365 + int(y / 4) - int(y / 100) + int(y / 400) + \
            int((153 * m + 2) / 5) + d - 1 - 719468
    }
    function distance(seconds,    days) {
        days = int((seconds < 0 ? -seconds : seconds) / 86400)
        if (!days) return seconds < 0 ? "less than a day ago" : "today"
        days = days (days == 1 ? " day" : " days")
        return seconds < 0 ? days " ago" : "in " days
    }'

# The table of the lines that facts_of prints, at most 78 bytes wide where there
# are blanks to break it at.
show_table() {
    awk -v now="$(now)" "$awk_dates"'
        function date(text, is_first,    part, left) {
            if (split(text, part, /[-: Z]/) < 6) return text " (damaged)"
            left = days_of(part[1], part[2], part[3]) * 86400 + \
                part[4] * 3600 + part[5] * 60 + part[6] - now
            text = text " (" distance(left) ")"
            if (is_first && left > 0) return text ": NOT YET VALID"
            if (!is_first && left < 0) return text ": EXPIRED"
            return text
        }
        function row(name, text,    n, i, word, line) {
            if (!(n = split(text, word, " "))) return
            line = sprintf("  %-14s", name)
            for (i = 1; i <= n; i++) {
                if (i > 1 && length(line) + length(word[i]) > 77) {
                    print line
                    line = sprintf("  %-14s", "")
                }
                line = line " " word[i]
            }
            print line
        }
        function authority(text) {
            if (text !~ /CA:TRUE/) return "no"
            return "yes" (sub(/.*pathlen:/, ", path length ", text) ? text : "")
        }
        {
            name = substr($0, 1, index($0, "=") - 1)
            value[name] = value[name] (value[name] == "" ? "" : ", ") \
                substr($0, index($0, "=") + 1)
        }
        END {
            row("subject", value["subject"] == "" ? "(none)" : value["subject"])
            row("issuer", value["issuer"] == value["subject"] ? \
                "the same (self-signed)" : value["issuer"])
            names = value["subject alternative name"]
            gsub(/[\200-\377]/, "?", names) # there is only ASCII in order
            row("names", names == "" ? "(none)" : names)
            row("valid from", date(value["from"], 1))
            row("valid until", date(value["until"], 0))
            row("serial", value["serial"])
            sub(/.*, /, "", value["curve"])
            row("key", value["key"] " " \
                (value["curve"] == "" ? value["bits"] : value["curve"]))
            row("signature", value["signature"] \
                (value["signature"] == "rsassaPss" ? ", " value["digest"] : ""))
            row("CA", authority(value["basic constraints"]))
            row("key usage", value["key usage"])
            row("extended usage", value["extended key usage"])
            row("SHA-256", value["fingerprint"])
        }'
}
