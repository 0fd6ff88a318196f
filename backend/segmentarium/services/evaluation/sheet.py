"""A contact sheet of the worst answers: the truth's outline and the answer's on a crop of the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from segmentarium.core.boxes import PixelBoxXYXY, expand_box, pixels_of_box, xywh_to_xyxy
from segmentarium.core.rle import Mask, mask_to_rle, rle_bbox, rle_to_mask
from segmentarium.services.evaluation.figures import by_contender
from segmentarium.services.evaluation.run import Outcome
from segmentarium.storage.pictures import ImageRGB, read_rgb

_TILE_PX = 300
_CAPTION_PX = 62
_GAP_PX = 10
_COLUMNS = 4
_HEADING_PX = 44
_TEXT_PX = 15
_MARGIN = 0.2  # of the longer side of what is shown
_PAPER, _INK, _FAINT = (24, 26, 30), (240, 240, 240), (170, 175, 185)
# Told apart also by those who do not see red and green as two colours.
_TRUTH, _ANSWER, _BOX = (60, 255, 120), (255, 60, 220), (255, 255, 255)
_EDGE = (20, 20, 20)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def worst_sheet(outcomes: Sequence[Outcome], each: int) -> Image.Image:
    """The `each` answers of the lowest IoU of every contender, the worst first. Images are read again."""
    worst = {
        name: sorted(given, key=lambda one: (one.iou, one.target.id))[:each]
        for name, given in by_contender(outcomes).items()
    }
    row_px = _TILE_PX + _CAPTION_PX + _GAP_PX
    rows = sum(-(-len(given) // _COLUMNS) for given in worst.values())
    width = _COLUMNS * (_TILE_PX + _GAP_PX) + _GAP_PX
    height = _HEADING_PX * (len(worst) + 1) + rows * row_px
    sheet = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    _legend(draw)
    top = _HEADING_PX
    for name, given in worst.items():
        heading = f"{name}: the worst {len(given)}"
        draw.text((_GAP_PX, top + 12), heading, fill=_INK, font=_font(_TEXT_PX + 5))
        top += _HEADING_PX
        for number, one in enumerate(given):
            left = _GAP_PX + number % _COLUMNS * (_TILE_PX + _GAP_PX)
            y = top + number // _COLUMNS * row_px
            sheet.paste(Image.fromarray(_tile(one)), (left, y))
            _caption(draw, one, left, y + _TILE_PX + 4)
        top += -(-len(given) // _COLUMNS) * row_px
    return sheet


def _legend(draw: ImageDraw.ImageDraw) -> None:
    x, font = float(_GAP_PX), _font(_TEXT_PX)
    for color, what in ((_TRUTH, "truth"), (_ANSWER, "answer"), (_BOX, "box asked for")):
        draw.line((x, 22, x + 26, 22), fill=color, width=3)
        draw.text((x + 34, 13), what, fill=_INK, font=font)
        x += 34 + draw.textlength(what, font=font) + 30


def _caption(draw: ImageDraw.ImageDraw, one: Outcome, left: int, top: int) -> None:
    told = one.failure or (f"fell back: {one.fallback}" if one.fallback else "")
    score = "" if one.score is None else f"  score {one.score:.2f}"
    font = _font(_TEXT_PX)
    lines = (
        (f"IoU {one.iou:.2f}  boundary {one.boundary_iou:.2f}{score}", _INK),
        # Ids differ at their ends, sentences matter at their beginnings.
        (_shortened(draw, f"{one.target.domain}: {one.target.id}", font, tail=0.5), _FAINT),
        (_shortened(draw, told, font, tail=0.0), _FAINT),
    )
    for number, (line, color) in enumerate(lines):
        draw.text((left, top + number * (_TEXT_PX + 4)), line, fill=color, font=font)


def _shortened(draw: ImageDraw.ImageDraw, text: str, font: Font, tail: float) -> str:
    """As much of a line as a tile is wide; where it is cut, `tail` of what is kept is its end."""
    text = " ".join(text.split())
    short, kept = text, len(text)
    while kept and draw.textlength(short, font=font) > _TILE_PX:
        kept -= 1
        end = int(kept * tail)
        short = f"{text[: kept - end]}…{text[len(text) - end :]}"
    return short


@dataclass(frozen=True, slots=True)
class _View:
    """A crop of the image, and how many pixels of the tile one of its pixels is."""

    crop: PixelBoxXYXY
    scale: float

    def cut(self, mask: Mask) -> Mask:
        """The mask as large as the crop is shown."""
        x0, y0, x1, y1 = self.crop
        shown = cv2.resize(
            mask[y0:y1, x0:x1].astype(np.uint8), self.size, interpolation=cv2.INTER_NEAREST
        )
        cut: Mask = shown > 0
        return cut

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the crop as shown."""
        x0, y0, x1, y1 = self.crop
        return max(1, round((x1 - x0) * self.scale)), max(1, round((y1 - y0) * self.scale))


def _tile(one: Outcome) -> ImageRGB:
    """The object large, with its surroundings; (_TILE_PX, _TILE_PX, 3) uint8."""
    pixels = read_rgb(one.target.image_path)
    truth, answer = one.target.read_truth(), rle_to_mask(one.answer)
    view = _view(one, truth)
    x0, y0, x1, y1 = view.crop
    enlarging = view.scale > 1
    shown = cv2.resize(
        pixels[y0:y1, x0:x1],
        view.size,
        interpolation=cv2.INTER_CUBIC if enlarging else cv2.INTER_AREA,
    )
    left, top, right, bottom = xywh_to_xyxy(one.target.bbox_xywh)
    corners = [
        (round((x - x0) * view.scale), round((y - y0) * view.scale))
        for x, y in ((left, top), (right, bottom))
    ]
    cv2.rectangle(shown, corners[0], corners[1], _BOX, 1, cv2.LINE_AA)
    # The truth thick below, the answer thin above: where they agree both are seen.
    for mask, color, thickness in ((truth, _TRUTH, 4), (answer, _ANSWER, 2)):
        cut = view.cut(mask).astype(np.uint8)
        outlines, _ = cv2.findContours(cut, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        # A dark edge, for green grass and pink flowers.
        cv2.drawContours(shown, outlines, -1, _EDGE, thickness + 2, cv2.LINE_AA)
        cv2.drawContours(shown, outlines, -1, color, thickness, cv2.LINE_AA)
    tile = np.full((_TILE_PX, _TILE_PX, 3), (38, 40, 46), dtype=np.uint8)
    width, height = view.size
    y, x = (_TILE_PX - height) // 2, (_TILE_PX - width) // 2
    tile[y : y + height, x : x + width] = shown
    return tile


def _view(one: Outcome, truth: Mask) -> _View:
    """The box that was asked for, and what is true or was answered beyond it, with a margin."""
    box = pixels_of_box(xywh_to_xyxy(one.target.bbox_xywh))
    for x, y, w, h in (rle_bbox(mask_to_rle(truth)), rle_bbox(one.answer)):
        if w:  # an answer may be empty
            box = min(box[0], x), min(box[1], y), max(box[2], x + w), max(box[3], y + h)
    margin = max(4, round(_MARGIN * max(box[2] - box[0], box[3] - box[1])))
    crop = expand_box(box, margin, one.target.width, one.target.height)
    return _View(crop, _TILE_PX / max(crop[2] - crop[0], crop[3] - crop[1]))


@lru_cache(maxsize=4)
def _font(size: int) -> Font:
    return ImageFont.load_default(size)
