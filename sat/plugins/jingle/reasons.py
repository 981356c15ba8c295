"""What it means to a person that a peer ends a session, or something in it (XEP-0166 §7.4)."""

from __future__ import annotations

from sat.api import JID
from sat.api.errors import CancelledThere, NotSafeEnough, NoWayToPeer, PeerDeclined, SatError, TransferBroken
from sat.xmpp.jingle import Condition, Reason

_NO_WAY = (Condition.CONNECTIVITY_ERROR, Condition.FAILED_TRANSPORT, Condition.UNSUPPORTED_TRANSPORTS)


def error_of(peer: JID, reason: Reason, *, begun: bool = False) -> SatError:
    """What it means to a person that the peer ends something for that reason; ``begun``: there was a stream."""
    condition, text = reason
    if condition is Condition.SUCCESS:
        return TransferBroken(peer=peer, reason="it was ended there")
    if condition is Condition.CANCEL:
        return CancelledThere(peer=peer, why=f" (“{text}”)" if text else "")
    if condition in (Condition.DECLINE, Condition.BUSY):
        why = text or ("" if condition is Condition.DECLINE else "it is busy")
        return PeerDeclined(peer=peer, why=f" (“{text}”)" if text else f": {why}" if why else "")
    if condition in _NO_WAY and begun:
        return TransferBroken(peer=peer, reason="the connection was lost")
    if condition in _NO_WAY:
        return NoWayToPeer(peer=peer, reason=_SENTENCES.get(condition, "the other program found none"))
    if condition is Condition.SECURITY_ERROR:
        why = "it is not safe enough for the other program"
        return NotSafeEnough(peer=peer, reason=f"{why} (“{text}”)" if text else why)
    told = _SENTENCES.get(condition, f"the other program says: {condition}")
    return TransferBroken(peer=peer, reason=f"{told} (“{text}”)" if text else told)


_SENTENCES = {
    Condition.EXPIRED: "it took too long for the other program",
    Condition.TIMEOUT: "it took too long for the other program",
    Condition.GONE: "the other program was closed",
    Condition.FAILED_APPLICATION: "the other program could not handle it",
    Condition.UNSUPPORTED_APPLICATIONS: "the other program does not know how",
    Condition.INCOMPATIBLE_PARAMETERS: "the other program cannot handle it in this way",
    Condition.MEDIA_ERROR: "what arrived there was damaged",
    Condition.UNSUPPORTED_TRANSPORTS: "none that both programs know",
}
