"""Asking the server to count stanzas, and to go on with a session that broke off (XEP-0198 §3, §5)."""

from __future__ import annotations

from sat.api.errors import ProtocolViolation
from sat.xmpp import xml
from sat.xmpp.acks import NS_SM, HandledTooHigh, read_h
from sat.xmpp.session import Session
from sat.xmpp.stream import Stream
from sat.xmpp.xml import Element


async def resume(stream: Stream, session: Session) -> bool:
    """Go on with a session over a new stream; whether the server still has it. Errors: ProtocolViolation."""
    session.incoming.forget()
    stream.send(xml.element("resume", NS_SM, h=session.incoming.handled, previd=session.resume_id))
    return resumed(stream, session, await stream.receive())


def resumed(stream: Stream, session: Session, answer: Element) -> bool:
    """What the server says to a resumption: whether it still has the session. Errors: ProtocolViolation."""
    h = read_h(answer)
    try:
        if answer.uri == NS_SM and answer.name == "resumed" and h is not None:
            session.resume(stream, h)
            return True
        if answer.uri == NS_SM and answer.name == "failed":
            if h is not None:  # XEP-0198 §5: what had arrived before it was forgotten
                session.arrived(h)
            return False
    except HandledTooHigh:
        pass
    raise ProtocolViolation(server=stream.domain, reason="its answer to a resumption is malformed")


async def manage(stream: Stream, session: Session) -> list[Element]:
    """Turn stream management on; the stanzas that came before it was, which do not count."""
    stream.send(xml.element("enable", NS_SM, resume="true"))
    early: list[Element] = []
    while True:
        answer = await stream.receive()
        if answer.uri == NS_SM:
            break
        early.append(answer)
    if answer.name == "enabled":
        enabled(session, answer)
    return early


def enabled(session: Session, answer: Element) -> None:
    """Stanzas are counted from now on, as the server's ``<enabled/>`` says."""
    session.managed = True
    if answer.attributes.get("resume") in ("true", "1"):
        session.resume_id = str(answer.attributes.get("id", ""))[:4000]
        session.location = str(answer.attributes.get("location", ""))[:300]
    longest = str(answer.attributes.get("max", ""))
    if longest.isascii() and longest.isdigit() and len(longest) < 9:
        session.longest_away = float(longest)
