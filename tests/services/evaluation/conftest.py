"""A small index: coins of a photograph, and rectangles on a plain picture."""

from pathlib import Path

import numpy as np
import pytest

from tests.services.evaluation.indices import IndexFile, coins, coins_photograph, rectangle


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    """Three coins and two rectangles; the boxes are tight but for the second rectangle's, which is twice as wide."""
    made = IndexFile(tmp_path / "set")
    made.add_image("coins.png", coins_photograph())
    made.add_image("plain.png", np.full((30, 60, 3), 90, np.uint8))
    for number, mask in enumerate(coins(3)):
        made.add(f"coin {number}", "coins.png", mask, domain="coins")
    made.add("exact", "plain.png", rectangle(30, 60, 10, 5, 20, 10), domain="rectangles")
    made.add(
        "half",
        "plain.png",
        rectangle(30, 60, 10, 5, 20, 10),
        box=[10, 5, 40, 10],
        domain="rectangles",
    )
    made.write()
    return made
