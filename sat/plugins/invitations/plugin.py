"""Invitations, made by the server where it does that, else by ourselves; and followed (XEP-0379, XEP-0401)."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any
from urllib.parse import quote

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, NotConnected, SatError
from sat.core.plugin import Plugin, needs
from sat.plugins.ad_hoc.api import Stage
from sat.plugins.ad_hoc.plugin import AdHoc
from sat.plugins.invitations.api import InvitationsApi, Invite
from sat.plugins.presence.plugin import PresencePlugin
from sat.plugins.roster.plugin import Roster
from sat.xmpp import xml
from sat.xmpp.stanzas import Presence
from sat.xmpp.times import parse_stamp

NS = "urn:xmpp:pars:0"
INVITE, CREATE = "urn:xmpp:invite#invite", "urn:xmpp:invite#create-account"
GOOD_FOR = 7 * 86_400.0  # seconds that an invitation of ours holds
OPEN = 100  # invitations of ours that nobody has followed; the oldest is forgotten
LONG = 2000  # characters of a link


class Invitations(Plugin, InvitationsApi):
    """Links that make contacts of people, and accounts (XEP-0379, XEP-0401)."""

    xeps = ("0379", "0401")
    ad_hoc = needs(AdHoc)
    presence = needs(PresencePlugin)
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._open: dict[str, float] = {}  # by digest: when each ends
        self.undo(self.presence.vouch(self._invited))

    async def load(self) -> None:
        self._open.update({str(digest): float(end) for digest, end in await self.store.rows("open", _row)})

    async def invite(self) -> Invite:
        made = await self._by_server(INVITE, "")
        if made is not None:
            return made
        token = secrets.token_urlsafe(18)
        now = self.session.now()
        self._open = {digest: end for digest, end in self._open.items() if end > now}
        self._open[_digest(token)] = now + GOOD_FOR
        while len(self._open) > OPEN:
            del self._open[next(iter(self._open))]
        await self._keep()
        own = self.session.account.jid.bare
        return Invite(f"xmpp:{quote(own, safe='@')}?roster;preauth={token}", "", now + GOOD_FOR)

    async def invite_account(self, name: str = "") -> Invite:
        made = await self._by_server(CREATE, name)
        if made is None:
            raise FeatureMissing(who=self.session.account.jid.domain, feature="invitations to create an account")
        return made

    async def _by_server(self, node: str, name: str) -> Invite | None:
        """What the server's command answers; None where it has none for us."""
        server = JID(self.session.account.jid.domain)
        if node not in [each.node for each in await self.ad_hoc.get_commands(server)]:
            return None
        stage = await self.ad_hoc.begin(server, node)
        if not stage.done:
            asked = {each.name for each in stage.form.fields}
            answers = {"username": name, "roster-subscription": "true"}
            fields = {key: value for key, value in answers.items() if key in asked and value}
            stage = await self.ad_hoc.go_on(stage.run, stage.actions[0], fields)
        return _read(stage)

    # -- followed ------------------------------------------------------------------------------------------------

    async def follow(self, jid: JID, token: str, name: str = "", groups: list[str] = []) -> None:  # noqa: B006
        if jid.bare == self.session.account.jid.bare:
            raise InvalidArgument(reason="This invitation is your own.")
        asks = Presence.to(jid.bare, "subscribe").element
        xml.add(asks, "preauth", NS, token=token[:LONG])
        if not self.session.send(asks):  # before the usual request, which would be shown to them
            raise NotConnected(profile=self.session.name)
        await self.roster.add_contact(jid, name, groups)

    def _invited(self, presence: Presence) -> bool:
        """Whether who asks to see us has an invitation of ours. It is good once."""
        shown = presence.child("preauth", NS)
        sender = presence.sender
        if shown is None or sender is None:
            return False
        end = self._open.pop(_digest(str(shown.attributes.get("token", ""))[:LONG]), 0.0)
        if end <= self.session.now():
            return False
        self.spawn(self._welcome(sender.bare))
        return True

    async def _welcome(self, jid: JID) -> None:
        try:
            await self._keep()
            await self.roster.add_contact(jid)
        except SatError as error:
            self.log.warning("%s followed an invitation, and could not be added: %s", jid, error)

    async def _keep(self) -> None:
        await self.store.set("open", list(map(list, self._open.items())))


def _digest(token: str) -> str:
    """What is kept of a token: who reads our files cannot follow the invitation."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _row(row: Any) -> tuple[str, float]:
    digest, end = row
    return digest, end


def _read(stage: Stage) -> Invite | None:
    """The link in what a command has answered (XEP-0401 §4.1)."""
    said = {each.name: "".join(each.values[:1]) for each in stage.form.fields}
    uri, url = said.get("uri", ""), said.get("landing-url", "")
    if not uri.lower().startswith("xmpp:") or len(uri) > LONG:
        return None
    fine = url.startswith("https://") and len(url) <= LONG
    action = uri.partition("?")[2]
    account = action.startswith("register") or "ibr=y" in action.split(";")
    return Invite(uri, url if fine else "", parse_stamp(said.get("expire", "")) or 0.0, account)
