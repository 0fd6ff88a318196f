"""Archives that come in: unpacked where they are safe, refused in words where they are not."""

import io
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from segmentarium.core.errors import ArchiveRefused, JobCancelled, NotFound
from segmentarium.storage import dataset_files
from segmentarium.storage.dataset_files import (
    ArchiveLimits,
    FolderFiles,
    is_archive,
    open_dataset,
    unpack,
)

FILES = {"a.json": b"{}", "images/one.png": b"1" * 2_000, "images/zwei ü.png": b"22"}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_gives_its_files(tmp_path: Path, target: Path, mode: str) -> None:
    files = unpack(tarred(tmp_path / "a.tar", FILES, mode), target)
    assert {name: files.path(name).read_bytes() for name in files.names} == FILES


def test_a_zip_gives_its_files_sorted(tmp_path: Path, target: Path) -> None:
    files = unpack(zipped(tmp_path / "a.zip", dict(reversed(FILES.items()))), target)
    assert list(files.names) == sorted(FILES)
    assert {name: files.path(name).read_bytes() for name in files.names} == FILES
    assert files.size("images/one.png") == 2_000


def test_what_systems_leave_in_archives_is_passed_over(tmp_path: Path, target: Path) -> None:
    rubbish = {"__MACOSX/a.json": b"x", "images/.DS_Store": b"y", "Thumbs.db": b"z"}
    assert list(unpack(zipped(tmp_path / "a.zip", FILES | rubbish), target).names) == sorted(FILES)


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/evil", "..\\evil", "C:/evil", "C:\\evil", "a" * 1_001]
)
@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_path_that_leaves_the_folder_is_refused(
    tmp_path: Path, target: Path, name: str, make: object
) -> None:
    archive = make(tmp_path / "archive", {"good.json": b"{}", name: b"x"})  # type: ignore[operator]
    with pytest.raises(ArchiveRefused, match="leaves its folder"):
        unpack(archive, target)
    assert sorted(path.name for path in tmp_path.rglob("*evil*")) == []


def test_a_link_in_a_zip_is_refused(tmp_path: Path, target: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(ArchiveRefused, match="link or a device"):
        unpack(tmp_path / "a.zip", target)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_a_link_or_a_device_in_a_tar_is_refused(tmp_path: Path, target: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(ArchiveRefused, match="link or a device"):
        unpack(tmp_path / "a.tar", target)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_path_that_stands_there_twice_is_refused(tmp_path: Path, target: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.json", "{}")
        archive.writestr("./a.json", "[]")
    with pytest.raises(ArchiveRefused, match="twice"):
        unpack(tmp_path / "a.zip", target)


def test_names_that_differ_in_case_are_two_files_where_the_disk_tells_them_apart(
    tmp_path: Path, target: Path
) -> None:
    two = {"a.json": b"{}", "A.json": b"[]"}
    path = zipped(tmp_path / "a.zip", two)
    (tmp_path / "case").touch()
    if (tmp_path / "CASE").exists():
        with pytest.raises(ArchiveRefused, match="cannot tell apart"):
            unpack(path, target)
    else:
        files = unpack(path, target)
        assert {name: files.path(name).read_bytes() for name in files.names} == two


@pytest.mark.parametrize("make", [zipped, lambda path, files: tarred(path, files, "w:gz")])
def test_a_bomb_is_refused_while_it_is_unpacked(tmp_path: Path, target: Path, make: object) -> None:
    archive = make(tmp_path / "archive", {"bomb": b"\0" * 260_000_000})  # type: ignore[operator]
    with pytest.raises(ArchiveRefused, match="unpacks to more than"):
        unpack(archive, target, ArchiveLimits(max_ratio=100))


def test_more_files_than_the_limit_are_refused(tmp_path: Path, target: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {f"{number}.txt": b"" for number in range(6)})
    with pytest.raises(ArchiveRefused, match="more than 5 entries"):
        unpack(archive, target, ArchiveLimits(max_files=5))


def test_an_encrypted_zip_is_refused(tmp_path: Path, target: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.json": b"{}"})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(mark) + at, 1)
    path.write_bytes(data)
    with pytest.raises(ArchiveRefused, match="encrypted"):
        unpack(path, target)


@pytest.mark.parametrize("cut", [30, 200, -40])
@pytest.mark.parametrize("make", [zipped, lambda path, files: tarred(path, files, "w:gz")])
def test_a_damaged_archive_is_refused(tmp_path: Path, target: Path, make: object, cut: int) -> None:
    path = make(tmp_path / "archive", FILES)  # type: ignore[operator]
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ArchiveRefused):
        unpack(path, target)


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_a_negative_size_that_would_lift_the_limit_is_refused(
    tmp_path: Path, target: Path, kind: bytes
) -> None:
    member = tarfile.TarInfo("a")
    member.type = kind
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 4 + (-(10**12)).to_bytes(8, "big", signed=True)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path = tmp_path / "a.tar"
    path.write_bytes(
        tarred(tmp_path / "b.tar", {"b": b"b"}).read_bytes()[:1024] + bytes(header) + bytes(1024)
    )
    with pytest.raises(ArchiveRefused, match="less than no bytes"):
        unpack(path, target)


def test_damaged_bzip2_is_refused(tmp_path: Path, target: Path) -> None:
    path = tarred(tmp_path / "a.tar.bz2", {"a.txt": bytes(range(256)) * 10_000}, "w:bz2")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    path.write_bytes(data)
    with pytest.raises(ArchiveRefused, match=r"damaged|neither"):
        unpack(path, target)


def test_a_list_of_files_that_would_fill_the_memory_is_refused(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "a.zip", {f"{number}.txt": b"" for number in range(100)})
    monkeypatch.setattr(dataset_files, "_MAX_DIRECTORY_BYTES", 5_000)
    with pytest.raises(ArchiveRefused, match="list of files is too long"):
        unpack(path, target)
    monkeypatch.setattr(dataset_files, "_MAX_DIRECTORY_BYTES", 6_000)
    assert len(unpack(path, target).names) == 100


def test_changed_bytes_are_refused(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", "hello hello hello")
    path.write_bytes(path.read_bytes().replace(b"hello hello hello", b"hello hellx hello"))
    with pytest.raises(ArchiveRefused, match="damaged"):
        unpack(path, target)


@pytest.mark.parametrize("mode", ["w:gz", "w:xz"])
def test_a_checksum_behind_the_last_file_is_asked(tmp_path: Path, target: Path, mode: str) -> None:
    # Bytes that no packer makes shorter are stored as they are: only the checksum tells that they are others.
    noise = random.Random(1).randbytes(200_000)
    archive = tarred(tmp_path / "a", {"noise.png": noise}, mode)
    data = bytearray(archive.read_bytes())
    data[100_000:100_100] = bytes(100)
    archive.write_bytes(data)
    with pytest.raises(ArchiveRefused, match="damaged"):
        unpack(archive, target)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        *[("..", "document"), ("a/..", "document"), ("a\0b.json", "ab.json")],
        ("ü" * 300 + ".json", "ü" * 125 + ".json"),
        ("." + "a" * 300, "." + "a" * 254),
    ],
)
def test_a_document_of_any_name_gets_one_that_a_folder_can_hold(
    tmp_path: Path, target: Path, name: str, called: str
) -> None:
    (tmp_path / "upload").write_bytes(b"{}")
    assert open_dataset(tmp_path / "upload", name, target).names == (called,)


def test_one_document_is_a_dataset_under_the_name_it_came_with(
    tmp_path: Path, target: Path
) -> None:
    (tmp_path / "0f3a").write_text("[]")
    files = open_dataset(tmp_path / "0f3a", "../my labels.json", target)
    assert list(files.names) == ["my labels.json"]
    assert not is_archive(tmp_path / "0f3a")


def test_a_name_that_leaves_the_folder_is_not_found(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    for name in ("../a", "/etc/passwd", "a/../../b"):
        with pytest.raises(NotFound):
            files.path(name)


def test_an_endless_tar_header_is_refused_before_it_is_read(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("a.json")
        member.pax_headers = {"comment": "x" * 5_000_000}
        archive.addfile(member)
    with pytest.raises(ArchiveRefused, match="header"):
        unpack(path, target)


def test_a_name_that_is_no_text_gets_one(tmp_path: Path, target: Path) -> None:
    with tarfile.open(
        tmp_path / "a.tar", "w", format=tarfile.USTAR_FORMAT, encoding="latin-1"
    ) as archive:
        archive.addfile(tarfile.TarInfo("caf\xe9.json"))
    (name,) = unpack(tmp_path / "a.tar", target).names
    assert name == "caf?.json"


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("x" * 256,)])
def test_what_no_folder_can_hold_is_refused(
    tmp_path: Path, target: Path, names: tuple[str, ...]
) -> None:
    with pytest.raises(ArchiveRefused):
        unpack(zipped(tmp_path / "a.zip", dict.fromkeys(names, b"")), target)


class Impatient:
    """Somebody who cancels when asked for the third time."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> None:
        self.asked += 1
        if self.asked == 3:
            raise JobCancelled("The job was cancelled.")


@pytest.mark.parametrize("make", [zipped, tarred])
def test_unpacking_ends_in_the_middle_of_a_file_when_it_is_cancelled(
    tmp_path: Path, target: Path, make: Callable[..., Path]
) -> None:
    archive = make(tmp_path / "archive", {"large": b"\0" * 4_000_000})
    with pytest.raises(JobCancelled):
        unpack(archive, target, watch=Impatient())
    assert (target / "large").stat().st_size < 4_000_000


def test_reading_ends_in_the_middle_of_a_file_when_it_is_cancelled(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_bytes(b"[" + b"{}, " * 5_000_000 + b"{}]")
    files = FolderFiles(tmp_path, watch=Impatient())
    with files.open("large.json") as file, pytest.raises(JobCancelled):
        list(iter(lambda: file.read(4_000_000), b""))
