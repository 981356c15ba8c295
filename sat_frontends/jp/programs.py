"""Programs of a person that work on items: they get one on stdin, and what it is in their environment. No shell is
between, so nothing that others have published is ever read as a command: docs/decisions/023-hooks-are-programs.md."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from sat.api.errors import InvalidArgument
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.items import LIMIT
from sat_frontends.jp.output import tidy

if TYPE_CHECKING:
    from sat.plugins.pubsub.api import Entry, Place


def command_of(text: str) -> list[str]:
    """The words of a command that was given as one. Errors: Failure."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise usage(f"“{text}” is no command: {error}.") from None
    if not words:
        raise usage("The command is empty.")
    return words


class Program:
    """A command that is run for items of one profile."""

    def __init__(self, words: list[str], profile: str) -> None:
        if not words:
            raise usage("The command is missing.", "It stands at the end: -- COMMAND [ARGUMENTS]")
        self._words, self._profile = words, profile

    @property
    def name(self) -> str:
        """What it is called, clean."""
        return tidy(self._words[0])

    def run(self, place: Place, entry: Entry, event: str = "") -> int:
        """Run it; what it writes goes where our own goes. Its exit code. Errors: Failure where it cannot be started."""
        sys.stdout.flush()
        return self._run(place, entry, event, None).returncode

    def output(self, place: Place, entry: Entry) -> tuple[int, str]:
        """Run it; its exit code, and what it writes. Errors: Failure, InvalidArgument."""
        done = self._run(place, entry, "", subprocess.PIPE)
        if len(done.stdout) > LIMIT:
            raise InvalidArgument(reason=f"{self.name} has written more than {LIMIT} bytes for {tidy(entry.id)}.")
        try:
            return done.returncode, done.stdout.decode()
        except UnicodeDecodeError:
            raise InvalidArgument(reason=f"{self.name} has written no text (UTF-8) for {tidy(entry.id)}.") from None

    def _run(self, place: Place, entry: Entry, event: str, out: int | None) -> subprocess.CompletedProcess[bytes]:
        from sat.api.places import to_uri

        told = {
            "SAT_PROFILE": self._profile,
            "SAT_EVENT": event,
            "SAT_SERVICE": str(place.service),
            "SAT_NODE": place.node,
            "SAT_ITEM": entry.id,
            "SAT_PUBLISHER": entry.publisher,
            "SAT_URI": to_uri(place._replace(id=entry.id)),
        }
        environment = os.environ | {name: value.replace("\0", "") for name, value in told.items()}
        try:
            return subprocess.run(  # noqa: S603 - the person's own command, without a shell
                self._words, input=entry.xml.encode(), stdout=out, env=environment, check=False
            )
        except OSError as error:
            raise Failure(f"{self.name} could not be started: {error.strerror}.", code=1) from None
