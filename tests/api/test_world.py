"""The rows of the world are such as an editor could enter."""

from accords.models import Agreement
from tests.api.test_pagination import tied_rows
from tests.api.world import MODELS, World

__all__ = ["tied_rows"]


def test_every_row_of_the_world_keeps_its_own_rules(world_with_draft: World) -> None:
    for noun in MODELS:
        for row in world_with_draft.rows(noun).values():
            row.full_clean()


def test_every_one_of_the_tied_rows_keeps_its_own_rules(tied_rows: list[Agreement], db: None) -> None:
    for model in MODELS.values():
        for row in model._default_manager.all():
            row.full_clean()
