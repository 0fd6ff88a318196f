"""Who is compared is named on the command line; what cannot be is refused before anything runs."""

import pytest

from segmentarium.core.errors import AppError, InvalidOption, InvalidPrompt, NotFound
from segmentarium.core.rle import mask_to_rle
from segmentarium.engines import ENGINES, engine_named
from segmentarium.engines.base import Engine, Option, OptionValue, Prompt
from segmentarium.services.evaluation.contenders import contender, contenders_named
from tests.services.evaluation.engines import Cells, Filled, Remembering
from tests.services.evaluation.indices import rectangle

BOX = (10, 5, 20, 10)


def test_unless_told_all_that_can_run_and_start_from_a_box_are_asked() -> None:
    names = {one.name for one in contenders_named([], {})}
    assert names == {
        name
        for name, engine in ENGINES.items()
        if "bbox" in engine.starts_from and engine.unavailable_reason() is None
    }
    assert "grabcut" in names


def test_names_are_asked_in_their_order_and_once() -> None:
    asked = contenders_named(["auto", "grabcut", "auto"], {})
    assert [one.name for one in asked] == ["auto", "grabcut"]


def test_options_are_read_as_the_engine_wants_them() -> None:
    given = {"grabcut": {"iterations": "5", "margin": "0.5"}}
    (one,) = contenders_named(["grabcut"], given)
    options = one.options_of(engine_named("grabcut"))
    assert (options["iterations"], options["margin"]) == (5, 0.5)
    assert isinstance(options["iterations"], int)


def test_options_hold_for_an_engine_that_auto_chooses() -> None:
    (auto,) = contenders_named(["auto"], {"grabcut": {"iterations": "5"}})
    assert auto.options_of(engine_named("grabcut"))["iterations"] == 5


Given = dict[str, dict[str, str]]
REFUSED: dict[str, tuple[list[str], Given, type[AppError], str]] = {
    "an unknown engine": (["nobody"], {}, NotFound, "no engine 'nobody'; there are: auto, "),
    "an option of an unknown engine": (
        ["auto"],
        {"nobody": {"size": "1"}},
        NotFound,
        "no engine 'nobody'",
    ),
    "an unknown option": (["grabcut"], {"grabcut": {"size": "1"}}, InvalidOption, "'size'"),
    "a word for a number": (
        ["grabcut"],
        {"grabcut": {"margin": "wide"}},
        InvalidOption,
        "grabcut.margin must be a number, not 'wide'",
    ),
    "a fraction for a whole number": (
        ["grabcut"],
        {"grabcut": {"iterations": "1.5"}},
        InvalidOption,
        "grabcut.iterations must be a whole number",
    ),
    "a value out of range": (
        ["grabcut"],
        {"grabcut": {"iterations": "100"}},
        InvalidOption,
        "between 1 and 12",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(case: str) -> None:
    names, options, kind, message = REFUSED[case]
    with pytest.raises(kind) as refused:
        contenders_named(names, options)
    assert message in refused.value.detail


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> dict[str, Engine]:
    """Engines of a shelf of its own, beside the real ones."""

    class Missing(Filled):
        def unavailable_reason(self) -> str | None:
            return "Run `pip install missing`."

    flag = Option("fast", "Fast", "boolean", False)
    way = Option("way", "Way", "choice", "a", choices=("a", "b"))
    added: dict[str, Engine] = {
        "missing": Missing("missing"),
        "pointed": Filled("pointed", "Pointed", starts_from=("points",)),
        "flagged": Filled("flagged", options=(flag, way)),
    }
    for name, engine in added.items():
        monkeypatch.setitem(ENGINES, name, engine)
    return added


@pytest.mark.usefixtures("shelf")
def test_an_engine_that_cannot_run_says_why() -> None:
    with pytest.raises(AppError, match="missing: Run `pip install missing`"):
        contenders_named(["missing"], {})
    assert "missing" not in {one.name for one in contenders_named([], {})}


@pytest.mark.usefixtures("shelf")
def test_an_engine_that_starts_from_points_alone_is_not_compared() -> None:
    with pytest.raises(InvalidPrompt, match="Pointed does not start from a box"):
        contenders_named(["pointed"], {})
    assert "pointed" not in {one.name for one in contenders_named([], {})}


@pytest.mark.usefixtures("shelf")
def test_options_of_an_engine_that_is_not_asked_are_refused() -> None:
    with pytest.raises(InvalidOption, match="flagged has options but is not among"):
        contenders_named(["grabcut"], {"flagged": {"fast": "true"}})


@pytest.mark.parametrize(
    ("name", "text", "value"), [("fast", "true", True), ("fast", "False", False), ("way", "b", "b")]
)
def test_switches_and_choices_are_read(
    shelf: dict[str, Engine], name: str, text: str, value: OptionValue
) -> None:
    (one,) = contenders_named(["flagged"], {"flagged": {name: text}})
    assert one.options_of(shelf["flagged"])[name] is value or value == "b"


@pytest.mark.usefixtures("shelf")
def test_a_switch_is_true_or_false() -> None:
    with pytest.raises(InvalidOption, match=r"flagged\.fast must be true or false, not 'maybe'"):
        contenders_named(["flagged"], {"flagged": {"fast": "maybe"}})


def test_who_takes_points_says_so() -> None:
    assert contender(Cells()).takes_points(BOX)
    assert not contender(Filled()).takes_points(BOX)


def test_an_empty_mask_is_not_given_on() -> None:
    prompt = Prompt(BOX, ((1.0, 1.0),), (1,))
    nothing = mask_to_rle(rectangle(30, 60, 0, 0, 0, 0))
    something = mask_to_rle(rectangle(30, 60, 0, 0, 5, 5))
    assert contender(Remembering()).with_mask(prompt, nothing) == prompt
    assert contender(Remembering()).with_mask(prompt, something).mask is something
    assert contender(Cells()).with_mask(prompt, something) == prompt
