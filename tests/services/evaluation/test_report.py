"""Figures agree with hand calculation, and with what the files say when they are read again."""

import csv
import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from rich.console import Console

from segmentarium.core.errors import Conflict
from segmentarium.core.rle import mask_to_rle
from segmentarium.engines.base import Engine
from segmentarium.services.evaluation.contenders import contender
from segmentarium.services.evaluation.figures import calibration, figures
from segmentarium.services.evaluation.index import read_index
from segmentarium.services.evaluation.report import (
    CSV_COLUMNS,
    OBJECTS,
    TABLE,
    WORST,
    About,
    new_folder,
    write_report,
)
from segmentarium.services.evaluation.run import Corrections, Outcome, evaluate
from segmentarium.services.evaluation.sheet import worst_sheet
from segmentarium.services.evaluation.tables import NOTHING, Table, overall_table
from segmentarium.services.evaluation.targets import Target
from tests.services.evaluation.engines import Cells, Failing, Filled
from tests.services.evaluation.indices import IndexFile, rectangle

ABOUT = About("small", 0.05, 20, ("A note.",))


def outcome(
    iou: float,
    ms: float | None = 10.0,
    score: float | None = None,
    corrections: Corrections | None = None,
    contender: str = "one",
) -> Outcome:
    """An outcome on a target that is never looked at."""
    mask = rectangle(4, 4, 1, 1, 2, 2)
    target = Target("id", "image", Path("image"), "domain", (1, 1, 2, 2), 4, 4, lambda: mask)
    return Outcome(
        contender, target, "one", mask_to_rle(mask), iou, iou / 2, iou, ms, None, score, None, None, corrections
    )  # fmt: skip


def test_means_and_shares_are_those_of_the_definition() -> None:
    told = figures([outcome(0.9), outcome(0.8), outcome(0.4), outcome(0.1)])
    assert told.iou == pytest.approx(0.55)
    assert told.boundary_iou == pytest.approx(0.275)
    assert (told.share_over_80, told.share_over_90) == (0.5, 0.25)


def test_latency_is_that_of_the_answers() -> None:
    told = figures([outcome(1, ms) for ms in (10.0, 20.0, 30.0, None)])
    assert told.p50_ms == 20
    assert told.p95_ms == pytest.approx(29)


def test_clicks_are_averaged_with_those_that_did_not_reach() -> None:
    reached, not_reached = Corrections(2, is_reached=True), Corrections(20, is_reached=False)
    told = figures([outcome(1, corrections=reached), outcome(0.5, corrections=not_reached)])
    assert (told.clicks, told.share_reached) == (11, 0.5)


def test_what_nobody_measured_is_none() -> None:
    told = figures([outcome(0, ms=None)])
    assert (told.clicks, told.share_reached, told.p50_ms, told.opening_ms) == (None,) * 4


def test_calibration_is_over_the_answers() -> None:
    told = calibration([outcome(0.2, score=0.1), outcome(0.6, score=0.9), outcome(0.0)])
    assert (told.answers, told.score) == (2, 0.5)
    assert told.pearson == pytest.approx(1)
    assert told.spearman == pytest.approx(1)


def test_failures_are_counted_with_their_reason(index: IndexFile) -> None:
    table = overall_table(run(index, Failing()))
    assert table.rows[0][-1] == "5"
    assert table.notes == ("failing failed 5 times: The cable was pulled.",)


def run(index: IndexFile, *engines: Engine, clicks: int = 20) -> list[Outcome]:
    return evaluate(
        [contender(engine) for engine in engines], read_index(index.path).targets, clicks
    )


@pytest.fixture
def outcomes(index: IndexFile) -> list[Outcome]:
    """Two engines on the index; one of them takes points."""
    return run(index, Filled(), Cells())


@pytest.fixture
def folder(outcomes: list[Outcome], tmp_path: Path) -> Path:
    """A report of them."""
    with new_folder(tmp_path / "report", force=False) as partial:
        write_report(partial, outcomes, ABOUT, worst=4)
    return tmp_path / "report"


def markdown_tables(text: str) -> dict[str, list[dict[str, str]]]:
    """The tables of a page by title: rows by column."""
    found: dict[str, list[dict[str, str]]] = {}
    for block in text.split("**\n\n|")[1:]:
        lines = ["|" + block.splitlines()[0], *block.splitlines()[1:]]
        rows = [
            [cell.strip() for cell in line.strip("|").split(" | ")]
            for line in lines
            if line.startswith("|")
        ]
        title = text[: text.index("**\n\n|" + block)].rpartition("**")[2]
        found[title] = [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]
    return found


def test_the_csv_says_what_was_measured(folder: Path, outcomes: list[Outcome]) -> None:
    rows = list(csv.DictReader(io.StringIO((folder / OBJECTS).read_text())))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == len(outcomes) == 10
    for row, one in zip(rows, outcomes, strict=True):
        assert (row["id"], row["engine"]) == (one.target.id, one.contender)
        assert (row["image"], row["domain"]) == (one.target.image, one.target.domain)
        assert float(row["iou"]) == pytest.approx(one.iou, abs=5e-5)
        assert float(row["boundary_iou"]) == pytest.approx(one.boundary_iou, abs=5e-5)
        assert float(row["score"]) == 0.5
        assert float(row["ms"]) > 0
        if one.corrections is None:
            assert (row["clicks"], row["reached"]) == ("", "")
        else:
            assert int(row["clicks"]) == one.corrections.clicks
            assert row["reached"] == str(one.corrections.is_reached).lower()


def test_the_table_says_the_means_of_the_csv(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO((folder / OBJECTS).read_text())))
    tables = markdown_tables((folder / TABLE).read_text())
    assert [row["engine"] for row in tables["All objects"]] == ["filled", "cells"]
    for table in ("All objects", "By domain"):
        for row in tables[table]:
            mine = [
                one
                for one in rows
                if one["engine"] == row["engine"]
                and one["domain"] == row.get("domain", one["domain"])
            ]
            assert int(row["objects"]) == len(mine)
            assert float(row["mean IoU"]) == pytest.approx(
                np.mean([float(one["iou"]) for one in mine]), abs=1e-3
            )
            clicks = [float(one["clicks"]) for one in mine if one["clicks"]]
            if clicks:
                assert float(row["clicks to 0.9"]) == pytest.approx(np.mean(clicks), abs=0.051)
            else:
                assert row["clicks to 0.9"] == NOTHING


def test_domains_come_with_those_of_most_objects_first(folder: Path) -> None:
    rows = markdown_tables((folder / TABLE).read_text())["By domain"]
    assert [(row["domain"], row["engine"]) for row in rows] == [
        ("coins", "filled"),
        ("coins", "cells"),
        ("rectangles", "filled"),
        ("rectangles", "cells"),
    ]


def test_the_table_tells_how_it_was_made(folder: Path) -> None:
    text = " ".join((folder / TABLE).read_text().split())
    assert "5 objects." in text
    assert "normal deviation of 5%" in text
    assert "A note." in text
    assert "20 where 20 do not reach it" in text


def test_a_bar_in_a_name_does_not_break_the_table() -> None:
    table = Table("t", ("domain", "n"), [("cat|dog", "1")])
    assert "cat\\|dog" in table.to_markdown()


def test_a_name_with_brackets_is_printed_as_it_is() -> None:
    printed = io.StringIO()
    Table("t [x]", ("domain [y]", "n"), [("[red]", "1")]).print_on(Console(file=printed))
    assert all(name in printed.getvalue() for name in ("t [x]", "[y]", "[red]"))


def test_no_cell_is_cut_where_the_terminal_is_narrow() -> None:
    columns = tuple(f"column {number}" for number in range(20))
    printed = io.StringIO()
    Table("t", columns, [columns]).print_on(Console(file=printed, width=40))
    assert all(column in printed.getvalue() for column in columns)


# ----------------------------------------------------------------------------------------- sheet


def pixels_of(folder: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with PIL.Image.open(folder / WORST) as image:
        return np.asarray(image.convert("RGB")).astype(np.int16)


def test_the_sheet_shows_the_worst_of_each_engine(outcomes: list[Outcome]) -> None:
    few, many = worst_sheet(outcomes, 4), worst_sheet(outcomes, 5)
    assert few.width == many.width
    # Four tiles a row: the fifth of both engines begins a second row.
    assert many.height - few.height == few.height - 3 * 44


def test_truth_and_answer_are_both_seen(folder: Path) -> None:
    pixels = pixels_of(folder)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    assert ((green > 200) & (red < 120) & (blue < 170)).sum() > 500
    assert ((red > 200) & (blue > 170) & (green < 120)).sum() > 500


def test_a_failure_is_on_the_sheet_without_an_answer(index: IndexFile) -> None:
    sheet = np.asarray(worst_sheet(run(index, Failing()), 3)).astype(np.int16)
    assert ((sheet[..., 0] > 250) & (sheet[..., 1] == 60) & (sheet[..., 2] == 220))[44:].sum() == 0


@pytest.mark.parametrize("id_", ["", "x" * 500, "zażółć gęślą 猫 🐈", "line\nbreak"])
def test_any_name_goes_on_the_sheet(index: IndexFile, id_: str) -> None:
    index.objects[3]["id"] = id_
    index.write()
    assert worst_sheet(run(index, Filled()), 5).width > 0


def test_all_of_the_truth_is_seen_where_the_box_misses_it(index: IndexFile) -> None:
    index.objects[:] = [{**index.objects[3], "box": [12, 7, 3, 3]}]
    index.write()
    sheet = np.asarray(worst_sheet(run(index, Filled()), 1)).astype(np.int16)[88:388, 10:310]
    green = (sheet[..., 1] > 250) & (sheet[..., 0] == 60) & (sheet[..., 2] == 120)
    rows, columns = np.nonzero(green)
    # 20 × 10 pixels with a margin of 4 fill the tile: all four sides of the outline are within it.
    assert np.ptp(columns) == pytest.approx(20 / 28 * 300, abs=8)
    assert np.ptp(rows) == pytest.approx(10 / 28 * 300, abs=8)


# ---------------------------------------------------------------------------------------- folder


def test_the_folder_holds_the_three_files(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {TABLE, OBJECTS, WORST}


def test_a_folder_that_is_there_is_refused(folder: Path) -> None:
    with pytest.raises(Conflict, match="--force"), new_folder(folder, force=False):
        pytest.fail("It was opened.")


def test_an_earlier_evaluation_is_replaced_when_forced(folder: Path) -> None:
    with new_folder(folder, force=True) as partial:
        (partial / TABLE).write_text("new")
    assert [path.name for path in folder.iterdir()] == [TABLE]


def test_a_folder_with_other_things_is_never_replaced(folder: Path) -> None:
    (folder / "thesis.tex").write_text("years of work")
    with pytest.raises(Conflict, match="thesis"), new_folder(folder, force=True):
        pytest.fail("It was opened.")
    assert (folder / "thesis.tex").exists()


def test_a_file_of_that_name_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file")
    with pytest.raises(Conflict), new_folder(tmp_path / "report", force=True):
        pytest.fail("It was opened.")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_is_broken_off_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def broken_off() -> None:
        with new_folder(tmp_path / "report", force=False) as partial:
            (partial / TABLE).write_text("half")
            raise error

    with pytest.raises(error):
        broken_off()
    assert list(tmp_path.iterdir()) == []


def test_what_is_broken_off_leaves_the_earlier_one(folder: Path) -> None:
    before = (folder / TABLE).read_text()

    def broken_off() -> None:
        with new_folder(folder, force=True):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert (folder / TABLE).read_text() == before


def test_nothing_looks_finished_before_it_is(tmp_path: Path) -> None:
    with new_folder(tmp_path / "report", force=False) as partial:
        assert not (tmp_path / "report").exists()
        assert partial.name.startswith(".")
