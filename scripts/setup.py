"""Sets the project up: Python environment, npm packages, browser build.

Run by ``scripts/setup.sh base|dev``. Each step keeps a stamp (a hash of what it was made from) and
is skipped while the hash is the same, so that a second run takes well under a second. The Python
and the browser steps are independent and run side by side. Only the standard library is used.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
NODE_MODULES = FRONTEND / "node_modules"
PIP_INSTALL = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--no-input"]
NPM_CI = ["npm", "ci", "--no-audit", "--no-fund"]
NODE_MINIMUM = (20, 19)
# What the browser build is made from; the rest of frontend/ is products and tools' settings.
BUILD_INPUTS = ("src", "public", "index.html", "package-lock.json", "package.json")
DATUMARO = "datumaro"  # reads our exports in the tests and is raced in the benchmarks
KERNELS = ROOT / "backend" / "segmentarium" / "core" / "kernels"
BUILD_CONFIGS = ("vite.config.*", "tsconfig*.json", "postcss.config.*")


class SetupError(Exception):
    """A step failed; the text says what to do."""


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    # In one piece, as two threads talk.
    print(f"[setup] {text}\n", end="", flush=True)


def digest(files: Iterable[Path], *words: str) -> str:
    """SHA-256 over the words, and the names and contents of the files."""
    sha = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        sha.update(f"\0{file.relative_to(ROOT)}\0".encode())
        sha.update(file.read_bytes())
    return sha.hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    """Whether the stamp was written for exactly these inputs."""
    return stamp.is_file() and stamp.read_text() == wanted


def step(title: str, work: Callable[[], None]) -> None:
    """Do one step; say that it starts, and how long it took."""
    say(f"{title} ...")
    start = time.monotonic()
    work()
    say(f"{title}: done in {time.monotonic() - start:.1f} s")


def call(command: list[str], remedy: str, folder: Path = ROOT) -> None:
    """Run a command quietly; when it fails, show what it printed and say the remedy.

    Raises:
        SetupError: the command is missing or ended with an error.
    """
    try:
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    except OSError as error:
        raise SetupError(f"{command[0]} could not be started ({error}). {remedy}") from error
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-8000:])
        raise SetupError(f"`{' '.join(command)}` failed (see above). {remedy}")


def make_venv() -> None:
    """Make .venv anew unless it works here: one that was moved names its old folder everywhere."""
    pip = VENV / "bin" / "pip"
    if VENV_PYTHON.exists() and pip.is_file() and str(VENV) in pip.read_text():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    # This may run in the .venv that has just gone: take the interpreter it came from.
    python = getattr(sys, "_base_executable", sys.executable)
    call(
        [python, "-m", "venv", str(VENV)],
        "On Debian and Ubuntu: apt install python3-venv. Then run the same command again.",
    )


def install_python(level: str) -> None:
    """Install the package and its base or dev dependencies, as constraints.txt pins them."""
    kernels = [path for path in KERNELS.iterdir() if path.suffix in {".c", ".h"}]
    made_from = [ROOT / name for name in ("pyproject.toml", "setup.py", "constraints.txt")]
    wanted = digest([*made_from, *kernels], str(ROOT))
    stamps = {name: VENV / f".installed-{name}" for name in ("base", "dev")}
    # The dev environment holds the base one.
    enough = [stamps["dev"]] if level == "dev" else list(stamps.values())
    script = VENV / "bin" / "segmentarium"
    if script.is_file() and any(is_current(stamp, wanted) for stamp in enough):
        say("Python environment: up to date")
        return

    def work() -> None:
        make_venv()
        target = ".[dev]" if level == "dev" else "."
        call(
            [*PIP_INSTALL, "--editable", target, "--constraint", "constraints.txt"],
            "Check the network (behind a proxy set HTTPS_PROXY or PIP_INDEX_URL), then run the same"
            " command again; if it goes on failing, delete .venv first.",
        )
        if level == "dev":
            # Its pins ask for an older Pillow and OpenCV than ours; what it does here works with ours.
            call(
                [*PIP_INSTALL, "--no-deps", DATUMARO, "--constraint", "constraints.txt"],
                "Check the network, then run the same command again.",
            )
        stamps[level].write_text(wanted)
        if not list(KERNELS.parent.glob("_kernels.*.so")) + list(
            KERNELS.parent.glob("_kernels.*.pyd")
        ):
            say(
                "no C compiler was found: NumPy does the work of the compiled kernels, exactly but slower."
                " To have them, install one (apt install build-essential, xcode-select --install)"
                " and delete .venv."
            )

    step(f"Python environment ({level} packages into .venv)", work)


def check_node() -> None:
    """Make sure that Node is new enough for Vite.

    Raises:
        SetupError: it is missing or too old.
    """
    need = ".".join(map(str, NODE_MINIMUM))
    remedy = (
        f"Segmentarium's browser build needs Node {need} or newer (found: {{}})."
        " Install one (https://nodejs.org, nvm install --lts, brew install node) and run this"
        " again."
    )
    try:
        printed = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    except OSError:
        raise SetupError(remedy.format("none")) from None
    match = re.match(r"v(\d+)\.(\d+)", printed)
    if match is None or (int(match[1]), int(match[2])) < NODE_MINIMUM:
        raise SetupError(remedy.format(printed.strip() or "none"))


def install_npm() -> None:
    """Install exactly the npm packages of package-lock.json."""
    wanted = digest([FRONTEND / "package-lock.json", FRONTEND / "package.json"])
    stamp = NODE_MODULES / ".installed"
    if is_current(stamp, wanted):
        say("npm packages: up to date")
        return

    def work() -> None:
        call(
            NPM_CI,
            "Check the network (behind a proxy: npm config set proxy URL), then run the same"
            " command again; if it goes on failing, delete frontend/node_modules first.",
            FRONTEND,
        )
        stamp.write_text(wanted)

    step("npm packages (into frontend/node_modules)", work)


def build_inputs() -> list[Path]:
    """Every file that the browser build depends on."""
    named = [FRONTEND / name for name in BUILD_INPUTS]
    named += [file for pattern in BUILD_CONFIGS for file in FRONTEND.glob(pattern)]
    files = [file for file in named if file.is_file()]
    for folder in (path for path in named if path.is_dir()):
        files += [file for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if ".test." not in file.name]


def build_browser() -> None:
    """Build frontend/dist, which the server serves."""
    wanted = digest(build_inputs())
    stamp = NODE_MODULES / ".built"
    if (FRONTEND / "dist" / "index.html").is_file() and is_current(stamp, wanted):
        say("browser build: up to date")
        return

    def work() -> None:
        remedy = "Mend what it names, then run the same command again."
        call(["npm", "run", "build"], remedy, FRONTEND)
        stamp.write_text(wanted)

    step("browser build (into frontend/dist)", work)


def set_up_browser() -> None:
    """Node, then npm packages, then the build."""
    check_node()
    install_npm()
    build_browser()


def main() -> int:
    """Set up what ``base`` or ``dev`` needs; the exit status."""
    level = sys.argv[1] if len(sys.argv) > 1 else "base"
    if level not in ("base", "dev"):
        sys.stderr.write("usage: sh scripts/setup.sh base|dev\n")
        return 2
    start = time.monotonic()
    with ThreadPoolExecutor() as pool:
        tasks = [pool.submit(install_python, level), pool.submit(set_up_browser)]
    errors = [error for task in tasks if (error := task.exception()) is not None]
    for error in errors:
        if not isinstance(error, SetupError):
            raise error
        sys.stderr.write(f"\n[setup] Stopped: {error}\n")
    if not errors:
        say(f"ready in {time.monotonic() - start:.1f} s")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
