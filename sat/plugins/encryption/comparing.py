"""Comparing secrets: what is under way with whom."""

from __future__ import annotations

from collections.abc import Callable

from sat.api import JID, Secret
from sat.api.errors import InvalidArgument, NotFound
from sat.plugins.encryption.api import Comparison, ComparisonState
from sat.plugins.encryption.method import Method


class Comparing:
    """Of one profile. What has ended is told, and forgotten."""

    def __init__(self, method: Callable[[str], Method], told: Callable[[Comparison], object]) -> None:
        self._method, self._told = method, told
        self._comparisons: dict[JID, Comparison] = {}

    def under_way(self) -> list[Comparison]:
        """Those that have not ended."""
        return list(self._comparisons.values())

    async def compare(self, whom: tuple[JID, Method], secret: Secret, question: str) -> None:
        """Ask them. Errors: InvalidArgument, CannotEncrypt, NotConnected."""
        peer, method = whom
        await method.compare(peer, _given(secret), question)
        self.tell(Comparison(peer, method.info.name, ComparisonState.WAITING, question))

    async def answer(self, whom: tuple[JID, Method], secret: Secret) -> None:
        """Give our secret. Errors: InvalidArgument, NotFound, CannotEncrypt, NotConnected."""
        peer, method = whom
        given, asked = _given(secret), self._comparisons.get(peer)
        if asked is None or asked.state is not ComparisonState.ASKED:
            raise NotFound(what=f"question of {peer}")
        await method.answer(peer, given)
        self.tell(asked._replace(state=ComparisonState.WAITING))

    async def abort(self, peer: JID) -> None:
        """Do not compare, whoever has begun."""
        if comparison := self._comparisons.get(peer):
            await self._method(comparison.method).abort(peer)
            self.stop(peer)

    def tell(self, comparison: Comparison) -> None:
        """It has come so far (a method says so)."""
        if comparison.state in (ComparisonState.ASKED, ComparisonState.WAITING):
            self._comparisons[comparison.peer] = comparison
        else:
            self._comparisons.pop(comparison.peer, None)
        self._told(comparison)

    def stop(self, peer: JID) -> None:
        """What is under way with somebody is given up (a method says so)."""
        if peer in self._comparisons:
            self.tell(self._comparisons[peer]._replace(state=ComparisonState.ABORTED))


def _given(secret: Secret) -> str:
    if not secret:
        raise InvalidArgument(reason="The secret is empty.")
    return str(secret)
