"""Who is compared: engines by name, with their options, and `auto`, which is another engine for another prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from segmentarium.core.boxes import BboxXYWH
from segmentarium.core.errors import (
    EngineUnavailable,
    InvalidOption,
    InvalidPrompt,
    NotFound,
)
from segmentarium.core.rle import RLE, rle_area
from segmentarium.engines import AUTO, ENGINES, best_engine, engine_named
from segmentarium.engines.base import (
    Engine,
    Option,
    OptionValue,
    Prompt,
    check_options,
    takes,
)

Options = Mapping[str, OptionValue]


@dataclass(frozen=True, slots=True)
class Contender:
    """A name in the table. `choose` says which engine answers a prompt, or raises that none does."""

    name: str
    choose: Callable[[Prompt], Engine]
    options: Mapping[str, Options] = field(default_factory=dict)

    def takes_points(self, bbox_xywh: BboxXYWH) -> bool:
        """Whether its answer to a box can be corrected by points."""
        x, y, w, h = bbox_xywh
        middle = (x + w / 2, y + h / 2)
        return self._answers(Prompt(bbox_xywh, point_coords=(middle,), point_labels=(1,)))

    def with_mask(self, prompt: Prompt, present: RLE) -> Prompt:
        """The prompt with the mask that is to be corrected, where there is one and it is taken."""
        with_mask = replace(prompt, mask=present)
        return with_mask if rle_area(present) and self._answers(with_mask) else prompt

    def _answers(self, prompt: Prompt) -> bool:
        try:
            return takes(self.choose(prompt), prompt)
        except (InvalidPrompt, EngineUnavailable):
            return False

    def options_of(self, engine: Engine) -> Options:
        """What was set for the engine that answers."""
        return self.options.get(engine.name, {})


def contender(engine: Engine, options: Options | None = None) -> Contender:
    """An engine under its own name."""
    return Contender(engine.name, lambda _prompt: engine, {engine.name: options or {}})


def contenders_named(
    names: Sequence[str], options: Mapping[str, Mapping[str, str]]
) -> list[Contender]:
    """Contenders by name; all engines that can run here and start from a box when there are no names.

    Args:
        names: of engines, or `auto`.
        options: by engine and option, as typed. They hold for an engine also when `auto` chooses it.

    Raises:
        NotFound: there is no engine of a name.
        EngineUnavailable: one cannot run here, or none of all can.
        InvalidPrompt: one does not start from a box.
        InvalidOption: an option cannot be, or is of an engine that is not asked.
    """
    asked = list(dict.fromkeys(names)) or [
        engine.name
        for engine in ENGINES.values()
        if "bbox" in engine.starts_from and engine.unavailable_reason() is None
    ]
    if not asked:
        raise EngineUnavailable("No engine that starts from a box can run here.")
    for name in options:
        engine_named(name)
        if name not in asked and AUTO not in asked:
            raise InvalidOption(f"{name} has options but is not among the engines asked.")
    set_options = {name: _typed(engine_named(name), given) for name, given in options.items()}
    return [_contender_named(name, set_options) for name in asked]


def _contender_named(name: str, options: Mapping[str, Options]) -> Contender:
    if name == AUTO:
        return Contender(AUTO, best_engine, options)
    engine = ENGINES.get(name)
    if engine is None:
        raise NotFound(
            f"There is no engine {name!r}; there are: {', '.join(sorted([*ENGINES, AUTO]))}."
        )
    if "bbox" not in engine.starts_from:
        raise InvalidPrompt(f"{engine.title} does not start from a box, so it cannot be compared.")
    reason = engine.unavailable_reason()
    if reason is not None:
        raise EngineUnavailable(f"{name}: {reason}")
    return contender(engine, options.get(name))


def _typed(engine: Engine, given: Mapping[str, str]) -> Options:
    """Values as the engine wants them, from text; the others are its defaults."""
    types = {option.name: option for option in engine.options}
    values = {
        name: _value(engine, types[name], text) if name in types else text
        for name, text in given.items()
    }
    return check_options(engine, values)


def _value(engine: Engine, option: Option, text: str) -> OptionValue:
    try:
        match option.type:
            case "number":
                return float(text)
            case "integer":
                return int(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case "choice":
                return text
    except (ValueError, KeyError) as error:
        wanted = {"boolean": "true or false", "integer": "a whole number"}.get(
            option.type, "a number"
        )
        raise InvalidOption(
            f"{engine.name}.{option.name} must be {wanted}, not {text!r}."
        ) from error
