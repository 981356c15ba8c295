"""OMEMO between Converse.js 14 (libomemo.js) and our daemon, in both versions.

Converse.js writes in version 2 to each device that is on that list, so for the old one it is made to forget the list.
Fingerprints are not compared: in version 2 Converse.js shows a key in its Ed25519 form, which the
specification does not recommend (XEP-0384 §9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from interop.converse import converse, open_chat
from interop.table import BOTH, exchanged
from interop.test_converse import (  # noqa: F401 - the world is the same
    ALICE,
    BOB,
    enter,
    heard,
    said,
    web_world,
)
from playwright.sync_api import Browser, Page, expect
from support.talk import is_online, wait

from sat.api import JID
from sat.api.messages import MessageState, Secured, Trust
from sat.plugins.omemo.names import NEW, OLD
from sat.world import World
from sat.world.people import run

CLIENT = "converse"


@pytest.fixture(scope="module")
def alice(web_world: World) -> Any:  # noqa: F811
    alice = web_world.bridge().profile("alice")
    wait(lambda: is_online(alice), "alice is online")
    run(alice.encryption.get_keys(JID(ALICE)))  # makes hers
    return alice


@pytest.fixture(scope="module")
def page(web_world: World, alice: Any, chromium: Browser) -> Iterator[Page]:  # noqa: F811
    """Converse.js with bob's account and keys, in the chat with alice, where it encrypts."""
    with converse(web_world, chromium, "bob") as page:
        page.evaluate("api.waitUntil('OMEMOInitialized')")
        open_chat(page, ALICE)
        wait(lambda: page.evaluate(DEVICES, ALICE), "bob knows hers")
        page.locator("converse-chat .toggle-omemo").click()
        expect(page.locator("converse-chat .toggle-omemo .fa-lock")).to_be_visible()
        yield page


@exchanged(BOTH, "OMEMO 2 (0384)")
def test_version_2(alice: Any, page: Page) -> None:
    talk(alice, page, NEW)


@exchanged(BOTH, "OMEMO 0.3 (0384)")
def test_the_old_version(alice: Any, page: Page) -> None:
    page.evaluate(FORGET, ALICE)
    talk(alice, page, OLD)


def talk(alice: Any, page: Page, version: str) -> None:
    """Something is said both ways."""
    enter(page, f"psst <&> {version}")
    came = heard(alice, BOB, f"psst <&> {version}")
    (key,) = run(alice.encryption.get_keys(BOB))
    assert came.encrypted == Secured("omemo", Trust.BLIND, key.fingerprint, whole=version == NEW)
    wait(lambda: run(alice.encryption.get(BOB)).method == "omemo", "alice answers so")
    id = run(alice.messages.send(BOB, f"what? é {version}"))
    expect(said(page, f"what? é {version}")).to_be_visible()
    arrived = (MessageState.DELIVERED, MessageState.DISPLAYED)
    wait(lambda: run(alice.messages.get_message(id)).state in arrived, "its receipt is understood")
    assert page.evaluate(VERSION, [ALICE, f"what? é {version}"]) == version


VERSION = """async ([jid, body]) => {
    const chat = await api.chats.get(jid);
    const found = chat.messages.models.find(each => each.get("plaintext") === body || each.get("body") === body);
    return found.get("is_encrypted") && found.get("encryption_namespace");
}"""
"""How a message came."""

DEVICES = """async jid => {
    const list = await api.omemo.devicelists.get(jid, false, "urn:xmpp:omemo:2");
    return list.devices.filter(each => each.get("active")).length;
}"""
"""How many devices somebody has in version 2."""

FORGET = """async jid => {
    const list = await api.omemo.devicelists.get(jid, false, "urn:xmpp:omemo:2");
    list.devices.reset([]);
}"""
"""As if somebody had none."""
