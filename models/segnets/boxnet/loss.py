"""What a training step makes smaller."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from segnets.box_view import CHANNELS
from segnets.boxnet.network import Answer

_COARSE, _QUALITY = 0.3, 0.2
_AT_POINTS = 4.0  # a cell that a point lies on counts as so many more
_POINTS = slice(CHANNELS.index("points_inside"), CHANNELS.index("points_outside") + 1)


@dataclass(slots=True)
class Losses:
    """Means over a batch, or sums of them over `batches`."""

    total: Tensor
    iou: float
    quality: float
    batches: int = 1

    @classmethod
    def none(cls) -> Losses:
        """Of no batch."""
        return cls(torch.zeros(()), 0.0, 0.0, 0)

    def detached(self) -> Losses:
        """Without what is needed to derive them."""
        return Losses(self.total.detach(), self.iou, self.quality, self.batches)

    def __add__(self, other: Losses) -> Losses:
        return Losses(
            self.total + other.total,
            self.iou + other.iou,
            self.quality + other.quality,
            self.batches + other.batches,
        )


def losses_of(
    found: Answer, target: Tensor, counts: Tensor, is_tile: Tensor, planes: Tensor
) -> Losses:
    """The losses of a batch.

    Args:
        found: the network's.
        target: (N, S, S) bool.
        counts: (N, S, S) bool; elsewhere nothing is known.
        is_tile: (N,) bool; what is seen of an object in part tells nothing of its whole mask's IoU.
        planes: (N, channels, S, S), what the network was given.

    Source:
        Cross entropy and a soft Jaccard index of each sample (Rahman, Wang: "Optimizing intersection-over-union in deep
        neural networks for image segmentation", ISVC 2016).
    """
    truth, known = target.float(), counts.float()
    logits = found.logits[:, 0]
    weights = known * (1 + _AT_POINTS * planes[:, _POINTS].amax(dim=1))
    entropy = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    entropy = (entropy * weights).sum(dim=(1, 2)) / weights.sum(dim=(1, 2)).clamp(min=1)
    shares = torch.sigmoid(logits) * known
    shared = (shares * truth).sum(dim=(1, 2))
    union = (shares + truth * known - shares * truth).sum(dim=(1, 2))
    jaccard = 1 - (shared + 1) / (union + 1)
    coarse_truth = functional.avg_pool2d((truth * known)[:, None], 8)
    coarse = functional.binary_cross_entropy_with_logits(found.coarse, coarse_truth)
    with torch.no_grad():
        hard = (logits > 0) & counts
        both = (hard & target).sum(dim=(1, 2))
        either = ((hard | target) & counts).sum(dim=(1, 2))
        ious = both / either.clamp(min=1)
    whole = (~is_tile).float()
    quality = functional.binary_cross_entropy(found.iou, ious, reduction="none")
    quality = (quality * whole).sum() / whole.sum().clamp(min=1)
    total = (entropy + jaccard).mean() + _COARSE * coarse + _QUALITY * quality
    error = ((found.iou.detach() - ious).abs() * whole).sum() / whole.sum().clamp(min=1)
    return Losses(total, float(ious.mean()), float(error))
