"""The network that comes with the tool, trained on nothing but what may be used for anything.

Source:
    As `boxnet`, by `models/segnets/boxnet/open.toml`.
"""

from __future__ import annotations

from segmentarium.engines.boxnet import BoxNet
from segnets.boxnet import OPEN_WEIGHTS


class BoxNetOpen(BoxNet):
    """Asked by `auto` where `boxnet` was left out of an installation."""

    name = "boxnet-open"
    title = "BoxNet open"
    description = (
        "As BoxNet, trained only on pictures that may be used for anything; a little less exact."
    )
    weights = OPEN_WEIGHTS
    rank = 14


ENGINE = BoxNetOpen()
