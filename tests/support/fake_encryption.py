"""Encryption in memory: one method, people with keys, and what has become of them."""

from __future__ import annotations

from urllib.parse import unquote

from sat.api import JID, Secret
from sat.api.errors import InvalidArgument, NoKeys, NotFound
from sat.api.messages import Trust
from sat.plugins.encryption.api import (
    ChatEncryption,
    Comparison,
    ComparisonState,
    EncryptionApi,
    Key,
    KeyNews,
    MethodInfo,
)
from support.fakes import Failing

OMEMO = MethodInfo("omemo", "OMEMO", rooms=False, secrets=False, logged=True)
OTR = MethodInfo("otr", "OTR", rooms=False, secrets=True, logged=False)


def fingerprint(digit: str) -> str:
    """One that is told apart by its first digit: ``a0a0…``."""
    return f"{digit}0" * 32


class Encryption(Failing, EncryptionApi):
    """``put`` the keys of somebody; who has none cannot be encrypted for."""

    def __init__(self, own: JID) -> None:
        super().__init__()
        self.own = own.bare
        self.states: dict[JID, ChatEncryption] = {}
        self.keys: dict[JID, list[Key]] = {}
        self.comparisons: dict[JID, Comparison] = {}
        self.secrets: list[tuple[str, str]] = []  # what was given: the method of the API, the secret
        self.put(self.own, "e", trust=Trust.VERIFIED, own=True, here=True, label="this <daemon>", id="14")

    def put(
        self,
        owner: JID,
        digit: str,
        trust: Trust = Trust.BLIND,
        *,
        own: bool = False,
        here: bool = False,
        active: bool = True,
        label: str = "",
        id: str = "",
    ) -> Key:
        """Somebody has one more key."""
        key = Key("omemo", owner.bare, fingerprint(digit), trust, own, here, active, label, id)
        self.keys.setdefault(owner.bare, []).append(key)
        return key

    def comes(self, owner: JID, digit: str, trust: Trust = Trust.UNDECIDED, label: str = "") -> Key:
        """Somebody has a new device, and that is told."""
        key = self.put(owner, digit, trust, own=owner.bare == self.own, label=label)
        self.keys_changed.emit([KeyNews("omemo", owner.bare, [key], [])])
        self._tell(owner.bare)
        return key

    def goes(self, owner: JID, digit: str) -> None:
        """Somebody has a device less."""
        (key,) = [each for each in self.keys[owner.bare] if each.fingerprint == fingerprint(digit)]
        self.keys[owner.bare] = [*(each for each in self.keys[owner.bare] if each != key), key._replace(active=False)]
        self.keys_changed.emit([KeyNews("omemo", owner.bare, [], [key._replace(active=False)])])
        self._tell(owner.bare)

    def _state(self, peer: JID, method: str, chosen: bool) -> ChatEncryption:
        keys = [each for each in self.keys.get(peer.bare, []) if each.active]
        believed = [each.trust for each in keys if each.trust in (Trust.BLIND, Trust.VERIFIED)]
        trust = Trust.UNDECIDED if not believed else Trust.BLIND if Trust.BLIND in believed else Trust.VERIFIED
        waits = any(each.trust is Trust.UNDECIDED for each in keys)
        note = "" if not method else "A new key waits for your decision." if waits else ""
        return ChatEncryption(peer, method, chosen, trust, ["omemo", "otr"], note, logged=method != "otr")

    def asks(self, peer: JID) -> None:
        """Somebody would like to talk with OTR."""
        known = self.states.get(peer) or self._state(peer, "", False)
        self.states[peer] = known._replace(asked="otr", note="They would like to talk with OTR.")
        self.changed.emit([self.states[peer]])

    def _tell(self, peer: JID) -> None:
        known = self.states.get(peer)
        if known is not None and known.method:
            self._set(peer, known.method, known.chosen)

    def _set(self, peer: JID, method: str, chosen: bool = True) -> ChatEncryption:
        self.states[peer] = self._state(peer, method, chosen)
        self.changed.emit([self.states[peer]])
        return self.states[peer]

    async def get_methods(self) -> list[MethodInfo]:
        return [OMEMO, OTR]

    async def get(self, peer: JID) -> ChatEncryption:
        await self.called("get", peer)
        return self.states.get(peer) or self._state(peer, "", False)

    async def begin(self, peer: JID, method: str = "") -> ChatEncryption:
        await self.called("begin", peer, method)
        if method not in ("", "omemo", "otr"):
            raise InvalidArgument(reason=f"There is no way to encrypt that is called “{method}”.")
        if not self.keys.get(peer.bare):
            raise NoKeys(who=peer, method="OMEMO")
        return self._set(peer, method or "omemo")

    async def refuse(self, peer: JID) -> ChatEncryption:
        await self.called("refuse", peer)
        known = await self.get(peer)
        return self._set(peer, known.method, known.chosen)

    async def end(self, peer: JID) -> ChatEncryption:
        await self.called("end", peer)
        return self._set(peer, "")

    async def get_keys(self, peer: JID, refresh: bool = False) -> list[Key]:
        await self.called("get_keys", peer, refresh)
        return list(self.keys.get(peer.bare, []))

    async def set_trust(self, peer: JID, method: str, fingerprint: str, trust: Trust) -> Key:
        await self.called("set_trust", peer, method, fingerprint, trust)
        for place, each in enumerate(self.keys.get(peer.bare, [])):
            if each.fingerprint == "".join(fingerprint.split()).lower():
                self.keys[peer.bare][place] = each._replace(trust=trust)
                self._tell(peer.bare)
                return self.keys[peer.bare][place]
        raise NotFound(what=f"key {fingerprint} of {peer.bare}")

    async def remove_key(self, method: str, fingerprint: str) -> None:
        await self.called("remove_key", method, fingerprint)
        for each in self.keys[self.own]:
            if each.fingerprint == fingerprint:
                if each.here:
                    raise InvalidArgument(reason="This is the key of this program, which needs it to read.")
                self.goes(self.own, fingerprint[0])
                return
        raise NotFound(what=f"key {fingerprint} of yours")

    async def get_uri(self, peer: JID) -> str:
        keys = [each for each in self.keys.get(peer.bare, []) if each.trust is not Trust.DISTRUSTED]
        if not keys:
            raise NotFound(what=f"key of {peer.bare}")
        return f"xmpp:{peer.bare}?" + ";".join(f"omemo-sid-{each.id or 1}={each.fingerprint}" for each in keys)

    async def verify_uri(self, uri: str) -> list[Key]:
        await self.called("verify_uri", uri)
        address, question, query = uri.partition("?")
        if not address.startswith("xmpp:") or not question:
            raise InvalidArgument(reason="This is no address with keys, such as xmpp:somebody@example.org?omemo-sid-….")
        owner = JID.parse(unquote(address[5:])).bare
        named = {each.partition("=")[2] for each in query.split(";")}
        found = [each for each in self.keys.get(owner, []) if each.fingerprint in named]
        if not found:
            raise NotFound(what=f"key of {owner} that this address names")
        return [await self.set_trust(owner, each.method, each.fingerprint, Trust.VERIFIED) for each in found]

    async def repair(self, peer: JID) -> None:
        await self.called("repair", peer)
        if not self.keys.get(peer.bare):
            raise NoKeys(who=peer, method="OMEMO")

    def compares(self, peer: JID, state: ComparisonState, question: str = "") -> None:
        """Comparing secrets has come so far."""
        told = self.comparisons[peer] = Comparison(peer, "otr", state, question)
        if state not in (ComparisonState.ASKED, ComparisonState.WAITING):
            del self.comparisons[peer]
        self.compared.emit([told])

    async def get_comparisons(self) -> list[Comparison]:
        return list(self.comparisons.values())

    async def compare(self, peer: JID, secret: Secret, question: str = "") -> None:
        """They know “nurse”, and answer at once; who is asked nothing does not."""
        await self.called("compare", peer, question)
        self.secrets.append(("compare", str(secret)))
        self.compares(peer, ComparisonState.WAITING, question)
        if question:
            self.compares(peer, ComparisonState.SAME if secret == "nurse" else ComparisonState.DIFFERENT)

    async def answer(self, peer: JID, secret: Secret) -> None:
        await self.called("answer", peer)
        self.secrets.append(("answer", str(secret)))
        self.compares(peer, ComparisonState.PROVED)

    async def abort(self, peer: JID) -> None:
        await self.called("abort", peer)
        self.compares(peer, ComparisonState.ABORTED)
