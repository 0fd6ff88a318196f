"""`segmentarium serve`, killed as by a power cut at one moment of a save, once a file is there.

    python mortal.py MOMENT FILE ARGUMENTS…

MOMENT is "begun" (nothing is written), "applied" (written, not committed) or "committed" (not answered).
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from segmentarium.api import annotations
from segmentarium.cli import app
from segmentarium.storage.edits import apply_edits


def main(moment: str, sign: Path) -> None:
    """Serve until then."""
    apply = apply_edits

    def die() -> None:
        if sign.exists():
            os.kill(os.getpid(), signal.SIGKILL)

    def apply_to_image(session: Session, *given: Any) -> Any:
        if moment == "begun":
            die()
        results = apply(session, *given)
        if moment == "applied":
            die()
        event.listen(session, "after_commit", lambda _: die())
        return results

    vars(annotations)["apply_to_image"] = apply_to_image
    app()


if __name__ == "__main__":
    moment, sign = sys.argv[1:3]
    sys.argv[1:3] = []
    main(moment, Path(sign))
