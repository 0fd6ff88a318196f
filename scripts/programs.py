"""Gets the two programs the tests drive: a Chromium and a PostgreSQL server.

``python -m scripts.programs`` looks for each, installs what is missing where it can, and otherwise
says the remedy. PostgreSQL is optional: without it those tests are skipped and say so.
"""

import os
import shutil
import subprocess
import sys

from tests.programs import find_chromium, find_postgres


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(f"[programs] {text}", flush=True)


def apt_install(package: str) -> bool:
    """Install a Debian package where that is possible; whether it worked."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    say(f"apt-get install {package} ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", package]):
        if subprocess.run(["apt-get", "-qq", *command], env=quiet).returncode != 0:
            return False
    return True


def playwright_install() -> bool:
    """Let Playwright fetch its own Chromium, a no-op when it is there; whether it worked."""
    say("no Chromium on the PATH; playwright install chromium ...")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command).returncode == 0


def main() -> int:
    """Look, install, report; the exit status."""
    if find_postgres() is None and not (apt_install("postgresql") and find_postgres()):
        say(
            "no PostgreSQL server: its tests will be SKIPPED."
            " Remedy: apt install postgresql, or brew install postgresql@17."
        )
    found = find_chromium() or (apt_install("chromium") and find_chromium())
    if not found and not playwright_install():
        say(
            "no Chromium for the browser tests."
            " Remedy: apt install chromium, install Google Chrome,"
            " or set SEGMENTARIUM_CHROMIUM=/path/to/chromium."
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
