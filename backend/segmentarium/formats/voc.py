"""Pascal VOC segmentation: maps of classes and of objects with the VOC palette, XML, and lists of the splits.

Source:
    Everingham et al., "The Pascal Visual Object Classes Challenge 2012 (VOC2012) Development Kit".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.segment_map import Segment, annotations_to_instance_map
from segmentarium.core.spans import IdMap
from segmentarium.formats.base import Dataset, DatasetImage, Files, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.category_file import CATEGORY_FILE, category_file
from segmentarium.formats.support.changes import Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.png import ids_to_png16, indices_to_png
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.spool import Spool
from segmentarium.formats.support.stems import Stems
from segmentarium.formats.support.voc_facts import (
    CLASSES,
    LISTS,
    OBJECTS,
    PALETTE,
    PICTURES,
    VOID,
    XML,
    voc_label,
)
from segmentarium.formats.support.voc_layout import is_voc
from segmentarium.formats.support.voc_reading import read_voc
from segmentarium.formats.support.voc_xml import xml_of


class Voc:
    """Pascal VOC segmentation. An object of the XML is that of its place in the map of objects."""

    name = "voc"
    title = "Pascal VOC segmentation"
    description = "Maps of classes and objects with the VOC palette, and XML for each image."
    loses = (Feature.VERTICES, Feature.OVERLAPS)
    options = (policies.IMAGES,)

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        categories = {category.id: category for category in dataset.categories}
        numbers = {category.id: at for at, category in enumerate(dataset.categories, start=1)}
        lists: dict[str, Spool] = {}
        stems = Stems()
        for image in dataset.images:
            stem = stems.stem(image)
            picture = f"{stem}{PurePosixPath(image.file_name).suffix}"
            if options["images"] and image.read_bytes is not None:
                yield f"{PICTURES}/{picture}", image.read_bytes()
            made = annotations_to_instance_map(image.annotations, image.height, image.width)
            policies.note_hidden(image, made.segments, changes)
            seen = [segment for segment in made.segments if segment.area]
            yield f"{CLASSES}/{stem}.png", _png(_painted(made.ids, seen, numbers))
            yield f"{OBJECTS}/{stem}.png", _png(_painted(made.ids, seen))
            yield f"{XML}/{stem}.xml", _xml(image, picture, seen, categories)
            for name in _lists(image.split):
                lists.setdefault(name, Spool(b"\n")).add(stem.encode())
        for name, spool in sorted((lists or {"trainval": Spool(b"\n")}).items()):
            spool.add(b"")
            yield f"{LISTS}/{name}.txt", spool.parts()
        yield "labelmap.txt", _label_map(dataset.categories)
        order = list(numbers.values())
        yield CATEGORY_FILE, category_file(self.name, dataset.categories, order, 0)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_voc(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_voc(files, problems)


def _painted(
    ids: IdMap, seen: Sequence[Segment], numbers: Mapping[int, int] | None = None
) -> IdMap:
    """The map with the objects' places from 1 in it, or the numbers of their categories."""
    values = np.zeros(max((segment.id for segment in seen), default=0) + 1, np.int32)
    for place, segment in enumerate(seen, start=1):
        values[segment.id] = place if numbers is None else numbers[segment.category_id]
    painted: IdMap = values[ids]
    return painted


def _png(ids: IdMap) -> bytes:
    """With the VOC palette; 255 is void, so that more than 254 numbers take 16 bits."""
    return indices_to_png(ids, PALETTE) if int(ids.max()) < VOID else ids_to_png16(ids)


def _xml(
    image: DatasetImage,
    picture: str,
    seen: Sequence[Segment],
    categories: Mapping[int, Category],
) -> bytes:
    own: dict[str, Annotation] = {one.id: one for one in image.annotations}
    objects = [
        (voc_label(categories[one.category_id].name), one.bbox_xywh, own[one.annotation_ids[0]])
        for one in seen
    ]
    return xml_of(image, picture, objects)


def _lists(split: str) -> list[str]:
    """The lists that an image of a split stands in; trainval has those of train, of val, and of no split."""
    own = [split] if split and split != "trainval" else []
    return [*own, "trainval"] if split in {"", "train", "val", "trainval"} else own


def _label_map(categories: Sequence[Category]) -> bytes:
    """As Datumaro and CVAT have it: the colours are those of the maps."""
    lines = ["# label:color_rgb:parts:actions", "background:0,0,0::"]
    for place, category in enumerate(categories, start=1):
        color = PALETTE[place] if place < VOID else category.color_rgb
        lines.append(f"{voc_label(category.name)}:{','.join(map(str, color))}::")
    return ("\n".join(lines) + "\n").encode()


FORMAT = Voc()
