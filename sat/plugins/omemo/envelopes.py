"""Keys for streams, carried by OMEMO (XEP-0396): in an element of the old version that has a key and no text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import CannotDecrypt
from sat.plugins.encryption.envelopes import Envelopes, Shared
from sat.plugins.omemo.names import OLD
from sat.xmpp import xml
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.omemo.engine import Engine

FEATURE = "urn:xmpp:jingle:jet-omemo:0"


class OmemoEnvelopes(Envelopes):
    """Those of one profile. ``knowing`` gives the engine when it knows the devices of somebody, ``keep`` stores what
    the opening of one has changed."""

    namespace = OLD
    length = 16
    feature = FEATURE

    def __init__(
        self,
        knowing: Callable[[list[JID]], Awaitable[Engine]],
        keep: Callable[[dict[str, str | None]], Awaitable[None]],
    ) -> None:
        self._knowing, self._keep = knowing, keep

    async def enclose(self, peer: JID) -> tuple[Element, Shared]:
        engine = await self._knowing([peer.bare])
        envelope, key, iv = await engine.enclose(peer.bare)
        return envelope, Shared(key, iv)

    async def disclose(self, envelope: Element, peer: JID) -> Shared:
        engine = await self._knowing([peer.bare])
        from sat.plugins.omemo.library import NotYet, Repeated
        from sat.plugins.omemo.wire import iv_of

        if envelope.name != "encrypted" or xml.child(envelope, "payload", OLD) is not None:
            raise CannotDecrypt(reason="it is no key that OMEMO carries")
        try:
            iv = iv_of(envelope)
            opened = await engine.decrypt(OLD, envelope, peer.bare)
        except Repeated:
            raise CannotDecrypt(reason="its key was used before") from None
        except (NotYet, ValueError) as error:
            raise CannotDecrypt(reason=str(error)) from None
        await self._keep(engine.changes())
        return Shared(opened.key, iv, opened.device.trust)
