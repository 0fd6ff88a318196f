"""BoxNet: the object in a box, from the box's crop alone. Importing this loads no torch."""

from __future__ import annotations

from pathlib import Path

WEIGHTS = Path(__file__).with_name("weights")
"""The network as it is shipped: `network.onnx`, what it takes in `network.json`, digests in `segmentarium.json`."""

OPEN_WEIGHTS = Path(__file__).with_name("weights_open")
"""The same, trained on nothing but what may be used for anything."""
