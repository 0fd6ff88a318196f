"""Where what is to be written later waits."""

from pathlib import Path

import pytest

from segmentarium.formats.support.spool import Spool, spools_in


def test_what_is_long_waits_in_the_folder_that_was_named(tmp_path: Path) -> None:
    with spools_in(tmp_path / "nowhere"):
        lost = Spool()
    kept = Spool()
    for spool in (lost, kept):
        spool.add(b"1")
        assert spool.count == 1
    with pytest.raises(FileNotFoundError, match="nowhere"):
        lost.add(b"2" * 9_000_000)
    kept.add(b"2" * 9_000_000)
    assert sum(map(len, kept.parts())) == 9_000_002
