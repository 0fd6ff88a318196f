"""An index file → targets.

The index is JSON: `{"name", "objects": [{"id", "image", "mask", "box", "domain"}]}`. Paths are relative to the file;
`box` is [x, y, w, h] in pixels; a mask is a picture of its image's size, anything but black inside; `domain` may be
left out. Other members are left aside.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pydantic

from segmentarium.core.errors import AppError, ImageRefused, Invalid
from segmentarium.core.rle import Mask
from segmentarium.services.evaluation.targets import Source, Target
from segmentarium.storage.pictures import Picture, read_picture, read_rgb

NO_DOMAIN = "all objects"
_MAX_PIXELS = 2**32  # the files are the user's own: only what no picture can be is refused


class _Object(pydantic.BaseModel):
    id: str | int
    image: str
    mask: str
    box: tuple[float, float, float, float]
    domain: str = NO_DOMAIN


class _Index(pydantic.BaseModel):
    name: str = ""
    objects: list[_Object] = pydantic.Field(min_length=1)


def read_index(path: Path) -> Source:
    """The targets of an index, those of one image beside each other; the headers of all files are looked at.

    Raises:
        Invalid: no JSON or of another form; two objects of one id; a file that is missing or no picture; a mask of
            another size than its image, a box outside it. The text names the file and the object.
    """
    index = _parsed(path)
    seen: dict[str, int] = {}
    targets = []
    for number, one in enumerate(index.objects):
        place = f"{path}: objects[{number}] ({one.id})"
        id_ = str(one.id)
        if id_ in seen:
            raise Invalid(f"{place}: objects[{seen[id_]}] has this id already.")
        seen[id_] = number
        targets.append(_target(path.parent, one, place))
    ordered = sorted(targets, key=lambda target: str(target.image_path))
    return Source(index.name or path.stem, tuple(ordered))


def _parsed(path: Path) -> _Index:
    try:
        return _Index.model_validate(json.loads(path.read_bytes()))
    except json.JSONDecodeError as error:
        raise Invalid(f"{path}, line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is not text: byte {error.start} is not UTF-8.") from error
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"]
        ).removeprefix(".")
        if not where:
            raise Invalid(f"{path} must hold an object with `objects`, a list.") from error
        raise Invalid(f"{path}: {where}: {first['msg']}.") from error


def _target(folder: Path, one: _Object, place: str) -> Target:
    image_path, mask_path = folder / one.image, folder / one.mask
    image, mask = _header(image_path, place, "image"), _header(mask_path, place, "mask")
    if (mask.width, mask.height) != (image.width, image.height):
        raise Invalid(
            f"{place}: the mask is of {mask.width} × {mask.height} pixels, "
            f"its image of {image.width} × {image.height}."
        )
    x, y, w, h = one.box
    if not (0 <= x < x + w <= image.width and 0 <= y < y + h <= image.height):
        raise Invalid(
            f"{place}: the box [{x:g}, {y:g}, {w:g}, {h:g}] is not within "
            f"the image of {image.width} × {image.height} pixels."
        )

    def read_truth() -> Mask:
        try:
            truth: Mask = np.any(read_rgb(mask_path), axis=2)
        except ImageRefused as error:
            raise Invalid(f"{place}: the mask {mask_path}: {error.detail}") from error
        if not truth.any():
            raise Invalid(f"{place}: the mask {mask_path} is empty.")
        return truth

    return Target(
        id=str(one.id),
        image=one.image,
        image_path=image_path,
        domain=one.domain,
        bbox_xywh=one.box,
        width=image.width,
        height=image.height,
        read_truth=read_truth,
    )


def _header(path: Path, place: str, what: str) -> Picture:
    if not path.is_file():
        raise Invalid(f"{place}: the {what} {path} is not there.")
    try:
        return _picture(path)
    except AppError as error:
        raise Invalid(f"{place}: the {what} {path}: {error.detail}") from error


@lru_cache(maxsize=64)
def _picture(path: Path) -> Picture:
    return read_picture(path, _MAX_PIXELS)
