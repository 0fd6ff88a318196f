"""Promptable networks: what the tool costs over the bare library, and a second prompt over the decoder alone.

The network has SAM's own decoder, square and grid, and an encoder of half a ViT-tiny with random weights: one that
takes seconds would hide any overhead. Both sides do the same work, in turns, in one process.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import torch
from transformers import SamConfig, SamImageProcessorPil, SamModel, SamProcessor
from transformers.utils import logging

from bench.photographs import photograph
from bench.tables import Table, shown
from segmentarium.engines.base import ImageRGB, Prompt, check_options
from segmentarium.engines.sam import Sam
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.networks import add_network

THREADS = 1  # processor time then is the work done, whatever else runs on the machine
_NUMPY_THREADS = "OPENBLAS_NUM_THREADS"  # read when NumPy is imported
OVERHEAD_TARGET = 1.10
SECOND_TARGET = 1.20
SHAPES = ((512, 512), (3000, 4000))
BOX_SHARES = (0.25, 0.2, 0.4, 0.5)  # of the image: left, top, width, height


def run(quick: bool) -> list[Table]:
    """One row an image size, measured in a process whose NumPy has one thread, too."""
    rounds = 2 if quick else 8
    before = os.environ.get(_NUMPY_THREADS)
    os.environ[_NUMPY_THREADS] = str(THREADS)
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(_measure, rounds).result()
    finally:
        del os.environ[_NUMPY_THREADS]
        if before is not None:
            os.environ[_NUMPY_THREADS] = before


def _measure(rounds: int) -> list[Table]:
    logging.disable_progress_bar()
    torch.set_num_threads(THREADS)
    with tempfile.TemporaryDirectory(prefix="segmentarium-bench-") as folder:
        checkpoint = Path(folder) / "vit-tiny"
        _vit_tiny().save_pretrained(checkpoint)
        networks = NetworkFolder(Path(folder) / "models")
        add_network(networks, str(checkpoint))
        engine = Sam()
        engine.use_networks(networks, THREADS)
        rows = [_row(engine, shape, rounds) for shape in SHAPES]
    return [
        Table(
            f"Promptable network, ms of processor time (least of {rounds} and {5 * rounds}, in turns; one thread)",
            (
                "image",
                "library: processor, network, masks",
                "ours: embedding, prompt, mask",
                f"ratio (target ≤ {OVERHEAD_TARGET:g})",
                "decoder alone",
                "second prompt",
                f"ratio (target ≤ {SECOND_TARGET:g})",
            ),
            rows,
        )
    ]


def _row(engine: Sam, shape: tuple[int, int], rounds: int) -> tuple[str, ...]:
    with PIL.Image.open(io.BytesIO(photograph("coffee.png", shape[1], shape[0]))) as opened:
        image: ImageRGB = np.asarray(opened)
    left, top, width, height = BOX_SHARES
    box = (left * shape[1], top * shape[0], width * shape[1], height * shape[0])
    prompt, options = Prompt(bbox_xywh=box), check_options(engine, {})
    read: Any = engine.embed(image, options)
    model = read.network.model
    corners = torch.tensor([[[box[0], box[1], box[0] + box[2], box[1] + box[3]]]])
    given = corners * (read.network.size / max(shape))

    def decoder() -> None:
        with torch.inference_mode():
            model(
                image_embeddings=read.embedding.features[-1],
                input_boxes=given,
                multimask_output=False,
            )

    whole = (
        _library(model, image, box),
        lambda: engine.segment(image, prompt, options),
    )
    prompted = (decoder, lambda: engine.segment_embedded(read, image, prompt, options))
    library, ours = _best(whole, rounds)
    alone, second = _best(prompted, 5 * rounds)
    return (
        f"{shape[1]} × {shape[0]}",
        shown(library),
        shown(ours),
        _against(ours / library, OVERHEAD_TARGET),
        shown(alone),
        shown(second),
        _against(second / alone, SECOND_TARGET),
    )


def _library(
    model: Any, image: ImageRGB, box: tuple[float, float, float, float]
) -> Callable[[], None]:
    """The example of the library's documentation, for one box."""
    processor = SamProcessor(SamImageProcessorPil())
    corners = [[[box[0], box[1], box[0] + box[2], box[1] + box[3]]]]

    def answer() -> None:
        inputs = processor(image, input_boxes=corners, return_tensors="pt")
        with torch.inference_mode():
            found = model(
                pixel_values=inputs["pixel_values"].to(torch.float32),
                input_boxes=inputs["input_boxes"].to(torch.float32),
                multimask_output=False,
            )
        processor.post_process_masks(
            found.pred_masks, inputs["original_sizes"], inputs["reshaped_input_sizes"]
        )

    return answer


def _best(works: tuple[Callable[[], object], ...], rounds: int) -> list[float]:
    """The least processor time of each in ms, after one run that does not count."""
    times = np.full((rounds, len(works)), np.inf)
    for round_ in range(-1, rounds):
        for index, work in enumerate(works):
            start = time.process_time()
            work()
            if round_ >= 0:
                times[round_, index] = (time.process_time() - start) * 1000
    best: list[float] = times.min(axis=0).tolist()
    return best


def _vit_tiny() -> Any:
    torch.manual_seed(0)
    return SamModel(
        SamConfig(
            vision_config={
                "hidden_size": 192,
                "num_hidden_layers": 6,
                "num_attention_heads": 3,
                "global_attn_indexes": [2, 5],
                "mlp_dim": 768,
                "initializer_range": 0.02,
            }
        )
    )


def _against(ratio: float, target: float) -> str:
    return f"{ratio:.2f}" + ("" if ratio <= target else " (missed)")
