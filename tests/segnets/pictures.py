"""Pictures with objects to train on, made up: bright discs and boxes before a dark, noisy ground."""

from pathlib import Path

import cv2
import numpy as np

from segnets.boxnet.objects import Picture, TrainingObject


def made_up_picture(seed: int, side: int = 120) -> Picture:
    """A picture with two objects, ids 1 and 2, that do not touch."""
    rng = np.random.default_rng(seed)
    ids = np.zeros((side, side), np.int16)
    half = side // 2
    cv2.ellipse(ids, (half // 2 + 4, half), (half // 3, half // 2), 20, 0, 360, 1, -1)
    cv2.rectangle(ids, (half + 12, half - 20), (side - 12, half + 25), 2, -1)
    pixels = rng.integers(20, 70, (side, side, 3)).astype(np.uint8)
    pixels[ids == 1] += np.array((130, 90, 20), np.uint8)
    pixels[ids == 2] += np.array((20, 100, 150), np.uint8)
    picture = Picture(
        f"made/{seed}.png", pixels, [ids], "made", f"kind {seed % 3}", "natural", is_open=True
    )
    for number in (1, 2):
        rows, columns = np.nonzero(ids == number)
        box = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
        picture.objects.append(TrainingObject(picture, 0, number, box, len(rows), 1.0))
    return picture


def write_data_sets(root: Path) -> None:
    """A folder as `read_all` reads it, with one natural picture and one of BSDS."""
    for name, index in (
        (
            "train_box2mask",
            (
                '[{"image": "a.png", "mask": "a_ids.png", "source": "made", "domain": "things", '
                '"rights": "probably web pictures"}]'
            ),
        ),
        (
            "train_nuclei",
            '{"images": [{"image": "a.png", "mask": "a_ids.png"}]}',
        ),
    ):
        folder = root / name
        folder.mkdir(parents=True)
        (folder / "index.json").write_text(index)
        picture = made_up_picture(len(name))
        cv2.imwrite(str(folder / "a.png"), picture.pixels[..., ::-1])
        cv2.imwrite(str(folder / "a_ids.png"), picture.maps[0].astype(np.uint8))
