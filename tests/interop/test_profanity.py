"""profanity and our daemon. It knows neither replies, reactions, retractions nor spoilers: what is tested of these is
that what we send is readable there, and that a reaction, which has no text, shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from interop.in_terminal import (  # noqa: F401 - the tests run here
    ALICE,
    Client,
    bob_is_there,
    enter,
    test_corrections,
    test_messages_and_receipts,
    test_readable_where_it_is_not_known,
    test_rooms,
)
from interop.terminals import profanity
from support.tmux import Terminal

from sat.world import World

CLIENT = "profanity"


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(
        "/join {room} nick bob",
        lambda screen: screen.tells("retracted a message, which your program does not support."),
    )


@pytest.fixture(scope="module")
def alice(alice_at_prosody: Any) -> Any:
    return alice_at_prosody


@pytest.fixture(scope="module")
def screen(world: World, alice: Any) -> Iterator[Terminal]:
    """profanity, with bob's account, in the window of alice."""
    with profanity(world, "bob") as screen:
        bob_is_there(alice)
        for command in ("/receipts request on", "/receipts send on", "/correction on", f"/msg {ALICE}"):
            enter(screen, command)
        screen.wait(lambda text: "alice@localhost" in text or "Alice" in text)
        yield screen
