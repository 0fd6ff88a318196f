"""Neural networks for image segmentation: plain PyTorch, one network a file.

Importing this package loads no torch: a network imports it when it is built.
"""
