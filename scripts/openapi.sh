#!/bin/sh
# Writes the frontend's API types, made from the server's OpenAPI, to the named file: sh scripts/openapi.sh FILE
set -eu
target=$1
case $target in /*) ;; *) target=$PWD/$target ;; esac
cd "$(dirname "$0")/.."

contract=$(mktemp)
trap 'rm -f "$contract"' EXIT
.venv/bin/segmentarium openapi >"$contract"
cd frontend
# The tool tells by the suffix how to read its input, so it is given on standard input instead.
npx openapi-typescript --output "$target" <"$contract" >/dev/null
