"""The categories of a dataset → those of a project: taken where they are, made where they are not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from segmentarium.core.annotation import Category
from segmentarium.core.errors import Forbidden
from segmentarium.formats.support.categories import clean_name
from segmentarium.storage.categories import (
    add_categories,
    category_ids,
    hold_categories,
    lock_names,
)
from segmentarium.storage.projects import require_role
from segmentarium.storage.users import User

_TRIES = 3  # each of them fails only when somebody deletes a category within milliseconds


class ImportedCategories:
    """Matched by name; else by a name that differs in case alone; else new. Others may change them meanwhile."""

    def __init__(self, user: User, project_id: int, categories: Sequence[Category]) -> None:
        self._user, self._project_id = user, project_id
        self._told = {one.id: one for one in categories}
        self._ids: dict[int, int] = {}
        self.renamed: dict[str, str] = {}
        """What the dataset calls categories that the project writes otherwise → the project's names."""

    def match(self, session: Session) -> list[Category]:
        """Look for all of them; those that the project does not have."""
        return self._match(session, self._told)

    def may_make(self, session: Session) -> None:
        """Ask before anything is read.

        Raises:
            Forbidden: only owners make categories, as in the list of them.
            NotFound: the project is gone, or the user no member any more.
        """
        require_role(session, self._user, self._project_id, "owner")

    def make(self, session: Session) -> None:
        """Make those that the project does not have.

        Raises:
            Forbidden: see `may_make`.
            NotFound: likewise.
        """
        self.may_make(session)
        self._make(session, self._told)

    def hold(self, session: Session, wanted: Collection[int]) -> None:
        """See that nobody deletes these of the dataset's until the transaction ends; make those again that are gone."""
        for _ in range(_TRIES):
            asked = {self._ids[one] for one in wanted if one in self._ids}
            there = hold_categories(session, self._project_id, asked)
            gone = [one for one in wanted if self._ids.get(one) not in there]
            if not gone:
                return
            for one in gone:
                self._ids.pop(one, None)
            if self._match(session, gone):
                try:
                    require_role(session, self._user, self._project_id, "owner")
                except Forbidden:
                    return
                self._make(session, gone)

    def name(self, told: int) -> str:
        """What the dataset calls it."""
        return self._told[told].name

    def id_of(self, told: int) -> int | None:
        """The project's category for one of the dataset's; None where there is none."""
        return self._ids.get(told)

    def _match(self, session: Session, wanted: Collection[int]) -> list[Category]:
        by_name = category_ids(session, self._project_id)
        folded = {_folded(name): name for name in by_name}
        new = []
        for one in (self._told[key] for key in wanted):
            name = one.name if one.name in by_name else folded.get(_folded(one.name))
            if name is None:
                new.append(one)
                continue
            self._ids[one.id] = by_name[name]
            if name != one.name:
                self.renamed[one.name] = name
        return new

    def _make(self, session: Session, wanted: Collection[int]) -> None:
        lock_names(session, self._project_id)
        new = self._match(session, wanted)  # somebody may have made some by now
        add_categories(session, self._project_id, new)
        made = category_ids(session, self._project_id)
        self._ids.update((one.id, made[one.name]) for one in new)


def _folded(name: str) -> str:
    return clean_name(name).casefold()
