"""Commands of others, run stage by stage, and those that we serve to our own other programs (XEP-0050)."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from sat.api import JID
from sat.api.disco import Identity, Info
from sat.api.errors import InvalidArgument, NotFound, PeerError, SatError
from sat.api.forms import Form
from sat.core.plugin import Plugin, Refusal, needs, on_iq
from sat.plugins.ad_hoc.api import Action, AdHocApi, Command, Note, NoteKind, Stage
from sat.plugins.disco.plugin import Disco, Node
from sat.xmpp import forms, xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

NS = "http://jabber.org/protocol/commands"
RUNS = 50  # commands that were begun and are not done; the oldest is forgotten
NOTES = 50
NOTHING = Form("", "", [])
LONG = 5000  # characters of a note
SESSION = 1000  # characters of the number that the other side gives a run
_NOTHING = ("feature-not-implemented", "service-unavailable", "item-not-found")
_PATIENCE = 120.0  # seconds for a stage: some have work to do


class Run(NamedTuple):
    """A command that was begun: the number that the other side gave it, and how far it is."""

    command: Command
    session: str
    stage: Stage


class Served(NamedTuple):
    """A command of ours: ``form`` is what it asks first, and ``do`` gets the answers; its sentence is the result."""

    name: str
    form: Callable[[], Awaitable[Form]]
    do: Callable[[dict[str, list[str]]], Awaitable[str]]


class AdHoc(Plugin, AdHocApi):
    """Run the commands of others (XEP-0050)."""

    xeps = ("0050",)
    features = (NS,)
    disco = needs(Disco)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._served: dict[str, Served] = {}
        self._asked: OrderedDict[str, str] = OrderedDict()  # numbers that we gave, and the command of each
        self.undo(self.disco.serve(NS, Node(self._list_info, self._list_items)))

    # -- theirs --------------------------------------------------------------------------------------------------

    async def get_commands(self, jid: JID) -> list[Command]:
        try:
            items = await self.disco.get_items(jid, NS)
        except PeerError as error:
            if error.details["condition"] in _NOTHING:
                return []
            raise
        return [Command(each.jid, each.node, each.name or each.node) for each in items if each.node]

    async def begin(self, jid: JID, node: str) -> Stage:
        run = Run(Command(jid, node, ""), "", Stage("", False, NOTHING))
        return await self._ask(secrets.token_hex(8), run, "execute")

    async def get_stage(self, run: str) -> Stage:
        return self._find(run).stage

    async def go_on(self, run: str, action: Action, fields: dict[str, str] = {}) -> Stage:  # noqa: B006
        found = self._find(run)
        form, actions = found.stage.form, found.stage.actions
        if action not in actions:
            possible = ", ".join(actions)
            raise InvalidArgument(reason=f"The command cannot go on by “{action}”, only by: {possible}.")
        names = {each.name for each in form.fields}
        for name in fields:
            if name not in names:
                raise InvalidArgument(reason=f"The command asks for no “{name[:100]}”.")
        answer = forms.submit(form, fields) if action is not Action.PREV and form.fields else None
        return await self._ask(run, found, action, answer)

    async def cancel(self, run: str) -> None:
        found = self._find(run)
        del self._runs[run]
        try:
            await self.ask(_request(found, "cancel"))
        except SatError as error:
            self.log.debug("%s was not told that a command is given up: %s", found.command.jid, error)

    def _find(self, run: str) -> Run:
        if run not in self._runs:
            raise NotFound(what="command under way with that number")
        return self._runs[run]

    async def _ask(self, number: str, run: Run, action: str, answer: Element | None = None) -> Stage:
        request = _request(run, action, answer)
        told = xml.child(await self.ask(request, _PATIENCE), "command", NS)
        if told is None:
            raise PeerError(peer=run.command.jid, condition="undefined-condition", reason="nothing")
        status = str(told.attributes.get("status", "executing"))
        session = str(told.attributes.get("sessionid", run.session))[:SESSION]
        found = forms.find(told)
        form = NOTHING if found is None else forms.read(found, told)
        notes = [_note(each) for each in xml.elements(told, "note", NS)[:NOTES]]
        if status != "executing":
            self._runs.pop(number, None)
            failed = status == "canceled" or any(each.kind is NoteKind.ERROR for each in notes)
            return Stage("", True, form, notes, [], failed)
        stage = Stage(number, False, form, notes, _actions(told))
        self._runs[number] = Run(run.command, session, stage)
        while len(self._runs) > RUNS:
            self._runs.popitem(last=False)
        return stage

    # -- ours ----------------------------------------------------------------------------------------------------

    def serve(self, node: str, served: Served) -> Callable[[], None]:
        """Let our own other programs have us do something; what ends that."""
        self._served[node] = served
        undo = self.disco.serve(node, Node(lambda iq: self._command_info(iq, node)))

        def withdraw() -> None:
            del self._served[node]
            undo()

        return withdraw

    @on_iq("set", NS, "command")
    async def _run(self, iq: Iq) -> Element:
        """A stage of one of ours. Nobody but our own account is answered: who may, may do as we do."""
        self._check(iq)
        payload = iq.payload
        assert payload is not None
        node, session = str(payload.attributes.get("node", "")), str(payload.attributes.get("sessionid", ""))
        served, action = self._served.get(node), str(payload.attributes.get("action", "execute"))
        if served is None or (session and self._asked.get(session) != node):
            raise Refusal("bad-request" if served else "item-not-found")
        if action == "cancel":
            self._asked.pop(session, None)
            return xml.element("command", NS, node=node, sessionid=session or None, status="canceled")
        answer = forms.find(payload)
        if answer is None or not session:
            session = secrets.token_hex(8)
            self._asked[session] = node
            while len(self._asked) > RUNS:
                self._asked.popitem(last=False)
            stage = xml.element("command", NS, node=node, sessionid=session, status="executing")
            xml.add(xml.add(stage, "actions", NS, execute="complete"), "complete", NS)
            stage.addChild(forms.to_fill_in(await served.form()))
            return stage
        del self._asked[session]
        stage = xml.element("command", NS, node=node, sessionid=session, status="completed")
        try:
            said, kind = await served.do(forms.answers(answer)), NoteKind.INFO
        except SatError as error:
            said, kind = str(error), NoteKind.ERROR
        xml.add(stage, "note", NS, said, type=kind.value)
        return stage

    def _check(self, iq: Iq) -> None:
        if iq.sender is None or iq.sender.bare != self.session.account.jid.bare or iq.sender == self.session.jid:
            raise Refusal("forbidden")

    def _list_info(self, iq: Iq) -> Info:
        self._check(iq)
        return Info([Identity("automation", "command-list")], [NS])

    def _command_info(self, iq: Iq, node: str) -> Info:
        self._check(iq)
        return Info([Identity("automation", "command-node", self._served[node].name)], [NS, forms.NS])

    def _list_items(self, iq: Iq) -> list[tuple[str, str]]:
        self._check(iq)
        return [(node, served.name) for node, served in self._served.items()]


def _request(run: Run, action: str, answer: Element | None = None) -> Iq:
    request = Iq.set(run.command.jid)
    command = request.add("command", NS, node=run.command.node, sessionid=run.session or None, action=action)
    if answer is not None:
        command.addChild(answer)
    return request


def _actions(told: Element) -> list[Action]:
    """How it can go on, the usual one first: what ``execute`` means is never left to the other side (XEP-0050 §3.4)."""
    offered = xml.child(told, "actions", NS)
    if offered is None:
        return [Action.COMPLETE]
    names = {each.name for each in xml.elements(offered, ns=NS)}
    possible = [action for action in (Action.NEXT, Action.COMPLETE, Action.PREV) if action in names]
    usual = str(offered.attributes.get("execute", Action.NEXT))
    return sorted(possible, key=lambda each: each != usual) or [Action.COMPLETE]


def _note(element: Element) -> Note:
    kind = str(element.attributes.get("type", "info"))
    return Note(NoteKind(kind) if kind in list(NoteKind) else NoteKind.INFO, xml.text_of(element)[:LONG])
