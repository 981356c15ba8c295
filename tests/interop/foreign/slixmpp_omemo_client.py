"""The client of ``slixmpp_client.py`` with slixmpp-omemo, as one device; its keys end with the process.

slixmpp-omemo publishes keys of both versions, but writes and reads the old one alone: of version 2 it has the keys and
sessions (python-omemo's, which it hands out for that) and leaves the envelope (XEP-0420) to who uses it. So it is made
and read here.
"""

from __future__ import annotations

import asyncio
import sys
from copy import deepcopy
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import slixmpp
import twomemo.etree
from omemo import OMEMOException, SessionManager
from omemo.storage import Just, Nothing, Storage
from slixmpp.plugins.base import register_plugin
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath
from slixmpp_client import Client, tell
from slixmpp_omemo import XEP_0384

NEW, SCE = "urn:xmpp:omemo:2", "urn:xmpp:sce:1"
OLD = "eu.siacs.conversations.axolotl"


class Memory(Storage):
    """Keeps keys and sessions as long as the process runs."""

    def __init__(self) -> None:
        super().__init__(disable_cache=True)
        self._values: dict[str, Any] = {}

    async def _load(self, key: str) -> Any:
        return Just(self._values[key]) if key in self._values else Nothing()

    async def _store(self, key: str, value: Any) -> None:
        self._values[key] = value

    async def _delete(self, key: str) -> None:
        self._values.pop(key, None)


class Omemo(XEP_0384):
    """slixmpp-omemo, trusting the first keys of everybody."""

    storage = Memory()
    _btbv_enabled = True

    async def _prompt_manual_trust(self, manually_trusted: Any, identifier: Any) -> None:
        """Nobody is asked."""


class Opened(NamedTuple):
    """A message that was read: of which version it was, whose key it was made with, and what it says."""

    ns: str
    key: str
    message: Any


class OmemoClient(Client):
    """What comes encrypted is told of with ``omemo`` (the version's namespace) and ``key`` (the fingerprint)."""

    def __init__(self, *account: Any) -> None:
        super().__init__(*account)
        register_plugin(Omemo)
        self.register_plugin("xep_0380")
        # slixmpp's own event is for what has a body.
        self.register_handler(
            Callback("OMEMO", MatchXPath(f"{{{self.default_ns}}}message/{{{NEW}}}encrypted"), self.heard)
        )
        self._coming: asyncio.Queue[tuple[Any, dict[str, Any]]] = asyncio.Queue()
        self._one = asyncio.Lock()  # the library does one thing at a time

    async def online(self, event: object) -> None:
        """Online when the keys are published. The plugin is loaded now: slixmpp 1.17 keeps what is of interest by full
        address, and the plugin says when it is loaded, whatever the address then is, that device lists are."""
        self.register_plugin("xep_0384")
        self._omemo = self.plugin["xep_0384"]
        await self._manager()
        self._reading = asyncio.create_task(self._read_on())
        await super().online(event)

    async def _manager(self) -> SessionManager:
        return await self._omemo.get_session_manager()

    # -- what it hears -------------------------------------------------------------------------------------------

    def heard(self, message: Any) -> None:
        """One after the other."""
        if message is not self._last:
            self._last = message
            self._coming.put_nowait((message, {"event": "message"}))

    def copied(self, way: str, copy: Any) -> None:
        """The same for copies."""
        self._coming.put_nowait((copy, {"event": "carbon", "way": way}))

    async def _read_on(self) -> None:
        while True:
            message, how = await self._coming.get()
            if not self._omemo.is_encrypted(message):
                tell(**how, **self.read(message))
                continue
            try:
                async with self._one:
                    opened = await self._open(message)
            except (OMEMOException, ValueError) as error:
                tell(**how | {"event": "unreadable"}, id=message["id"], reason=f"{type(error).__name__}: {error}")
                continue
            if opened is not None:
                tell(**how, **self.read(opened.message), omemo=opened.ns, key=opened.key)

    async def _open(self, message: Any) -> Opened | None:
        """None for what has only moved a session on."""
        encrypted = message.xml.find(f"{{{NEW}}}encrypted")
        if encrypted is None:
            found, device = await self._omemo.decrypt_message(message)
            return Opened(OLD, fingerprint(device), found) if found["body"] else None
        sender = message["from"].bare
        text, device, _ = await (await self._manager()).decrypt(twomemo.etree.parse_message(encrypted, sender))
        if text is None:
            return None
        envelope = ET.fromstring(text)
        if envelope.find(f"{{{SCE}}}from").get("jid") != sender:
            raise ValueError("it names another sender")
        xml = deepcopy(message.xml)
        xml[:] = [each for each in xml if each.tag != f"{{{NEW}}}encrypted"] + list(envelope.find(f"{{{SCE}}}content"))
        found = self.Message(xml=xml)
        return Opened(NEW, fingerprint(device), found)

    # -- what it says --------------------------------------------------------------------------------------------

    async def do_encrypted(self, to: str, body: str, version: str, replaces: str = "") -> str:
        """Say something in a version, or correct what was said; its id."""
        message = self.make_message(mto=to, mbody=body, mtype="chat")
        if replaces:
            message["replace"]["id"] = replaces
        async with self._one:
            sent = await (self._sealed(message) if version == NEW else self._sealed_by_the_plugin(message))
        sent["eme"]["namespace"] = version
        sent.send()
        return str(message["id"])

    async def _sealed_by_the_plugin(self, message: Any) -> Any:
        sent, errors = await self._omemo.encrypt_message(message, message["to"])
        if errors:
            tell(event="left out", reason=str(errors))
        if message.get_plugin("replace", check=True) is not None:  # it says that this is for its user to do
            sent["replace"]["id"] = message["replace"]["id"]
        return sent

    async def _sealed(self, message: Any) -> Any:
        envelope = ET.Element(f"{{{SCE}}}envelope")
        content = ET.SubElement(envelope, f"{{{SCE}}}content")
        content.extend([deepcopy(each) for each in message.xml if each.tag != "{urn:xmpp:sid:0}origin-id"])
        ET.SubElement(envelope, f"{{{SCE}}}rpad").text = "some"
        ET.SubElement(envelope, f"{{{SCE}}}from", jid=self.boundjid.bare)
        to = slixmpp.JID(message["to"])
        await self._omemo.refresh_device_lists({to})
        found, errors = await (await self._manager()).encrypt(
            frozenset((to.bare,)), {NEW: ET.tostring(envelope)}, [NEW]
        )
        if errors:
            tell(event="left out", reason=str(errors))
        sent = self.make_message(mto=to, mtype="chat")
        sent["id"] = message["id"]
        sent.enable("store")
        for each in found:
            sent.append(twomemo.etree.serialize_message(each))
        return sent

    # -- keys ----------------------------------------------------------------------------------------------------

    async def do_key(self) -> list[str]:
        """The number and the fingerprint of this device."""
        own, _ = await (await self._manager()).get_own_device_information()
        return [str(own.device_id), fingerprint(own)]

    async def do_keys(self, jid: str) -> dict[str, list[str]]:
        """The fingerprints that are known of somebody, each with the versions of the lists it is on; asks for these
        lists, since the plugin may lose one of two that come at once."""
        async with self._one:
            await self._omemo.refresh_device_lists({slixmpp.JID(jid)}, force_download=True)
            found = await (await self._manager()).get_device_information(jid)
        return {fingerprint(each): sorted(each.namespaces) for each in found}


def fingerprint(device: Any) -> str:
    """As the library would show it."""
    return "".join(SessionManager.format_identity_key(device.identity_key))


if __name__ == "__main__":
    jid, password, port, ca_file = sys.argv[1:]
    client = OmemoClient(jid, password, int(port), ca_file)
    client.connect("127.0.0.1", int(port))
    client.loop.run_until_complete(client.disconnected)
