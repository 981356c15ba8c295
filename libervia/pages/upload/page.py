"""Sending a file to somebody, without scripts."""

from __future__ import annotations

from libervia.server.moving import goes_direct
from libervia.server.page import Answer, Html, Page, Redirect, Visit, not_found
from libervia.server.render import chat_end
from sat.api import JID, SatError
from sat.api.errors import FeatureMissing, InvalidArgument
from sat.api.sizes import shown


class Upload(Page):
    """``/upload/<address>``: its form has the file."""

    title = "Send a file"
    argument = True
    methods = ("GET", "POST")

    async def get(self, visit: Visit) -> Answer:
        """The form, and how large a file may be."""
        desk = await visit.desk()
        peer = desk.peer(visit.argument) if visit.argument else None
        if peer is None:
            raise not_found()
        return await self._page(visit, peer)

    async def post(self, visit: Visit) -> Answer:
        """Put the file on the server of the profile, or offer it to a program of theirs; the daemon tells of it. The
        temporary file goes at the end of this; the daemon makes a copy of what it offers."""
        desk = await visit.desk()
        peer = desk.peer(visit.argument)
        try:
            if visit.sent is None:
                raise InvalidArgument(reason="Choose a file first.")
            name = visit.sent.name or "file"
            if visit.form.get("way") == "direct":
                await desk.apis.files.send(visit.sent.path, peer, name, passing=True)
            else:
                transfer = await desk.apis.upload.upload(visit.sent.path, peer, name)
                await desk.apis.transfers.finish(transfer.id)
        except SatError as error:
            return await self._page(visit, peer, error)
        return Redirect(chat_end(peer))

    async def _page(self, visit: Visit, peer: JID, error: SatError | None = None) -> Html:
        desk = await visit.desk()
        limit = 0
        try:
            limit = (await desk.apis.upload.get_storage()).limit
        except FeatureMissing as missing:
            error = error or missing
        except SatError:  # then only the server itself can say it
            limit = 0
        values: dict[str, object] = {"peer": peer, "label": desk.live.contacts.label(peer)}
        values |= {"limit": shown(limit) if limit else "", "direct": goes_direct(desk.live, peer)}
        encryption = desk.live.encrypting.state(peer)
        values["encrypted"] = encryption is not None and bool(encryption.method)
        return desk.page("upload/upload.html", values, error)
