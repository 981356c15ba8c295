"""What a ``<jingle/>`` of a peer says."""

from __future__ import annotations

import pytest
from support.parsing import parse

from sat.xmpp import jingle
from sat.xmpp.jingle import Condition, Reason


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("failed-transport", Condition.FAILED_TRANSPORT),
        ("failed_transport", Condition.FAILED_TRANSPORT),  # of Dino 0.4
        ("bored", Condition.GENERAL_ERROR),
    ],
)
def test_reasons(said: str, condition: Condition) -> None:
    reason = f"<reason><{said}/><text>oh  no</text></reason>"
    read = jingle.read(parse(f"<jingle xmlns='{jingle.NS}' action='session-terminate' sid='a'>{reason}</jingle>"))
    assert read.reason == Reason(condition, "oh no")
