"""Looking around: what an address is and has; its commands, gateways and directories, each by its own form."""

from __future__ import annotations

from libervia.server.filling import fill
from libervia.server.page import Answer, Html, Page, Redirect, Visit, unknown_form
from libervia.server.render import chat_end, services_path
from sat.api import JID, SatError
from sat.api.errors import InvalidAddress, NotFound
from sat.plugins.ad_hoc.api import Action, Command, Stage
from sat_frontends.quick_frontend.forms import FormModel
from sat_frontends.quick_frontend.services import (
    ACTIONS,
    Place,
    item_label,
    item_place,
    look,
    notes,
    result_lines,
)

ITEMS_AT_MOST = 200
NODE_AT_MOST = 3000


class Services(Page):
    """``/services`` (of our server), ``/services/<address>``, ``/services/<address>?node=…``"""

    title = "Services"
    argument = True
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """What is there; ``?at=`` an address leads to it."""
        if visit.query.get("at", "").strip():
            try:
                return Redirect(services_path(JID.parse(visit.query["at"])))
            except InvalidAddress as error:
                return await self._show(visit, error=error, status=error.http_status)
        return await self._show(visit)

    async def post(self, visit: Visit) -> Answer:
        """Begin or go on with a command, or with what a service asks for."""
        desk, jid = await visit.desk(), await _jid(visit)
        what, services = visit.form.get("do", ""), desk.apis.services
        model: FormModel | None = None
        try:
            if what == "join":
                return Redirect(chat_end((await desk.live.rooms.join(jid)).jid))
            if what == "begin":
                node = visit.form.get("command", "")[:NODE_AT_MOST]
                return await self._stage(visit, node, await desk.apis.ad_hoc.begin(jid, node))
            if what in (*ACTIONS, "cancel"):
                return await self._go_on(visit, what)
            if what == "unregister":
                await services.unregister(jid)
                visit.notice(f"{jid} has forgotten you.")
                return Redirect(services_path(jid))
            if what in ("register", "search"):
                ask = services.get_registration if what == "register" else services.get_search
                model = FormModel(await ask(jid))
                if not visit.form.get("filled"):
                    return await self._show(visit, form=what, model=model)
                fill(visit, model)
                if not model.check():
                    return await self._show(visit, form=what, model=model, status=400)
                if what == "search":
                    found = await services.search(jid, model.answers)
                    nobody = ["Nobody was found."] if not found.rows else []
                    lines = [*result_lines(found._replace(rows=[])), *nobody]
                    return await self._show(visit, form=what, model=model, result=found, lines=lines)
                await services.register(jid, model.answers)
                visit.notice(f"{jid} knows you now.")
                return Redirect(services_path(jid))
            raise unknown_form()
        except SatError as error:
            form = what if model else ""
            return await self._show(visit, form=form, model=model, error=error, status=error.http_status)

    async def _go_on(self, visit: Visit, what: str) -> Answer:
        api, run = (await visit.desk()).apis.ad_hoc, visit.form.get("run", "")
        node = visit.form.get("command", "")[:NODE_AT_MOST]
        if what == "cancel":
            await api.cancel(run)
            return Redirect(services_path(await _jid(visit)))
        action, stage = Action(what), await api.get_stage(run)
        model = FormModel(stage.form)
        if action is not Action.PREV:
            fill(visit, model)
            if not model.check():
                return await self._stage(visit, node, stage, model, status=400)
        try:
            new = await api.go_on(run, action, {} if action is Action.PREV else model.changes)
        except NotFound:
            raise
        except SatError as error:
            return await self._stage(visit, node, stage, model, error, error.http_status)
        return await self._stage(visit, node, new)

    async def _stage(
        self,
        visit: Visit,
        node: str,
        stage: Stage,
        model: FormModel | None = None,
        error: SatError | None = None,
        status: int = 200,
    ) -> Html:
        said = notes(stage)
        if stage.done:
            said += result_lines(stage.form._replace(rows=[])) or ([] if said or stage.form.rows else ["It is done."])
            return await self._show(visit, lines=said, result=stage.form)
        model = model or FormModel(stage.form)
        return await self._show(visit, node, model=model, stage=stage, lines=said, error=error, status=status)

    async def _show(
        self,
        visit: Visit,
        command: str = "",
        *,
        form: str = "",
        model: FormModel | None = None,
        stage: Stage | None = None,
        lines: list[str] | None = None,
        result: object = None,
        error: SatError | None = None,
        status: int = 200,
    ) -> Html:
        desk, jid = await visit.desk(), await _jid(visit)
        place: Place | None = None
        try:
            place = await look(desk.apis, jid, visit.query.get("node", "")[:NODE_AT_MOST])
        except SatError as failure:
            error = error or failure
        items = place.items if place else []
        commands: list[Command] = place.commands if place else []
        values: dict[str, object] = {
            "jid": jid,
            "place": place,
            "items": [(item_label(each), item_place(each), each) for each in items[:ITEMS_AT_MOST]],
            "more": max(0, len(items) - ITEMS_AT_MOST),
            "form": form,
            "model": model,
            "stage": stage,
            "command": command,
            "name": next((each.name for each in commands if each.node == command), command),
            "actions": ACTIONS,
            "lines": lines or [],
            "result": result,
            "at": visit.query.get("at", "") if visit.method == "GET" else "",
        }
        return desk.page("services/services.html", values, error, status)


async def _jid(visit: Visit) -> JID:
    if visit.argument:
        return JID.parse(visit.argument)
    return JID((await visit.desk()).apis.profile.jid.value.domain)
