"""`python -m bench [names…] [--quick] [--write]`: run benchmarks, show their tables, write them down."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from bench import (
    api_speed,
    boxnet,
    editor,
    formats,
    geometry,
    proposal_speed,
    quality,
    readers,
    sam_overhead,
    start_up,
)
from bench.machine import machine_facts
from bench.tables import Skipped, Table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
BENCHMARKS: dict[str, Callable[[bool], list[Table]]] = {
    "api_speed": api_speed.run,
    "proposal_speed": proposal_speed.run,
    "quality": quality.run,
    "boxnet": boxnet.run,
    "geometry": geometry.run,
    "editor": editor.run,
    "formats": formats.run,
    "readers": readers.run,
    "sam_overhead": sam_overhead.run,
    "start_up": start_up.run,
}
# It downloads every dependency anew and takes minutes.
ONLY_BY_NAME = {"start_up"}

console = Console(highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="few repetitions, to try it out")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
    if given.quick and given.write:
        parser.error("--quick gives no figures worth writing down")
    names = given.names or [name for name in BENCHMARKS if name not in ONLY_BY_NAME]
    if given.write:
        for name in names:  # there is a place for each, before minutes are spent
            with_section(PAGE.read_text(), name, "", [])
    for name in names:
        facts = machine_facts()
        console.print(f"[bold]{name}[/bold]: {facts}")
        try:
            tables = BENCHMARKS[name](given.quick)
        except Skipped as reason:
            console.print(f"skipped: {reason}", markup=False)
            continue
        for table in tables:
            table.print_on(console)
        if given.write:
            PAGE.write_text(with_section(PAGE.read_text(), name, facts, tables))
    return 0


def with_section(page: str, name: str, facts: str, tables: list[Table]) -> str:
    """The page with the generated part of one benchmark written anew."""
    begin, end = f"<!-- bench {name} -->", f"<!-- end {name} -->"
    body = "\n\n".join([f"Measured on {facts}.", *(table.to_markdown() for table in tables)])
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", flags=re.DOTALL)
    written, count = pattern.subn(lambda _: f"{begin}\n\n{body}\n\n{end}", page)
    if count != 1:
        raise ValueError(f"{PAGE.name} must hold {begin} … {end} once")
    return written


if __name__ == "__main__":
    sys.exit(main())
