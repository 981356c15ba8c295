"""Writing a conversation to a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat_frontends.primitivus.asking import ask_for
from sat_frontends.primitivus.dialogs import framed
from sat_frontends.quick_frontend import exporting
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


def open_export(app: App, peer: JID, as_json: bool) -> None:
    """Ask for the file. It must not exist yet."""
    live = app.live
    name = "".join(each if each.isalnum() or each in "@.-_" else "_" for each in clean_line(peer))[:100]
    line = app.kit.entry("File:", f"~/{name}.{'jsonl' if as_json else 'txt'}")

    async def write(fetch: bool) -> None:
        if fetch:
            await exporting.fetch_all(live.apis.archive, peer)
        path = _path(str(line.edit_text))
        try:
            with path.open("x", encoding="utf-8") as file:
                count = await exporting.export(file, live.apis.messages, peer, as_json=as_json)
        except FileExistsError:
            raise InvalidArgument(reason=f"{clean_line(str(path))} exists already; nothing was written.") from None
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise InvalidArgument(reason=f"{clean_line(str(path))} cannot be written: {why}.") from None
        messages = "1 message was" if count == 1 else f"{count} messages were"
        app.telling.answer(f"{messages} written to {clean_line(str(path))}.")

    rows = [framed(line), "What only the server has can be fetched before; that may take long."]
    answers = [("Write", partial(write, False)), ("Fetch and write", partial(write, True)), ("Cancel", None)]
    ask_for(app, f"Export the conversation with {clean_line(live.contacts.label(peer))}", rows, answers)


def _path(text: str) -> Path:
    return Path(text.strip()).expanduser()
