"""Image files: recognised by their first bytes, checked against limits by their header, decoded upright as 8-bit sRGB.

The name of a file tells nothing. A loader is named by the format found, so no other loader of libvips can be reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import PIL.Image
import pyvips
from numpy.typing import NDArray

from segmentarium.core.errors import ImageTooLarge, UnreadableImage, UnsupportedFormat
from segmentarium.storage.disk import as_storage_full
from segmentarium.storage.room import Room

ImageRGB: TypeAlias = NDArray[np.uint8]

THUMBNAIL_PX = 320
_MAX_SIDE = 65_535  # pixels: what JPEG and PNG encoders and browsers can take
_SWAPPED = {5, 6, 7, 8}  # EXIF orientations that exchange width and height
_LOADERS = {
    "jpeg": "jpegload",
    "png": "pngload",
    "webp": "webpload",
    "tiff": "tiffload",
    "gif": "gifload",
    "avif": "heifload",
}
MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "tiff": "image/tiff",
    "gif": "image/gif",
    "avif": "image/avif",
    "bmp": "image/bmp",
}
SUPPORTED = "JPEG, PNG, WebP, TIFF, BMP, GIF and AVIF"

PIL.Image.MAX_IMAGE_PIXELS = None  # our own limit is checked between Pillow's header and its pixels
pyvips.cache_set_max(
    0
)  # results are files and arrays of our own; libvips's cache would only hold memory


# Pixels that are decoded at the same time by all requests together: a decoder may hold some ten bytes of each.
_room = Room(150_000_000)


@dataclass(frozen=True, slots=True)
class Picture:
    """What a file's header says. Width and height are upright.

    `is_upright`: its EXIF orientation is the normal one. `is_plain`: a browser shows the file itself just as we do
    (8-bit, upright, one frame, no alpha, not CMYK).
    """

    format: str
    width: int
    height: int
    is_upright: bool
    is_plain: bool


def read_picture(path: Path, max_pixels: int) -> Picture:
    """Read a file's header.

    Raises:
        UnsupportedFormat: not an image of a supported format.
        UnreadableImage: the header is damaged.
        ImageTooLarge: more than `max_pixels`.
    """
    kind = sniff_format(path)
    with _room.take(_pixels(path, kind)):
        image = _open(path, kind, max_pixels)
    width, height = image.width, image.height
    _check_size(width, height, max_pixels)
    orientation = _orientation(image)
    if orientation in _SWAPPED:
        width, height = height, width
    is_plain = (
        kind in {"jpeg", "png", "webp"}
        and orientation == 1
        and image.format == "uchar"
        and image.interpretation in {"srgb", "b-w"}
        and not image.hasalpha()
        and image.get_n_pages() == 1
        and not _is_animated_png(path, kind)
    )
    return Picture(kind, width, height, orientation == 1, is_plain)


def sniff_format(path: Path) -> str:
    """The format by the file's first bytes.

    Raises:
        UnsupportedFormat: none of ours.
    """
    with path.open("rb") as file:
        head = file.read(132)
    if head[128:] == b"DICM":
        raise UnsupportedFormat(
            "The file is DICOM, which cannot be taken yet; export it as PNG or TIFF."
        )
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "tiff"
    if head[4:8] == b"ftyp" and {head[i : i + 4] for i in range(8, 64, 4)} & {b"avif", b"avis"}:
        return "avif"
    if head.startswith(b"BM") and len(head) >= 26:
        return "bmp"
    if not head:
        raise UnsupportedFormat("The file is empty.")
    raise UnsupportedFormat(f"The file is not an image in one of the formats {SUPPORTED}.")


def read_rgb(path: Path) -> ImageRGB:
    """The picture upright, (H, W, 3) uint8 sRGB.

    Raises:
        UnreadableImage: the file is damaged.
    """
    kind = sniff_format(path)
    with _room.take(_pixels(path, kind)):
        image = _upright_srgb(path, kind)
        try:
            memory = image.write_to_memory()
        except pyvips.Error as error:
            raise _unreadable(error) from error
    pixels = np.frombuffer(memory, dtype=np.uint8).reshape(image.height, image.width, 3)
    pixels.setflags(write=False)  # they are shared by everybody who looks at the image
    return pixels


def write_thumbnail(source: Path, target: Path) -> None:
    """A WebP of at most 320 pixels a side. Decodes the whole file, so that damage anywhere is found.

    Raises:
        UnreadableImage: the file is damaged.
        StorageFull: there is no room for the target.
    """
    kind = sniff_format(source)
    with _room.take(_pixels(source, kind)):
        image = _upright_srgb(source, kind)
        scale = min(1.0, THUMBNAIL_PX / max(image.width, image.height))
        across, down = max(scale, 1 / image.width), max(scale, 1 / image.height)
        try:
            if scale < 1:
                image = image.resize(across, vscale=down, kernel="linear")
            image.webpsave(str(target), Q=80, keep="none")
        except pyvips.Error as error:
            raise as_storage_full(error) or _unreadable(error) from error


def write_display(source: Path, target: Path) -> None:
    """The upright 8-bit picture as a browser shows it; PNG or JPEG, by the target's suffix.

    Raises:
        UnreadableImage: the file is damaged.
        StorageFull: there is no room for the target.
    """
    kind = sniff_format(source)
    with _room.take(_pixels(source, kind)):
        image = _upright_srgb(source, kind)
        try:
            if target.suffix == ".jpg":
                image.jpegsave(str(target), Q=95, subsample_mode="off", keep="none")
            else:
                image.pngsave(str(target), compression=3, keep="none")
        except pyvips.Error as error:
            raise as_storage_full(error) or _unreadable(error) from error


def _pixels(path: Path, kind: str) -> int:
    """Pixels that the header tells; 0 where it tells nothing."""
    if kind != "bmp":
        try:
            header = getattr(pyvips.Image, _LOADERS[kind])(str(path), access="sequential")
            return int(header.width * header.height)
        except pyvips.Error:
            if kind != "tiff":
                return 0
    try:
        with PIL.Image.open(path, formats=[kind.upper()]) as image:
            return image.width * image.height
    except (OSError, ValueError, SyntaxError, TypeError):
        return 0


def _open(path: Path, kind: str, max_pixels: int | None = None) -> pyvips.Image:
    """A lazy image; what only Pillow can read is decoded here, if it is within `max_pixels`."""
    if kind == "bmp":
        # libvips reads no BMP without ImageMagick, which is not let near files from users.
        return _open_by_pillow(path, "BMP", max_pixels)
    loader = getattr(pyvips.Image, _LOADERS[kind])
    try:
        image = loader(str(path), access="sequential", fail_on="error")
        if kind == "tiff":
            loader(str(path), fail_on="error").getpoint(
                0, 0
            )  # some layouts fail at the first pixel only
        # Only an upright picture can be read from the top to the bottom.
        return (
            image
            if _orientation(image) == 1
            else loader(str(path), access="random", fail_on="error")
        )
    except pyvips.Error as error:
        if kind == "tiff":
            return _open_by_pillow(
                path, "TIFF", max_pixels
            )  # 12-bit, planar tiles, no photometric tag
        raise _unreadable(error) from error


def _open_by_pillow(path: Path, kind: str, max_pixels: int | None) -> pyvips.Image:
    try:
        with PIL.Image.open(path, formats=[kind]) as image:
            if max_pixels is not None:
                _check_size(image.width, image.height, max_pixels)
            if image.mode in {"I;16", "I;16B", "I", "F"}:
                deep = np.asarray(image).astype(np.float32)
                return pyvips.Image.new_from_array(deep, interpretation="b-w")
            return pyvips.Image.new_from_array(
                np.asarray(image.convert("RGB")), interpretation="srgb"
            )
    except PIL.UnidentifiedImageError as error:
        raise UnreadableImage("The header of the image is damaged.") from error
    except (OSError, ValueError, SyntaxError, TypeError) as error:
        raise _unreadable(error) from error


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels or max(width, height) > _MAX_SIDE:
        raise ImageTooLarge(
            f"The image has {width} × {height} = {width * height / 1e6:,.0f} megapixels; "
            f"the limits are {max_pixels / 1e6:,.0f} megapixels and {_MAX_SIDE:,} pixels a side.",
            max_pixels=max_pixels,
        )


def _orientation(image: pyvips.Image) -> int:
    """EXIF orientation 1–8; absent or senseless: 1."""
    if image.get_typeof("orientation") == 0:
        return 1
    value = int(image.get("orientation"))
    return value if 1 <= value <= 8 else 1


def _upright_srgb(path: Path, kind: str) -> pyvips.Image:
    """A lazy image: upright, 8-bit, three bands; alpha over white; deep grey TIFF and float stretched to range."""
    image = _open(path, kind)
    try:
        image = image.autorot()
        if image.interpretation in {"lab", "labs"}:
            image = image.colourspace("srgb")
        elif image.format not in {"uchar", "ushort"} or _is_deep_grey_tiff(image):
            # Gone over twice from the file: a copy in memory of floating-point bands would be huge.
            image = _stretched(image, *_range(_open(path, kind)))
        elif image.interpretation == "cmyk" or image.get_typeof("icc-profile-data") != 0:
            image = _to_srgb_by_profile(image)
        if image.interpretation != "srgb":
            image = image.colourspace("srgb")
        if image.hasalpha():
            image = image.flatten(background=[255, 255, 255])
        if image.format != "uchar":
            image = image.cast("uchar")
        if image.bands == 1:
            image = image.bandjoin([image, image])
        return image[:3] if image.bands > 3 else image
    except pyvips.Error as error:
        raise _unreadable(error) from error


def _is_deep_grey_tiff(image: pyvips.Image) -> bool:
    loader: str = image.get("vips-loader") if image.get_typeof("vips-loader") else ""
    is_deep_grey: bool = image.format == "ushort" and image.bands == 1
    return is_deep_grey and loader == "tiffload"


def _color_bands(image: pyvips.Image) -> pyvips.Image:
    return image[:3] if image.bands >= 3 else image[0]


def _range(image: pyvips.Image) -> tuple[float, float]:
    """The lowest and the highest value of the bands that are shown."""
    stats = _color_bands(image).stats()
    return stats.getpoint(0, 0)[0], stats.getpoint(1, 0)[0]


def _stretched(image: pyvips.Image, low: float, high: float) -> pyvips.Image:
    bands = _color_bands(image)
    scale = 255 / (high - low) if high > low else 1.0
    grey_or_rgb = ((bands - low) * scale).cast("uchar")
    return grey_or_rgb.copy(interpretation="srgb" if bands.bands == 3 else "b-w")


def _to_srgb_by_profile(image: pyvips.Image) -> pyvips.Image:
    try:
        return image.icc_transform("srgb", embedded=True, intent="relative")
    except pyvips.Error:
        return image.colourspace(
            "srgb"
        )  # a profile that cannot be used is left aside, as browsers do


def _is_animated_png(path: Path, kind: str) -> bool:
    if kind != "png":
        return False
    with path.open("rb") as file:
        return b"acTL" in file.read(4096)


def _unreadable(error: Exception) -> UnreadableImage:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # What libvips called tells people nothing; often it is all that there is.
    reasons = [line for line in lines if not line.startswith("unable to ")]
    if isinstance(error, pyvips.Error) and not reasons:
        return UnreadableImage("The image is damaged: it cannot be decoded.")
    reason = reasons[-1] if reasons else type(error).__name__
    return UnreadableImage(f"The image cannot be decoded ({reason}).")
