"""The compiled kernels; everything else is in pyproject.toml. Where they cannot be compiled, NumPy does their work."""

import os
from pathlib import Path

from setuptools import Extension, setup

FOLDER = Path("backend/segmentarium/core/kernels")

setup(
    ext_modules=[
        Extension(
            "segmentarium.core._kernels",
            sources=sorted(path.as_posix() for path in FOLDER.glob("*.c")),
            depends=[path.as_posix() for path in FOLDER.glob("*.h")],
            # Fused multiply-add would round otherwise than NumPy does.
            extra_compile_args=[] if os.name == "nt" else ["-O3", "-ffp-contract=off"],
            optional=True,
        )
    ]
)
