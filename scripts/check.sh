#!/bin/sh
# Format, lint, types and contracts: all of them run, and the names of those that failed come last.
set -u
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
failed=""

check() {
  name=$1
  shift
  printf '[check] %s\n' "$name"
  "$@" || failed="$failed $name"
}

fresh_types() {
  fresh=$(mktemp)
  sh scripts/openapi.sh "$fresh" &&
    diff -u frontend/src/api/schema.gen.ts "$fresh" >&2 ||
    { echo "frontend/src/api/schema.gen.ts is stale: run make openapi" >&2; false; }
  result=$?
  rm -f "$fresh"
  return $result
}

in_frontend() {
  (cd frontend && "$@")
}

folders=""
for folder in backend models tests scripts bench migrations; do
  [ -d "$folder" ] && folders="$folders $folder"
done

check ruff-format ruff format --check .
check ruff ruff check .
# shellcheck disable=SC2086  # a list of words on purpose
check mypy mypy $folders
check imports lint-imports --no-cache
# Biome colours even what goes into a file.
[ -t 1 ] && colors=force || colors=off
check biome in_frontend npx biome ci --colors=$colors .
check tsc in_frontend npx tsc --noEmit
check openapi fresh_types

if [ -n "$failed" ]; then
  echo "[check] failed:$failed" >&2
  exit 1
fi
echo "[check] all passed"
