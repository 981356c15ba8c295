"""What a peer says in a session, and whether it may say it there (XEP-0166 §7.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sat.api.errors import Cancelled, PeerDeclined
from sat.core.plugin import Refusal
from sat.plugins.jingle.content import Content, Phase
from sat.plugins.jingle.reasons import error_of
from sat.plugins.jingle.session import MOST, PATIENCE, Session, State
from sat.plugins.jingle.stream import IN_BAND
from sat.plugins.jingle.ways import Application
from sat.xmpp import jingle
from sat.xmpp.jingle import Action, Condition, Part, Reason, Said

_ACTIVE_ONLY = (Action.CONTENT_ADD, Action.CONTENT_ACCEPT, Action.CONTENT_REJECT)


def out_of_order() -> Refusal:
    """It cannot be done at this point."""
    return Refusal("unexpected-request", kind="wait", specific=("out-of-order", jingle.NS_ERRORS))


def unsupported() -> Refusal:
    """What was told is not known here."""
    return Refusal("feature-not-implemented", kind="modify", specific=("unsupported-info", jingle.NS_ERRORS))


def tie_break() -> Refusal:
    """We have asked for the same, and that goes before (XEP-0166 §7.2.16)."""
    return Refusal("conflict", specific=("tie-break", jingle.NS_ERRORS))


def secured(application: Application, part: Part) -> bool:
    """Whether what is offered is protected in no way, or in one that is known (XEP-0166 §8)."""
    return part.security is None or part.security.uri in application.securities


def hear(session: Session, said: Said) -> None:
    """The peer does something in this session. Raises ``Refusal``."""
    heard = _HEARS.get(said.action)
    if heard is None or (session.state is State.OFFERED and said.action in _ACTIVE_ONLY):
        raise out_of_order()
    heard(session, said)


def _content(session: Session, part: Part) -> Content:
    for content in session.contents:
        if content.key == (part.creator, part.name):
            return content
    raise Refusal("item-not-found", "there is no such content")


def _accepted(session: Session, said: Said) -> None:
    if not session.initiator or session.state is not State.OFFERED:
        raise out_of_order()
    parts = [(_content(session, part), part) for part in said.parts]
    if not parts or any(part.transport is None or part.description is None for _, part in parts):
        raise Refusal("bad-request")
    _check(session, parts)
    session.cancel("patience")
    session.state = State.ACTIVE
    for content, part in parts:
        content.accepted(part)
    for content in list(session.contents):
        if content.phase is Phase.OFFERED:  # it was left out
            session.drop(content, PeerDeclined(peer=session.peer, why=""))


def _check(session: Session, parts: Sequence[tuple[Content, Part]]) -> None:
    """Before anything is changed: whether all of it can be."""
    for content, part in parts:
        wrong = part.transport is not None and part.transport.uri != content.namespace
        if wrong or (part.description is not None and part.description.uri != session.application):
            raise Refusal("bad-request")


def _terminated(session: Session, said: Said) -> None:
    reason = said.reason or Reason(Condition.GENERAL_ERROR)
    if reason.condition is Condition.SUCCESS:
        for content in session.contents:
            stream = content.open_stream
            if stream is not None and not stream.is_over and content.receiving and stream.way != IN_BAND:
                content.let_go()  # it may be slower than these words
                session.plugin.let_end(stream)
            else:
                content.leave()
    begun = any(content.open_stream is not None for content in session.contents)
    session.over(reason, error_of(session.peer, reason, begun=begun))


def _informed(session: Session, said: Said) -> None:
    if said.parts or not said.payloads:  # XEP-0166 §6.8: an empty one asks whether we live
        if said.parts:
            raise unsupported()
        return
    application = session.plugin.application(session.application)
    if application is None or not all(application.told(session, each) for each in said.payloads):
        raise unsupported()


def _added(session: Session, said: Said) -> None:
    application = session.plugin.application(session.application)
    theirs = "responder" if session.initiator else "initiator"
    if not said.parts or any(part.creator != theirs for part in said.parts):
        raise Refusal("bad-request")
    if any(content.key == (part.creator, part.name) for content in session.contents for part in said.parts):
        raise out_of_order()
    for part in said.parts:
        if part.description is None or part.transport is None:
            raise Refusal("bad-request")
    if len(session.contents) + len(said.parts) > MOST:
        raise Refusal("resource-constraint", kind="wait")
    for part in said.parts:
        assert part.description is not None
        if application is None or part.description.uri != session.application or not secured(application, part):
            _turn_down(session, part, Condition.UNSUPPORTED_APPLICATIONS)
            continue
        try:
            content = session.take(part)
        except LookupError:
            _turn_down(session, part, Condition.UNSUPPORTED_TRANSPORTS)
            continue
        if application.added(session, content):
            session.after(PATIENCE, partial(session.unanswered, content), key=content.key)
        else:
            session.drop(content, Cancelled())
            _turn_down(session, part, Condition.DECLINE)


def _turn_down(session: Session, part: Part, condition: Condition) -> None:
    part = part._replace(description=None, transport=None)
    session.later(lambda: session.say(Action.CONTENT_REJECT, [part], Reason(condition)))


def _content_accepted(session: Session, said: Said) -> None:
    parts = [(_content(session, part), part) for part in said.parts]
    if not parts or any(not each.offered_here or each.phase is not Phase.OFFERED for each, _ in parts):
        raise out_of_order()
    if any(part.transport is None for _, part in parts):
        raise Refusal("bad-request")
    _check(session, parts)
    for content, part in parts:
        session.cancel(content.key)
        content.accepted(part)


def _content_gone(session: Session, said: Said) -> None:
    contents = [_content(session, part) for part in said.parts]
    if not contents:
        raise Refusal("bad-request")
    if said.action is Action.CONTENT_REJECT and any(
        not each.offered_here or each.phase is not Phase.OFFERED for each in contents
    ):
        raise out_of_order()
    reason = said.reason or Reason(Condition.DECLINE)
    for content in contents:
        session.drop(content, error_of(session.peer, reason, begun=content.open_stream is not None))
    if not session.contents:  # XEP-0166 §7.2.4: a session without contents is void
        session.later(session.end)


def _transport(session: Session, said: Said) -> None:
    parts = [(_content(session, part), part.transport) for part in said.parts]
    if not parts or any(transport is None for _, transport in parts):
        raise Refusal("bad-request")
    for content, transport in parts:
        assert transport is not None
        if not content.told(transport):
            raise unsupported()


def _transport_replaced(session: Session, said: Said) -> None:
    parts = [(_content(session, part), part.transport) for part in said.parts]
    if not parts or any(transport is None for _, transport in parts):
        raise Refusal("bad-request")
    if session.initiator and any(content.is_replacing for content, _ in parts):
        raise tie_break()
    for content, transport in parts:
        assert transport is not None
        content.replace(session.plugin.way(transport.uri), transport)


def _transport_answered(session: Session, said: Said) -> None:
    parts = [(_content(session, part), part.transport) for part in said.parts]
    if not parts or any(not content.is_replacing for content, _ in parts):
        raise out_of_order()
    taken = said.action is Action.TRANSPORT_ACCEPT
    if taken and any(transport is None for _, transport in parts):
        raise Refusal("bad-request")
    for content, transport in parts:
        content.replaced(transport if taken else None)


def _not_done(session: Session, said: Said) -> None:
    raise unsupported()


_HEARS: dict[Action, Callable[[Session, Said], None]] = {
    Action.SESSION_ACCEPT: _accepted,
    Action.SESSION_TERMINATE: _terminated,
    Action.SESSION_INFO: _informed,
    Action.CONTENT_ADD: _added,
    Action.CONTENT_ACCEPT: _content_accepted,
    Action.CONTENT_REJECT: _content_gone,
    Action.CONTENT_REMOVE: _content_gone,
    Action.CONTENT_MODIFY: _not_done,
    Action.DESCRIPTION_INFO: _not_done,
    Action.SECURITY_INFO: _not_done,
    Action.TRANSPORT_INFO: _transport,
    Action.TRANSPORT_REPLACE: _transport_replaced,
    Action.TRANSPORT_ACCEPT: _transport_answered,
    Action.TRANSPORT_REJECT: _transport_answered,
}
