"""Looking around: what an address is and has; its commands, gateways and directories."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from sat.api import JID, SatError
from sat.api.forms import Form
from sat.plugins.ad_hoc.api import Action, Command, Stage
from sat_frontends.primitivus.dialogs import Choice
from sat_frontends.primitivus.filling import Submit, open_form
from sat_frontends.primitivus.picking import open_contact_menu, pick
from sat_frontends.quick_frontend.forms import FormModel
from sat_frontends.quick_frontend.services import (
    ACTIONS,
    Place,
    found_people,
    item_label,
    item_place,
    look,
    notes,
    result_lines,
)
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


class Services:
    """The dialogs about services."""

    def __init__(self, app: App) -> None:
        self.app = app

    def open(self, jid: JID, node: str = "") -> None:
        """See what is at an address."""
        self._begin(self._open, jid, node)

    def _begin(self, work: Callable[..., Coroutine[Any, Any, object]], *arguments: object) -> None:
        """Do something; what goes wrong is shown."""

        async def guarded() -> None:
            try:
                await work(*arguments)
            except SatError as error:
                self.app.failed(error)

        self.app.loop.spawn(guarded())

    async def _open(self, jid: JID, node: str) -> None:
        place = await look(self.app.live.apis, jid, node)
        choices = [Choice(label, about, do) for label, about, do in self._possible(place)]
        title = clean_line(f"{place.name or jid}: {place.what}")
        if choices:
            pick(self.app, title, choices, lambda choice: cast("Callable[[], object]", choice.value)())
        else:
            self.app.read(title, ["Nothing is told, and nothing can be done here."])

    def _possible(self, place: Place) -> list[tuple[str, str, Callable[[], object]]]:
        found: list[tuple[str, str, Callable[[], object]]] = []
        jid = place.jid
        if place.room:
            found.append(("Go into the room", "", partial(self._begin, self._join, jid)))
        if place.registers:
            found.append(("Register", "so that it knows you", partial(self._begin, self._register, jid)))
            found.append(("Unregister", "have it forget you", partial(self._unregister, jid)))
        if place.searches:
            found.append(("Search for people", "", partial(self._begin, self._search, jid)))
        found += [
            (f"Run: {clean_line(each.name)}", "", partial(self._begin, self._run, each)) for each in place.commands
        ]
        found += [(item_label(each), item_place(each), partial(self.open, each.jid, each.node)) for each in place.items]
        return found

    async def _join(self, room: JID) -> None:
        joined = await self.app.live.rooms.join(room)
        self.app.open_chat(joined.jid)

    # -- commands ------------------------------------------------------------------------------------------------

    async def _run(self, command: Command) -> None:
        self._show(command, await self.app.live.apis.ad_hoc.begin(command.jid, command.node))

    def _show(self, command: Command, stage: Stage) -> None:
        """A stage: its form with a button for each way to go on, or what came of the command."""
        title, api = clean_line(command.name), self.app.live.apis.ad_hoc
        if stage.done:
            self._tell(title, [*notes(stage), *result_lines(stage.form)], "It is done.")
            return

        def way(action: Action) -> tuple[str, Submit]:
            async def go(model: FormModel) -> Callable[[], object]:
                new = await api.go_on(stage.run, action, {} if action is Action.PREV else model.changes)
                return partial(self._show, command, new)

            return ACTIONS[action], go

        ways = [way(action) for action in stage.actions]
        open_form(
            self.app,
            title,
            stage.form,
            ways,
            above=notes(stage),
            unchecked=ACTIONS[Action.PREV],
            cancelled=partial(self._begin, api.cancel, stage.run),
        )

    def _tell(self, title: str, lines: list[str], otherwise: str) -> None:
        self.app.read(title, [*(lines or [otherwise])])

    # -- services that want to know us, and directories ----------------------------------------------------------

    async def _register(self, jid: JID) -> None:
        api = self.app.live.apis.services
        form = await api.get_registration(jid)

        async def send(model: FormModel) -> None:
            await api.register(jid, model.answers)
            self.app.telling.answer(f"{clean_line(jid)} knows you now.")

        open_form(self.app, f"Register: {jid}", form, [("Register", send)])

    def _unregister(self, jid: JID) -> None:
        async def do() -> None:
            await self.app.live.apis.services.unregister(jid)
            self.app.telling.answer(f"{clean_line(jid)} has forgotten you.")

        async def guarded() -> None:
            self._begin(do)

        self.app.ask("Unregister", f"Have {clean_line(jid)} forget you?", "Unregister", guarded)

    async def _search(self, jid: JID) -> None:
        api = self.app.live.apis.services
        form = await api.get_search(jid)

        async def send(model: FormModel) -> Callable[[], object]:
            found = await api.search(jid, model.answers)
            return partial(self._show_found, f"Found at {clean_line(jid)}", found)

        open_form(self.app, f"Search: {jid}", form, [("Search", send)])

    def _show_found(self, title: str, found: Form) -> None:
        """Whom a directory has found; who is chosen can be written to, or added."""
        people = [Choice(clean_line(jid), about, jid) for jid, about in found_people(found)]
        if not people:
            self._tell(title, result_lines(found), "Nobody was found.")
            return

        def chosen(choice: Choice) -> None:
            jid = cast("JID", choice.value)
            actions: list[tuple[str, Callable[[], object]]] = [
                ("Write", partial(self.app.open_chat, jid)),
                ("Add to the contacts", partial(self.app.people.add, jid)),
                ("Details", partial(self.app.people.read_details, jid)),
            ]
            open_contact_menu(self.app, choice.label, actions)

        pick(self.app, title, people, chosen)
