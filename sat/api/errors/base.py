"""What all errors are, and how one is found by its name."""

from __future__ import annotations

from typing import ClassVar

ERRORS: dict[str, type[SatError]] = {}


class SatError(Exception):
    """Something went wrong."""

    exit_code: ClassVar[int] = 4
    http_status: ClassVar[int] = 400
    hint: ClassVar[str] = ""

    def __init__(self, **details: object) -> None:
        self.details = {key: str(value) for key, value in details.items()}
        super().__init__(self.details)

    def __init_subclass__(cls) -> None:
        if cls.__name__ in ERRORS:
            raise TypeError(f"two errors are called {cls.__name__}")
        ERRORS[cls.__name__] = cls

    def __str__(self) -> str:
        return _fill(type(self).__doc__ or "Something went wrong.", self.details)

    @property
    def advice(self) -> str:
        """What the person can do now, or nothing."""
        return self.fill(type(self).hint)

    def fill(self, text: str) -> str:
        """A text with this error's details in their places."""
        return _fill(text, self.details)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, SatError) and self.details == other.details

    def __hash__(self) -> int:
        return hash((type(self), tuple(sorted(self.details.items()))))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def _fill(sentence: str, details: dict[str, str]) -> str:
    return " ".join(sentence.split()).format_map(_Blank(details)).strip()


def error_named(name: str, details: dict[str, str]) -> SatError:
    """The error of that name, as it was raised on the other side of the bridge."""
    kind = ERRORS.get(name)
    return kind(**details) if kind else InternalError(reference=name)


class InternalError(SatError):
    """Something unexpected went wrong; the daemon's log tells more under {reference}."""

    exit_code = 111
    http_status = 500
    hint = "sat log shows it."
