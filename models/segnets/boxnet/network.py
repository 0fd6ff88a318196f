"""The network: a small U-Net on the crop of a box, with a mask and an estimate of its IoU.

Source:
    Ronneberger, Fischer, Brox: "U-Net", MICCAI 2015; residual blocks of He et al., CVPR 2016; large depthwise kernels
    of Liu et al., "A ConvNet for the 2020s", CVPR 2022; pixel shuffle of Shi et al., CVPR 2016.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from segnets.box_view import CHANNELS

WIDTHS = (24, 48, 96, 192)  # at 1/2, 1/4, 1/8 and 1/16 of the crop
DEPTHS = (2, 6, 8)  # at 1/4, 1/8 and 1/16
LAST_SCALE = "body.6.weight"  # of a `Wide` block; where it is zero, the block changes nothing


class Answer(NamedTuple):
    """`logits` (N, 1, S, S) of the mask, `coarse` (N, 1, S/8, S/8) for training, `iou` (N,) as it is guessed."""

    logits: Tensor
    coarse: Tensor
    iou: Tensor


def _unit(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two 3 × 3 convolutions beside the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _unit(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) in and out."""
        return functional.relu(x + self.second(self.first(x)), inplace=True)


class Wide(nn.Module):
    """A depthwise 5 × 5 convolution and a bottleneck of twice the width, beside the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.Conv2d(width, 2 * width, 1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(inplace=True),
            nn.Conv2d(2 * width, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) in and out."""
        return functional.relu(x + self.body(x), inplace=True)


class Joined(nn.Module):
    """What comes from below, enlarged, joined with what was seen at this scale."""

    def __init__(self, below: int, width: int, body: nn.Module) -> None:
        super().__init__()
        self.lower = nn.Conv2d(below, width, 1, bias=False)
        self.beside = nn.Conv2d(width, width, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.body = body

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, below, H/2, W/2) and (N, width, H, W) to (N, width, H, W)."""
        # After the 1 × 1 convolution: enlarging fewer channels is cheaper, and gives the same.
        larger = functional.interpolate(
            self.lower(x), scale_factor=2.0, mode="bilinear", align_corners=False
        )
        return self.body(functional.relu(self.norm(larger + self.beside(skip)), inplace=True))


class BoxNet(nn.Module):
    """(N, channels, S, S) crops of `segnets.box_view`, S a multiple of 16, to an `Answer`."""

    def __init__(self, depths: tuple[int, int, int] = DEPTHS) -> None:
        super().__init__()
        w1, w2, w3, w4 = WIDTHS
        self.stem = _unit(len(CHANNELS), w1, stride=2)
        self.stage2 = nn.Sequential(
            _unit(w1, w2, stride=2), *(Residual(w2) for _ in range(depths[0]))
        )
        self.stage3 = nn.Sequential(_unit(w2, w3, stride=2), *(Wide(w3) for _ in range(depths[1])))
        self.stage4 = nn.Sequential(_unit(w3, w4, stride=2), *(Wide(w4) for _ in range(depths[2])))
        self.context = nn.Sequential(nn.Linear(w4, w4), nn.ReLU(inplace=True), nn.Linear(w4, w4))
        # At half the crop's size everything costs most, and there is least to be understood.
        self.up3 = Joined(w4, w3, Wide(w3))
        self.up2 = Joined(w3, w2, Residual(w2))
        self.up1 = Joined(w2, w1, _unit(w1, w1))
        self.coarse = nn.Conv2d(w3, 1, 1)
        self.head = nn.Sequential(nn.Conv2d(w1, 4, 3, padding=1), nn.PixelShuffle(2))
        self.quality = nn.Sequential(
            nn.Linear(w4 + w3 + w1, 64), nn.ReLU(inplace=True), nn.Linear(64, 1)
        )

    def forward(self, crops: Tensor) -> Answer:
        """See the class."""
        s1 = self.stem(crops)
        s2 = self.stage2(s1)
        s3 = self.stage3(s2)
        s4 = self.stage4(s3)
        overall = s4.mean(dim=(2, 3))
        s4 = s4 + self.context(overall)[:, :, None, None]
        d3 = self.up3(s4, s3)
        d1 = self.up1(self.up2(d3, s2), s1)
        seen = torch.cat((overall, d3.mean(dim=(2, 3)), d1.mean(dim=(2, 3))), dim=1)
        return Answer(self.head(d1), self.coarse(d3), torch.sigmoid(self.quality(seen))[:, 0])
