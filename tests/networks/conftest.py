"""Fixtures: checkpoints on disk, an empty folder of networks, a picture."""

from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from transformers.utils import logging

from segmentarium.engines.base import ImageRGB
from segmentarium.networks.folder import NetworkFolder
from tests.networks import checkpoints

logging.disable_progress_bar()
# Networks so small are slower on several threads, and the tests run side by side anyway.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def sam_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SAM as a checkpoint."""
    return checkpoints.save(checkpoints.sam(), tmp_path_factory.mktemp("sam") / "tiny-sam")


@pytest.fixture(scope="session")
def sam2_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SAM 2 as a checkpoint."""
    return checkpoints.save(checkpoints.sam2(), tmp_path_factory.mktemp("sam2") / "tiny-sam2")


@pytest.fixture
def networks(tmp_path: Path) -> NetworkFolder:
    """A folder for networks, not there yet."""
    return NetworkFolder(tmp_path / "data" / "models")


@pytest.fixture(scope="session")
def picture() -> ImageRGB:
    """A photograph, 90 × 120 pixels: smaller than the networks' square, so that no resizing rounds."""
    cat: ImageRGB = skimage.data.chelsea()
    return np.ascontiguousarray(cat[60:150, 100:220])
