"""Segmentarium: a web-based image segmentation annotation tool."""

__version__ = "0.1.0"
