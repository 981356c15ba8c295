"""The progress of what takes long: archive catch-up, later file transfers."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from sat.api import SatError, Signal


class JobState(StrEnum):
    """How a job stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(NamedTuple):
    """A job. ``total`` is 0 when nobody knows; ``done`` and ``total`` have the same unit (bytes, messages)."""

    id: str
    name: str
    state: JobState = JobState.RUNNING
    done: int = 0
    total: int = 0
    error: SatError | None = None

    @property
    def fraction(self) -> float | None:
        """How much of it is done, 0 to 1, if that is known."""
        if self.state is JobState.DONE:
            return 1.0
        return min(max(self.done / self.total, 0.0), 1.0) if self.total > 0 else None

    @property
    def text(self) -> str:
        """What to show of it, in a few words."""
        if self.state is JobState.RUNNING:
            return self.name if self.fraction is None else f"{self.name} {self.fraction:.0%}"
        return f"{self.name}: {self.state}"


class Jobs:
    """The jobs to show, in the order they began."""

    def __init__(self) -> None:
        self.changed: Signal[str] = Signal()
        """The id of the job that changed or is gone."""
        self._jobs: dict[str, Job] = {}

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._jobs.values()))

    def __len__(self) -> int:
        return len(self._jobs)

    def __getitem__(self, id: str) -> Job:
        return self._jobs[id]

    def running(self) -> list[Job]:
        """The jobs that are not over."""
        return [job for job in self if job.state is JobState.RUNNING]

    def update(self, job: Job) -> None:
        """A job began or went on. What is over stays over."""
        before = self._jobs.get(job.id)
        if before == job or (before is not None and before.state is not JobState.RUNNING):
            return
        self._jobs[job.id] = job
        self.changed.emit(job.id)

    def remove(self, id: str) -> None:
        """Show a job no longer."""
        if self._jobs.pop(id, None) is not None:
            self.changed.emit(id)
