"""Asking for attention (XEP-0224): only contacts can, once a minute, and only now: what is told later asks for nothing.

Where it is not wanted, or not allowed, a text that came with it is a message like others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from sat.api import JID
from sat.api.errors import InvalidArgument, NotConnected
from sat.api.messages import Extra, MessageKind
from sat.api.settings import SettingChange, Tab
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Plugin, configured, needs, on_message
from sat.plugins.attention.api import AttentionApi
from sat.plugins.messages.plugin import Messages
from sat.plugins.roster.plugin import Roster
from sat.xmpp.stanzas import Message

NS = "urn:xmpp:attention:0"
EVERY = 60.0  # seconds between two times, for each contact and each direction


@dataclass
class Options:
    """Who may ask for our attention."""

    tab: ClassVar[Tab] = Tab.NOTIFICATIONS
    allow: Annotated[bool, "Let contacts ask for your attention"] = True


class Attention(Plugin, AttentionApi):
    """Asking for attention (XEP-0224)."""

    xeps = ("0224",)
    messages = needs(Messages)
    roster = needs(Roster)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._last: dict[tuple[JID, bool], float] = {}  # contact and direction → the clock's seconds
        self._withdraw: Callable[[], object] | None = None

    async def load(self) -> None:
        self.undo(self.messages.extras.add(NS, write=self._write))
        self.undo(self.settings.changed.connect(self._set))
        self.undo(self._hide)
        self._announce()

    def _set(self, change: SettingChange) -> None:
        self._hide()
        self._announce()

    def _announce(self) -> None:
        """It must not be announced where it is switched off (§5)."""
        if self.options.allow:
            self._withdraw = self.session.add_feature(NS)

    def _hide(self) -> None:
        if self._withdraw is not None:
            self._withdraw()
        self._withdraw = None

    async def ask_attention(self, peer: JID) -> str:
        peer = self.messages.conversation(peer)
        if not self._is_contact(peer):
            raise InvalidArgument(reason=f"{peer} is not in your contacts.")
        if not self.session.online:
            raise NotConnected(profile=self.session.name)
        if not self._may(peer, outgoing=True):
            raise InvalidArgument(reason="You have asked for their attention just now.")
        return await self.messages.send(peer, "", MessageKind.HEADLINE, extra=Extra(attention=True))

    def _write(self, message: Message, extra: Extra) -> None:
        if extra.attention:
            message.add("attention", NS)

    @on_message(Stage.CORRECT, NS)
    def _heard(self, arrival: Arrival) -> None:
        if arrival.message.child("attention", NS) is None or arrival.message.kind in ("error", "groupchat"):
            return
        now = not arrival.archived and self.messages.time_of(arrival) is None
        if not now or not self.options.allow or not self._is_contact(arrival.peer):
            return
        if arrival.outgoing or self._may(arrival.peer, outgoing=False):
            arrival.extra = arrival.extra._replace(attention=True)

    def _is_contact(self, peer: JID) -> bool:
        return peer in self.roster.contacts

    def _may(self, peer: JID, *, outgoing: bool) -> bool:
        now, key = self.session.clock.seconds(), (peer, outgoing)
        if now - self._last.get(key, -EVERY) < EVERY:
            return False
        self._last[key] = now
        return True
