"""A server with things to look at in memory: services, their commands, a gateway, a directory."""

from __future__ import annotations

from time import time

from sat.api import JID
from sat.api.disco import Identity, Info, Item
from sat.api.errors import FeatureMissing, NotFound
from sat.api.forms import Choice, Field, FieldKind, Form
from sat.plugins.ad_hoc.api import Action, AdHocApi, Command, Note, NoteKind, Stage
from sat.plugins.disco.api import DiscoApi
from sat.plugins.http_auth.api import Confirmation, HttpAuthApi
from sat.plugins.invitations.api import InvitationsApi, Invite
from sat.plugins.services.api import ServicesApi
from support.fakes import Failing

MADE_UP = JID("bob@example.org/OuxJ9f-f8qGK")
SERVER, GATE, USERS = JID("localhost"), JID("irc.localhost"), JID("users.localhost")
ROOMS, BALCONY = JID("rooms.localhost"), JID("balcony@rooms.localhost")
NOTHING = Form("", "", [])
WHICH = Form(
    "Which \x1b[31mservice?",
    "One of <these>.",
    [
        Field("key", FieldKind.HIDDEN, "", ["k"]),
        Field("service", FieldKind.CHOICE, "Service", [], required=True, choices=[Choice("httpd", "Web")]),
    ],
)
HOW = Form("How?", "", [Field("level", FieldKind.TEXT, "Run level", ["3"], datatype="xs:integer", least="1", most="5")])
TABLE = Form("Services", "", [], columns=["Name", "State"], rows=[["httpd", "on"], ["ev\u202eil", "<off>"]])
REGISTRATION = Form("A gate", "Who?", [Field("nick", FieldKind.TEXT, "Nickname", [], required=True)])
SEARCH = Form("People", "", [Field("first", FieldKind.TEXT, "First name", [])])


class Disco(Failing, DiscoApi):
    """What they are, and have."""

    def __init__(self) -> None:
        super().__init__()
        commands, search, register = "http://jabber.org/protocol/commands", "jabber:iq:search", "jabber:iq:register"
        self.infos = {
            SERVER: Info([Identity("server", "im", "A <server>")], [commands, register]),
            GATE: Info([Identity("gateway", "irc", "IRC \x1b[31m")], [register]),
            USERS: Info([Identity("directory", "user", "")], [search]),
            ROOMS: Info([Identity("conference", "text", "Rooms")], ["http://jabber.org/protocol/muc"]),
            BALCONY: Info([Identity("conference", "text", "The balcony")], ["http://jabber.org/protocol/muc"]),
            MADE_UP: Info([Identity("client", "pc", "Gaj\x1b[31mim")], []),
        }
        self.items = {
            SERVER: [Item(GATE, "", "IRC"), Item(USERS), Item(ROOMS), Item(SERVER, "news", "News")],
            ROOMS: [Item(BALCONY, "", "The balcony")],
        }

    async def get_info(self, jid: JID, node: str = "") -> Info:
        await self.called("get_info", jid, node)
        if jid not in self.infos:
            raise NotFound(what=f"address {jid}")
        return Info([], []) if node else self.infos[jid]

    async def get_items(self, jid: JID, node: str = "") -> list[Item]:
        await self.called("get_items", jid, node)
        return [] if node else self.items.get(jid, [])


class AdHoc(Failing, AdHocApi):
    """``list`` answers at once, ``config`` asks twice, ``fail`` does not work."""

    async def get_commands(self, jid: JID) -> list[Command]:
        await self.called("get_commands", jid)
        names = {"list": "List <services>", "config": "Configure", "fail": "Fail"}
        return [Command(jid, node, name) for node, name in names.items()] if jid == SERVER else []

    async def begin(self, jid: JID, node: str) -> Stage:
        await self.called("begin", jid, node)
        if node == "list":
            return Stage("", True, TABLE, [Note(NoteKind.INFO, "Two.")])
        if node == "fail":
            return Stage("", True, NOTHING, [Note(NoteKind.ERROR, "It is \x1b[31mbroken.")], failed=True)
        self.stage = Stage("r1", False, WHICH, actions=[Action.NEXT])
        return self.stage

    async def get_stage(self, run: str) -> Stage:
        if run != "r1":
            raise NotFound(what="command under way with that number")
        return self.stage

    async def go_on(self, run: str, action: Action, fields: dict[str, str] = {}) -> Stage:  # noqa: B006
        await self.called("go_on", run, action, fields)
        if run != "r1":
            raise NotFound(what="command under way with that number")
        if action is not Action.COMPLETE:
            next_ = action is Action.NEXT
            actions = [Action.COMPLETE, Action.PREV] if next_ else [Action.NEXT]
            self.stage = Stage("r1", False, HOW if next_ else WHICH, actions=actions)
            return self.stage
        return Stage("", True, NOTHING, [Note(NoteKind.INFO, "It is configured.")])

    async def cancel(self, run: str) -> None:
        await self.called("cancel", run)


class Services(Failing, ServicesApi):
    """A gateway that has a form, and a directory in which Juliet is."""

    async def get_registration(self, jid: JID) -> Form:
        if jid != GATE:
            raise FeatureMissing(who=jid, feature="registration")
        return REGISTRATION

    async def register(self, jid: JID, fields: dict[str, str]) -> None:
        await self.called("register", jid, fields)

    async def unregister(self, jid: JID) -> None:
        await self.called("unregister", jid)

    async def get_search(self, jid: JID) -> Form:
        if jid != USERS:
            raise FeatureMissing(who=jid, feature="search")
        return SEARCH

    async def search(self, jid: JID, fields: dict[str, str]) -> Form:
        await self.called("search", jid, fields)
        found = [["juliet@localhost", "Juliet"]] if fields.get("first") == "Juliet" else []
        return Form("", "", [], columns=["Address", "First name"], rows=found)


class Invitations(Failing, InvitationsApi):
    """Makes the same link for everybody, and lets one follow any."""

    async def invite(self) -> Invite:
        await self.called("invite")
        return Invite("xmpp:alice@localhost?roster;preauth=abc", "", time() + 7 * 86_400)

    async def invite_account(self, name: str = "") -> Invite:
        await self.called("invite_account", name)
        return Invite(f"xmpp:{name}@localhost?register;preauth=def", "https://localhost/i/def", account=True)

    async def follow(self, jid: JID, token: str, name: str = "", groups: list[str] = []) -> None:  # noqa: B006
        await self.called("follow", jid, token, name, groups)


class HttpAuth(Failing, HttpAuthApi):
    """Web sites ask where a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Confirmation] = []

    def asks(
        self, number: str = "1", url: str = "https://files.localhost/\x1b[31mx", sender: str = "files.localhost"
    ) -> None:
        self.waiting.append(Confirmation(number, JID(sender), "GET", url, "<b>7"))
        self.asked.emit(self.waiting[-1:])

    async def get_confirmations(self) -> list[Confirmation]:
        return list(self.waiting)

    async def answer(self, number: str, allow: bool) -> None:
        await self.called("answer", number, allow)
        if all(each.number != number for each in self.waiting):
            raise NotFound(what="request of a web site with that number")
        self.waiting = [each for each in self.waiting if each.number != number]
        self.settled.emit([number])
