"""Fixtures of the unit tests: a profile in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.romeo import Profile, opened

from sat.storage import keys


@pytest.fixture(autouse=True, scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What plugins keep in files is not among what a person keeps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def romeo(tmp_path: Path) -> Iterator[Profile]:
    with opened(tmp_path / "data") as profile:
        yield profile


@pytest.fixture
def light_locks(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Passwords of profiles whose derivation takes no time; ``undo()`` gives the real one."""
    monkeypatch.setattr(keys, "_ARGON2ID", {**keys._ARGON2ID, "iterations": 1, "memory": 64})
    return monkeypatch


@pytest.fixture
def record() -> Any:
    """``record(signal)`` is a list that grows with each value."""

    def connect(signal: Any) -> list[Any]:
        seen: list[Any] = []
        signal.connect(seen.append)
        return seen

    return connect
