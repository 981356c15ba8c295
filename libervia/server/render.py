"""Templates: one environment, autoescaped, every value cleaned on its way into the page."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from libervia.server import zones
from libervia.server.advice import advice, sentences
from libervia.server.static import Assets
from libervia.server.text import finalize, rich, said
from sat.api import JID
from sat.api.forms import Field
from sat.api.messages import Message
from sat.plugins.presence.api import Show
from sat_frontends.quick_frontend import reporting, text, times
from sat_frontends.quick_frontend.amending import COMMON, RETRACTING
from sat_frontends.quick_frontend.colours import hue
from sat_frontends.quick_frontend.encryption_words import headline
from sat_frontends.quick_frontend.hidden import preview
from sat_frontends.quick_frontend.services import address as account_in
from sat_frontends.quick_frontend.typing_heard import typing

HERE = Path(__file__).resolve().parent.parent

PICTURE_LIMIT = 256 * 1024
PRESENCE = {
    Show.CHAT: ("online", "free to chat"),
    Show.ONLINE: ("online", "online"),
    Show.AWAY: ("away", "away"),
    Show.XA: ("away", "away for long"),
    Show.DND: ("busy", "do not disturb"),
    Show.OFFLINE: ("offline", "offline"),
}
"""Symbol and words of a presence: never the colour alone."""


class Renderer:
    """Renders pages and fragments of pages."""

    def __init__(self, assets: Assets) -> None:
        self._environment = Environment(
            loader=FileSystemLoader([HERE / "templates", HERE / "pages"]),
            autoescape=True,
            auto_reload=False,
            finalize=finalize,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            asset=assets.url,
            presence=PRESENCE,
            common=COMMON,
            retracting=RETRACTING,
            reporting={"told": reporting.TOLD, "labels": reporting.LABELS},
            preview=preview,
            said=said,
            typing_now=typing,
            headline=headline,
        )
        self._environment.filters.update(
            rich=rich,
            host=host,
            advice=advice,
            sentences=sentences,
            iso=iso,
            told=told,
            whole=lambda seconds: times.whole(seconds, zones.offset),
            segment=segment,
            chat_path=chat_path,
            chat_end=chat_end,
            message_path=message_path,
            contact_path=contact_path,
            encryption_path=encryption_path,
            export_path=export_path,
            room_path=room_path,
            room_settings_path=room_settings_path,
            services_path=services_path,
            account_in=account_in,
            upload_path=upload_path,
            files_path=files_path,
            photos_path=photos_path,
            hue=hue_class,
            initial=initial,
            lines=lines,
            doubtful=text.doubtful,
            data_url=data_url,
        )

    def page(self, template: str, **values: Any) -> bytes:
        """A whole page."""
        return self._environment.get_template(template).render(values).encode("utf-8", "replace")

    def fragment(self, macro: str, *values: object) -> Markup:
        """A part of a page, by the macro that the page itself uses: ``chat/parts.html:message``."""
        template, _, name = macro.partition(":")
        html = getattr(self._environment.get_template(template).module, name)(*values)
        return Markup(html)  # noqa: S704 - a template's output


def iso(moment: float) -> str:
    """A moment for machines (``time[datetime]``)."""
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return ""


def told(seconds: float, how: str) -> str:
    """A time for people: ``clock``, ``day`` or ``moment``."""
    if how == "clock":
        return times.clock(seconds, zones.offset)
    return (times.day if how == "day" else times.moment)(seconds, time(), zones.offset)


def hue_class(name: str) -> str:
    """One of twelve colours for a name (XEP-0392, in steps: a style in the page is not allowed by the policy)."""
    return f"h{int(hue(name) // 30) % 12}"


def initial(label: str) -> str:
    """The first letter of a name, for its picture."""
    return next((char.upper() for char in label if char.isalnum()), "?")


def host(url: str) -> str:
    """The server that a link leads to: what else is told of it may be wrong."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def lines(value: str) -> Markup:
    """A text of several lines, as it stands in a text area."""
    return escape(text.clean(value))


def data_url(field: Field) -> str:
    """The picture of a form's field, inside the page; nothing for one that is too big to be a captcha."""
    if len(field.image) > PICTURE_LIMIT:
        return ""
    return f"data:{field.image_type};base64,{b64encode(field.image).decode()}"


@lru_cache(500)
def segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="@")


def chat_path(jid: JID) -> str:
    """Where a conversation is found."""
    return f"/chat/{segment(jid)}"


def chat_end(jid: JID) -> str:
    """The same, with its newest message in view."""
    return f"{chat_path(jid)}#end"


def upload_path(jid: JID) -> str:
    """Where a file is sent to somebody."""
    return f"/upload/{segment(jid)}"


def file_path(message: str, number: int) -> str:
    """Where a file of a message is found."""
    return f"/file/{segment(message)}?n={number}"


def received_path(transfer: str) -> str:
    """Where a file that somebody sent directly is found."""
    return f"/received/{segment(transfer)}"


def thumbnail_path(transfer: str) -> str:
    """Where the small picture of a file that is offered is found."""
    return f"/thumbnail/{segment(transfer)}"


def files_path(jid: JID, path: str = "") -> str:
    """Where is shown what somebody shares, or a folder of it."""
    return f"/files/{segment(jid)}" + (f"?path={quote(path, safe='')}" if path else "")


def photos_path(jid: JID) -> str:
    """Where the pictures of a conversation are shown."""
    return f"/photos/{segment(jid)}"


def contact_path(jid: JID) -> str:
    """Where is shown who somebody is."""
    return f"/contact/{segment(jid)}"


def encryption_path(jid: JID) -> str:
    """Where is shown how a conversation is encrypted."""
    return f"/encryption/{segment(jid)}"


def export_path(jid: JID, as_json: bool = False) -> str:
    """Where a conversation is had as a file."""
    return f"/export/{segment(jid)}" + ("?json=1" if as_json else "")


def room_path(jid: JID) -> str:
    """Where all about one room is found."""
    return f"/room/{segment(jid)}"


def join_path(room: JID) -> str:
    """Where a room can be joined that we are not in."""
    return f"/rooms?join={quote(room, safe='@')}"


def room_settings_path(jid: JID) -> str:
    """Where the settings of one room are found."""
    return f"/configure/{segment(jid)}"


def services_path(jid: JID, node: str = "") -> str:
    """Where is shown what is at an address."""
    return f"/services/{segment(jid)}" + (f"?node={quote(node, safe='')}" if node else "")


def page_with(message: Message) -> str:
    """The page of a conversation that ends with a message, wherever in it that is."""
    return f"{chat_path(message.peer)}?before={message.order + 1}#m{message.order}"


def message_path(id: str) -> str:
    """Where all about one message is found."""
    return f"/message/{segment(id)}"
