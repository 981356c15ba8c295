"""How a conversation is encrypted, whose keys are trusted, and comparing them."""

from __future__ import annotations

from contextlib import suppress

from markupsafe import Markup

from libervia.server.desk import Desk
from libervia.server.page import FormPage, Html, Visit, unknown_form
from libervia.server.render import encryption_path
from sat.api import JID, SatError
from sat.api.errors import InvalidArgument
from sat.api.messages import Trust
from sat.plugins.encryption.api import Key
from sat_frontends.quick_frontend import encryption_words as words
from sat_frontends.quick_frontend.qr import svg

URI_AT_MOST = 10_000  # characters
_DECISIONS = {"trust": Trust.VERIFIED, "distrust": Trust.DISTRUSTED}


class AboutEncryption(FormPage):
    """``/encryption/<address>``"""

    title = "Encryption"
    argument = True

    async def take(self, visit: Visit) -> str:
        """Encrypt or no longer, decide about a key, take one of ours off the list, verify an address, or begin anew."""
        visit.notice(await self._change(visit))
        return encryption_path(_peer(await visit.desk(), visit))

    async def _change(self, visit: Visit) -> str:
        """Do it; what came of it."""
        desk, form = await visit.desk(), visit.form
        peer, encrypting, what = _peer(desk, visit), desk.live.encrypting, form.get("do", "")
        label = desk.live.contacts.label(peer)
        if what == "begin":
            return words.begun(await encrypting.begin(peer, form.get("method", "")), label)
        if what == "refuse":
            method = await encrypting.refuse(peer)
            return words.refused(method, label) if method else words.not_asked(label)
        if what == "end":
            await encrypting.end(peer)
            return words.ended(label)
        if what == "repair":
            await encrypting.repair(peer)
            return words.repaired(label)
        if what == "compare":
            await encrypting.comparing.compare(peer, form.get("secret", ""), form.get("question", "").strip())
            return words.waiting(label)
        if what == "answer":
            await encrypting.comparing.answer(peer, form.get("secret", ""))
            return words.waiting(label)
        if what == "abort":
            await encrypting.comparing.abort(peer)
            return words.given_up(label)
        if what == "verify":
            found = await encrypting.verify(form.get("uri", "").strip()[:URI_AT_MOST])
            return words.verified(found, encrypting.label(found[0]))
        if what == "remove":
            await encrypting.keys(peer)
            key = encrypting.find(peer, form.get("key", ""))
            await encrypting.remove(key)
            return words.removed(key)
        if what in _DECISIONS:
            await encrypting.keys(peer)
            key = await encrypting.trust(encrypting.find(peer, form.get("key", "")), _DECISIONS[what])
            return words.decided(key, encrypting.label(key))
        raise unknown_form()

    async def show(self, visit: Visit, error: SatError | None = None) -> Html:
        """How it stands, and the keys as they are known here; with ``?refresh=1`` their server is asked first."""
        desk = await visit.desk()
        peer, encrypting = _peer(desk, visit), desk.live.encrypting
        await encrypting.look(peer)
        theirs: list[Key] = []
        ours: list[Key] = []
        try:
            theirs, ours = await encrypting.keys(peer, visit.method == "GET" and bool(visit.query.get("refresh")))
        except SatError as failure:
            error = error or failure
        uri, state = "", encrypting.state(peer)
        with suppress(SatError):  # we have no keys yet
            uri = await encrypting.uri()
        label = desk.live.contacts.label(peer)
        values: dict[str, object] = {
            "jid": peer,
            "own": peer.bare == desk.live.jid,
            "state": state,
            "comparing": encrypting.comparing,
            "explained": words.explained(state, label),
            "theirs": theirs,
            "ours": ours,
            "uri": uri,
            "code": _code(uri),
            "words": words,
            "entered": visit.form if error else {},
        }
        return desk.page("encryption/encryption.html", values, error, None if visit.form else 200)


def _code(uri: str) -> Markup:
    """The address as a picture; nothing where it is too long for one."""
    with suppress(InvalidArgument):
        return Markup(svg(uri)) if uri else Markup()  # noqa: S704 - made of squares
    return Markup()


def _peer(desk: Desk, visit: Visit) -> JID:
    return desk.peer(visit.argument)
