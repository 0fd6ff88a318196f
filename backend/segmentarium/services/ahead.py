"""Images that were opened are decoded ahead of the first prompt, out of the way of what opening them asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# Nobody draws a box sooner; the picture and its annotations are on the screen by then.
_PAUSE_S = 0.25


class DecodeAhead:
    """Decodes the image that each user opened last, a moment later, one at a time, in a thread of its own.

    Who leafs through a project opens many images and prompts on few: those passed in less than the pause are left.
    """

    def __init__(
        self, prepare: Callable[[int, str, int | None], None], pause_s: float = _PAUSE_S
    ) -> None:
        """`prepare` is told the user, the SHA-256 of the image that stays open, and the id of the next one."""
        self._prepare = prepare
        self._pause_s = pause_s
        # User → when, what, and what may be next; the earliest first.
        self._waiting: dict[int, tuple[float, str, int | None]] = {}
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="decode-ahead", daemon=True)

    def opened(self, user_id: int, sha256: str, following: int | None = None) -> None:
        """A user opened an image, and may open the one of the id `following` next."""
        with self._changed:
            self._waiting.pop(user_id, None)
            self._waiting[user_id] = (time.monotonic() + self._pause_s, sha256, following)
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
        while (opened := self._next()) is not None:
            self._prepare(*opened)

    def _next(self) -> tuple[int, str, int | None] | None:
        """A user, the next image whose pause is over, and what may follow it; None at the end."""
        with self._changed:
            while not self._is_stopping:
                if not self._waiting:
                    self._changed.wait()
                    continue
                user_id, (due, sha256, following) = next(iter(self._waiting.items()))
                left = due - time.monotonic()
                if left <= 0:
                    del self._waiting[user_id]
                    return user_id, sha256, following
                self._changed.wait(left)
            return None
