"""How the conversations of a profile are encrypted, and whose keys are trusted: one model for all frontends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from sat.api import JID, SatError, Signal
from sat.api.errors import InvalidArgument, NotFound
from sat.api.messages import Trust
from sat.plugins.encryption.api import ChatEncryption, Comparison, EncryptionApi, Key, KeyNews
from sat.plugins.rooms.api import OccupantsChange
from sat_frontends.quick_frontend import encryption_words
from sat_frontends.quick_frontend.chat import Chat
from sat_frontends.quick_frontend.comparing import Comparing
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.loop import Spawn
from sat_frontends.quick_frontend.room_words import Piece


class Encrypting:
    """Of the open conversations it knows how they are encrypted, and the keys of their contacts."""

    def __init__(
        self,
        api: EncryptionApi,
        contacts: ContactList,
        chats: Mapping[JID, Chat],
        own: Callable[[], JID],
        spawn: Spawn,
    ) -> None:
        self.changed: Signal[JID] = Signal()
        """A conversation that is encrypted in another way, or whose contact has other keys."""
        self._api, self._contacts, self._chats, self._own, self._spawn = api, contacts, chats, own, spawn
        self.comparing = Comparing(api, self._compared)
        self._states: dict[JID, ChatEncryption] = {}
        self._keys: dict[JID, list[Key]] = {}

    # -- looking -------------------------------------------------------------------------------------------------

    def state(self, peer: JID) -> ChatEncryption | None:
        """How a conversation is encrypted; None where that is not known."""
        return self._states.get(peer)

    def known_keys(self) -> list[Key]:
        """The keys of the contacts of open conversations, and ours, as far as somebody has asked."""
        return [key for keys in self._keys.values() for key in keys]

    def label(self, key: Key) -> str:
        """Whose key it is."""
        return "yourself" if key.own else self._contacts.label(key.owner)

    async def keys(self, peer: JID, refresh: bool = False) -> tuple[list[Key], list[Key]]:
        """Those of somebody, and ours. Errors: those of ``get_keys``."""
        found = []
        for owner in (peer.bare, self._own()):
            self._keys[owner] = encryption_words.in_order(await self._api.get_keys(owner, refresh))
            found.append(self._keys[owner])
        return found[0], found[1]

    def find(self, peer: JID, beginning: str) -> Key:
        """The key of somebody, or of ours, whose fingerprint begins so. Errors: NotFound, InvalidArgument."""
        wanted = "".join(beginning.split()).lower()
        keys = [*self._keys.get(peer.bare, []), *self._keys.get(self._own(), [])]
        fitting = [key for key in dict.fromkeys(keys) if wanted and key.fingerprint.startswith(wanted)]
        if not fitting:
            raise NotFound(what=f"key here that begins with “{beginning[:100]}”")
        if len(fitting) > 1:
            raise InvalidArgument(reason=f"{len(fitting)} keys begin with “{beginning[:100]}”. Give more digits.")
        return fitting[0]

    # -- changing ------------------------------------------------------------------------------------------------

    async def begin(self, peer: JID, method: str = "") -> ChatEncryption:
        """Encrypt from now on. Errors: those of ``EncryptionApi.begin``."""
        state = await self._api.begin(peer, method)
        self._take([state])
        self._spawn(self._load_keys(peer))
        return state

    async def end(self, peer: JID) -> None:
        """Write in clear from now on."""
        self._take([await self._api.end(peer)])

    async def refuse(self, peer: JID) -> str:
        """Say no to what they would like to begin; that, or nothing where they do not."""
        before = self._states.get(peer)
        self._take([await self._api.refuse(peer)])
        return before.asked if before is not None else ""

    async def trust(self, key: Key, trust: Trust) -> Key:
        """Say what is thought of a key. Errors: NotFound."""
        changed = await self._api.set_trust(key.owner, key.method, key.fingerprint, trust)
        await self._load_keys(key.owner)
        return changed

    async def remove(self, key: Key) -> None:
        """Have nobody encrypt for another program of ours any more. Errors: those of ``remove_key``."""
        await self._api.remove_key(key.method, key.fingerprint)
        await self._load_keys(key.owner)

    async def verify(self, uri: str) -> list[Key]:
        """Verify the keys that an address names; those. Errors: those of ``verify_uri``."""
        found = await self._api.verify_uri(uri)
        await self._load_keys(found[0].owner)
        return found

    async def uri(self) -> str:
        """Our own address with the fingerprints of our keys, for others. Errors: NotFound."""
        return await self._api.get_uri(self._own())

    async def repair(self, peer: JID) -> None:
        """Begin anew with somebody. Errors: those of ``EncryptionApi.repair``."""
        await self._api.repair(peer)

    # -- its life ------------------------------------------------------------------------------------------------

    def listen(self) -> list[Callable[[], None]]:
        """Hear everything from now on; what ends that."""
        return [
            self._api.changed.connect(self._take),
            self._api.keys_changed.connect(self._keys_changed),
            self.comparing.listen(),
        ]

    async def load(self) -> None:
        """Look again at what is known: the daemon was away."""
        with suppress(SatError):
            await self.comparing.load(again=True)
        for peer in {*self._chats, *self._states}:
            await self.look(peer)

    def opened(self, peer: JID) -> None:
        """A conversation is open from now on: it stands as it was known, until it is looked at again."""
        state = self._states.get(peer)
        self._chats[peer].in_clear.set_encrypted(state is not None and bool(state.method))
        self._spawn(self.look(peer))

    async def look(self, peer: JID) -> None:
        """Learn how a conversation stands. The daemon may have nothing of the kind: then it is not known."""
        with suppress(SatError):
            await self.comparing.load()
        await self._ask(peer)
        state = self._states.get(peer)
        if state is not None and state.method:
            await self._load_keys(peer)

    async def _load_keys(self, peer: JID) -> None:
        with suppress(SatError):  # who wants to see them asks again, and hears why not
            await self.keys(peer)
        self.changed.emit(peer.bare)

    def _take(self, states: Iterable[ChatEncryption]) -> None:
        for state in states:
            before, self._states[state.peer] = self._states.get(state.peer), state
            if state.peer in self._chats:
                self._chats[state.peer].in_clear.set_encrypted(bool(state.method))
                label = self._contacts.label(state.peer)
                for sentence in encryption_words.turned(before, state, label) if before else ():
                    self._chats[state.peer].comings.explain([Piece(sentence)])
            self.changed.emit(state.peer)

    def occupants_changed(self, changes: Iterable[OccupantsChange]) -> None:
        """Whether all in a private room can read what is encrypted is another question now."""
        for peer in {each.room for each in changes} & self._chats.keys():
            room = self._contacts.room(peer)
            if room is not None and room.private:
                self._spawn(self._ask(peer))

    async def _ask(self, peer: JID) -> None:
        with suppress(SatError):
            self._take([await self._api.get(peer)])

    def _keys_changed(self, told: list[KeyNews]) -> None:
        for each in told:
            own = each.owner == self._own()
            for sentence in encryption_words.news(each, self._contacts.label(each.owner), own):
                self._tell(each, own, sentence)
            self._spawn(self._load_keys(each.owner))

    def _compared(self, told: Comparison) -> None:
        if told.peer in self._chats:
            sentence = encryption_words.compared(told, self._contacts.label(told.peer))
            self._chats[told.peer].comings.explain([Piece(sentence)])
        self.changed.emit(told.peer)

    def _tell(self, told: KeyNews, own: bool, sentence: str) -> None:
        """Where it matters: in the conversations that are encrypted so."""
        for peer, chat in self._chats.items():
            state = self._states.get(peer)
            if state is not None and state.method == told.method and (own or peer.bare == told.owner):
                chat.comings.explain([Piece(sentence)])
