#!/bin/sh
# The whole test suite; arguments go to both runs of pytest. Every part runs even if one before it failed.
set -u
cd "$(dirname "$0")/.."
status=0

.venv/bin/python -m pytest --ignore=tests/e2e --numprocesses=auto --dist=loadfile "$@" || status=1
# Browser tests run one at a time: each drives a server and a Chromium of its own.
.venv/bin/python -m pytest tests/e2e "$@" || status=1
(cd frontend && npm test) || status=1

[ $status -eq 0 ] && echo "[test] all passed" || echo "[test] something failed, see above"
exit $status
