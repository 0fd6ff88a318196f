"""GrabCut and its rivals, weighed pixel by pixel: from a box to a mask with no network, on any machine."""

from __future__ import annotations

from segmentarium.engines.grabcut.engine import GrabCut

ENGINE = GrabCut()
