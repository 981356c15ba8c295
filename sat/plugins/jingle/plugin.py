"""Sessions from program to program (XEP-0166): who may begin one, and who hears what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError

from sat.api import JID
from sat.api.errors import FeatureMissing, NoWayToPeer, SatError, TooManyTransfers, TransferBroken
from sat.core.plugin import Ended, Plugin, Refusal, needs, on_event, on_iq, on_presence
from sat.plugins.disco.plugin import Disco
from sat.plugins.roster.plugin import Roster
from sat.xmpp import jingle, xml
from sat.xmpp.jingle import Action, Condition, Reason, Said
from sat.xmpp.stanzas import Iq, Presence, new_id

if TYPE_CHECKING:  # what else there is of it is imported with the first session
    from sat.plugins.jingle.session import Session
    from sat.plugins.jingle.stream import Stream
    from sat.plugins.jingle.ways import Application, Offer, Way

SESSIONS = 200  # with all peers
SESSIONS_OF_ONE = 20  # with all programs of a peer
WAITING = 50  # offers that wait for us
WAITING_OF_ONE = 5
LINGER = 30.0  # seconds in which some byte must come of what is to come after the end of a session
GONE_AFTER = 10.0  # seconds in which nothing moves of a peer that seems to have gone (XEP-0166 §6.7)


class Jingle(Plugin):
    """Sessions from program to program, for files and pipes (XEP-0166)."""

    xeps = ("0166",)
    features = (jingle.NS,)
    disco = needs(Disco)
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._applications: dict[str, Application] = {}
        self._ways: dict[str, Way] = {}
        self._sessions: dict[tuple[JID, str], Session] = {}
        self._can: dict[JID, frozenset[str]] = {}  # peers with whom there are sessions → the features they have told
        self._offering: dict[tuple[JID, str], str] = {}  # what we have offered, until it is acknowledged
        self.undo(self._give_up)

    # -- for applications and ways -------------------------------------------------------------------------------

    def serve(self, application: Application) -> Callable[[], None]:
        """Register an application, and announce its namespace; returns the undo."""
        return self._register(self._applications, application)

    def use(self, way: Way) -> Callable[[], None]:
        """Register a way of carrying bytes, and announce its namespace; returns the undo."""
        return self._register(self._ways, way)

    def _register(self, known: dict[str, Any], one: Application | Way) -> Callable[[], None]:
        namespace = one.namespace
        known[namespace] = one
        withdraw = self.session.add_feature(namespace)

        def undo() -> None:
            del known[namespace]
            withdraw()

        return undo

    async def offer(self, peer: JID, offers: Sequence[Offer]) -> Session:
        """Offer a session to one program of a peer (a full address) that knows the application; returns when it has
        been received there. ``Content.stream`` waits for the answer. Errors: FeatureMissing, NoWayToPeer (no way
        that both know), TooManyTransfers, NotConnected, PeerError, RequestTimeout."""
        from sat.plugins.jingle.session import Session

        application = str(offers[0].description.uri)
        can = await self.learn(peer)
        if jingle.NS not in can or application not in can:
            raise FeatureMissing(who=peer, feature="this kind of transfer")
        if len(self._sessions) >= SESSIONS or self._number_of(peer) >= SESSIONS_OF_ONE:
            raise TooManyTransfers(limit=min(len(self._sessions), SESSIONS_OF_ONE))
        made = Session(self, peer, new_id(), initiator=True, application=application)
        key = peer, made.sid
        self._sessions[key] = made
        self._offering[key] = _likeness((each.senders, each.description) for each in offers)
        try:
            for each in offers:
                made.make(each)
            parts = [await content.whole() for content in made.contents]
            await made.ask(Action.SESSION_INITIATE, parts, initiator=made.ours)
        except SatError as error:
            made.broken(error)
            raise
        except CancelledError:  # the peer may have it already
            made.end(Condition.CANCEL)
            raise
        finally:
            self._offering.pop(key, None)
        made.expect_answer()
        return made

    # -- for sessions --------------------------------------------------------------------------------------------

    def way(self, namespace: str | None) -> Way | None:
        """The way of that namespace."""
        return self._ways.get(namespace or "")

    async def learn(self, peer: JID) -> frozenset[str]:
        """What a peer can do, kept as long as there are sessions with it. Errors: NotConnected, PeerError,
        RequestTimeout."""
        if peer not in self._can:
            can = frozenset((await self.disco.get_info(peer)).features)
            if len(self._can) >= 2 * SESSIONS:  # of those with whom there came to be none
                self._can.clear()
            self._can[peer] = can
        return self._can[peer]

    def ways_to(self, peer: JID) -> list[Way]:
        """Those that a peer knows too, the best first."""
        can = self._can.get(peer, frozenset())
        return sorted((way for ns, way in self._ways.items() if ns in can), key=lambda way: -way.preference)

    def application(self, namespace: str) -> Application | None:
        """The application of that namespace."""
        return self._applications.get(namespace)

    def forget(self, session: Session) -> None:
        """It is over."""
        self._sessions.pop((session.peer, session.sid), None)
        if not any(peer == session.peer for peer, _ in self._sessions):
            self._can.pop(session.peer, None)

    def let_end(self, stream: Stream) -> None:
        """A session is over, and its last bytes are on their way: let them come as long as they move."""
        before = stream.moved

        def look() -> None:
            if stream.moved != before:
                self.let_end(stream)
            elif not stream.is_over:
                stream.abort(TransferBroken(peer=stream.peer, reason="its last part did not come"))

        self.after(LINGER, look, key=stream)
        stream.on_end = lambda error: self.tasks.cancel(stream)

    def _number_of(self, peer: JID) -> int:
        return sum(each.bare == peer.bare for each, _ in self._sessions)

    # -- what peers say ------------------------------------------------------------------------------------------

    @on_iq("set", jingle.NS, "jingle")
    def _asked(self, iq: Iq) -> None:
        peer = iq.sender
        if peer is None or iq.payload is None:
            raise Refusal("service-unavailable")
        sid = str(iq.payload.attributes.get("sid", ""))
        session = self._sessions.get((peer, sid))
        known = session is not None or self.roster.may_see(peer)
        if not known and not any(each.wants(peer) for each in self._applications.values()):
            raise Refusal("service-unavailable")  # as if this program did not know Jingle, or were not there
        try:
            said = jingle.read(iq.payload)
        except jingle.Malformed as error:
            raise Refusal("bad-request", str(error), kind="modify") from None
        if said.action is Action.SESSION_INITIATE:
            if session is not None:
                raise Refusal("unexpected-request", kind="wait", specific=("out-of-order", jingle.NS_ERRORS))
            self._offered(peer, said, known)
        elif session is None:
            raise Refusal("item-not-found", specific=("unknown-session", jingle.NS_ERRORS))
        else:
            from sat.plugins.jingle.hearing import hear

            hear(session, said)

    def _offered(self, peer: JID, said: Said, known: bool) -> None:
        from sat.plugins.jingle.hearing import secured, tie_break
        from sat.plugins.jingle.session import Session

        parts = [part for part in said.parts if part.disposition == "session"]
        if not parts or any(
            part.creator != "initiator" or None in (part.description, part.transport) for part in parts
        ):
            raise Refusal("bad-request", kind="modify")
        namespaces = {str(part.description.uri) for part in parts if part.description is not None}
        application = self._applications.get(namespaces.pop()) if len(namespaces) == 1 else None
        if not known and (application is None or not application.wants(peer)):
            raise Refusal("service-unavailable")
        self._check_bounds(peer)
        alike = _likeness((part.senders, part.description) for part in parts)
        for (other, sid), ours in self._offering.items():
            if other == peer and ours == alike and sid <= said.sid:
                raise tie_break()
        session = Session(self, peer, said.sid, initiator=False, application=_namespace(application))
        if application is None or not all(secured(application, part) for part in parts):
            self._turn_down(session, Condition.UNSUPPORTED_APPLICATIONS)
            return
        try:
            for part in parts:
                session.take(part)
            self._sessions[peer, said.sid] = session
            application.offered(session)
        except LookupError:
            session.broken(NoWayToPeer(peer=peer, reason="none that both programs know"))
            self._turn_down(session, Condition.UNSUPPORTED_TRANSPORTS)
        except Exception:
            session.broken(TransferBroken(peer=peer, reason="it was refused"))
            raise
        else:
            session.expect_answer()

    def _check_bounds(self, peer: JID) -> None:
        waiting = [each for each in self._sessions.values() if each.waits_for_us]
        if (
            len(self._sessions) >= SESSIONS
            or self._number_of(peer) >= SESSIONS_OF_ONE
            or len(waiting) >= WAITING
            or sum(each.peer.bare == peer.bare for each in waiting) >= WAITING_OF_ONE
        ):
            raise Refusal("resource-constraint", kind="wait")

    def _turn_down(self, session: Session, condition: Condition) -> None:
        """Say no behind the acknowledgement (XEP-0166 §6.3.1)."""
        self.after(0, lambda: session.say(Action.SESSION_TERMINATE, reason=Reason(condition)))

    # -- when somebody goes --------------------------------------------------------------------------------------

    @on_presence
    def _seen(self, presence: Presence) -> None:
        peer = presence.sender
        if peer is None or presence.kind != "unavailable":
            return
        for (other, _), session in self._sessions.items():
            if other == peer:
                moved = _moved(session)
                session.after(GONE_AFTER, lambda session=session, moved=moved: self._gone(session, moved), key="gone")  # type: ignore[misc]

    def _gone(self, session: Session, moved: int) -> None:
        if _moved(session) == moved:
            session.say(Action.SESSION_TERMINATE, reason=Reason(Condition.GONE))
            session.broken(TransferBroken(peer=session.peer, reason="the other program was closed"))

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        """The session with the server is over: nobody can say anything in those any more."""
        for session in list(self._sessions.values()):
            session.broken(TransferBroken(peer=session.peer, reason="the connection to your server was lost"))

    def _give_up(self) -> None:
        for session in list(self._sessions.values()):
            session.end(Condition.GONE)


def _moved(session: Session) -> int:
    return sum(stream.moved for content in session.contents if (stream := content.open_stream) is not None)


def _namespace(application: Application | None) -> str:
    return "" if application is None else application.namespace


def _likeness(contents: Any) -> str:
    """What two offers have in common that mean the same (XEP-0166 §7.2.16)."""
    return "".join(f"{senders} {xml.to_text(description)}" for senders, description in contents)
