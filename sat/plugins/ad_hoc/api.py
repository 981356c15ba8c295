"""Commands of servers, services and programs (XEP-0050)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, method
from sat.api.forms import Form


class Command(NamedTuple):
    """Something that can be done at an address. ``name`` is for people."""

    jid: JID
    node: str
    name: str


class NoteKind(StrEnum):
    """How serious a note is (XEP-0050 §3.4)."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"


class Note(NamedTuple):
    """What a command says, beside its form."""

    kind: NoteKind
    text: str


class Action(StrEnum):
    """How a command can go on (XEP-0050 §3.4)."""

    PREV = "prev"
    NEXT = "next"
    COMPLETE = "complete"


class Stage(NamedTuple):
    """How far a command has come: a ``form`` to be filled in, and which ``actions`` are possible then, the first one if
    nothing else is said; or, when it is ``done``, what came of it. ``run`` is its number here. ``failed``: it is done,
    and says that it did not work."""

    run: str
    done: bool
    form: Form
    notes: list[Note] = []  # noqa: RUF012 - a named tuple's default, never changed
    actions: list[Action] = []  # noqa: RUF012
    failed: bool = False


class AdHocApi(Api):
    """Run the commands of servers, services and one's own other programs (XEP-0050)."""

    @method
    async def get_commands(self, jid: JID) -> list[Command]:
        """What can be done at an address; nothing where it has no commands. Errors: NotConnected, PeerError,
        RequestTimeout."""

    @method
    async def begin(self, jid: JID, node: str) -> Stage:
        """Begin a command. Errors: NotConnected, PeerError, RequestTimeout."""

    @method
    async def get_stage(self, run: str) -> Stage:
        """How far a command has come that was begun and is not done. Errors: NotFound."""

    @method
    async def go_on(self, run: str, action: Action, fields: dict[str, str] = {}) -> Stage:  # noqa: B006
        """Answer the form of a command that was begun, or go back to the one before; the lines of a field with several
        values are these. Errors: NotFound, InvalidArgument, NotConnected, PeerError, RequestTimeout."""

    @method
    async def cancel(self, run: str) -> None:
        """Do not go on with a command. Errors: NotFound."""
