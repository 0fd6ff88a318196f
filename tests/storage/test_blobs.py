"""The blob store: whole files or none, each content once, derived files made once."""

import hashlib
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from segmentarium.core.errors import ImageTooLarge, NotFound
from segmentarium.storage.blobs import BlobStore

DATA = b"The bytes of a picture." * 100
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def blobs(folder: Path) -> BlobStore:
    return BlobStore(folder)


def files(folder: Path) -> list[str]:
    """Every file under a folder, by its path in it."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


class Broken(io.BytesIO):
    """A stream that ends in an error after a few bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(10)
        if not data:
            raise ConnectionResetError("The line went dead.")
        return data


def test_a_stored_file_has_the_bytes_that_came(blobs: BlobStore) -> None:
    blob = blobs.put(io.BytesIO(DATA))
    assert blobs.path(blob.sha256).read_bytes() == DATA


def test_a_blob_is_named_by_its_content(blobs: BlobStore) -> None:
    blob = blobs.put(io.BytesIO(DATA))
    assert (blob.sha256, blob.bytes) == (SHA256, len(DATA))


def test_a_file_of_several_chunks_is_stored_whole(blobs: BlobStore) -> None:
    data = os.urandom((1 << 20) * 2 + 17)
    assert blobs.path(blobs.put(io.BytesIO(data)).sha256).read_bytes() == data


def test_the_same_content_is_stored_once(blobs: BlobStore, folder: Path) -> None:
    first, second = blobs.put(io.BytesIO(DATA)), blobs.put(io.BytesIO(DATA))
    assert first == second
    assert len(files(folder)) == 1


def test_a_stream_that_fails_leaves_no_file(blobs: BlobStore, folder: Path) -> None:
    with pytest.raises(ConnectionResetError):
        blobs.put(Broken(DATA))
    assert files(folder) == []


def test_a_stream_over_the_limit_is_refused_and_leaves_no_file(
    blobs: BlobStore, folder: Path
) -> None:
    with (
        pytest.raises(ImageTooLarge) as caught,
        blobs.incoming(io.BytesIO(DATA), max_bytes=len(DATA) - 1),
    ):
        pass
    assert caught.value.members == {"max_bytes": len(DATA) - 1}
    assert files(folder) == []


def test_a_stream_at_the_limit_is_taken(blobs: BlobStore) -> None:
    with blobs.incoming(io.BytesIO(DATA), max_bytes=len(DATA)) as incoming:
        assert incoming.keep().bytes == len(DATA)


def test_a_stream_without_end_is_read_no_further_than_the_limit(blobs: BlobStore) -> None:
    class Endless(io.BytesIO):
        given = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.given += size or 0
            return bytes(size or 0)

    endless = Endless()
    with (
        pytest.raises(ImageTooLarge),
        blobs.incoming(endless, max_bytes=10_000),
    ):
        pass
    assert endless.given <= 1 << 21


def test_what_is_not_kept_is_removed(blobs: BlobStore, folder: Path) -> None:
    with blobs.incoming(io.BytesIO(DATA)) as incoming:
        assert incoming.path.read_bytes() == DATA
    assert files(folder) == []


def test_nothing_is_in_the_store_before_it_is_kept(blobs: BlobStore) -> None:
    with blobs.incoming(io.BytesIO(DATA)), pytest.raises(NotFound):
        blobs.path(SHA256)


def test_an_error_while_a_file_is_looked_at_removes_it(blobs: BlobStore, folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), blobs.incoming(io.BytesIO(DATA)):
        raise ZeroDivisionError
    assert files(folder) == []


def test_a_kept_file_survives_a_later_error(blobs: BlobStore) -> None:
    incoming = ExitStack()
    kept = incoming.enter_context(blobs.incoming(io.BytesIO(DATA))).keep()
    with pytest.raises(ZeroDivisionError), incoming:
        raise ZeroDivisionError
    assert kept.sha256 == SHA256
    assert blobs.path(SHA256).read_bytes() == DATA


def test_a_blob_that_is_not_there_is_not_found(blobs: BlobStore) -> None:
    with pytest.raises(NotFound):
        blobs.path(SHA256)


def test_a_store_opened_again_has_its_blobs(blobs: BlobStore, folder: Path) -> None:
    blobs.put(io.BytesIO(DATA))
    assert BlobStore(folder).path(SHA256).read_bytes() == DATA


def test_a_derived_file_is_made_from_its_blob(blobs: BlobStore) -> None:
    blobs.put(io.BytesIO(DATA))
    path = blobs.derived(SHA256, "upper-1.txt", shout)
    assert path.read_bytes() == DATA.upper()


def test_a_derived_file_is_made_once(blobs: BlobStore) -> None:
    blobs.put(io.BytesIO(DATA))
    made = []

    def make(source: Path, target: Path) -> None:
        made.append(target)
        shout(source, target)

    assert blobs.derived(SHA256, "a.txt", make) == blobs.derived(SHA256, "a.txt", make)
    assert len(made) == 1


def test_the_maker_is_told_the_suffix(blobs: BlobStore) -> None:
    blobs.put(io.BytesIO(DATA))
    targets = []

    def make(source: Path, target: Path) -> None:
        targets.append(target)
        shout(source, target)

    blobs.derived(SHA256, "thumbnail-1.webp", make)
    assert targets[0].suffix == ".webp"


def test_a_maker_that_fails_leaves_nothing(blobs: BlobStore, folder: Path) -> None:
    blobs.put(io.BytesIO(DATA))

    def make(source: Path, target: Path) -> None:
        shout(source, target)
        raise OSError("The disk is full.")

    with pytest.raises(OSError, match="full"):
        blobs.derived(SHA256, "a.txt", make)
    assert files(folder) == [f"blobs/{SHA256[:2]}/{SHA256}"]


def test_a_derived_file_that_was_lost_is_made_again(blobs: BlobStore) -> None:
    blobs.put(io.BytesIO(DATA))
    blobs.derived(SHA256, "a.txt", shout).unlink()
    assert blobs.derived(SHA256, "a.txt", shout).read_bytes() == DATA.upper()


def test_nothing_is_derived_from_a_blob_that_is_not_there(blobs: BlobStore, folder: Path) -> None:
    with pytest.raises(NotFound):
        blobs.derived(SHA256, "a.txt", shout)
    assert files(folder) == []


def test_makers_at_the_same_time_leave_one_whole_file(blobs: BlobStore, folder: Path) -> None:
    blobs.put(io.BytesIO(DATA))
    together = threading.Barrier(4, timeout=10)

    def ask(_: int) -> bytes:
        together.wait()
        return blobs.derived(SHA256, "a.txt", shout).read_bytes()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(4))) == {DATA.upper()}
    assert len(files(folder)) == 2


def test_a_file_from_a_workspace_is_kept_as_derived(blobs: BlobStore, folder: Path) -> None:
    blobs.put(io.BytesIO(DATA))
    with blobs.workspace() as workspace:
        (workspace / "made").write_bytes(b"made")
        blobs.keep_derived(SHA256, "a.txt", workspace / "made")
    assert blobs.derived(SHA256, "a.txt", shout).read_bytes() == b"made"


def test_a_workspace_is_gone_at_the_end(blobs: BlobStore, folder: Path) -> None:
    with blobs.workspace() as workspace:
        (workspace / "scrap").write_bytes(b"scrap")
    assert files(folder) == []


def shout(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes().upper())
