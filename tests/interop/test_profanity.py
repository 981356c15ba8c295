"""profanity and our daemon. It knows neither replies, reactions, retractions nor spoilers: what is tested of these is
that what we send is readable there, and that a reaction, which has no text, shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from interop.in_terminal import (  # noqa: F401 - the tests run here
    ALICE,
    BOB,
    Client,
    bob_is_there,
    enter,
    test_corrections,
    test_messages_and_receipts,
    test_readable_where_it_is_not_known,
    test_rooms,
)
from interop.table import BOTH, exchanged
from interop.terminals import profanity
from support.pictures import png
from support.talk import wait
from support.tmux import Terminal

from sat.world import World
from sat.world.people import run

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


@exchanged(BOTH, "Files (0363, 0066)")
def test_files(alice: Any, screen: Terminal, tmp_path: Path) -> None:
    screen.type("/win 2")  # that of alice, if a test has entered a room
    screen.press("Enter")
    screen.wait(lambda text: "alice@localhost" in text or "Alice" in text)
    theirs = tmp_path / "beach.png"
    theirs.write_bytes(png(40, 30))
    enter(screen, f"/sendfile {theirs}")
    wait(lambda: any(each.attachments for each in run(alice.messages.get_history(BOB))), "it comes")
    came = run(alice.messages.get_history(BOB))[-1]
    picture = run(alice.attachments.get_file(came.id))
    assert (Path(picture.path).read_bytes(), picture.type) == (theirs.read_bytes(), "image/png")
    ours = tmp_path / "dune.png"
    ours.write_bytes(png(30, 40))
    transfer = run(alice.transfers.finish(run(alice.upload.upload(str(ours), BOB)).id))
    (about,) = run(alice.messages.get_message(transfer.message)).attachments
    screen.wait(lambda text: about.url in "".join(text.split()))
    saved = tmp_path / "saved.png"
    enter(screen, f"/url save {about.url} {saved}")
    wait(lambda: saved.exists() and saved.read_bytes() == ours.read_bytes(), "it is saved")
