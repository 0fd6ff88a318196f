"""The process that jobs run in: started fresh, and gone with its server, however that ends."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import Connection


class WorkerProcess(ProcessPoolExecutor):
    """One process, started with the first job; a forked one would share the server's connections.

    When it is shut down, or the server is killed, it ends at once whatever it is doing: the next start runs the job
    again. An executor as it is would be waited for, and outlive a killed server for ever.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        # Nothing is ever sent: that the server's end is closed is the message, and the system closes it for the dead.
        ended, self._server = context.Pipe(duplex=False)
        super().__init__(1, context, initializer=_end_with_server, initargs=(ended,))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the process now; what ran and what waited has not been done."""
        self._server.close()
        super().shutdown(wait=wait, cancel_futures=cancel_futures)


def _end_with_server(ended: Connection) -> None:
    def watch() -> None:
        ended.poll(None)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-server", daemon=True).start()
