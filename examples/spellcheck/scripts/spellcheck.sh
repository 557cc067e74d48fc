#!/bin/sh
# Usage: spellcheck.sh FILE...
set -eu

if [ $# -eq 0 ]; then
    echo "usage: spellcheck.sh FILE..." >&2
    exit 2
fi
for file do
    if [ ! -f "$file" ] || [ ! -r "$file" ]; then
        echo "spellcheck.sh: cannot read $file" >&2
        exit 2
    fi
    # awk would take a name with "=" for an assignment.
    case $file in
        /* | ./* | ../*) ;;
        *) file=./$file ;;
    esac
    shift
    set -- "$@" "$file"
done

gzip -dc "$(dirname -- "$0")/../assets/misspellings.gz" | awk '
    NR == FNR { right[$1] = $2; next }
    {
        line = $0
        while (match(line, /[A-Za-z]+/)) {
            word = substr(line, RSTART, RLENGTH)
            line = substr(line, RSTART + RLENGTH)
            if (tolower(word) in right) {
                name = FILENAME
                sub(/^\.\//, "", name)
                printf "%s:%d: %s -> %s\n", name, FNR, word, right[tolower(word)]
                found = 1
            }
        }
    }
    END { exit found }
' - "$@"
