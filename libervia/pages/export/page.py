"""A conversation as a file, to be kept."""

from __future__ import annotations

from contextlib import ExitStack
from io import TextIOWrapper
from tempfile import TemporaryFile

from libervia.server.page import Answer, Made, Page, Visit
from sat_frontends.quick_frontend.exporting import export
from sat_frontends.quick_frontend.text import clean_line

MOST = 50_000
"""Messages in a file: the last ones."""


class Export(Page):
    """``/export/<address>``, with ``?json=1`` a JSON object a line"""

    title = "Export"
    argument = True

    async def get(self, visit: Visit) -> Answer:
        """What is stored of the conversation."""
        desk = await visit.desk()
        peer, as_json = desk.peer(visit.argument), bool(visit.query.get("json"))
        with ExitStack() as unless_made:
            file = unless_made.enter_context(TemporaryFile())
            text = TextIOWrapper(file, "utf-8", newline="\n")
            await export(text, desk.apis.messages, peer, as_json=as_json, most=MOST)
            text.detach()
            file.flush()
            file.seek(0)
            unless_made.pop_all()
        kind, end = ("application/x-ndjson", "jsonl") if as_json else ("text/plain; charset=utf-8", "txt")
        return Made(file, kind, f"{clean_line(peer).replace('/', ' ')}.{end}")
