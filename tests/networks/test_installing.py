"""Adding, listing and removing networks: checked first, whole or not at all."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner, Result

from segmentarium.cli import app
from segmentarium.core.errors import NameTaken, NetworkRefused, NotFound
from segmentarium.networks.folder import MANIFEST, NetworkFolder, file_of
from segmentarium.services.networks import add_network
from tests.networks import checkpoints

ROOT = Path(__file__).resolve().parents[2]


def models(networks: NetworkFolder, *arguments: str) -> Result:
    """`segmentarium models …` on the folder."""
    data = str(networks.path.parent)
    return CliRunner().invoke(app, ["models", *arguments, "--data", data])


def left_behind(networks: NetworkFolder) -> list[str]:
    return [path.name for path in networks.path.iterdir()] if networks.path.is_dir() else []


def copied(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target


def changed_config(folder: Path, **values: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_folder_is_copied_with_its_digests_and_its_licence(
    networks: NetworkFolder, sam_folder: Path, tmp_path: Path
) -> None:
    folder = copied(sam_folder, tmp_path / "Tiny SAM")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\nlicense: other\n")
    (folder / "run_me.py").write_text("raise SystemExit")
    added = add_network(networks, str(folder))
    about = added.manifest
    assert (added.name, about.kind, about.architecture) == ("tiny-sam", "sam", "SamModel")
    assert about.licence == "apache-2.0"
    assert [file.name for file in about.files] == [
        "config.json",
        "model.safetensors",
        "processor_config.json",
    ]
    assert set(left_behind(networks)) == {"tiny-sam"}
    assert {path.name for path in added.folder.iterdir()} == {
        MANIFEST,
        *(file.name for file in about.files),
    }
    for file in about.files:
        assert file == file_of(folder / file.name)
    added.verify()
    assert networks.installed() == [added]


def test_a_name_in_use_is_refused_and_another_is_taken(
    networks: NetworkFolder, sam_folder: Path
) -> None:
    add_network(networks, str(sam_folder), licence="mine")
    with pytest.raises(NameTaken, match="--name"):
        add_network(networks, str(sam_folder))
    add_network(networks, str(sam_folder), name="second")
    assert {network.name for network in networks.installed("sam")} == {"tiny-sam", "second"}
    assert networks.named("tiny-sam").manifest.licence == "mine"


@pytest.mark.parametrize("name", ["../up", "UPPER", ".hidden", "a/b", "", "x" * 65, "a\n"])
def test_a_name_that_could_lead_elsewhere_is_refused(
    networks: NetworkFolder, sam_folder: Path, name: str
) -> None:
    with pytest.raises(NetworkRefused, match="name"):
        add_network(networks, str(sam_folder), name=name or " ")
    with pytest.raises(NotFound):
        networks.remove(name)
    assert left_behind(networks) == []


def test_what_a_killed_process_left_is_swept_at_the_next_add_and_what_another_works_in_is_not(
    networks: NetworkFolder, sam_folder: Path
) -> None:
    script = (
        "import os, pathlib, sys, time\n"
        "from segmentarium.networks.folder import NetworkFolder\n"
        "with NetworkFolder(pathlib.Path(sys.argv[1])).staged() as staged:\n"
        "    (staged / 'half').write_bytes(b'x' * 1000)\n"
        "    print(staged.name, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    adding = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(networks.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(2)
    ]
    killed, alive = adding
    names = []
    for one in adding:
        assert one.stdout is not None
        names.append(one.stdout.readline().strip())
        os.utime(networks.path / names[-1], (0, 0))
    killed.kill()
    killed.communicate()
    assert set(left_behind(networks)) == set(names)
    add_network(networks, str(sam_folder))
    assert set(left_behind(networks)) == {names[1], "tiny-sam"}
    alive.communicate()
    assert left_behind(networks) == ["tiny-sam"]


def test_a_checkpoint_of_another_kind_is_refused(
    networks: NetworkFolder, sam_folder: Path, tmp_path: Path
) -> None:
    folder = copied(sam_folder, tmp_path / "bert")
    changed_config(folder, model_type="bert")
    with pytest.raises(NetworkRefused, match="bert"):
        add_network(networks, str(folder))
    assert left_behind(networks) == []


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("config.json", b"{", "not JSON"),
        ("config.json", b"[" * 100_000, "not JSON"),
        ("config.json", b"[]", "not a JSON object"),
        ("model.safetensors", b"not tensors", "cannot be loaded"),
        ("model.safetensors", b"", "cannot be loaded"),
        ("processor_config.json", b'{"size": {"longest_edge": 64}}', "takes 128"),
        ("processor_config.json", b'{"image_std": [0, 1, 1]}', "over 0"),
        ("processor_config.json", b'{"image_mean": "red"}', "three numbers"),
        ("processor_config.json", b'{"resample": 3}', "bilinearly"),
    ],
)
def test_a_damaged_checkpoint_is_refused_in_one_line_and_leaves_nothing(
    networks: NetworkFolder,
    sam_folder: Path,
    tmp_path: Path,
    file: str,
    content: bytes,
    reason: str,
) -> None:
    folder = copied(sam_folder, tmp_path / "damaged")
    (folder / file).write_bytes(content)
    with pytest.raises(NetworkRefused, match=reason) as caught:
        add_network(networks, str(folder))
    assert "\n" not in caught.value.detail
    assert left_behind(networks) == []


def test_a_network_far_too_large_for_its_weights_is_refused_at_once(
    networks: NetworkFolder, sam_folder: Path, tmp_path: Path
) -> None:
    folder = copied(sam_folder, tmp_path / "bomb")
    config = json.loads((folder / "config.json").read_text())
    config["prompt_encoder_config"]["image_size"] = 10**9
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(NetworkRefused, match="pixels a side"):
        add_network(networks, str(folder))


def pickled(folder: Path, target: Path) -> Path:
    """The checkpoint with its weights as PyTorch's pickle."""
    copied(folder, target)
    weights = dict(checkpoints.sam().state_dict())
    (target / "model.safetensors").unlink()
    torch.save(weights, target / "pytorch_model.bin")
    return target


def test_pickles_are_refused_and_the_way_out_is_named(
    networks: NetworkFolder, sam_folder: Path, tmp_path: Path
) -> None:
    folder = pickled(sam_folder, tmp_path / "pickled")
    with pytest.raises(NetworkRefused, match="--allow-pickle"):
        add_network(networks, str(folder))
    assert left_behind(networks) == []


def test_allowed_pickles_are_kept_as_safetensors(
    networks: NetworkFolder, sam_folder: Path, tmp_path: Path
) -> None:
    folder = pickled(sam_folder, tmp_path / "pickled")
    added = add_network(networks, str(folder), allows_pickle=True)
    names = {file.name for file in added.manifest.files}
    assert "model.safetensors" in names
    assert not any(name.endswith(".bin") for name in names)


class _Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.touch, (self.path,)


def test_code_in_a_pickle_is_not_run_even_when_pickles_are_allowed(
    networks: NetworkFolder, sam_folder: Path, tmp_path: Path
) -> None:
    folder, ran = pickled(sam_folder, tmp_path / "evil"), tmp_path / "ran"
    torch.save({"weights": _Evil(ran)}, folder / "pytorch_model.bin")
    with pytest.raises(NetworkRefused, match="more than tensors"):
        add_network(networks, str(folder), allows_pickle=True)
    assert not ran.exists()
    assert left_behind(networks) == []


def test_code_that_a_configuration_names_is_not_run(
    networks: NetworkFolder, sam_folder: Path, tmp_path: Path
) -> None:
    folder, ran = copied(sam_folder, tmp_path / "remote"), tmp_path / "ran"
    changed_config(folder, auto_map={"AutoModel": "code.Model"})
    (folder / "code.py").write_text(f"open({str(ran)!r}, 'w')")
    added = add_network(networks, str(folder))
    assert not ran.exists()
    assert not (added.folder / "code.py").exists()


def test_without_pytorch_a_checkpoint_is_refused_with_the_remedy(
    networks: NetworkFolder, sam_folder: Path
) -> None:
    script = (
        "import importlib.util, sys\n"
        "real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'torch' else real(name, *rest)\n"
        "from segmentarium.cli import app\n"
        "app(sys.argv[1:])\n"
    )
    data = str(networks.path.parent)
    done = subprocess.run(
        [sys.executable, "-c", script, "models", "add", str(sam_folder), "--data", data],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert "pip install 'segmentarium[models]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_command_line_starts_without_pytorch() -> None:
    script = "import sys, segmentarium.cli; sys.exit('torch' in sys.modules or 'onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


def test_the_commands_add_list_and_remove(networks: NetworkFolder, sam_folder: Path) -> None:
    assert "No network is installed" in models(networks, "list").stdout
    added = models(networks, "add", str(sam_folder), "--licence", "mit")
    assert added.exit_code == 0, added.output
    assert "SamModel" in added.stdout
    listed = models(networks, "list", "--verify")
    assert listed.exit_code == 0
    assert all(word in listed.stdout for word in ("tiny-sam", "SamModel", "mit"))
    assert models(networks, "remove", "tiny-sam").exit_code == 0
    assert left_behind(networks) == []
    gone = models(networks, "remove", "tiny-sam")
    assert gone.exit_code == 1
    assert "no network 'tiny-sam'" in gone.stderr


def test_listing_with_verify_names_the_file_that_changed(
    networks: NetworkFolder, sam_folder: Path
) -> None:
    added = add_network(networks, str(sam_folder))
    with (added.folder / "config.json").open("a") as file:
        file.write(" ")
    assert models(networks, "list").exit_code == 0
    checked = models(networks, "list", "--verify")
    assert checked.exit_code == 1
    assert "DAMAGED tiny-sam: config.json" in checked.stdout


@pytest.mark.parametrize("content", [b"{}", b"not JSON", b'{"kind": "pickle"}'])
def test_a_damaged_manifest_is_told_and_can_be_removed(
    networks: NetworkFolder, sam_folder: Path, content: bytes
) -> None:
    added = add_network(networks, str(sam_folder))
    (added.folder / MANIFEST).write_bytes(content)
    assert networks.installed() == []
    listed = models(networks, "list")
    assert listed.exit_code == 1
    assert "DAMAGED tiny-sam" in listed.stdout
    assert models(networks, "remove", "tiny-sam").exit_code == 0
    assert networks.broken() == []


def test_a_manifest_is_read_again_only_when_its_file_has_changed(
    networks: NetworkFolder, sam_folder: Path
) -> None:
    path = add_network(networks, str(sam_folder), licence="one").folder / MANIFEST
    before = path.stat()

    def licence_after(written: str, mtime_ns: int) -> str:
        path.write_text(path.read_text().replace('"licence": "one"', f'"licence": "{written}"'))
        os.utime(path, ns=(mtime_ns, mtime_ns))
        return networks.named("tiny-sam").manifest.licence

    assert networks.named("tiny-sam").manifest.licence == "one"
    assert licence_after("two", before.st_mtime_ns) == "one"
    assert licence_after("two", before.st_mtime_ns + 1) == "two"
    path.unlink()
    assert networks.installed() == []


def test_a_manifest_cannot_name_files_elsewhere(networks: NetworkFolder, sam_folder: Path) -> None:
    added = add_network(networks, str(sam_folder))
    path = added.folder / MANIFEST
    path.write_text(path.read_text().replace("config.json", "../config.json", 1))
    assert networks.installed() == []
    assert [name for name, _ in networks.broken()] == ["tiny-sam"]


@pytest.mark.parametrize("source", ["nothing", "./nothing/there", "/nothing/there", "a/b/c"])
def test_what_is_no_folder_no_file_and_no_hub_id_is_refused(
    networks: NetworkFolder, source: str
) -> None:
    result = models(networks, "add", source)
    assert result.exit_code == 1
    assert "no hub id" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_hub_that_cannot_be_reached_is_one_line(networks: NetworkFolder) -> None:
    done = subprocess.run(
        [
            Path(sys.executable).with_name("segmentarium"),
            *("models", "add", "owner/network", "--data", str(networks.path.parent)),
        ],
        env={"HF_ENDPOINT": "http://127.0.0.1:9", "HOME": str(networks.path.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "the hub cannot be reached" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert left_behind(networks) == []


def test_doctor_lists_networks_and_tells_damaged_ones(
    networks: NetworkFolder, sam_folder: Path
) -> None:
    added = add_network(networks, str(sam_folder))
    data = str(networks.path.parent)
    well = CliRunner().invoke(app, ["doctor", "--data", data]).stdout
    assert "ok   model tiny-sam: SamModel" in well
    assert "ok   engine sam: available" in well
    (added.folder / "config.json").unlink()
    sick = CliRunner().invoke(app, ["doctor", "--data", data]).stdout
    assert "FAIL model tiny-sam: damaged" in sick
    assert "segmentarium models remove tiny-sam" in sick
