"""jp confirm: web sites that ask whether it is you who wants to enter."""

from __future__ import annotations

from sat_frontends.jp.command import command, positional
from sat_frontends.jp.context import Jp
from sat_frontends.jp.output import BOLD, Column

_NUMBER = positional("NUMBER", "the request's, as jp confirm list shows it")


@command("Show the web sites that ask whether it is you.", examples=("jp confirm list",))
async def list_(jp: Jp) -> None:
    """Columns in a pipe: number, server that asks, code that the page shows, address of the page."""
    found = await (await jp.profile()).http_auth.get_confirmations()
    columns = (Column("Number", BOLD), Column("Asked by"), Column("Code"), Column("Page", flexible=True))
    jp.out.table(found, columns, [(each.number, each.sender, each.code, each.url) for each in found])
    if not found and jp.out.terminal:
        jp.out.say("None.")


@command("Say that it is you.", examples=("jp confirm allow 1f0c2a9b77d3",), number=_NUMBER)
async def allow(jp: Jp, number: str) -> None:
    await (await jp.profile()).http_auth.answer(number, True)


@command("Say that it is not you.", examples=("jp confirm deny 1f0c2a9b77d3",), number=_NUMBER)
async def deny(jp: Jp, number: str) -> None:
    await (await jp.profile()).http_auth.answer(number, False)
