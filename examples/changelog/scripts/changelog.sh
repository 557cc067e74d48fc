#!/bin/sh
# Usage: changelog.sh TITLE [FROM [TO]]
set -eu

if [ $# -lt 1 ] || [ $# -gt 3 ] || [ -z "$1" ]; then
    echo "usage: changelog.sh TITLE [FROM [TO]]" >&2
    exit 2
fi
title=$1
to=${3:-HEAD}
here=$(dirname -- "$0")

if [ -n "${2:-}" ]; then
    from=$2
else
    from=$(git describe --tags --abbrev=0 "$to" 2>/dev/null || true)
fi

subjects=$(git log --no-merges --format=%s "${from:+$from..}$to")
if [ -z "$subjects" ]; then
    echo "changelog.sh: no commits ${from:+after $from }up to $to" >&2
    exit 1
fi
printf '%s\n' "$subjects" | awk -v title="$title" -f "$here/lib/sections.awk"
