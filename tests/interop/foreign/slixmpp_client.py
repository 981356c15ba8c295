"""A client on slixmpp that does what it is told, one JSON object a line, and tells what it hears in the same way.

Run by ``tests/interop/slixmpp_driver.py`` with a Python that has slixmpp:
``slixmpp_client.py JID PASSWORD PORT CA_FILE``. In: ``{"do": NAME, ...}``; out: ``{"answer": VALUE}`` or
``{"error": SENTENCE}``, one for each, and ``{"event": NAME, ...}`` at any time. What a message says is read by
slixmpp's plugins, not from its XML.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import slixmpp

PLUGINS = (
    *(
        "0030",
        "0045",
        "0047",
        "0054",
        "0059",
        "0065",
        "0066",
        "0084",
        "0085",
        "0092",
        "0095",
        "0096",
        "0115",
        "0153",
        "0172",
        "0184",
        "0191",
        "0199",
    ),
    *("0203", "0224", "0249", "0280", "0308", "0313", "0333", "0334", "0359", "0363", "0382", "0385", "0402"),
    *("0424", "0428", "0444", "0447", "0461"),
)


def tell(**what: Any) -> None:
    """One line for who drives us."""
    print(json.dumps(what), flush=True)


class Client(slixmpp.ClientXMPP):
    """Each ``do_NAME`` is a command."""

    def __init__(self, jid: str, password: str, port: int, ca_file: str) -> None:
        super().__init__(jid, password)
        self.ca_certs = ca_file
        self.enable_direct_tls = False  # the port has STARTTLS
        self._port = port
        self.auto_authorize = None  # who asks waits for a command
        self.auto_subscribe = False
        for number in PLUGINS:
            self.register_plugin(f"xep_{number}")
        self.add_event_handler("session_start", self.online)
        self.add_event_handler("carbon_sent", lambda copy: self.copied("sent", copy["carbon_sent"]))
        self.add_event_handler("carbon_received", lambda copy: self.copied("received", copy["carbon_received"]))
        for name in ("message", "message_error", "groupchat_subject", "receipt_received", "marker", "chatstate"):
            self.add_event_handler(name, self.heard)
        for name in ("reactions", "message_retract"):
            self.add_event_handler(name, self.heard)
        for name in ("changed_status", "presence_subscribe", "presence_subscribed"):
            self.add_event_handler(name, self.seen)
        self._last: Any = None
        for number in ("0047", "0065"):
            self.plugin[f"xep_{number}"].auto_accept = True
        self._came = b""
        self.add_event_handler("ibb_stream_data", lambda stream: self.took(stream.read()))
        self.add_event_handler("socks5_data", self.took)
        self.add_event_handler("ibb_stream_end", lambda stream: self.took_all())
        self.add_event_handler("socks5_closed", lambda error: self.took_all())

    async def online(self, _event: object) -> None:
        """The session stands."""
        await self.get_roster()
        await self.plugin["xep_0280"].enable()
        self.send_presence()
        tell(event="online", jid=str(self.boundjid))
        self._obeying = asyncio.create_task(self.obey())

    async def obey(self) -> None:
        """Do what is asked until nobody asks any more."""
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            wish = json.loads(line)
            try:
                tell(answer=await getattr(self, f"do_{wish.pop('do')}")(**wish))
            except Exception as error:  # whatever it is, who asked waits for an answer
                tell(error=f"{type(error).__name__}: {error}")
        self.disconnect()

    # -- what it hears -------------------------------------------------------------------------------------------

    def heard(self, message: Any) -> None:
        """A message, which several plugins may tell of."""
        if message is not self._last:
            self._last = message
            tell(event="message", **self.read(message))

    def copied(self, way: str, copy: Any) -> None:
        """Another device of ours got or sent one."""
        tell(event="carbon", way=way, **self.read(copy))

    def seen(self, presence: Any) -> None:
        """Somebody came, went, or asks."""
        tell(event="presence", **{"from": str(presence["from"])}, type=presence["type"], status=presence["status"])

    def took(self, data: bytes) -> None:
        """Bytes of a stream; there is one at a time."""
        self._came += data

    def took_all(self) -> None:
        """The end of a stream."""
        came, self._came = self._came, b""
        if came:
            tell(event="stream", size=len(came), digest=sha256(came).hexdigest())

    def read(self, message: Any) -> dict[str, Any]:
        """What a message says, as slixmpp understands it."""

        def has(name: str) -> bool:
            return message.get_plugin(name, check=True) is not None

        told: dict[str, Any] = {name: message[name] for name in ("id", "type", "body", "subject")}
        told |= {"from": str(message["from"]), "to": str(message["to"]), "receipt": message["receipt"]}
        told["asks"] = message["request_receipt"]
        told["markable"] = has("markable")
        told["delayed"] = has("delay")
        told["state"] = message["chat_state"]
        told["stanza_id"] = message["stanza_id"]["id"] if has("stanza_id") else ""
        if message["type"] == "error":
            told["error"] = message["error"]["condition"]
        if has("replace"):
            told["replaces"] = message["replace"]["id"]
        if has("displayed"):
            told["displayed"] = message["displayed"]["id"]
        if has("retract"):
            told["retracts"] = message["retract"]["id"]
        if has("reactions"):
            told["reacts"] = message["reactions"]["id"]
            told["emojis"] = sorted(each["value"] for each in message["reactions"])
        if has("reply"):
            told["answers"] = message["reply"]["id"]
            told["author"] = str(message["reply"]["to"])
            told["quote"] = message["reply"].get_fallback_body()
            told["text"] = message["reply"].strip_fallback_content()
        if has("oob"):
            told["url"] = message["oob"]["url"]
        if has("spoiler"):
            told["hint"] = message.xml.findtext("{urn:xmpp:spoiler:0}spoiler") or ""  # slixmpp reads none
        if has("attention"):
            told["attention"] = True
        return told

    # -- what it says --------------------------------------------------------------------------------------------

    async def do_say(self, to: str, body: str, kind: str = "chat", ask: bool = True, state: str = "") -> str:
        """Say something; its id."""
        message = self.make_message(mto=to, mbody=body, mtype=kind)
        if kind == "chat":
            message["request_receipt"] = ask
            message.enable("markable")
        if state:
            message["chat_state"] = state
        message.send()
        return str(message["id"])

    async def do_correct(self, to: str, id: str, body: str, kind: str = "chat") -> None:
        """XEP-0308."""
        self.plugin["xep_0308"].build_correction(id, slixmpp.JID(to), mtype=kind, mbody=body).send()

    async def do_react(self, to: str, id: str, emojis: list[str], kind: str = "chat") -> None:
        """XEP-0444."""
        message = self.make_message(mto=to, mtype=kind)
        self.plugin["xep_0444"].set_reactions(message, id, emojis)
        message.enable("store")
        message.send()

    async def do_retract(self, to: str, id: str, kind: str = "chat") -> None:
        """XEP-0424."""
        self.plugin["xep_0424"].send_retraction(slixmpp.JID(to), id, mtype=kind)

    async def do_reply(self, to: str, author: str, id: str, quote: str, body: str, kind: str = "chat") -> str:
        """XEP-0461; its id."""
        message = self.plugin["xep_0461"].make_reply(author, id, quote, mto=to, mbody=body, mtype=kind)
        message.send()
        return str(message["id"])

    async def do_state(self, to: str, state: str) -> None:
        """XEP-0085."""
        message = self.make_message(mto=to, mtype="chat")
        message["chat_state"] = state
        message.send()

    async def do_displayed(self, to: str, id: str) -> None:
        """XEP-0333."""
        self.plugin["xep_0333"].send_marker(slixmpp.JID(to), id, "displayed", mtype="chat")

    # -- contacts ------------------------------------------------------------------------------------------------

    async def do_presence(self, show: str, status: str) -> None:
        """Be there in another way."""
        self.send_presence(pshow=show, pstatus=status)

    async def do_subscription(self, to: str, type: str) -> None:
        """Ask for, give or refuse presence."""
        self.send_presence(pto=to, ptype=type)

    async def do_version(self, jid: str) -> list[str]:
        """XEP-0092: name and version."""
        answer = await self.plugin["xep_0092"].get_version(slixmpp.JID(jid))
        return [answer["software_version"]["name"], answer["software_version"]["version"]]

    async def do_features(self, jid: str) -> list[str]:
        """XEP-0030."""
        answer = await self.plugin["xep_0030"].get_info(slixmpp.JID(jid))
        return sorted(answer["disco_info"]["features"])

    # -- rooms ---------------------------------------------------------------------------------------------------

    async def do_join(self, room: str, nick: str) -> list[str]:
        """Enter a room; who is in it."""
        await self.plugin["xep_0045"].join_muc_wait(slixmpp.JID(room), nick, maxstanzas=0, timeout=10)
        return await self.do_occupants(room)

    async def do_occupants(self, room: str) -> list[str]:
        """Who is in a room."""
        return sorted(self.plugin["xep_0045"].get_roster(slixmpp.JID(room)))

    async def do_nick(self, room: str, nick: str) -> None:
        """Be called otherwise in a room."""
        await self.plugin["xep_0045"].set_self_nick(slixmpp.JID(room), nick, timeout=10)

    async def do_subject(self, room: str, subject: str) -> None:
        """Say what a room is about."""
        self.plugin["xep_0045"].set_subject(room, subject)

    async def do_invite(self, room: str, jid: str, reason: str) -> None:
        """XEP-0249."""
        self.plugin["xep_0249"].send_invitation(slixmpp.JID(jid), slixmpp.JID(room), reason=reason)

    async def do_leave(self, room: str, nick: str) -> None:
        """Leave a room."""
        self.plugin["xep_0045"].leave_muc(slixmpp.JID(room), nick)

    # -- archive, files, pictures --------------------------------------------------------------------------------

    async def do_archive(self, peer: str = "", room: str = "") -> list[dict[str, Any]]:
        """XEP-0313: the messages of our archive with somebody, or of a room's."""
        where = {"with_jid": slixmpp.JID(peer)} if peer else {"jid": slixmpp.JID(room)}
        found = self.plugin["xep_0313"].iterate(**where, rsm={"max": 50})
        return [self.read(each["mam_result"]["forwarded"]["stanza"]) async for each in found]

    async def do_upload(self, path: str, to: str, kind: str = "chat") -> str:
        """XEP-0363, and tell of it (XEP-0066); the address."""
        url = str(await self.plugin["xep_0363"].upload_file(path, timeout=10))
        message = self.make_message(mto=to, mbody=url, mtype=kind)
        message["oob"]["url"] = url
        message.send()
        return url

    async def do_upload_described(self, path: str, to: str, way: str, desc: str) -> str:
        """XEP-0363, and tell what it is (way: XEP-0385 by sims, XEP-0447 by sfs); the address."""
        url = str(await self.plugin["xep_0363"].upload_file(path, timeout=10))
        write = {"sims": self.plugin["xep_0385"].get_sims, "sfs": self.plugin["xep_0447"].get_sfs}[way]
        message = self.make_message(mto=to, mtype="chat")
        message.append(write(path=Path(path), uris=[url], media_type="image/png", desc=desc))
        message.send()
        return url

    async def do_show(self, path: str) -> None:
        """XEP-0084: show a picture."""
        with open(path, "rb") as file:  # noqa: ASYNC230 - some bytes
            data = file.read()
        avatars = self.plugin["xep_0084"]
        await avatars.publish_avatar(data)
        await avatars.publish_avatar_metadata(
            {"id": avatars.generate_id(data), "type": "image/png", "bytes": str(len(data)), "width": "8", "height": "8"}
        )

    async def do_picture(self, jid: str, id: str) -> str:
        """XEP-0084: somebody's picture, in base 16."""
        answer = await self.plugin["xep_0084"].retrieve_avatar(slixmpp.JID(jid), id)
        (item,) = answer["pubsub"]["items"]
        return bytes(item["avatar_data"]["value"]).hex()

    # -- streams -------------------------------------------------------------------------------------------------

    async def do_send_in_band(self, to: str, sid: str, size: int) -> str:
        """XEP-0047; the digest of what was sent."""
        data = bytes(range(256)) * (size // 256)
        stream = await self.plugin["xep_0047"].open_stream(slixmpp.JID(to), sid=sid)
        await stream.sendfile(io.BytesIO(data))
        await stream.close()
        return sha256(data).hexdigest()

    async def do_send_over_proxy(self, to: str, sid: str, size: int) -> str:
        """XEP-0065: over the server's proxy, as slixmpp offers nothing else; the digest of what was sent."""
        data = bytes(range(256)) * (size // 256)
        connection = await self.plugin["xep_0065"].handshake(slixmpp.JID(to), sid=sid)
        connection.transport.write(data)
        connection.transport.close()
        return sha256(data).hexdigest()

    async def do_offer_file(self, to: str, sid: str, name: str, size: int, method: str) -> None:
        """XEP-0095, XEP-0096; the answer is an event."""
        self._offering = asyncio.create_task(self.offered(to, sid, name, size, method))

    async def offered(self, to: str, sid: str, name: str, size: int, method: str) -> None:
        """What becomes of an offer: the way that was chosen, or the error."""
        offer = self.plugin["xep_0096"].request_file_transfer
        ways = [{"value": method}]  # as its form wants them; its own, which it takes where none are named, are no such
        try:
            answer = await offer(slixmpp.JID(to), sid=sid, name=name, size=size, methods=ways, timeout=60)
        except slixmpp.exceptions.IqError as error:
            tell(event="offer", sid=sid, answer=error.condition)
        else:
            chosen = answer["si"]["feature_neg"]["form"].get_values()["stream-method"]
            tell(event="offer", sid=sid, answer=chosen if isinstance(chosen, str) else chosen[0])


if __name__ == "__main__":
    jid, password, port, ca_file = sys.argv[1:]
    client = Client(jid, password, int(port), ca_file)
    client.connect("127.0.0.1", int(port))
    client.loop.run_until_complete(client.disconnected)
