"""The sample project of a first start: four of scikit-image's packaged photographs, categories, two annotations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import skimage
from sqlalchemy.orm import Session

from segmentarium.services.uploads import UploadLimits, store_image
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.categories import create_category
from segmentarium.storage.edit_log import Content, Edit
from segmentarium.storage.edits import apply_edits
from segmentarium.storage.images import NewImage, add_images, lock_image
from segmentarium.storage.projects import create_project
from segmentarium.storage.users import User

NAME = "Sample: cat, coffee, astronaut, coins"
_DESCRIPTION = "Four photographs to try things on. Open the cat, press B, draw a box around its head and press Enter."
# The pictures are packaged with scikit-image (licences in its data/README.txt).
_FILES = (
    ("chelsea.png", "cat.png"),
    ("coffee.png", "coffee.png"),
    ("astronaut.png", "astronaut.png"),
    ("coins.png", "coins.png"),
)
_CATEGORIES = ("cat", "cup", "person", "coin", "spoon")


@dataclass(frozen=True, slots=True)
class _Drawn:
    file: str
    category: str
    ring: tuple[float, ...]


# fmt: off
_DRAWN = (
    _Drawn("coffee.png", "cup", (
        173, 108, 177, 86, 189, 62, 209, 40, 236, 26, 266, 19, 296, 18, 326, 23, 355, 34, 380, 50, 398, 72, 406, 95,
        407, 116, 402, 142, 394, 170, 387, 196, 376, 218, 356, 240, 338, 240, 320, 250, 318, 258, 328, 260, 316, 276,
        300, 283, 282, 285, 264, 281, 256, 272, 248, 280, 236, 296, 224, 308, 208, 304, 197, 292, 197, 276, 206, 254,
        218, 234, 200, 222, 186, 200, 179, 176, 176, 150, 174, 128,
    )),
    _Drawn("astronaut.png", "person", (
        154, 70, 158, 54, 172, 44, 186, 40, 192, 26, 206, 18, 232, 16, 262, 20, 282, 30, 294, 46, 299, 66, 302, 88,
        296, 108, 284, 124, 276, 132, 270, 138, 262, 152, 256, 174, 276, 186, 294, 206, 303, 228, 304, 240, 322, 252,
        340, 276, 350, 300, 360, 334, 362, 350, 340, 358, 318, 370, 300, 386, 286, 408, 278, 440, 276, 470, 280, 512,
        28, 512, 26, 470, 22, 430, 20, 400, 28, 350, 36, 310, 44, 270, 58, 248, 80, 228, 105, 212, 116, 205, 113, 190,
        120, 175, 135, 160, 155, 150, 188, 149, 184, 132, 176, 118, 164, 110, 157, 92,
    )),
)
# fmt: on


def store_sample_images(blobs: BlobStore, limits: UploadLimits) -> list[NewImage]:
    """Put the photographs into the blob store. No database is touched."""
    folder = Path(skimage.__file__).parent / "data"
    stored = []
    for file, name in _FILES:
        with (folder / file).open("rb") as stream:
            stored.append(store_image(blobs, name, stream, limits))
    return stored


def create_sample_project(session: Session, user: User, images: list[NewImage]) -> int:
    """Make the sample project of stored photographs; its id."""
    project_id = create_project(session, user, NAME, _DESCRIPTION)
    categories = {name: create_category(session, project_id, name).id for name in _CATEGORIES}
    rows, _ = add_images(session, project_id, images)
    for row in rows:
        edits = [
            Edit(
                uuid4(),
                "create",
                uuid4(),
                0,
                Content(categories[drawn.category], [[list(drawn.ring)]]),
            )
            for drawn in _DRAWN
            if drawn.file == row.name
        ]
        if edits:
            apply_edits(session, lock_image(session, row.id), user, edits)
    return project_id
