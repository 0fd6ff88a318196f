"""Every error says what it is."""

from collections.abc import Iterator

import pytest

from segmentarium.core.errors import AppError, ImageRefused, StaleRevision, problem_type


def kinds(base: type[AppError] = AppError) -> Iterator[type[AppError]]:
    yield base
    for kind in base.__subclasses__():
        yield from kinds(kind)


def test_a_problem_carries_its_members() -> None:
    problem = StaleRevision("You sent revision 1.", current=[{"id": "a"}]).as_problem()
    assert problem == {
        "type": "/docs/errors#stale-revision",
        "title": StaleRevision.title,
        "detail": "You sent revision 1.",
        "current": [{"id": "a"}],
    }


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: kind.__name__)
def test_every_error_names_its_own_kind(kind: type[AppError]) -> None:
    problem = kind("What happened.").as_problem()
    assert problem["type"] == problem_type(kind.slug)
    assert problem["title"]


def test_no_two_errors_share_a_slug() -> None:
    slugs = [kind.slug for kind in kinds()]
    assert len(slugs) == len(set(slugs))


def test_the_text_of_an_error_is_its_detail() -> None:
    assert str(ImageRefused("The file is empty.")) == "The file is empty."
