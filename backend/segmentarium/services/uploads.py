"""A file from outside → an image of a project: stored, checked, decoded once to the end, with its thumbnail."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.images import NewImage
from segmentarium.storage.pictures import read_picture, write_display, write_thumbnail

_THUMBNAIL = "thumbnail-1.webp"
_DISPLAY = "display-1"
_MAX_NAME_BYTES = 255  # of a file name, on every common file system


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Bytes of a file and pixels of an image that are taken."""

    max_bytes: int
    max_pixels: int


def store_image(blobs: BlobStore, name: str, stream: BinaryIO, limits: UploadLimits) -> NewImage:
    """Store a file's bytes as they are and check that they are an image.

    Raises:
        ImageRefused: too large, of another format, or damaged; nothing is kept.
    """
    with blobs.incoming(stream, limits.max_bytes) as incoming:
        picture = read_picture(incoming.path, limits.max_pixels)
        with blobs.workspace() as folder:
            thumbnail = folder / _THUMBNAIL
            write_thumbnail(incoming.path, thumbnail)
            blob = incoming.keep()
            blobs.keep_derived(blob.sha256, _THUMBNAIL, thumbnail)
    return NewImage(
        name=clean_file_name(name),
        sha256=blob.sha256,
        format=picture.format,
        bytes=blob.bytes,
        width=picture.width,
        height=picture.height,
        is_upright=picture.is_upright,
        is_plain=picture.is_plain,
    )


def picture_size(blobs: BlobStore, stream: BinaryIO, limits: UploadLimits) -> tuple[int, int]:
    """Upright width and height of a file that could be stored; looked through to its end, and not kept.

    Raises:
        ImageRefused: it could not.
    """
    with blobs.incoming(stream, limits.max_bytes) as incoming, blobs.workspace() as folder:
        picture = read_picture(incoming.path, limits.max_pixels)
        write_thumbnail(incoming.path, folder / _THUMBNAIL)
        return picture.width, picture.height


def thumbnail_path(blobs: BlobStore, sha256: str) -> Path:
    """The thumbnail's file, made again if it was lost."""
    return blobs.derived(sha256, _THUMBNAIL, write_thumbnail)


def display_path(blobs: BlobStore, sha256: str, format_: str, *, is_plain: bool) -> Path:
    """A file that a browser shows upright and as the server reads it: the original where that is so already."""
    if is_plain:
        return blobs.path(sha256)
    # JPEG stays JPEG, at a quality beyond sight; everything else stays lossless.
    suffix = "jpg" if format_ == "jpeg" else "png"
    return blobs.derived(sha256, f"{_DISPLAY}.{suffix}", write_display)


def clean_file_name(name: str) -> str:
    r"""The last part of a path, without control characters, at most 255 bytes of UTF-8; never empty.

    >>> clean_file_name("..\\a/b/cat 1.jpg")
    'cat 1.jpg'
    >>> clean_file_name("..")
    'image'
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    # Cf: marks that reorder text (a name that reads "gpj.exe" backwards) and other invisible characters.
    kept = "".join(
        c
        for c in unicodedata.normalize("NFC", last)
        if unicodedata.category(c) not in {"Cc", "Cf", "Cs"}
    )
    kept = kept.strip(". ") if set(kept) <= {".", " "} else kept.strip()
    if len(kept.encode()) > _MAX_NAME_BYTES:
        suffix = PurePosixPath(kept).suffix
        suffix = suffix if len(suffix.encode()) <= 20 else ""
        stem = kept.encode()[: _MAX_NAME_BYTES - len(suffix.encode())]
        kept = stem.decode(errors="ignore").rstrip() + suffix  # a character cut in two is left out
    return kept or "image"
