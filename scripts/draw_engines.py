"""`python -m scripts.draw_engines`: the pictures of docs/engines.md, one for each engine but `sam`.

`sam` has no checkpoint that could be shipped; `onnx` runs the network that comes with the tool, as one of one's own.

Each shows the prompt (points and strokes green inside, red outside) and the outline that is answered, on one of the
photographs packaged with scikit-image.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import skimage.data

from segmentarium.engines import engine_named, use_networks
from segmentarium.engines.base import ImageRGB, OptionValue, Prompt, Stroke
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.networks import add_network
from segmentarium.services.proposals import propose
from segnets.boxnet import WEIGHTS

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images" / "engines"
_WIDTH_PX = 480
_MOST_BYTES = 150_000
_COLOURS_OF_PHOTOGRAPH = 120
_COLOURS = {"outline": (255, 210, 0), "box": (0, 220, 255), 1: (40, 220, 60), 0: (240, 50, 50)}
_CUP = (173, 18, 234, 290)
_EYE = (136, 85, 72, 61)
_COIN = (18.5, 232.5, 56, 55)
_CELL = (363, 309, 131, 130)


@dataclass(frozen=True, slots=True)
class Example:
    """A photograph, the part (x, y, w, h) of it that is shown, a prompt and options."""

    photograph: str
    shown: tuple[int, int, int, int]
    prompt: Prompt
    options: dict[str, OptionValue] = field(default_factory=dict)


def _clicks(*points: tuple[float, float, int], strokes: tuple[Stroke, ...] = ()) -> Prompt:
    return Prompt(None, tuple((x, y) for x, y, _ in points), tuple(p[2] for p in points), strokes)


EXAMPLES = {
    "boxnet": Example("coffee", (120, 0, 340, 330), Prompt(bbox_xywh=_CUP)),
    "grabcut": Example("astronaut", (70, 0, 280, 260), Prompt(bbox_xywh=(151, 10, 154, 182))),
    "onnx": Example("cell", (280, 240, 270, 250), Prompt(bbox_xywh=_CELL)),
    "threshold": Example("coins", (0, 150, 240, 153), Prompt(bbox_xywh=(5, 165, 230, 130))),
    "wand": Example("astronaut", (220, 0, 280, 200), _clicks((390, 150, 1))),
    "watershed": Example("coffee", (120, 0, 340, 330), Prompt(bbox_xywh=_CUP)),
    "edges": Example("cell", (280, 240, 270, 250), Prompt(bbox_xywh=_CELL)),
    "kmeans": Example(
        "immunohistochemistry", (180, 180, 240, 200), Prompt(bbox_xywh=(200, 200, 200, 160))
    ),
    "snake": Example("coins", (0, 210, 120, 93), Prompt(bbox_xywh=_COIN)),
    "geodesic": Example("coins", (60, 90, 90, 70), Prompt(bbox_xywh=(84, 107, 38, 38))),
    "chan_vese": Example("chelsea", (90, 50, 180, 130), Prompt(bbox_xywh=_EYE)),
    "random_walker": Example(
        "coffee",
        (120, 0, 340, 330),
        Prompt(bbox_xywh=_CUP, strokes=(Stroke(((226, 262), (212, 290)), 1, 3),)),
    ),
    "superpixels": Example(
        "chelsea",
        (90, 20, 260, 190),
        _clicks(
            (172, 116, 1),
            strokes=tuple(
                Stroke(((left, y), (right, y)), 1, 4)
                for left, y, right in ((155, 98, 190), (147, 116, 200), (160, 136, 190))
            ),
        ),
    ),
    "scissors": Example(
        "coins",
        (0, 210, 120, 93),
        _clicks((46.5, 232.5, 1), (74.5, 260, 1), (46.5, 287.5, 1), (18.5, 260, 1)),
    ),
}


def draw(name: str, example: Example) -> ImageRGB:
    """The part of the photograph that is shown, with the prompt and the answer; (h, 480, 3) uint8 RGB."""
    pixels = getattr(skimage.data, example.photograph)()
    image: ImageRGB = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    answer = propose(engine_named(name), image, example.prompt, example.options)
    x, y, w, h = example.shown
    scale = _WIDTH_PX / w
    size = (_WIDTH_PX, round(h * scale))
    part_shown = PIL.Image.fromarray(image[y : y + h, x : x + w])
    # Few colours keep the file small; what is drawn afterwards keeps its own.
    few = part_shown.resize(size, PIL.Image.Resampling.BICUBIC).quantize(_COLOURS_OF_PHOTOGRAPH)
    shown = np.array(few.convert("RGB"))

    def on_picture(points: object) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
        moved = (np.asarray(points, dtype=float).reshape(-1, 2) - (x, y)) * scale
        return np.round(moved).astype(np.int32)

    for part in answer.segmentation.parts:
        for ring in part:
            cv2.polylines(shown, [on_picture(ring)], True, _COLOURS["outline"], 2)
    if example.prompt.bbox_xywh is not None:
        bx, by, bw, bh = example.prompt.bbox_xywh
        corners = on_picture([(bx, by), (bx + bw, by), (bx + bw, by + bh), (bx, by + bh)])
        cv2.polylines(shown, [corners], True, _COLOURS["box"], 1)
    for stroke in example.prompt.strokes:
        width = max(1, round(2 * stroke.radius_px * scale))
        cv2.polylines(shown, [on_picture(stroke.points)], False, _COLOURS[stroke.label], width)
    for point, label in zip(
        on_picture(example.prompt.point_coords), example.prompt.point_labels, strict=True
    ):
        cv2.circle(shown, point.tolist(), 5, _COLOURS[label], -1)
        cv2.circle(shown, point.tolist(), 5, (255, 255, 255), 1)
    print(f"{name}: score {answer.score:.2f}, {answer.fallback or 'no fallback'}")
    return shown.astype(np.uint8, copy=False)


def main() -> None:
    """Draw all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        networks = NetworkFolder(Path(place))
        add_network(networks, str(WEIGHTS / "network.onnx"))
        use_networks(networks, threads=2)
        for name, example in EXAMPLES.items():
            _write(name, draw(name, example))


def _write(name: str, pixels: ImageRGB) -> None:
    written = io.BytesIO()
    PIL.Image.fromarray(pixels).quantize(256).save(written, "PNG", optimize=True)
    if written.tell() > _MOST_BYTES:
        raise ValueError(f"The picture of {name} has {written.tell()} bytes.")
    (FOLDER / f"{name}.png").write_bytes(written.getvalue())


if __name__ == "__main__":
    main()
