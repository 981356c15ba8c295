"""End-to-end encryption, whatever the method: which conversation has it, what leaves and what comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from sat.api import JID, Secret
from sat.api.errors import (
    CannotBeginEncryption,
    CannotDecrypt,
    CannotEncrypt,
    InvalidArgument,
    NoKeys,
    NotFound,
    NotInRoom,
    SatError,
)
from sat.api.messages import UNENCRYPTED, Trust
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Online, Plugin, configured, needs, on_event, on_sending
from sat.plugins.encryption import addresses
from sat.plugins.encryption.api import ChatEncryption, Comparison, EncryptionApi, Key, KeyNews, MethodInfo
from sat.plugins.encryption.automatic import Automatic
from sat.plugins.encryption.comparing import Comparing
from sat.plugins.encryption.method import ASIDE, Method
from sat.plugins.encryption.options import Options
from sat.plugins.messages.asides import Aside
from sat.plugins.messages.plugin import Messages
from sat.xmpp.stanzas import Message
from sat.xmpp.xml import elements

CHATS = 10_000  # conversations; of more, only what the person says is remembered
CLEAR = ""
_RANK = (Trust.DISTRUSTED, Trust.UNDECIDED, Trust.BLIND, Trust.VERIFIED)


class Encryption(Plugin, EncryptionApi):
    """End-to-end encryption of conversations (XEP-0380), by methods that other plugins bring."""

    xeps = ("0380",)
    messages = needs(Messages)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._methods: dict[str, Method] = {}
        self._chats: dict[JID, tuple[str, bool]] = {}  # the method, and whether the person chose it
        self.comparing = Comparing(self._method, lambda told: self.compared.emit([told]))
        self.automatic = Automatic(self)
        self.messages.secures = self._secures
        self.messages.keeps = lambda name: name not in self._methods or self._methods[name].info.logged
        self.messages.asides.veil = self._veil

    async def load(self) -> None:
        def read(row: Any) -> tuple[JID, tuple[str, bool]]:
            peer, (method, chosen) = row
            return JID(peer), (str(method), bool(chosen))

        self._chats = dict(await self.store.rows("chats", read))

    # -- methods -------------------------------------------------------------------------------------------------------

    def add(self, method: Method) -> Callable[[], object]:
        """Offer a method; returns the undo. The first that is added is the best."""
        self._methods[method.info.name] = method
        return lambda: self._methods.pop(method.info.name, None)

    def methods(self) -> list[Method]:
        """Those that there are, the best first."""
        return list(self._methods.values())

    @property
    def is_blind(self) -> bool:
        """Whether the first keys of somebody are trusted."""
        return self.options.blind

    def _method(self, name: str) -> Method:
        method = self._methods.get(name)
        if method is None:
            raise InvalidArgument(reason=f"There is no way to encrypt that is called “{name}”.")
        return method

    async def get_methods(self) -> list[MethodInfo]:
        return [method.info for method in self._methods.values()]

    # -- conversations -------------------------------------------------------------------------------------------------

    async def get(self, peer: JID) -> ChatEncryption:
        peer = self.messages.conversation(peer)
        if peer in self._chats:
            return await self._told(peer, *self._chats[peer])
        method = self.automatic.known(await self.automatic.readers(peer))
        if method is None:
            return await self._told(peer, CLEAR, False)
        if not self.is_blind:
            return await self._told(peer, method.info.name, False)
        # Nothing has been written yet: its keys are not worth to be loaded.
        return self._asked(ChatEncryption(peer, method.info.name, False, Trust.BLIND, self._offered(peer)))

    async def _told(self, peer: JID, name: str, chosen: bool) -> ChatEncryption:
        return self._asked(await self._stands(peer, name, chosen))

    def _asked(self, told: ChatEncryption) -> ChatEncryption:
        """With what they would like to begin, and whether it is logged."""
        method = self._methods.get(told.method)
        logged = method is None or method.info.logged
        for each in self._methods.values():
            if each.asks(told.peer) and not self._is_room(told.peer):
                news = each.news(told.peer)
                note = told.note if news in told.note else f"{told.note} {news}".strip()
                return told._replace(note=note, asked=each.info.name, logged=logged)
        return told._replace(logged=logged)

    async def _stands(self, peer: JID, name: str, chosen: bool) -> ChatEncryption:
        offered = self._offered(peer)
        if not name:
            news = () if self._is_room(peer) else [each.news(peer) for each in self._methods.values()]
            return ChatEncryption(peer, CLEAR, chosen, offered=offered, note=" ".join(filter(None, news)))
        method = self._methods.get(name)
        if method is None:
            note = f"The method “{name}” of this conversation is switched off, so nothing can be sent."
            return ChatEncryption(peer, name, chosen, offered=offered, note=note)
        try:
            keys = [key for reader in await self.readers(peer) for key in await method.keys(reader, False)]
        except SatError as error:
            return ChatEncryption(peer, name, chosen, offered=offered, note=str(error))
        keys = [each for each in keys if each.active]
        believed = [each.trust for each in keys if each.trust not in ASIDE]
        trust = min(believed, key=_RANK.index, default=Trust.UNDECIDED)
        return ChatEncryption(peer, name, chosen, trust, offered, method.note(peer, keys))

    def _offered(self, peer: JID) -> list[str]:
        room = self._is_room(peer)
        return [each.info.name for each in self._methods.values() if each.info.rooms or not room]

    async def begin(self, peer: JID, method: str = "") -> ChatEncryption:
        peer = self.messages.conversation(peer)
        try:
            begun = await self._begun(peer, method)
        except CannotEncrypt as error:
            raise CannotBeginEncryption(**error.details) from error
        await self._end_all_but(begun, peer)
        return await self._set(peer, begun, True)

    async def refuse(self, peer: JID) -> ChatEncryption:
        peer = self.messages.conversation(peer)
        for method in self._methods.values():
            await method.refuse(peer)
        told = await self.get(peer)
        self.changed.emit([told])
        return told

    async def _begun(self, peer: JID, name: str) -> str:
        """Have a method ready, the best one where none is named; its name."""
        readers = await self.readers(peer)
        method = self._method(name) if name else await self._best(peer, readers)
        if self._is_room(peer) and not method.info.rooms:
            raise InvalidArgument(reason=f"{method.info.title} encrypts for one person, not for a room.")
        await method.begin(readers)
        return method.info.name

    async def _best(self, peer: JID, readers: list[JID]) -> Method:
        for method in self._methods.values():
            if method.info.rooms or not self._is_room(peer):
                await method.look(readers)
                if method.can(readers):
                    return method
        first = next(iter(self._methods.values()), None)
        if first is None:
            raise InvalidArgument(reason="There is no way to encrypt: the plugins for it are switched off.")
        raise NoKeys(who=peer, method=first.info.title)

    async def end(self, peer: JID) -> ChatEncryption:
        peer = self.messages.conversation(peer)
        await self._end_all_but(CLEAR, peer)
        return await self._set(peer, CLEAR, True)

    async def _end_all_but(self, name: str, peer: JID) -> None:
        for method in self._methods.values():
            if method.info.name != name:
                await method.end(peer)

    def _is_room(self, peer: JID) -> bool:
        return not peer.resource and self.messages.rooms.knows(peer)

    async def readers(self, peer: JID) -> list[JID]:
        """Who reads what is written there. Errors: NotInRoom, CannotEncrypt."""
        if self._is_room(peer):
            return await self.messages.rooms.readers(peer)
        if peer.resource:
            raise CannotEncrypt(who=peer, reason="a private message of a room has no address of its own")
        return [peer]

    async def _set(self, peer: JID, name: str, chosen: bool) -> ChatEncryption:
        if not chosen and peer not in self._chats and len(self._chats) >= CHATS:
            return await self.get(peer)  # strangers must not make us forget what was said of others
        self._chats[peer] = name, chosen
        await self.store.set("chats", {str(each): value for each, value in self._chats.items()})
        told = await self._told(peer, name, chosen)
        self.changed.emit([told])
        return told

    async def _secures(self, peer: JID, wanted: str) -> str:
        """By which method a new message is encrypted: the ``wanted`` one, what was said or was so before, else what can
        be, if the settings say so."""
        if wanted:
            return CLEAR if wanted == UNENCRYPTED else await self._begun(peer, wanted)
        known = self._chats.get(peer)
        if known is not None:
            return known[0]
        chosen = await self.automatic.choose(peer)
        if peer in self._chats:  # somebody has said so meanwhile
            return self._chats[peer][0]
        if chosen is None:
            return CLEAR
        self.spawn(self._set(peer, chosen.info.name, False))  # not waited for: what is written next must not overtake
        return chosen.info.name

    @on_event(Online)
    def _online(self, event: Online) -> None:
        if not event.resumed:
            self.automatic.begin_session()

    async def follow(self, peer: JID, method: str, wanted: bool = False) -> None:
        """A method has begun with somebody: it encrypts what is written in clear so far. ``wanted``: the person has
        asked for it, or said yes; else it takes the place of no other, whose keys may be known better."""
        name, _ = self._chats.get(peer, (CLEAR, False))
        if wanted or name in (CLEAR, method):
            await self._set(peer, method, True)

    async def tell_changed(self, peer: JID) -> None:
        """There is something else to know of a conversation (a method says so)."""
        self.changed.emit([await self.get(peer)])

    async def tell_undecided(self, owners: Iterable[JID]) -> None:
        """What is written to these next may be encrypted, or in clear, now."""
        if self.options.automatic and (news := [await self.get(each) for each in owners if each not in self._chats]):
            self.changed.emit(news)

    # -- messages ------------------------------------------------------------------------------------------------------

    @on_sending(Stage.UNWRAP)
    def _leaving(self, departure: Departure) -> None:
        method = self._methods.get(departure.method)
        if method is None:
            return  # the outbox refuses it
        if departure.aside and not method.whole:
            departure.method = CLEAR
        elif departure.aside:
            departure.work = self._veiled(departure.method, departure.message, departure.peer, False)
        else:
            departure.work = self._encrypt(method, departure)

    async def _encrypt(self, method: Method, departure: Departure) -> None:
        await method.encrypt(departure, await self.readers(departure.peer))

    def _veil(self, aside: Aside) -> Coroutine[Any, Any, None] | None:
        name = aside.method or self._chats.get(aside.peer, (CLEAR, False))[0]
        method = self._methods.get(name)
        if not name or (method is not None and not method.whole):
            return None
        return self._veiled(name, aside.message, aside.peer, aside.fleeting)

    async def _veiled(self, name: str, message: Message, peer: JID, fleeting: bool) -> None:
        await self._method(name).veil(message, await self.readers(peer), fleeting)

    def open(self, method: Method, arrival: Arrival) -> Awaitable[None] | None:
        """A message has come that a method knows as its own."""
        if arrival.message.kind == "error" or arrival.encrypted.method:
            return None
        return self._open(method, arrival)

    async def _open(self, method: Method, arrival: Arrival) -> None:
        try:
            await method.decrypt(arrival)
        except SatError as error:
            from sat.xmpp.sce import is_content

            reason = error if isinstance(error, CannotDecrypt) else CannotDecrypt(reason=str(error))
            if method.whole and not arrival.message.body and arrival.message.child("no-store", "urn:xmpp:hints"):
                arrival.stop()  # typing, or the like: there is nothing to miss
                return
            arrival.unreadable = f"{reason} {reason.advice}".strip()
            element = arrival.message.element
            element.children = [each for each in elements(element) if not is_content(each)]  # nobody has vouched for it
        if arrival.encrypted.method and not arrival.old and arrival.peer not in self._chats:
            self.spawn(self._follow(arrival.peer, arrival.encrypted.method))

    async def _follow(self, peer: JID, method: str) -> None:
        """Who writes so wants such answers."""
        try:
            await self.readers(peer)
        except (CannotEncrypt, NotInRoom) as error:
            self.log.info("what is written to %s stays in clear: %s", peer, error)
        else:
            await self._set(peer, method, False)

    # -- comparing secrets ---------------------------------------------------------------------------------------------

    async def get_comparisons(self) -> list[Comparison]:
        return self.comparing.under_way()

    async def compare(self, peer: JID, secret: Secret, question: str = "") -> None:
        await self.comparing.compare(self._compares(peer), secret, question)

    async def answer(self, peer: JID, secret: Secret) -> None:
        await self.comparing.answer(self._compares(peer), secret)

    async def abort(self, peer: JID) -> None:
        await self.comparing.abort(self.messages.conversation(peer))

    def _compares(self, peer: JID) -> tuple[JID, Method]:
        """Errors: InvalidArgument."""
        peer = self.messages.conversation(peer)
        method = self._methods.get(self._chats.get(peer, (CLEAR, False))[0])
        if method is None or not method.info.secrets:
            able = ", ".join(each.info.title for each in self._methods.values() if each.info.secrets) or "none"
            raise InvalidArgument(
                reason=f"Secrets are compared inside an encryption that can do that. Here, these can: {able}."
            )
        return peer, method

    # -- keys ----------------------------------------------------------------------------------------------------------

    async def get_keys(self, peer: JID, refresh: bool = False) -> list[Key]:
        readers = await self.readers(self.messages.conversation(peer))
        return [
            key for method in self._methods.values() for each in readers for key in await method.keys(each, refresh)
        ]

    async def set_trust(self, peer: JID, method: str, fingerprint: str, trust: Trust) -> Key:
        fingerprint = "".join(fingerprint.split()).lower()
        chosen = self._method(method)
        for before in await chosen.keys(peer.bare, False):
            if before.fingerprint == fingerprint:
                await chosen.set_trust(peer.bare, fingerprint, trust)
                await self._keys_moved(peer.bare, method)
                return before._replace(trust=trust, by="")
        raise NotFound(what=f"key {fingerprint} of {peer.bare}")

    async def remove_key(self, method: str, fingerprint: str) -> None:
        chosen, fingerprint = self._method(method), "".join(fingerprint.split()).lower()
        for key in await chosen.keys(self.session.account.jid.bare, False):
            if key.fingerprint == fingerprint:
                if key.here:
                    raise InvalidArgument(reason="This is the key of this program, which needs it to read.")
                await chosen.remove(key)
                return
        raise NotFound(what=f"key {fingerprint[:100]} of yours")

    async def tell(self, news: KeyNews) -> None:
        """Somebody has other keys now (a method says so)."""
        self.keys_changed.emit([news])
        await self._keys_moved(news.owner, news.method)

    async def _keys_moved(self, peer: JID, method: str) -> None:
        name, chosen = self._chats.get(peer, (CLEAR, False))
        if name == method:
            self.changed.emit([await self._told(peer, name, chosen)])

    async def get_uri(self, peer: JID) -> str:
        said: dict[str, str] = {}
        for method in self._methods.values():
            keys = [key for key in await method.keys(peer.bare, False) if key.trust is not Trust.DISTRUSTED]
            said |= method.parameters([key for key in keys if key.active])
        if not said:
            raise NotFound(what=f"key of {peer.bare}")
        return addresses.write(peer.bare, said)

    async def verify_uri(self, uri: str) -> list[Key]:
        owner, said = addresses.read(uri)
        found = []
        for method in self._methods.values():
            named = method.named(said)
            if not named:
                continue
            known = {key.fingerprint: key for key in await method.keys(owner, True)}
            for fingerprint in named:
                if key := known.get(fingerprint):
                    await method.set_trust(owner, fingerprint, Trust.VERIFIED)
                    found.append(key._replace(trust=Trust.VERIFIED, by=""))
            await self._keys_moved(owner, method.info.name)
        if not found:
            raise NotFound(what=f"key of {owner} that this address names")
        return found

    async def repair(self, peer: JID) -> None:
        name, _ = self._chats.get(self.messages.conversation(peer), (CLEAR, False))
        for method in [self._methods[name]] if name in self._methods else self._methods.values():
            for reader in await self.readers(self.messages.conversation(peer)):
                await method.repair(reader)
