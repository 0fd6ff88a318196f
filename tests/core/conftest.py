"""The geometry is tested twice: with the compiled kernels, and with NumPy in their place."""

from collections.abc import Iterator

import pytest

from segmentarium.core import compiled


@pytest.fixture(params=["compiled", "numpy"], scope="module")
def kernels(request: pytest.FixtureRequest) -> Iterator[str]:
    """What does the inner loops."""
    kept = compiled.KERNELS
    if request.param == "compiled" and kept is None:
        pytest.skip("the kernels are not compiled (no C compiler?): NOT TESTED")
    if request.param == "numpy":
        compiled.KERNELS = None
    yield request.param
    compiled.KERNELS = kept
