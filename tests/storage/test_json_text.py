from typing import Any
from uuid import UUID

import pytest
from pydantic_core import PydanticSerializationError, from_json
from sqlalchemy import Text, cast, insert, select

from segmentarium.storage.database import Database
from segmentarium.storage.json_text import JsonText, json_object, to_json
from segmentarium.storage.tables import JobRow

ODD_TEXT = '{ "ring": [1, 0.30000000000000004,\t1e-7], "said": "\\"ä\\u2028" }'


@pytest.mark.parametrize("value", [[0.1, 1e300, 5e-324], {"a": None}, "ä\n", 7, [[[]]]])
def test_text_that_was_written_parses_to_its_value(value: Any) -> None:
    assert JsonText(to_json(value)).value == value


def test_an_object_with_a_member_that_is_text_is_as_if_it_had_been_parsed() -> None:
    values = {"id": UUID(int=7), "bbox_xywh": (1, 2, 3, 4), "score": None}
    spliced = json_object(values, "segmentation", JsonText(ODD_TEXT))
    assert spliced.value == from_json(to_json({**values, "segmentation": from_json(ODD_TEXT)}))


def test_text_within_a_value_is_written_as_what_it_says() -> None:
    assert from_json(to_json({"current": [JsonText("[1, 2]")]})) == {"current": [[1, 2]]}


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(PydanticSerializationError, match="object"):
        to_json([object()])


def test_a_database_keeps_text_to_the_letter(database: Database) -> None:
    jobs = JobRow.metadata.tables["job"]
    with database.write() as session:
        session.execute(insert(jobs), [{"kind": "export", "parameters": JsonText(ODD_TEXT)}])
    with database.read() as session:
        columns = select(cast(jobs.c.parameters, Text), jobs.c.parameters)
        text, value = session.execute(columns).one()
    assert (text, value) == (ODD_TEXT, from_json(ODD_TEXT))
