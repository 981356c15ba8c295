from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.new_database import with_database
from support.storing import open_storage, result

from sat.storage.messages import Messages
from sat.storage.storage import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    storage = open_storage(with_database(tmp_path / "data"))
    yield storage
    result(storage.close())


@pytest.fixture
def messages(storage: Storage) -> Messages:
    return storage.messages("alice")
