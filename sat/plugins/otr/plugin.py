"""Off-the-record conversations (OTR version 2; XEP-0364): what of it has to do with the server, and with messages.

The protocol is in ``sat/otr``, which is loaded when there is something to encrypt or to decrypt. OTR knows no devices:
a conversation is with the one program that has answered, and nothing is fed to it that came another way."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

from twisted.internet.defer import Deferred, DeferredLock, TimeoutError

from sat.api import JID
from sat.api.errors import CannotEncrypt, KeysUntrusted, NotConnected, SatError
from sat.api.messages import Trust
from sat.api.settings import Tab
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Leaving, Online, Plugin, configured, needs, on_event, on_message, on_presence
from sat.core.settings import Help
from sat.core.tasks import in_time
from sat.otr import wire
from sat.otr.outcomes import Policy, Refusal
from sat.plugins.encryption.api import Key, MethodInfo
from sat.plugins.encryption.method import ASIDE, Method
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.messages.edits import MARK
from sat.plugins.messages.plugin import Messages
from sat.plugins.otr import content, sentences
from sat.plugins.otr.arriving import NAME, Arriving
from sat.plugins.otr.keeping import Keeping
from sat.plugins.otr.talk import Talk
from sat.plugins.roster.plugin import Roster
from sat.xmpp.stanzas import Presence

PATIENCE = 30.0  # seconds in which they should say yes
NAMED = "otr-fingerprint"


@dataclass
class Options:
    """When we talk off the record, and what stays of it."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    begin: Annotated[
        Policy,
        "Begin conversations with OTR",
        Help("never; manual: when you ask for it, or say yes; asked: also when a contact asks, or offers it."),
    ] = Policy.MANUAL
    log: Annotated[
        bool, "Keep what is written with OTR", Help("Else it is nowhere on the disk, and gone with the daemon.")
    ] = False


class Otr(Plugin, Method):
    """Off-the-record conversations with one program of a contact (XEP-0364)."""

    xeps = ("0364",)
    encryption = needs(Encryption)
    messages = needs(Messages)
    roster = needs(Roster)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._talks: dict[JID, Talk] = {}  # by bare address
        self._lock = DeferredLock()  # while the keys are read or made
        self._kept: Keeping | None = None
        self._jid = JID("")  # our full address in these conversations
        self._arriving = Arriving(self)
        self.undo(self.encryption.add(self))
        self.undo(self._end_all)

    @property
    def info(self) -> MethodInfo:
        return MethodInfo(NAME, content.TITLE, rooms=False, secrets=True, logged=self.options.log)

    async def _keeping(self, with_key: bool = True) -> Keeping:
        await self._lock.acquire()
        try:
            self._kept = self._kept or await Keeping.open(self.secrets)
            if with_key:
                await self._kept.have_key()
            return self._kept
        finally:
            self._lock.release()

    # -- conversations -------------------------------------------------------------------------------------------------

    async def _talk(self, to: JID) -> Talk:
        """A new one; one that there was is over."""
        from sat.otr.session import OtrSession

        keeping = await self._keeping()
        talk = Talk(to)
        trusts = _Trusts(self, keeping, to.bare)
        send, clock = partial(self._send, talk), self.session.clock.seconds
        talk.session = OtrSession(keeping.own, trusts, send, self.options.begin, clock)
        self._end(self._talks.get(to.bare))
        self._talks[to.bare] = talk
        return talk

    def _send(self, talk: Talk, body: str) -> None:
        self.session.send(content.message(talk.to, body).element)

    def _end(self, talk: Talk | None) -> None:
        if talk is None:
            return
        talk.session.end()
        self._talks.pop(talk.to.bare, None)
        self.encryption.comparing.stop(talk.to.bare)
        self.answered(talk, CannotEncrypt(who=talk.to.bare, reason=sentences.ENDED_HERE))

    def _end_all(self) -> None:
        for talk in list(self._talks.values()):
            self._end(talk)
            self.tell(talk.to.bare)

    @on_event(Leaving)
    def _leaves(self, event: Leaving) -> None:
        self._end_all()

    @on_event(Online)
    def _online(self, event: Online) -> None:
        if event.jid != self._jid:  # nobody knows us by our new address
            self._end_all()
        self._jid = event.jid

    @on_presence
    def _seen(self, presence: Presence) -> None:
        """The keys of a conversation are in the memory of one program, which has gone."""
        talk = self._talks.get(presence.sender.bare) if presence.sender else None
        if talk is None or presence.kind != "unavailable":
            return
        if talk.asked == presence.sender:
            talk.asked = None
            self.tell(talk.to.bare)
        if talk.to == presence.sender and talk.encrypted:
            talk.session.lose()
            talk.gone = True
            self.encryption.comparing.stop(talk.to.bare)
            self.tell(talk.to.bare)

    def tell(self, peer: JID) -> None:
        """There is something else to know of a conversation."""
        self.spawn(self.encryption.tell_changed(peer))

    # -- a method of encryption ----------------------------------------------------------------------------------------

    async def begin(self, readers: list[JID]) -> None:
        (peer,) = readers
        if peer == self.session.account.jid.bare:
            raise CannotEncrypt(who=peer, reason=sentences.OURSELVES)
        if not self.session.online:
            raise NotConnected(profile=self.session.name)
        if self.can(readers) and not self._talks[peer].asked:
            return
        talk = await self._ask(peer)
        started: Deferred[None] = Deferred()
        self.answered(talk, CannotEncrypt(who=peer, reason=sentences.ENDED_HERE))
        talk.started = started
        self.tell(peer)
        try:
            await in_time(started, PATIENCE, self.session.clock)
        except TimeoutError:
            raise CannotEncrypt(who=peer, reason=sentences.late(PATIENCE)) from None

    async def _ask(self, peer: JID) -> Talk:
        """Ask them to begin, or say yes: who has asked is meant, or with whom it is already, else who answers."""
        talk = self._talks.get(peer)
        if talk is None or not talk.encrypted or talk.asked:
            talk = await self._talk((talk and talk.asked) or peer)
        talk.session.policy, talk.wanted = self.options.begin, True
        if refusal := talk.session.start():
            raise CannotEncrypt(who=peer, reason=sentences.REFUSED[refusal])
        return talk

    async def end(self, peer: JID) -> None:
        self._end(self._talks.get(peer))

    def asks(self, peer: JID) -> bool:
        talk = self._talks.get(peer)
        return talk is not None and talk.asked is not None

    async def refuse(self, peer: JID) -> None:
        if talk := self._talks.get(peer):
            talk.asked = None

    def can(self, readers: list[JID]) -> bool:
        talks = [self._talks.get(each) for each in readers]
        return all(talk is not None and talk.encrypted for talk in talks)

    async def repair(self, peer: JID) -> None:
        if peer in self._talks:
            await self._ask(peer)

    async def encrypt(self, departure: Departure, readers: list[JID]) -> None:
        message, peer = departure.message, departure.peer
        if departure.id.startswith(MARK):
            raise CannotEncrypt(who=peer, reason=sentences.NO_CORRECTION)
        if message.subject or not message.body:
            raise CannotEncrypt(who=peer, reason=sentences.NO_SUBJECT if message.subject else sentences.NO_TEXT)
        talk = await self._encrypted(peer)
        bodies = talk.session.send(message.body)
        if isinstance(bodies, Refusal):
            raise self._refused(talk, bodies)
        for body in bodies[:-1]:
            self._send(talk, body)
        content.seal(message, talk.to, bodies[-1])

    async def _encrypted(self, peer: JID) -> Talk:
        """The conversation in which something can be encrypted. Errors: CannotEncrypt, KeysUntrusted."""
        talk = self._talks.get(peer)
        if talk is None:
            raise CannotEncrypt(who=peer, reason=sentences.NOT_THERE)
        if talk.encrypted:
            keeping = await self._keeping()
            if keeping.of(peer).get(talk.session.fingerprint, Trust.UNDECIDED) in ASIDE:
                raise KeysUntrusted(who=peer, keys=talk.session.fingerprint)
        return talk

    def _refused(self, talk: Talk, refusal: Refusal) -> CannotEncrypt:
        waits = refusal is Refusal.NOT_ENCRYPTED and talk.session.is_starting
        return CannotEncrypt(who=talk.to.bare, reason=sentences.NOT_YET if waits else sentences.REFUSED[refusal])

    # -- keys ----------------------------------------------------------------------------------------------------------

    async def keys(self, owner: JID, refresh: bool) -> list[Key]:
        keeping = await self._keeping(with_key=False)
        if owner == self.session.account.jid.bare:
            if not keeping.own:
                return []
            from sat.otr import keys

            print_ = keys.fingerprint(keys.read_private_key(keeping.own))
            return [Key(NAME, owner, print_, Trust.VERIFIED, own=True, here=True)]
        now = self._fingerprint(owner)
        return [Key(NAME, owner, each, trust, active=each == now) for each, trust in keeping.of(owner).items()]

    def _fingerprint(self, peer: JID) -> str:
        talk = self._talks.get(peer)
        return talk.session.fingerprint if talk else ""

    async def set_trust(self, owner: JID, fingerprint: str, trust: Trust) -> None:
        await (await self._keeping(with_key=False)).set(owner, fingerprint, trust)
        talk = self._talks.get(owner)
        if talk and trust is Trust.VERIFIED and talk.session.fingerprint == fingerprint:
            talk.notice = ""

    def parameters(self, keys: list[Key]) -> dict[str, str]:
        return {NAMED: keys[-1].fingerprint} if keys else {}

    def named(self, parameters: dict[str, str]) -> list[str]:
        return [parameters[NAMED].lower()] if NAMED in parameters else []

    def note(self, peer: JID, keys: list[Key]) -> str:
        talk = self._talks.get(peer)
        if talk is None:
            return sentences.NOTHING_LEAVES
        return talk.note or (super().note(peer, keys) if talk.encrypted else "")

    def news(self, peer: JID) -> str:
        talk = self._talks.get(peer)
        return talk.news(self.called(peer)) if talk else ""

    def called(self, peer: JID) -> str:
        """Who it is, for people."""
        contact = self.roster.find(peer)
        return contact.label if contact else str(peer)

    # -- comparing secrets ---------------------------------------------------------------------------------------------

    async def compare(self, peer: JID, secret: str, question: str) -> None:
        talk = self._comparing(peer)
        if refusal := talk.session.begin_comparing(secret, question):
            raise self._refused(talk, refusal)

    async def answer(self, peer: JID, secret: str) -> None:
        talk = self._comparing(peer)
        if refusal := talk.session.answer(secret):
            raise self._refused(talk, refusal)

    async def abort(self, peer: JID) -> None:
        if self.session.online and peer in self._talks:
            self._talks[peer].session.abort_comparing()

    def _comparing(self, peer: JID) -> Talk:
        if not self.session.online:
            raise NotConnected(profile=self.session.name)
        talk = self._talks.get(peer)
        if talk is None:
            raise CannotEncrypt(who=peer, reason=sentences.STILL_THERE)
        return talk

    # -- what comes ----------------------------------------------------------------------------------------------------

    @on_message(Stage.DECRYPT)
    def _came(self, arrival: Arrival) -> Awaitable[None] | None:
        body = arrival.message.body
        talk = self._talks.get(arrival.peer)
        if not body or not (talk or wire.is_ours(body)) or arrival.unreadable:
            return None
        if arrival.room or arrival.message.kind == "groupchat" or self.messages.rooms.knows(arrival.sender.bare):
            return None
        if talk is None and self.options.begin is Policy.NEVER:
            return None
        return self.encryption.open(self, arrival)

    async def decrypt(self, arrival: Arrival) -> None:
        read = wire.read(arrival.message.body)
        if arrival.outgoing or arrival.carbon or arrival.archived or not arrival.sender.resource:
            self._arriving.aside(arrival, read, sentences.ELSEWHERE)
            return
        talk, known = self._talks.get(arrival.peer), self.roster.may_see(arrival.sender)
        if talk is None:
            if not known:
                if not isinstance(read, wire.Query):  # that is for people, too
                    self._arriving.aside(arrival, read, sentences.STRANGER)
                return
            talk = await self._talk(arrival.sender)
        elif not talk.is_with(arrival.sender):
            self._arriving.from_another(arrival, read, talk, known)
            return
        if talk.idle or not isinstance(read, wire.Plain | wire.Error):
            talk.to = arrival.sender  # from here on
        talk.session.policy = self.options.begin
        keeping = await self._keeping()
        found = talk.session.receive(arrival.message.body, known=known)
        if not found:  # the programs only talked to each other
            arrival.stop()
        for outcome in found:
            await self._arriving.became(arrival, talk, keeping, outcome)

    def answered(self, talk: Talk, error: SatError | None = None) -> None:
        """Tell who waits for the beginning that it has come, or why not."""
        started, talk.started = talk.started, None
        if started is None or started.called:
            return
        if error is None:
            started.callback(None)
        else:
            started.errback(error)

    def verify(self, peer: JID, fingerprint: str) -> None:
        """Both know the same secret: it is their key."""

        async def work() -> None:
            await self.encryption.set_trust(peer, NAME, fingerprint, Trust.VERIFIED)

        self.spawn(work())


class _Trusts:
    """Which keys of somebody are verified, for a conversation with them."""

    def __init__(self, plugin: Otr, keeping: Keeping, peer: JID) -> None:
        self._plugin, self._keeping, self._peer = plugin, keeping, peer

    def is_verified(self, fingerprint: str) -> bool:
        return self._keeping.of(self._peer).get(fingerprint) is Trust.VERIFIED

    def set_verified(self, fingerprint: str) -> None:
        self._plugin.verify(self._peer, fingerprint)
