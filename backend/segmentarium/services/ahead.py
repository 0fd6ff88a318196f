"""Images that were opened are decoded ahead of the first prompt, out of the way of what opening them asks for."""

from __future__ import annotations

import threading
import time

from segmentarium.core.errors import AppError
from segmentarium.services.pixels import PixelCache

# Nobody draws a box sooner; the picture and its annotations are on the screen by then.
_PAUSE_S = 0.25


class DecodeAhead:
    """Decodes the image that each user opened last, a moment later, one at a time, in a thread of its own.

    Who leafs through a project opens many images and prompts on few: those passed in less than the pause are left.
    """

    def __init__(self, pixels: PixelCache, pause_s: float = _PAUSE_S) -> None:
        self._pixels = pixels
        self._pause_s = pause_s
        self._waiting: dict[int, tuple[float, str]] = {}  # user → when, what; the earliest first
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="decode-ahead", daemon=True)

    def opened(self, user_id: int, sha256: str) -> None:
        """A user opened an image."""
        with self._changed:
            self._waiting.pop(user_id, None)
            self._waiting[user_id] = (time.monotonic() + self._pause_s, sha256)
            self._changed.notify()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, once the image that is being decoded is done."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (sha256 := self._next()) is not None:
            try:
                self._pixels.get(sha256)
            except AppError:
                continue  # the prompt that needs the pixels will say what is wrong with them

    def _next(self) -> str | None:
        """The next image whose pause is over; None at the end."""
        with self._changed:
            while not self._is_stopping:
                user_id, (due, sha256) = next(iter(self._waiting.items()), (0, (float("inf"), "")))
                left = due - time.monotonic()
                if left <= 0:
                    del self._waiting[user_id]
                    return sha256
                self._changed.wait(min(left, threading.TIMEOUT_MAX))
            return None
