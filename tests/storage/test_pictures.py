"""Image files of every kind: recognised, refused, and decoded upright as 8-bit sRGB."""

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
import pyvips
from numpy.typing import NDArray

from segmentarium.core.errors import (
    ImageRefused,
    ImageTooLarge,
    UnreadableImage,
    UnsupportedFormat,
)
from segmentarium.storage.pictures import (
    MEDIA_TYPES,
    THUMBNAIL_PX,
    Picture,
    read_picture,
    read_rgb,
    write_display,
    write_thumbnail,
)

ROOT = Path(__file__).resolve().parents[2]
TRICKY = ROOT.parent / "shared" / "data" / "images_tricky"
LIMIT = 10_000_000
ORIENTATION_TAG = 0x0112

Pixels = NDArray[np.uint8]


def smooth(height: int = 48, width: int = 64) -> Pixels:
    """A picture without symmetry that lossy formats keep well: red rises to the right, green downward."""
    rows, columns = np.mgrid[0:height, 0:width]
    blue = np.where((rows < height / 4) & (columns < width / 4), 200, 40)
    return np.stack((columns * 255 // width, rows * 255 // height, blue), axis=-1).astype(np.uint8)


def far_from(a: Pixels, b: Pixels) -> float:
    """The mean difference of two pictures, in grey levels."""
    assert a.shape == b.shape
    return float(np.abs(a.astype(int) - b).mean())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file name that tells nothing about the format."""
    return tmp_path / "upload"


def save(path: Path, pixels: NDArray[Any], kind: str, **options: Any) -> None:
    PIL.Image.fromarray(pixels).save(path, kind, **options)


LOSSLESS: dict[str, Callable[[Path], None]] = {
    "png": lambda path: save(path, smooth(), "PNG"),
    "webp": lambda path: save(path, smooth(), "WEBP", lossless=True),
    "tiff": lambda path: save(path, smooth(), "TIFF", compression="tiff_lzw"),
    "bmp": lambda path: save(path, smooth(), "BMP"),
}
LOSSY: dict[str, Callable[[Path], None]] = {
    "jpeg": lambda path: save(path, smooth(), "JPEG", quality=95, subsampling=0),
    "gif": lambda path: save(path, smooth(), "GIF"),
    "avif": lambda path: save(path, smooth(), "AVIF", quality=95, subsampling="4:4:4"),
}
EVERY = {**LOSSLESS, **LOSSY}


@pytest.mark.parametrize("kind", EVERY)
def test_every_format_is_known_by_its_content(path: Path, kind: str) -> None:
    EVERY[kind](path)
    picture = read_picture(path, LIMIT)
    assert (picture.format, picture.width, picture.height) == (kind, 64, 48)


def test_every_format_that_is_taken_is_tested() -> None:
    assert set(EVERY) == set(MEDIA_TYPES)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_a_lossless_format_keeps_every_pixel(path: Path, kind: str) -> None:
    LOSSLESS[kind](path)
    assert np.array_equal(read_rgb(path), smooth())


@pytest.mark.parametrize("kind", LOSSY)
def test_a_lossy_format_keeps_the_picture(path: Path, kind: str) -> None:
    LOSSY[kind](path)
    assert far_from(read_rgb(path), smooth()) < 12


@pytest.mark.parametrize("kind", EVERY)
def test_a_wrong_suffix_does_not_matter(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("picture.png" if kind != "png" else "picture.jpg")
    EVERY[kind](path)
    assert read_picture(path, LIMIT).format == kind


@pytest.mark.parametrize("kind", EVERY)
def test_the_thumbnail_of_every_format_is_made(path: Path, tmp_path: Path, kind: str) -> None:
    EVERY[kind](path)
    write_thumbnail(path, tmp_path / "thumbnail.webp")
    assert far_from(read_rgb(tmp_path / "thumbnail.webp"), smooth()) < 16


@pytest.mark.parametrize("kind", EVERY)
def test_the_display_of_every_format_is_what_we_read(path: Path, tmp_path: Path, kind: str) -> None:
    EVERY[kind](path)
    write_display(path, tmp_path / "display.png")
    assert np.array_equal(read_rgb(tmp_path / "display.png"), read_rgb(path))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_the_first_of_several_frames_is_taken(path: Path, kind: str) -> None:
    red, blue = (PIL.Image.new("RGB", (20, 10), color) for color in ("#ff0000", "#0000ff"))
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    red.save(path, kind, save_all=True, append_images=[blue], **options)
    pixels = read_rgb(path)
    assert pixels.shape == (10, 20, 3)
    assert (pixels == (255, 0, 0)).all()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_not_shown_as_it_is(path: Path, kind: str) -> None:
    frames = [PIL.Image.new("RGB", (20, 10), color) for color in ("#ff0000", "#0000ff")]
    frames[0].save(path, kind, save_all=True, append_images=frames[1:])
    assert not read_picture(path, LIMIT).is_plain


@pytest.mark.parametrize("channels", [1, 3])
def test_a_16_bit_png_keeps_its_upper_bits(path: Path, channels: int) -> None:
    deep = smooth().astype(np.uint16)[..., :channels] * 257
    interpretation = "grey16" if channels == 1 else "rgb16"
    pyvips.Image.new_from_array(deep, interpretation=interpretation).pngsave(str(path))
    expected = np.repeat(smooth()[..., :1], 3, axis=2) if channels == 1 else smooth()
    assert np.array_equal(read_rgb(path), expected)


def test_a_16_bit_png_is_not_shown_as_it_is(path: Path) -> None:
    PIL.Image.fromarray(smooth()[..., 0].astype(np.uint16) * 257).save(path, "PNG")
    assert not read_picture(path, LIMIT).is_plain


@pytest.mark.parametrize("kind", [np.uint16, np.float32, np.int32])
def test_a_deep_grey_tiff_is_stretched_to_its_own_range(path: Path, kind: type[np.generic]) -> None:
    ramp = np.tile(np.arange(1000, 1256), (4, 1)).astype(kind)
    PIL.Image.fromarray(ramp).save(path, "TIFF")
    assert np.array_equal(read_rgb(path)[2, :, 1], np.arange(256))


def test_a_deep_grey_tiff_of_one_value_is_read(path: Path) -> None:
    PIL.Image.fromarray(np.full((4, 5), 1000, np.uint16)).save(path, "TIFF")
    assert read_rgb(path).shape == (4, 5, 3)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(path: Path, kind: str) -> None:
    PIL.Image.new("CMYK", (20, 10), (0, 255, 255, 0)).save(path, kind)
    red, green, blue = read_rgb(path)[5, 5].tolist()
    assert red > 180
    assert max(green, blue) < 90


def test_cmyk_is_not_shown_as_it_is(path: Path) -> None:
    PIL.Image.new("CMYK", (20, 10)).save(path, "JPEG")
    assert not read_picture(path, LIMIT).is_plain


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_what_is_transparent_is_white(path: Path, kind: str) -> None:
    pixels = np.dstack((smooth(), np.full(smooth().shape[:2], 255, np.uint8)))
    pixels[:, 32:, 3] = 0
    save(path, pixels, kind, **({"lossless": True} if kind == "WEBP" else {}))
    read = read_rgb(path)
    assert (read[:, 32:] == 255).all()
    assert np.array_equal(read[:, :32], smooth()[:, :32])


def test_what_is_half_transparent_is_mixed_with_white(path: Path) -> None:
    PIL.Image.new("RGBA", (4, 4), (0, 0, 0, 128)).save(path, "PNG")
    assert read_rgb(path)[0, 0].tolist() == pytest.approx([127] * 3, abs=1)


def test_transparency_is_not_shown_as_it_is(path: Path) -> None:
    PIL.Image.new("RGBA", (4, 4), (0, 0, 0, 128)).save(path, "PNG")
    assert not read_picture(path, LIMIT).is_plain


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_a_palette_is_looked_up(path: Path, kind: str) -> None:
    image = PIL.Image.new("P", (2, 2), 1)
    image.putpalette([9, 9, 9, 10, 200, 30])
    image.save(path, kind)
    assert read_rgb(path)[1, 1].tolist() == [10, 200, 30]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_grey_has_three_equal_channels(path: Path, kind: str) -> None:
    PIL.Image.new("L", (8, 8), 77).save(path, kind)
    assert (read_rgb(path) == 77).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_one_bit_is_black_and_white(path: Path, kind: str) -> None:
    image = PIL.Image.new("1", (9, 5), 0)
    image.putpixel((8, 4), 1)
    image.save(path, kind)
    expected = np.zeros((5, 9, 3), np.uint8)
    expected[4, 8] = 255
    assert np.array_equal(read_rgb(path), expected)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
def test_the_smallest_pictures_are_taken(path: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    PIL.Image.new("RGB", size, "#102030").save(path, "PNG")
    write_thumbnail(path, tmp_path / "thumbnail.webp")
    assert read_rgb(path).shape == (size[1], size[0], 3)
    assert read_rgb(tmp_path / "thumbnail.webp").shape == (size[1], size[0], 3)


def turned(path: Path, orientation: int, kind: str) -> None:
    """The smooth picture stored so that its orientation makes it upright."""
    # What undoes a turn is what stores it: the inverse of what a reader does with the tag.
    steps = {
        2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
        3: PIL.Image.Transpose.ROTATE_180,
        4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
        5: PIL.Image.Transpose.TRANSPOSE,
        6: PIL.Image.Transpose.ROTATE_90,
        7: PIL.Image.Transpose.TRANSVERSE,
        8: PIL.Image.Transpose.ROTATE_270,
    }
    image = PIL.Image.fromarray(smooth())
    if orientation in steps:
        image = image.transpose(steps[orientation])
    exif = PIL.Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    image.save(path, kind, exif=exif, **({"quality": 97} if kind == "JPEG" else {}))


orientations = pytest.mark.parametrize("orientation", range(1, 9))
kinds = pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])


@orientations
@kinds
def test_the_size_is_that_of_the_upright_picture(path: Path, orientation: int, kind: str) -> None:
    turned(path, orientation, kind)
    picture = read_picture(path, LIMIT)
    assert (picture.width, picture.height) == (64, 48)
    assert picture.is_upright == (orientation == 1)


@orientations
@kinds
def test_every_orientation_is_read_upright(path: Path, orientation: int, kind: str) -> None:
    turned(path, orientation, kind)
    assert far_from(read_rgb(path), smooth()) < 4


@orientations
def test_every_orientation_is_displayed_upright(
    path: Path, tmp_path: Path, orientation: int
) -> None:
    turned(path, orientation, "JPEG")
    write_display(path, tmp_path / "display.jpg")
    with PIL.Image.open(tmp_path / "display.jpg") as image:
        assert ORIENTATION_TAG not in image.getexif()
        assert far_from(np.asarray(image), smooth()) < 4


@orientations
def test_every_orientation_has_an_upright_thumbnail(
    path: Path, tmp_path: Path, orientation: int
) -> None:
    turned(path, orientation, "JPEG")
    write_thumbnail(path, tmp_path / "thumbnail.webp")
    assert far_from(read_rgb(tmp_path / "thumbnail.webp"), smooth()) < 16


def test_a_senseless_orientation_is_none(path: Path) -> None:
    turned(path, 77, "JPEG")
    assert read_picture(path, LIMIT).is_upright


def test_an_ordinary_jpeg_is_shown_as_it_is(path: Path) -> None:
    EVERY["jpeg"](path)
    assert read_picture(path, LIMIT) == Picture("jpeg", 64, 48, is_upright=True, is_plain=True)


@pytest.mark.parametrize("kind", ["tiff", "bmp", "avif", "gif"])
def test_formats_that_some_browser_cannot_show_are_not_plain(path: Path, kind: str) -> None:
    EVERY[kind](path)
    assert not read_picture(path, LIMIT).is_plain


@pytest.mark.parametrize(("width", "height"), [(1000, 100), (100, 1000), (3000, 2)])
def test_a_thumbnail_keeps_the_shape_within_its_bound(
    path: Path, tmp_path: Path, width: int, height: int
) -> None:
    PIL.Image.new("RGB", (width, height)).save(path, "PNG")
    write_thumbnail(path, tmp_path / "thumbnail.webp")
    thumbnail = read_picture(tmp_path / "thumbnail.webp", LIMIT)
    scale = THUMBNAIL_PX / max(width, height)
    assert thumbnail.width == max(1, round(width * scale))
    assert thumbnail.height == max(1, round(height * scale))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif", "bmp"])
def test_a_truncated_file_is_refused(path: Path, tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    save(path, noise, kind.upper())
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(ImageRefused):
        accept(path, tmp_path)


@pytest.mark.parametrize("at", [24, 40])  # in the header's fields and in its check sum
def test_a_refusal_is_in_words_of_people(path: Path, tmp_path: Path, at: int) -> None:
    save(path, np.zeros((8, 8, 3), np.uint8), "PNG")
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UnreadableImage) as refused:
        accept(path, tmp_path)
    assert "unable to" not in refused.value.detail


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
@pytest.mark.parametrize("kind", EVERY)
def test_a_file_cut_in_its_header_is_refused(path: Path, tmp_path: Path, kind: str) -> None:
    EVERY[kind](path)
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(ImageRefused):
        accept(path, tmp_path)


def accept(path: Path, folder: Path) -> None:
    """What an upload goes through."""
    read_picture(path, LIMIT)
    write_thumbnail(path, folder / "thumbnail.webp")


def test_damaged_pixels_are_refused(path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    save(path, noise, "PNG")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UnreadableImage):
        read_rgb(path)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xd8", id="two bytes"),
        pytest.param(b"Not an image, only words.", id="text"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', id="svg"),
        pytest.param(b'<?xml version="1.0"?><svg/>', id="svg with a prolog"),
        pytest.param(b"%PDF-1.7\n", id="pdf"),
        pytest.param(b"P6 1 1 255 abc", id="ppm"),
        pytest.param(b"\0\0\1\0\1\0\x10\x10", id="ico"),
        pytest.param(b"8BPS\0\1", id="photoshop"),
        pytest.param(b"RIFF\0\0\0\0WAVEfmt ", id="sound"),
        pytest.param(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", id="video"),
        pytest.param(b"\0" * 128 + b"DICM", id="dicom"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"\0" * 124 + b"DICM", id="dicom dressed as jpeg"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 120 + b"DICM", id="dicom dressed as png"),
        pytest.param(b"BM", id="the beginning of a bmp"),
    ],
)
def test_other_files_are_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(UnsupportedFormat):
        read_picture(path, LIMIT)


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is and ends there."""
    fields = width.to_bytes(4) + height.to_bytes(4) + b"\x01\0\0\0\0"
    chunks = [(b"IHDR", fields), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)
        for name, body in chunks
    )


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (70_000, 1), (1, 70_000)])
def test_too_many_pixels_are_refused_by_the_header(path: Path, width: int, height: int) -> None:
    path.write_bytes(png_header(width, height))
    with pytest.raises(ImageTooLarge):
        read_picture(path, LIMIT)


def bmp_header(width: int, height: int) -> bytes:
    """A BMP that says how large it is and ends there."""
    info = (40).to_bytes(4, "little") + width.to_bytes(4, "little") + height.to_bytes(4, "little")
    info += b"\x01\0\x18\0" + bytes(24)
    return b"BM" + (54).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little") + info


def test_too_many_pixels_of_a_bmp_are_refused_by_the_header(path: Path) -> None:
    path.write_bytes(bmp_header(30_000, 30_000))
    with pytest.raises(ImageTooLarge):
        read_picture(path, LIMIT)


@pytest.mark.parametrize("kind", EVERY)
def test_a_picture_at_the_limit_is_taken_and_one_pixel_more_is_not(path: Path, kind: str) -> None:
    EVERY[kind](path)
    assert read_picture(path, 64 * 48).width == 64
    with pytest.raises(ImageTooLarge):
        read_picture(path, 64 * 48 - 1)


ONLY_BY_PILLOW = ["webp_avif_gif/hopper.bmp", "tiff/lab.tif", "tiff/tiff_tiled_planar_lzw.tiff"]

# Run in a process of its own: what it prints is what became of every file, and its peak of memory.
EXAMINE = """
import json, resource, sys, tempfile
from pathlib import Path
from segmentarium.core.errors import ImageRefused
from segmentarium.storage.pictures import read_picture, read_rgb, write_display, write_thumbnail

found = {}
folder, out = Path(sys.argv[1]), Path(sys.argv[2])
for name in json.loads(sys.stdin.read()):
    try:
        picture = read_picture(folder / name, 100_000_000)
        write_thumbnail(folder / name, out / "thumbnail.webp")
        shape = read_rgb(folder / name).shape
        found[name] = [picture.width, picture.height, shape[1], shape[0]]
    except ImageRefused as refused:
        found[name] = type(refused).__name__
peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"found": found, "peak_mb": peak_kb / 1024}))
"""


@pytest.fixture(scope="module")
def manifest() -> dict[str, dict[str, Any]]:
    if not TRICKY.is_dir():
        pytest.skip("the folder of tricky images is not here: NOT TESTED on them")
    files = json.loads((TRICKY / "manifest.json").read_text())["files"]
    return {entry["file"]: entry for entry in files if (TRICKY / entry["file"]).is_file()}


@pytest.fixture(scope="module")
def examined(
    manifest: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What became of every tricky file, in one process."""
    done = subprocess.run(
        [sys.executable, "-c", EXAMINE, TRICKY, tmp_path_factory.mktemp("out")],
        input=json.dumps(sorted(manifest)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_a_tricky_file_is_refused_or_has_its_upright_size(
    manifest: dict[str, dict[str, Any]], examined: dict[str, Any]
) -> None:
    wrong = {}
    for name, found in examined["found"].items():
        size = manifest[name].get("display_size")
        if isinstance(found, list) and size is not None and found != [*size, *size]:
            wrong[name] = (found, size)
    assert wrong == {}


def test_no_sound_file_of_a_format_we_take_is_refused(
    manifest: dict[str, dict[str, Any]], examined: dict[str, Any]
) -> None:
    ours = {kind.upper() for kind in MEDIA_TYPES}
    refused = {
        name: examined["found"][name]
        for name, entry in manifest.items()
        if entry.get("pillow") == "ok"
        and entry.get("format") in ours
        and isinstance(examined["found"][name], str)
        # A wrong checksum, which Pillow overlooks.
        and name != "pngsuite/xcsn0g01.png"
    }
    assert refused == {}


@pytest.mark.parametrize("name", ONLY_BY_PILLOW)
def test_what_only_pillow_can_read_is_taken(examined: dict[str, Any], name: str) -> None:
    assert isinstance(examined["found"][name], list)


def test_tricky_files_take_little_memory(examined: dict[str, Any]) -> None:
    assert examined["peak_mb"] < 1000


# Not by getrusage: a process begins with the peak that the one which started it had. One thread for each of a machine's
# many cores would have buffers of its own.
STRETCH = """
import os, sys
os.environ["VIPS_CONCURRENCY"] = "2"
from pathlib import Path
from segmentarium.storage.pictures import read_rgb, write_thumbnail

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

path, before = Path(sys.argv[1]), peak()
write_thumbnail(path, path.with_suffix(".webp"))
shown = peak()
pixels = read_rgb(path)
count = pixels[..., 0].size
print(int(pixels.max()), (shown - before) / count, (peak() - before) / count)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells peaks in this way")
def test_a_floating_point_picture_is_stretched_without_a_copy_of_it(tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    noise = pyvips.Image.gaussnoise(4000, 5000)
    bands = noise.bandjoin([noise * 2, noise + 5]).cast("float").copy(interpretation="rgb")
    bands.tiffsave(str(path))
    done = subprocess.run(
        [sys.executable, "-c", STRETCH, path], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    highest, to_show, to_read = (float(figure) for figure in done.stdout.split())
    assert highest >= 254  # of noise, scaled and cut down to whole numbers
    # Bytes for each pixel, with buffers of the threads: the floats alone have twelve, the picture that is read three.
    assert to_show < 11
    assert to_read < 11 + 3 + 4
