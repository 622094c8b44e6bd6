# Dates, in UTC. Between functions a moment is in seconds since 1970 ("epoch").
# The arithmetic is ours, as date(1) has none that every system knows.
#
# SPDX-License-Identifier: GPL-2.0-or-later

now() {
    date +%s
}

# YEAR MONTH DAY, numbers without a leading zero -> days since 1970-01-01.
# From March on, so that the day of a leap year comes last.
days_of() (
    year=$(($1 - ($2 <= 2)))
    era=$((year / 400))
    of_era=$((year - era * 400))
    month=$((($2 + 9) % 12))
    of_year=$(((153 * month + 2) / 5 + $3 - 1))
    echo $((era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + \
        of_year - 719468))
)

# The epoch -> "YEAR MONTH DAY HOUR MINUTE SECOND", with leading zeros.
calendar_of() (
    # Before 1970 as well, where the shell rounds the other way.
    second=$((($1 % 86400 + 86400) % 86400))
    days=$((($1 - second) / 86400 + 719468))
    era=$((days / 146097))
    of_era=$((days - era * 146097))
    year=$(((of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365))
    of_year=$((of_era - (365 * year + year / 4 - year / 100)))
    month=$(((5 * of_year + 2) / 153))
    day=$((of_year - (153 * month + 2) / 5 + 1))
    month=$(((month + 2) % 12 + 1))
    year=$((year + era * 400 + (month <= 2)))
    printf '%04d %02d %02d %02d %02d %02d\n' $year $month $day \
        $((second / 3600)) $((second / 60 % 60)) $((second % 60))
)

# As openssl takes it: 20261122235959Z
stamp_of() (
    # shellcheck disable=SC2046 # six words
    printf '%s%s%s%s%s%sZ\n' $(calendar_of "$1")
)

# As people take it: 2026-11-22
day_of() (
    # shellcheck disable=SC2046
    set -- $(calendar_of "$1")
    echo "$1-$2-$3"
)

# "2026-11-22 23:59:59Z", as openssl writes it, or with T for the blank -> epoch
epoch_of() (
    # shellcheck disable=SC2046 # six words
    set -- $(printf '%s\n' "$1" | tr -c '0-9\n' ' ')
    [ $# -ge 6 ] || fail "a certificate is damaged: it has a date that is none"
    for number in 1 2 3 4 5 6; do
        eval "part=\${$number#0}"
        eval "part_$number=\${part:-0}"
    done
    # shellcheck disable=SC2154 # set by eval
    echo $(($(days_of "$part_1" "$part_2" "$part_3") * 86400 + \
        part_4 * 3600 + part_5 * 60 + part_6))
)

# read_date OPTION TEXT TIME -> epoch. TEXT is a day, 2026-11-22, of which the
# TIME is taken, or a moment, 2026-11-22T12:00:00Z.
read_date() (
    text=$2
    case $text in
    ????-??-??) text=${text}T$3Z ;;
    esac
    if printf '%s\n' "$text" | grep -Eqx "$moment"; then
        epoch=$(epoch_of "$text")
        # A day that the month does not have comes back as another one.
        if [ "$(stamp_of "$epoch")" = \
            "$(printf '%s\n' "$text" | tr -d 'T:-')" ]; then
            echo "$epoch"
            exit 0
        fi
    fi
    misuse "$1: '$2' is no date such as 2027-07-31"
)

moment='[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}(:[0-9]{2}){2}Z'

# How far the day of the epoch $1 is from today, in words.
distance() (
    days=$(($1 / 86400 - $(now) / 86400))
    case $days in
    0) echo "today" ;;
    1) echo "in 1 day" ;;
    -1) echo "1 day ago" ;;
    -*) echo "${days#-} days ago" ;;
    *) echo "in $days days" ;;
    esac
)
