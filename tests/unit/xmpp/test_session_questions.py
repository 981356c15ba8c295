"""Questions of a session, and whose answers are believed."""

from __future__ import annotations

import pytest
from support.line import Line, asked, online

from sat.api.errors import PeerError, RequestTimeout


@pytest.mark.parametrize(
    ("peer", "sender", "believed"),
    [
        (None, "", True),
        (None, "from='romeo@example.org'", True),
        (None, "from='Romeo@EXAMPLE.org'", True),
        (None, "from='romeo@example.org/orchard'", True),
        (None, "from='example.org'", True),
        (None, "from='romeo@example.org/other'", False),
        (None, "from='romeo@example.org.evil.test'", False),
        (None, "from='mallory@evil.test'", False),
        ("romeo@example.org", "", True),
        ("romeo@example.org", "from='example.org'", False),
        ("example.org", "from='example.org'", True),
        ("example.org", "", True),
        ("example.org", "from='mallory@example.org'", False),
        ("juliet@example.org/balcony", "from='juliet@example.org/balcony'", True),
        ("juliet@example.org/balcony", "from='juliet@example.org'", False),
        ("juliet@example.org/balcony", "", False),
        ("juliet@example.org/balcony", "from='@@'", False),
    ],
)
def test_answers_are_believed_from_whom_was_asked(peer: str | None, sender: str, believed: bool) -> None:
    line = online()
    id, results = asked(line, peer)
    line.server.send(f"<iq type='result' id='{id}' {sender}/>")
    line.settle()
    assert bool(results) is believed
    assert not line.stanzas, "an answer is never the core's"


def test_the_true_answer_is_waited_for() -> None:
    line = online()
    id, results = asked(line, "juliet@example.org/balcony")
    line.server.send(f"<iq type='result' id='{id}' from='mallory@evil.test'><query xmlns='jabber:iq:version'/></iq>")
    line.server.send(f"<iq type='result' id='{id}' from='juliet@example.org/balcony'/>")
    line.settle()
    assert [each["from"] for each in results] == ["juliet@example.org/balcony"]


def test_an_error_is_raised_however_strange() -> None:
    line = online()
    for payload in ("", "<error/>", "<error type='x'><evil xmlns='urn:evil'/></error>"):
        id, results = asked(line, "example.org")
        line.server.send(f"<iq type='error' from='example.org' id='{id}'>{payload}</iq>")
        line.settle()
        assert isinstance(results[0], PeerError)
        assert results[0].details["condition"] == "undefined-condition"


def test_no_answer_is_an_error_too() -> None:
    line = online()
    _, results = asked(line, "juliet@example.org/balcony", 5)
    line.advance(6)
    assert isinstance(results[0], RequestTimeout)
    assert str(results[0]) == "juliet@example.org/balcony did not answer within 5 s."


def test_a_question_survives_a_resumption_but_not_the_session() -> None:
    line = online()
    id, results = asked(line, "juliet@example.org/balcony")
    line.here.cut()
    line.advance(2)
    line.server.send(f"<iq type='result' id='{id}' from='juliet@example.org/balcony'/>")
    line.settle()
    assert len(results) == 1
    _, results = asked(line, "juliet@example.org/balcony")
    line.link.disconnect()
    line.settle()
    assert type(results[0]).__name__ == "NotConnected"


def test_a_question_needs_a_session() -> None:
    _, results = asked(Line(), "example.org")
    assert type(results[0]).__name__ == "NotConnected"
