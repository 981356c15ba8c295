"""Streams that are encrypted end to end (XEP-0391): their key travels in the offer, in an envelope of the method by
which the conversation is encrypted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sat.api import JID
from sat.api.errors import CannotOpen, CannotReceiveEncrypted, SatError
from sat.api.messages import Trust
from sat.core.plugin import Plugin, needs
from sat.plugins.disco.plugin import Disco
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.encryption.method import Method
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.jet import proofs
from sat.plugins.messages.plugin import Messages
from sat.xmpp import xml
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.jingle.content import Content

NS = "urn:xmpp:jingle:jet:0"
CIPHERS = {16: "urn:xmpp:ciphers:aes-128-gcm-nopadding", 32: "urn:xmpp:ciphers:aes-256-gcm-nopadding"}
"""By the length of their keys, in bytes. So they stand in the examples of XEP-0391 and XEP-0396; Dino knows no other
names, and Conversations writes them so, too."""
_LENGTHS = {name: length for length, short in CIPHERS.items() for name in (short, f"{short}:0")}
"""Both ways to write them: the table of XEP-0391 has the version, too."""
RECORDS = {length: f"https://salut-a-toi.org/protocol/jet-records#aes-{8 * length}-gcm" for length in CIPHERS}
"""A cipher of our own, for what is read before its end: see ``records``."""


class Jet(Plugin):
    """Encrypted streams from program to program (XEP-0391)."""

    xeps = ("0391",)
    features = (NS, proofs.NS)
    disco = needs(Disco)
    messages = needs(Messages)
    encryption = needs(Encryption)

    async def method_for(self, peer: JID, wanted: str = "") -> str:
        """By which method a stream to somebody is encrypted: the ``wanted`` one, or that of the conversation; empty for
        in clear, which ``none`` asks for. Errors: InvalidArgument, NoKeys, CannotEncrypt, NotInRoom, …"""
        return await self.messages.secures(self.messages.conversation(peer), wanted)

    async def able(
        self, programs: Sequence[JID], name: str, refusal: type[SatError] = CannotReceiveEncrypted
    ) -> list[JID]:
        """Those of these programs, at least one, that can open what a method encrypts, and encrypt so themselves.
        Errors: that ``refusal``."""
        who = programs[0].bare
        method = self._method(name)
        if method is None or method.envelopes is None:
            title = name if method is None else method.info.title
            raise refusal(who=who, reason=f"{title} does not encrypt what goes directly")
        needed = {NS, method.envelopes.feature}
        if not (found := [each for each in programs if needed <= set((await self.disco.get_info(each)).features)]):
            raise refusal(who=who, reason="no program of theirs that could is online")
        return found

    async def proves(self, program: JID) -> bool:
        """Whether a program is one of ours in this: it tells and compares hashes as ``proofs`` has it, and says in its
        acceptance that it has opened the key (``Content.confirm``), which XEP-0391 leaves open."""
        try:
            return proofs.NS in (await self.disco.get_info(program)).features
        except SatError:  # then it goes as with any other program
            return False

    async def seal(self, peer: JID, name: str, content: str, records: bool = False) -> tuple[Element, Shared]:
        """The key of a new stream for somebody, as a ``<security/>`` for the content that is called so. Who offers it
        makes it, whoever sends (XEP-0391 §4.2). Errors: NoKeys, KeysUntrusted, CannotEncrypt, NotConnected, …"""
        method = self._method(name)
        assert method is not None
        assert method.envelopes is not None
        envelope, secret = await method.envelopes.enclose(peer.bare)
        type, cipher = method.envelopes.namespace, (RECORDS if records else CIPHERS)[len(secret.key)]
        security = xml.element("security", NS, name=content, cipher=cipher, type=type)
        security.children.append(envelope)
        return security, secret

    async def open(self, content: Content, *, records: bool = False, believed: bool = False) -> Shared:
        """The key of a stream that somebody offers or asks for. It must be by one of their own programs, and for this
        content; it is good once. ``believed``: nobody is asked, so it must be by one whose key is trusted; from then on
        we confirm it. Errors: CannotOpen."""
        assert content.security is not None
        try:
            secret = await self._opened(content, records)
        except SatError as error:
            raise CannotOpen(who=content.session.peer.bare, reason=error.details.get("reason", str(error))) from None
        if believed and secret.trust is Trust.UNDECIDED:
            raise CannotOpen(who=content.session.peer.bare, reason="you have not decided whether its key is theirs")
        said = {key: str(content.security.attributes.get(key, "")) for key in ("cipher", "type")}
        content.confirm(xml.element("security", NS, name=content.name, **said))
        return secret

    async def _opened(self, content: Content, records: bool) -> Shared:
        security, who = content.security, content.session.peer.bare
        assert security is not None
        said = {key: str(security.attributes.get(key, "")) for key in ("name", "type", "cipher")}
        if said["name"] not in ("", content.name):  # Dino leaves it out; nothing proves it
            raise CannotOpen(who=who, reason="its key is that of another file")
        known = {name: length for length, name in RECORDS.items()} if records else _LENGTHS
        for method in self.encryption.methods():
            form = method.envelopes
            if form is None or form.namespace != said["type"]:
                continue
            envelopes = xml.elements(security, ns=form.namespace)
            if len(envelopes) != 1 or known.get(said["cipher"]) != form.length:
                break
            secret = await form.disclose(envelopes[0], who)
            if len(secret.key) != form.length or secret.trust is Trust.DISTRUSTED:
                break
            return secret
        raise CannotOpen(who=who, reason="it is not encrypted in a way that is known here")

    def method_of(self, content: Content) -> str:
        """The name of the method that encrypts a content; nothing for none, or one that is not known."""
        security = content.security
        type = "" if security is None else str(security.attributes.get("type", ""))
        names = [
            each.info.name for each in self.encryption.methods() if each.envelopes and each.envelopes.namespace == type
        ]
        return names[0] if names else ""

    def _method(self, name: str) -> Method | None:
        return next((each for each in self.encryption.methods() if each.info.name == name), None)
