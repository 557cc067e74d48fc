#!/bin/sh
# Prints a greeting. Usage: run.sh NAME
set -eu

if [ "$#" -ne 1 ] || [ -z "$1" ]; then
    echo "usage: run.sh NAME" >&2
    exit 2
fi
printf 'Hello, %s!\n' "$1"
