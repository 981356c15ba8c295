"""One exchange of keys, and the encryption that comes of it: potr's engine, as it should be used.

Any of these methods may raise anything when it is given what a stranger made up: potr checks its input by failing. The
session turns that into outcomes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sat.otr.crypto import DsaKey
from sat.otr.group import is_usable
from sat.otr.keys import fingerprint
from sat.otr.library import crypt, proto
from sat.otr.outcomes import Compared, Ended, Question, Result
from sat.otr.text import clean
from sat.otr.wire import Encoded

VERSION = proto.OTRMessage.version
MAX_QUESTION = 1_000  # characters
_IGNORE_UNREADABLE = proto.MSGFLAGS_IGNORE_UNREADABLE
_IDLE, _QUESTION = 1, 0  # states of potr's SMPHandler
_BEGINNINGS = (proto.SMP1TLV, proto.SMP1QTLV)

Send = Callable[[bytes], None]


def parse(message: Encoded) -> Any:
    """A message of the protocol as potr has it. Errors: anything, where it is damaged."""
    return proto.messageClasses[message.version, message.kind].parsePayload(message.payload)


def is_commit(message: Any) -> bool:
    """Whether this begins an exchange of keys."""
    return isinstance(message, proto.DHCommit)


def is_for_who_began(message: Any) -> bool:
    """Whether this goes on with an exchange of keys that its receiver has begun."""
    return isinstance(message, proto.DHKey | proto.Signature)


def is_data(message: Any) -> bool:
    """Whether this is an encrypted text."""
    return isinstance(message, proto.DataMessage)


def may_be_lost(message: Any) -> bool:
    """Whether its sender says that nobody misses it when it cannot be read."""
    return bool(message.flags & _IGNORE_UNREADABLE)


class Engine:
    """Made for one exchange of keys, and thrown away with the keys. ``send`` gets what the protocol sends by itself."""

    def __init__(self, key: DsaKey, send: Send) -> None:
        self.encrypted = False
        self._key, self._send = key, send
        self._commit: Any = None
        self._keys = crypt.CryptEngine(_Context(key, self._send_internal, self._went_encrypted))

    # -- the exchange of keys ---------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Send our commitment."""
        self._keys.startAKE()

    def exchange(self, message: Any) -> None:
        """Take the next message of it."""
        self._keys.handleAKE(message)

    def outranks(self, commit: Any) -> bool:
        """Whether both have begun at the same time, and it is the peer's turn to give way: the smaller hash does. Then
        our commitment is sent again, for they may have dropped it; not to ourselves, if our own came back."""
        if self._commit is None or self._commit.hashgx < commit.hashgx:
            return False
        if self._commit.hashgx != commit.hashgx:
            self._send(bytes(self._commit))
        return True

    @property
    def fingerprint(self) -> str:
        """That of the peer's key."""
        return fingerprint(self._keys.theirPubkey)

    def _went_encrypted(self) -> None:
        self.encrypted = True

    # -- texts ------------------------------------------------------------------------------------------------------

    def encrypt(self, text: bytes) -> str:
        """A text as it travels."""
        return bytes(self._keys.createDataMessage(text)).decode()

    def decrypt(self, message: Any) -> tuple[bytes, list[tuple[int, bytes]]]:
        """A text, and the records that came with it."""
        if not is_usable(int.from_bytes(message.dhy, "big")):  # before potr has changed half of its keys
            raise ValueError("this is no next key")
        text, records = self._keys.handleDataMessage(message)
        return text, records

    def tell_ended(self) -> None:
        """Tell the peer that we forget the keys."""
        self._send_internal(b"", [proto.DisconnectTLV()])

    def heartbeat(self) -> None:
        """Send an empty text, so that keys change also when only one of us writes."""
        self._send_internal(b"")

    def _send_internal(self, message: Any, tlvs: Any = (), appdata: Any = None) -> None:
        if isinstance(message, proto.DHCommit):
            self._commit = message
        if isinstance(message, bytes):
            message = self._keys.createDataMessage(message, _IGNORE_UNREADABLE, tlvs)
        self._send(bytes(message))

    # -- comparing secrets (the Socialist Millionaires' Protocol) -----------------------------------------------------

    @property
    def is_asked(self) -> bool:
        """Whether the peer waits for our secret."""
        return self._keys.smp is not None and self._keys.smp.state == _QUESTION

    def compare(self, secret: str, question: str) -> None:
        """Begin to compare; what is under way is given up."""
        self.abort()
        self._keys.smp = _Comparison(self._keys)
        self._keys.smp.gotSecret(secret.encode("utf-8", "replace"), question.encode() or None)

    def answer(self, secret: str) -> None:
        """Give our secret, when the peer has asked."""
        self._keys.smp.gotSecret(secret.encode("utf-8", "replace"))

    def abort(self) -> None:
        """Give up comparing, if it is under way."""
        if self._keys.smp is not None and self._keys.smp.state != _IDLE:
            self._keys.smp.abort()
        self._keys.smp = None

    def record(self, kind: int, value: bytes, allow: Callable[[], bool]) -> Ended | Question | Compared | None:
        """What a record says, if anything. ``allow`` says whether the peer may begin to compare now: it takes work."""
        if kind == proto.DisconnectTLV.typ:
            return Ended()
        known = proto.tlvClasses.get(kind)
        if known is None or not issubclass(known, proto.SMPTLV):
            return None
        handler = self._keys.smp = self._keys.smp or _Comparison(self._keys)
        idle = handler.state == _IDLE
        begins = issubclass(known, _BEGINNINGS)
        if begins and idle and not allow():
            handler.abort()
            return None
        try:
            record = known.parsePayload(value)
            handler.handle(record)
        except Exception:
            handler.state = _QUESTION  # anything but idle
            handler.prog = crypt.SMPPROG_CHEATED
            self.abort()
        if known is proto.SMPABORTTLV:
            return None if idle else Compared(Result.ABORTED, self.fingerprint)
        if handler.prog == crypt.SMPPROG_CHEATED:
            self._keys.smp = None
            return None if idle and not begins else Compared(Result.BROKEN, self.fingerprint)
        if begins:
            question = getattr(record, "msg", b"").decode("utf-8", "replace")
            return Question(clean(question[:MAX_QUESTION]))
        if handler.prog == crypt.SMPPROG_OK:
            return None
        self._keys.smp = None
        return Compared(handler.result, self.fingerprint)


class _Comparison(crypt.SMPHandler):  # type: ignore[misc]
    """potr's, which leaves the peer without the last word when the secrets differ: they would see that we gave up."""

    state: int

    @property
    def result(self) -> Result:
        """How it ended. Who asks a question learns who answers, not the other way round."""
        if self.prog != crypt.SMPPROG_SUCCEEDED:
            return Result.DIFFERENT
        return Result.PROVED if self.questionReceived else Result.SAME

    def abort(self, appdata: Any = None) -> None:
        if self.prog != crypt.SMPPROG_FAILED:
            super().abort()
        elif self.state == 3:
            proof = self.proof_equal_logs(8)
            self.sendTLV(proto.SMP4TLV([crypt.pow(self.qab, self.x3, crypt.DH_MODULUS), *proof]))
        self.state = _IDLE


class _Context:
    """What potr's engine asks of its surroundings."""

    def __init__(self, key: DsaKey, send: Callable[..., None], encrypted: Callable[[], None]) -> None:
        self.user = self  # who has a name and a key
        self.name = ""
        self._key = key
        self.sendInternal = send
        self._wentEncrypted = encrypted

    def getPrivkey(self) -> DsaKey:
        return self._key

    def getPolicy(self, name: str) -> bool:
        return name == "ALLOW_V2"

    def setCurrentTrust(self, level: str) -> None:
        """Trust is the session's."""
