"""Comparing secrets with contacts: which of it is under way."""

from __future__ import annotations

from collections.abc import Callable

from sat.api import JID, Secret
from sat.plugins.encryption.api import ChatEncryption, Comparison, ComparisonState, EncryptionApi


class Comparing:
    """The comparisons of a profile that have not ended; ``tell`` hears each that has come further."""

    def __init__(self, api: EncryptionApi, tell: Callable[[Comparison], None]) -> None:
        self._api, self._tell = api, tell
        self._able: frozenset[str] | None = None  # methods; None before they are known
        self._under_way: dict[JID, Comparison] = {}

    def state(self, peer: JID) -> Comparison | None:
        """How far comparing with somebody has come; None where it has not begun, or has ended."""
        return self._under_way.get(peer)

    def asks(self, peer: JID) -> bool:
        """Whether they wait for an answer of ours."""
        state = self.state(peer)
        return state is not None and state.state is ComparisonState.ASKED

    def can(self, state: ChatEncryption | None) -> bool:
        """Whether secrets are compared by what encrypts a conversation."""
        return state is not None and state.method in (self._able or ())

    async def load(self, again: bool = False) -> None:
        """Learn what there is; ``again`` if it is known already, for the daemon was away. Errors: those of the API."""
        if self._able is None or again:
            able = frozenset(each.name for each in await self._api.get_methods() if each.secrets)
            self._under_way = {each.peer: each for each in await self._api.get_comparisons()}
            self._able = able

    async def compare(self, peer: JID, secret: str, question: str = "") -> None:
        """Ask. Errors: those of ``EncryptionApi.compare``."""
        await self._api.compare(peer, Secret(secret), question)

    async def answer(self, peer: JID, secret: str) -> None:
        """Give our secret to what they ask. Errors: those of ``EncryptionApi.answer``."""
        await self._api.answer(peer, Secret(secret))

    async def abort(self, peer: JID) -> None:
        """Give it up. Errors: those of ``EncryptionApi.abort``."""
        await self._api.abort(peer)

    def listen(self) -> Callable[[], None]:
        """Hear everything from now on; what ends that."""
        return self._api.compared.connect(self._compared)

    def _compared(self, told: list[Comparison]) -> None:
        for each in told:
            if each.state in (ComparisonState.ASKED, ComparisonState.WAITING):
                self._under_way[each.peer] = each
            else:
                self._under_way.pop(each.peer, None)
            self._tell(each)
