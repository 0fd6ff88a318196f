"""ONNX files in onnxruntime, within limits: nobody vouches for what a file computes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from segmentarium.core.errors import NetworkRefused, OutOfMemory, PromptAbandoned

LONGEST_S = 60.0  # of a run; nobody waits so long for a mask
_MAX_ONNX_BYTES = 2_000_000_000  # what a single ONNX file can be
_MEMORY_BYTES = 4 << 30  # of all sessions together, beside their weights
_LOOK_EVERY_S = 0.05


class OnnxSession:
    """A loaded file, run on the CPU; many threads may run it at once."""

    def __init__(self, session: Any, longest_s: float) -> None:
        self._session = session
        self._longest_s = longest_s

    @classmethod
    def load(
        cls, onnx: Path, threads: int, *, longest_s: float = LONGEST_S, folds: bool = True
    ) -> OnnxSession:
        """Load a file.

        Args:
            onnx: the file, with its weights inside.
            threads: of one run.
            longest_s: a run that takes longer is ended.
            folds: compute now what does not depend on the input. That cannot be ended; left to the run, it can.

        Raises:
            NetworkRefused: it is no ONNX file that can be run.
        """
        import onnxruntime

        if onnx.stat().st_size > _MAX_ONNX_BYTES:
            raise NetworkRefused(f"{onnx.name} is too large.")
        _bound_memory()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.use_env_allocators", "1")
        # A thread that waits for the next prompt must not keep a core busy.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # A file may say that its weights are in others; from memory these would be sought where the server was started.
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(onnx.parent)
        )
        try:
            session = onnxruntime.InferenceSession(
                onnx.read_bytes(),
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=None if folds else ["ConstantFolding"],
            )
        except _runtime_errors() as error:
            raise NetworkRefused(f"{onnx.name} cannot be loaded: {_line(error)}") from error
        return cls(session, longest_s)

    @property
    def inputs(self) -> Mapping[str, Any]:
        """By name: each has a `shape`, of numbers where they are fixed, and a `type`."""
        return {one.name: one for one in self._session.get_inputs()}

    @property
    def outputs(self) -> Mapping[str, Any]:
        """As `inputs`."""
        return {one.name: one for one in self._session.get_outputs()}

    def run(
        self, names: Sequence[str], given: Mapping[str, Any], is_unwanted: Callable[[], bool]
    ) -> list[Any]:
        """Values of the outputs of these names.

        Args:
            names: of outputs.
            given: values by the names of the inputs.
            is_unwanted: asked twenty times a second, from another thread; the run then ends after the operation that
                it is at.

        Raises:
            NetworkRefused: it fails, or takes too long.
            OutOfMemory: it wants more memory than there is for networks.
            PromptAbandoned: nobody wants the answer any more.
        """
        import onnxruntime

        how = onnxruntime.RunOptions()
        how.log_severity_level = 4
        until = time.monotonic() + self._longest_s

        def end_in_time() -> bool:
            how.terminate = is_unwanted() or time.monotonic() > until
            return bool(how.terminate)

        try:
            with _WATCH.repeating(end_in_time):
                found: list[Any] = self._session.run(list(names), dict(given), how)
        except _runtime_errors() as error:
            if _is_for_want_of_memory(error):
                raise OutOfMemory(
                    f"The network wants more than the {_MEMORY_BYTES >> 30} GiB that ONNX networks have together."
                    " Choose a smaller one, or one with a smaller input."
                ) from None
            if not how.terminate:
                raise NetworkRefused(f"The network fails: {_line(error)}") from error
            if time.monotonic() > until:
                raise NetworkRefused(
                    f"The network takes more than {self._longest_s:g} s."
                ) from None
            raise PromptAbandoned("Nobody waits for the answer any more.") from None
        return found


class _Watch:
    """One thread that looks again and again while anything runs; one for each run would cost more than many runs do."""

    def __init__(self) -> None:
        self._looks: set[Callable[[], bool]] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def repeating(self, look: Callable[[], bool]) -> Iterator[None]:
        """While this lasts, `look` is called until it says that there is no more need."""
        with self._changed:
            self._looks.add(look)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="onnx-watch", daemon=True)
                self._thread.start()
            elif len(self._looks) == 1:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._looks.discard(look)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._looks)
                looks = list(self._looks)
            for look in looks:
                if look():
                    with self._changed:
                        self._looks.discard(look)
            time.sleep(_LOOK_EVERY_S)


_WATCH = _Watch()


@cache
def _bound_memory() -> None:
    """Once in a process: one arena for all sessions, that refuses what is beyond its size."""
    import onnxruntime

    onnxruntime.create_and_register_allocator(
        onnxruntime.OrtMemoryInfo(
            "Cpu",
            onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR,
            0,
            onnxruntime.OrtMemType.DEFAULT,
        ),
        onnxruntime.OrtArenaCfg(_MEMORY_BYTES, -1, -1, -1),
    )


def _runtime_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: a class for each of its states."""
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    named = [value for value in vars(states).values() if isinstance(value, type)]
    own = [value for value in named if issubclass(value, Exception)]
    return (*own, ValueError, RuntimeError, TypeError)


def _is_for_want_of_memory(error: Exception) -> bool:
    """By the words of its arena and of C++; onnxruntime has no class for it."""
    words = ("bfc_arena.cc", "Failed to allocate memory", "bad_alloc", "bad allocation")
    return any(word in str(error) for word in words)


def _line(error: Exception) -> str:
    lines: Sequence[str] = (str(error).strip() or type(error).__name__).splitlines()
    return lines[0][:300]
