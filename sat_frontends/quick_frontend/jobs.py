"""What takes long and is no transfer, to be shown in a word or two: archive catch-up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sat.api import Signal


class Job(NamedTuple):
    """A job that runs, or has ``failed`` and is told until it is begun again."""

    id: str
    name: str
    failed: bool = False

    @property
    def text(self) -> str:
        """What to show of it, in a few words."""
        return f"{self.name}: failed" if self.failed else self.name


class Jobs:
    """The jobs to show, in the order they began."""

    def __init__(self) -> None:
        self.changed: Signal[str] = Signal()
        """The id of the job that changed or is gone."""
        self._jobs: dict[str, Job] = {}

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._jobs.values()))

    def update(self, job: Job) -> None:
        """A job began or failed."""
        if self._jobs.get(job.id) != job:
            self._jobs[job.id] = job
            self.changed.emit(job.id)

    def remove(self, id: str) -> None:
        """Show a job no longer."""
        if self._jobs.pop(id, None) is not None:
            self.changed.emit(id)
