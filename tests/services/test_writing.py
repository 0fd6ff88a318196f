"""What an export tells of its changes: some of each kind as examples, all of them in the archive."""

import csv
from pathlib import Path

from segmentarium.core.annotation import Annotation, Category, Polygons
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset, DatasetImage, check_options
from segmentarium.services.writing import (
    EXAMPLES_OF_A_KIND,
    FolderTarget,
    write_dataset,
)
from segmentarium.storage.dataset_files import EXPORT_CHANGES
from tests.formats.dataset import rectangle

FORMAT = format_named("voc")


def test_the_table_of_the_archive_has_every_change_where_the_report_has_examples(
    tmp_path: Path,
) -> None:
    count = EXAMPLES_OF_A_KIND + 5
    square = Polygons(((rectangle(0, 0, 1, 1),),))
    annotations = tuple(Annotation(f"a{n}", 1, square, score=0.5) for n in range(count))
    image = DatasetImage(1, "a.png", 4, 4, annotations)
    result = write_dataset(
        Dataset("Many", (Category(1, "cat", "#ff0000"),), iter([image])),
        FORMAT,
        check_options(FORMAT, {}),
        FolderTarget(tmp_path / "out"),
        {"images": 1, "annotations": count, "files": 0},
        tmp_path,
    )
    with (tmp_path / "out" / EXPORT_CHANGES).open(newline="") as file:
        rows = list(csv.DictReader(file))
    for kind, total in result.changes.items():
        told = [row["annotation_id"] for row in rows if row["change"] == kind]
        assert len(told) == total
        assert len([one for one in result.examples if one.kind == kind]) == min(
            total, EXAMPLES_OF_A_KIND
        )
    assert max(result.changes.values()) == count
