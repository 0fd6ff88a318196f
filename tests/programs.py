"""Where the programs are that the tests drive."""

import os
import shutil
import sys
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# Debian, Fedora and Homebrew keep the server's programs off the PATH.
POSTGRES_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/latest/bin",
)


def find_chromium() -> Path | None:
    """A Chromium of this machine; None where only Playwright's own may be there.

    Raises:
        FileNotFoundError: SEGMENTARIUM_CHROMIUM names a program that is not there.
    """
    if named := os.environ.get("SEGMENTARIUM_CHROMIUM"):
        if (found := shutil.which(named)) is None:
            raise FileNotFoundError(f"SEGMENTARIUM_CHROMIUM={named} is not a program")
        return Path(found)
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return Path(found)
    return MAC_CHROME if sys.platform == "darwin" and MAC_CHROME.exists() else None


def find_postgres() -> Path | None:
    """The folder with initdb and pg_ctl, of the newest version found; None if there is none."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    folders = [path for pattern in POSTGRES_FOLDERS for path in Path("/").glob(pattern)]
    able = [path for path in folders if (path / "initdb").is_file()]
    return max(able, key=version_in, default=None)


def version_in(path: Path) -> list[int]:
    """The numbers in a path: /usr/lib/postgresql/15/bin -> [15]."""
    words = str(path).replace("-", "/").replace("@", "/").replace(".", "/").split("/")
    return [int(word) for word in words if word.isdigit()]
