"""The study by source: which networks it trains, on what, and what it measures them on."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed: NOT TESTED")

from safetensors.torch import load_file

from segnets.boxnet.objects import Picture
from segnets.boxnet.recipe import Recipe, Stage, read_recipe
from segnets.boxnet.study import RECIPE, deal_domains, study
from tests.segnets.pictures import made_up_picture

TINY = Recipe(
    seed=3,
    batch=4,
    warm_up=2,
    decay=0.01,
    average=0.9,
    corrected=0.0,
    open_only=False,
    without=(),
    stages=(Stage(48, 8, 3e-3, 1e-3),),
)


@pytest.fixture
def pictures() -> list[Picture]:
    """Of three domains."""
    return [made_up_picture(seed) for seed in range(36)]


def test_every_domain_is_in_one_group(pictures: list[Picture]) -> None:
    dealt = deal_domains(pictures, 2)
    assert sorted(domain for group in dealt for domain in group) == ["kind 0", "kind 1", "kind 2"]


def test_a_network_never_learns_from_the_domains_it_is_asked_about(
    pictures: list[Picture], tmp_path: Path
) -> None:
    study(pictures, TINY, tmp_path, groups=3)
    for number, domains in enumerate(deal_domains(pictures, 3), start=1):
        others = [one for one in pictures if one.domain not in domains]
        alone = study(others, TINY, tmp_path / "alone" / str(number), groups=2)
        assert {domain for domain, _, _ in alone} == {one.domain for one in others}
        own = load_file(tmp_path / f"without-{number}" / "checkpoint.safetensors")
        same = load_file(tmp_path / "alone" / str(number) / "all" / "checkpoint.safetensors")
        assert all(own[name].equal(same[name]) for name in own)


def test_both_networks_are_measured_on_the_same_objects(
    pictures: list[Picture], tmp_path: Path
) -> None:
    for _, seen, unseen in study(pictures, TINY, tmp_path, groups=3):
        assert len(seen) == len(unseen) > 0
        assert all(0 <= iou <= 1 for iou in (*seen, *unseen))


def test_a_study_that_was_made_is_not_trained_again(
    pictures: list[Picture], tmp_path: Path
) -> None:
    first = study(pictures, TINY, tmp_path, groups=3)
    before = (tmp_path / "all" / "checkpoint.safetensors").stat().st_mtime_ns
    assert study(pictures, TINY, tmp_path, groups=3) == first
    assert (tmp_path / "all" / "checkpoint.safetensors").stat().st_mtime_ns == before


def test_its_recipe_is_one_that_can_be_read() -> None:
    recipe = read_recipe(RECIPE)
    assert recipe == replace(recipe, without=(), open_only=False)
