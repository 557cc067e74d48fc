#!/bin/sh
# Usage: greet.sh NAME [LANGUAGE]
set -eu

if [ $# -lt 1 ] || [ -z "$1" ]; then
    echo "usage: greet.sh NAME [LANGUAGE]" >&2
    exit 2
fi
name=$1
language=${2:-en}

# "pt-BR" and "pt_BR.UTF-8" are both Portuguese.
case ${language%%[-_.]*} in
    de) printf 'Hallo, %s!\n' "$name" ;;
    en) printf 'Hello, %s!\n' "$name" ;;
    es) printf '¡Hola, %s!\n' "$name" ;;
    fr) printf 'Bonjour, %s !\n' "$name" ;;
    it) printf 'Ciao, %s!\n' "$name" ;;
    ja) printf 'こんにちは、%sさん!\n' "$name" ;;
    nl) printf 'Hallo, %s!\n' "$name" ;;
    pt) printf 'Olá, %s!\n' "$name" ;;
    *)
        echo "greet.sh: no greeting in \"$language\"; known: de en es fr it ja nl pt" >&2
        exit 2
        ;;
esac
