"""What has come of OTR, in messages: what people read, and what changes in conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api.errors import CannotDecrypt
from sat.api.messages import Secured, Trust
from sat.core.pipeline import Arrival
from sat.otr import outcomes, wire
from sat.otr.outcomes import Outcome, Result
from sat.plugins.encryption.api import Comparison, ComparisonState, Key, KeyNews
from sat.plugins.otr import content, sentences
from sat.plugins.otr.keeping import Keeping
from sat.plugins.otr.talk import Talk

if TYPE_CHECKING:
    from sat.plugins.otr.plugin import Otr

NAME = "otr"
COMPARED = {
    Result.SAME: ComparisonState.SAME,
    Result.PROVED: ComparisonState.PROVED,
    Result.DIFFERENT: ComparisonState.DIFFERENT,
    Result.ABORTED: ComparisonState.ABORTED,
    Result.BROKEN: ComparisonState.DIFFERENT,  # a false proof: somebody tries
}


class Arriving:
    """That of one profile."""

    def __init__(self, otr: Otr) -> None:
        self._otr = otr

    def aside(self, arrival: Arrival, read: wire.Body, why: str) -> None:
        """It is not for a conversation with us."""
        match read:
            case wire.Plain():
                arrival.message.body = read.text
            case wire.Encoded() if wire.is_text(read):
                arrival.copy = arrival.outgoing and not arrival.carbon
                raise CannotDecrypt(reason=why)
            case _:
                arrival.stop()

    def from_another(self, arrival: Arrival, read: wire.Body, talk: Talk, known: bool) -> None:
        """It is from another program of theirs than the one with which a conversation is."""
        if isinstance(read, wire.Query) and known:
            self._asked(arrival, talk)
            return
        if isinstance(read, wire.Plain):
            self._in_clear(talk)
        self.aside(arrival, read, sentences.OTHER_PROGRAM)

    def _asked(self, arrival: Arrival, talk: Talk) -> None:
        talk.asked = arrival.sender
        content.unseal(arrival.message, "")
        arrival.unreadable = sentences.asked(self._otr.called(arrival.peer))
        self._otr.tell(arrival.peer)

    def _in_clear(self, talk: Talk) -> None:
        talk.notice = sentences.IN_CLEAR
        self._otr.tell(talk.to.bare)

    async def became(self, arrival: Arrival, talk: Talk, keeping: Keeping, outcome: Outcome) -> None:
        """What a conversation has made of it. Errors: CannotDecrypt."""
        peer = arrival.peer
        said = arrival.encrypted.method
        match outcome:
            case outcomes.Plain(text):
                arrival.message.body = text
                return
            case outcomes.Unencrypted(text):
                arrival.message.body = text
                self._in_clear(talk)
                return
            case outcomes.Text(text, fingerprint):
                content.unseal(arrival.message, text)
                trust = keeping.of(peer).get(fingerprint, Trust.UNDECIDED)
                arrival.encrypted = Secured(NAME, trust, fingerprint)
                return
            case outcomes.Unreadable(reason):
                raise CannotDecrypt(reason=sentences.UNREADABLE[reason])
            case outcomes.Asked():
                self._asked(arrival, talk)
                return
            case outcomes.Error(text):
                content.unseal(arrival.message, "")
                arrival.unreadable = sentences.said(text)
                return
            case outcomes.Started(fingerprint, _, before):
                await self._started(talk, keeping, fingerprint, before)
            case outcomes.Ended():
                self._otr.encryption.comparing.stop(peer)
                self._otr.tell(peer)
            case outcomes.Question(text):
                self._otr.encryption.comparing.tell(Comparison(peer, NAME, ComparisonState.ASKED, text))
            case outcomes.Compared(result, _):
                self._otr.encryption.comparing.tell(Comparison(peer, NAME, COMPARED[result]))
        if not said:
            arrival.stop()

    async def _started(self, talk: Talk, keeping: Keeping, fingerprint: str, before: str) -> None:
        peer = talk.to.bare
        known = keeping.of(peer)
        talk.asked = None
        other = (before and before != fingerprint) or (known and fingerprint not in known)
        talk.notice = sentences.OTHER_KEY if other else ""
        self._otr.encryption.comparing.stop(peer)
        if fingerprint not in known:
            blind = self._otr.encryption.is_blind and Trust.VERIFIED not in known.values()
            trust = Trust.BLIND if blind else Trust.UNDECIDED
            await keeping.set(peer, fingerprint, trust)
            self._otr.spawn(self._otr.encryption.tell(KeyNews(NAME, peer, [Key(NAME, peer, fingerprint, trust)])))
        self._otr.answered(talk)
        self._otr.spawn(self._otr.encryption.follow(peer, NAME, talk.wanted))
