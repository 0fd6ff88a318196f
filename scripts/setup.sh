#!/bin/sh
# Finds a Python that is new enough and lets it do the set-up: sh scripts/setup.sh base|dev
set -eu
cd "$(dirname "$0")/.."

for name in "${PYTHON:-}" .venv/bin/python python3.14 python3.13 python3.12 python3.11 python3 python; do
  [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
  # A launcher can be on the PATH and still have nothing to start, so the version is asked for.
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    exec "$name" -m scripts.setup "$@"
  fi
done

found=$(python3 --version 2>/dev/null || echo "none")
echo "Segmentarium needs Python 3.11 or newer (found: $found)." \
  "Install one (https://www.python.org/downloads, apt install python3.11 python3.11-venv, brew install python@3.12) and run this again," \
  "or name it: make run PYTHON=/path/to/python3." >&2
exit 1
