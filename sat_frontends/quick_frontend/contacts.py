"""The contact list: groups, presence, unread counts, filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sat.api import JID, Signal
from sat.plugins.avatars.api import Shown
from sat.plugins.messages.api import Unread
from sat.plugins.presence.api import Presence, Show
from sat.plugins.rooms.api import Room, RoomState
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.quick_frontend.contact_rows import (
    ROOMS,
    STRANGERS,
    ContactRow,
    ListTab,
    Row,
    Section,
    SortBy,
    by_label,
    by_presence,
    fitting,
    quality,
    room_label,
)
from sat_frontends.quick_frontend.counting import Counts
from sat_frontends.quick_frontend.occupants import Occupants


class ContactList:
    """The contact list of one profile. Feed it with what the apis tell (``LiveProfile`` does); ``rows`` is worked out
    when somebody looks, and only what changed since."""

    def __init__(self, sort_by: SortBy = SortBy.PRESENCE, show_offline: bool = True) -> None:
        self.changed: Signal[frozenset[JID]] = Signal()
        """The contacts whose rows look different now; empty means: more than single rows, look at all."""
        self.tab = ListTab.ALL
        self.sort_by = sort_by
        self.filter = ""
        self.show_offline = show_offline
        self.occupants = Occupants()
        self._contacts: dict[JID, Contact] = {}
        self._resources: dict[JID, dict[JID, Presence]] = {}
        self.counts = Counts()
        self._conversations: set[JID] = set()
        self._typing: set[JID] = set()
        self._drafts: set[JID] = set()
        self._blocked: frozenset[JID] = frozenset()
        self._pictures: dict[JID, str] = {}
        self._rooms: dict[JID, Room] = {}
        self._folded: set[str] = set()
        self._members: dict[str, set[JID]] = {}
        self._sections: dict[str, Section] = {}  # groups that need not be worked out again
        self._rows: list[Row] | None = None

    # -- looking --------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[Row]:
        """What is to be drawn, from top to bottom."""
        if self._rows is None:
            rows: list[Row] = []
            for group in sorted(self._members, key=self._group_order):
                if self.tab is not ListTab.ROOMS or group == ROOMS:
                    rows += self._section_rows(self._section(group))
            self._rows = rows
        return self._rows

    @property
    def online(self) -> int:
        """How many contacts are there."""
        return sum(1 for jid in self._resources if jid in self._contacts)

    def __len__(self) -> int:
        return len(self._contacts)

    def contact(self, jid: JID) -> Contact | None:
        """The contact list's entry of an address."""
        return self._contacts.get(jid.bare)

    def contacts(self) -> list[Contact]:
        """All contacts, by label."""
        return sorted(self._contacts.values(), key=lambda contact: (contact.label.casefold(), contact.jid))

    def strangers(self) -> list[JID]:
        """Who was written with but is no contact."""
        return sorted(self._members.get(STRANGERS, ()))

    def groups(self) -> list[str]:
        """The names of all groups, sorted."""
        return sorted({group for contact in self._contacts.values() for group in contact.groups}, key=str.casefold)

    def label(self, jid: JID) -> str:
        """What to call somebody. Who is no contact is called by the whole address, so that nobody of another domain
        passes for a contact; a room by its own name, unless a contact is called so; who is in it by the nick."""
        contact = self.contact(jid)
        room = None if contact else self._rooms.get(jid.bare)
        if room is None:
            return contact.label if contact else jid.bare
        return room_label(room, jid, self._contacts.values())

    def room(self, jid: JID) -> Room | None:
        """The room of an address, if it is one of ours."""
        return self._rooms.get(jid)

    def rooms(self) -> list[Room]:
        """The rooms that we are in or want to be in, by label."""
        return sorted(self._rooms.values(), key=lambda room: (self.label(room.jid).casefold(), room.jid))

    def conversation(self, jid: JID) -> JID:
        """Where it is written with somebody: who is in a room has a conversation of their own, of a contact all
        programs share one."""
        return jid if jid.resource and (jid.bare in self._rooms or jid in self._conversations) else jid.bare

    def presence(self, jid: JID) -> Presence:
        """The presence of somebody's best resource; OFFLINE when none is there. A room that we are in is there."""
        room = self._rooms.get(jid)
        if room is not None:
            return Presence(jid, Show.ONLINE if room.state is RoomState.JOINED else Show.OFFLINE, room.subject)
        if jid.resource and jid.bare in self._rooms:
            there = self.occupants.get(jid)
            return Presence(jid, there.show, there.status) if there else Presence(jid, Show.OFFLINE)
        resources = self._resources.get(jid.bare)
        return min(resources.values(), key=quality) if resources else Presence(jid.bare, Show.OFFLINE)

    def resources(self, jid: JID) -> list[Presence]:
        """All resources of somebody, the best first."""
        return sorted(self._resources.get(jid.bare, {}).values(), key=quality)

    def unread(self, jid: JID) -> int:
        """How many messages of somebody are unread."""
        return self.counts.of(self.conversation(jid))

    def typing(self, jid: JID) -> bool:
        """Whether somebody types."""
        return self.conversation(jid) in self._typing

    @property
    def blocked(self) -> list[JID]:
        """Whom we hear nothing of: addresses, and servers that stand for all of their accounts."""
        return sorted(self._blocked)

    def is_blocked(self, jid: JID) -> bool:
        """Whether we hear nothing of somebody."""
        return not self._blocked.isdisjoint((jid.bare, jid.domain))

    def picture(self, jid: JID) -> str:
        """The id of the picture that somebody shows, or nothing. That of a room is not of who is in it."""
        return self._pictures.get(jid if jid.bare in self._rooms else jid.bare, "")

    def with_unread(self) -> list[JID]:
        """Whose messages are unread: in the order of the whole list, whatever is folded or filtered, each once."""
        order: dict[JID, None] = {}
        for group in sorted(self._members, key=self._group_order):
            if not self.counts.keys().isdisjoint(self._members[group]):
                order.update((row.jid, None) for row in self._section(group).rows if row.unread)
        return list(order)

    # -- how it is shown ------------------------------------------------------------------------------------------

    def set_tab(self, tab: ListTab) -> None:
        """Show another tab."""
        self.tab = tab
        self._show_all()

    def set_filter(self, text: str) -> None:
        """Show only contacts whose label or address holds this text; folded groups open for it. Empty: all."""
        if text != self.filter:
            self.filter = text
            self._show_all()

    def set_sorting(self, sort_by: SortBy) -> None:
        """Sort in another way."""
        self.sort_by = sort_by
        self._sections.clear()
        self._show_all()

    def fold(self, group: str, folded: bool | None = None) -> None:
        """Fold a group or unfold it; None turns it over."""
        if folded is None:
            folded = group not in self._folded
        (self._folded.add if folded else self._folded.discard)(group)
        self._show_all()

    # -- what the apis tell ---------------------------------------------------------------------------------------

    def replace(self, contacts: Iterable[Contact], presences: Iterable[Presence]) -> None:
        """Everything anew: the whole contact list and who is there."""
        self._contacts = {contact.jid: contact for contact in contacts}
        self._resources.clear()
        for presence in presences:
            self._take(presence)
        self._members.clear()
        for jid in (*self._contacts, *self._rooms, *self.counts.keys(), *self._conversations):
            self._place(jid)
        self._sections.clear()
        self._show_all()

    def update(self, contacts: Iterable[Contact]) -> None:
        """Contacts that are new or have changed."""
        changed = []
        for contact in contacts:
            self._displace(contact.jid)
            self._contacts[contact.jid] = contact
            self._place(contact.jid)
            changed.append(contact.jid)
        self._say(changed)

    def remove(self, jids: Iterable[JID]) -> None:
        """Contacts that are gone from the list."""
        changed = []
        for jid in jids:
            self._displace(jid)
            self._contacts.pop(jid, None)
            self._resources.pop(jid, None)
            self._place(jid)
            changed.append(jid)
        self._say(changed)

    def present(self, presences: Iterable[Presence]) -> None:
        """Presences that have changed."""
        self._say({jid for presence in presences if (jid := self._take(presence)) is not None})

    def nobody(self) -> None:
        """The daemon is away: we do not know who is there."""
        gone, self._resources = tuple(self._resources), {}
        self._say(gone)

    def set_unread(self, counts: Iterable[Unread]) -> None:
        """Conversations with another number of unread messages."""
        changed = []
        for each in counts:
            self._displace(each.peer)
            if self.counts.set(each):
                changed.append(each.peer)
            self._place(each.peer)
        self._say(changed)

    def weigh_anew(self, jids: Iterable[JID]) -> None:
        """Something else is wanted to be told of these."""
        self._say(jid for jid in jids if self.counts.of(jid))

    def add_conversations(self, jids: Iterable[JID]) -> None:
        """Somebody was written with. Who is no contact stays in the list for that."""
        new = [jid for jid in jids if jid not in self._conversations]
        self._conversations.update(new)
        for jid in new:
            self._place(jid)
        self._say(jid for jid in new if jid not in self._contacts)

    def set_typing(self, jid: JID, typing: bool) -> None:
        """Somebody types, or no longer."""
        self._mark(self._typing, jid, typing)

    def set_draft(self, jid: JID, begun: bool) -> None:
        """Something was begun in a conversation and not sent, or no longer."""
        self._mark(self._drafts, jid, begun)

    def _mark(self, marked: set[JID], jid: JID, there: bool) -> None:
        if there is not (jid in marked):
            (marked.add if there else marked.discard)(jid)
            self._say([jid])

    def set_blocked(self, jids: Iterable[JID]) -> None:
        """These are blocked now, and nobody else."""
        self._blocked = frozenset(jids)
        self._sections.clear()
        self._show_all()

    def set_pictures(self, shown: Iterable[Shown], whole: bool = False) -> None:
        """Who shows another picture now, or none any more. ``whole``: nobody else shows any."""
        changed = {**(dict.fromkeys(self._pictures, "") if whole else {}), **dict(shown)}
        self._pictures = {jid: id for jid, id in {**self._pictures, **changed}.items() if id}
        self._say(changed)

    def set_rooms(self, rooms: Iterable[Room]) -> None:
        """Rooms that are new or different now."""
        self._change_rooms({room.jid: room for room in rooms})

    def remove_rooms(self, jids: Iterable[JID]) -> None:
        """Rooms that we left for good; what was written there stays."""
        self._change_rooms(dict.fromkeys(jid for jid in jids if jid in self._rooms))

    def _change_rooms(self, changed: Mapping[JID, Room | None]) -> None:
        there = [*changed, *(jid for jid in self._conversations if jid.resource and jid.bare in changed)]
        for jid in there:
            self._displace(jid)
        for jid, room in changed.items():
            if room is None:
                del self._rooms[jid]
            else:
                self._rooms[jid] = room
        for jid in there:
            self._place(jid)
        self._say(there)

    def show_occupants(self, room: JID) -> None:
        """Who is in a room, or how, is different now."""
        self._say(jid for jid in self._conversations if jid.resource and jid.bare == room)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _take(self, presence: Presence) -> JID | None:
        """Note a presence; whose it is, or None if it is nothing new."""
        jid = presence.jid.bare
        resources = self._resources.get(jid, {})
        if presence.show is Show.OFFLINE:
            gone = resources if presence.jid == jid else {presence.jid} & resources.keys()
            if not gone:
                return None
            for resource in tuple(gone):
                del resources[resource]
            if not resources:
                del self._resources[jid]
                self._typing.discard(jid)
        elif resources.get(presence.jid) == presence:
            return None
        else:
            self._resources.setdefault(jid, {})[presence.jid] = presence
        return jid

    def _groups_of(self, jid: JID) -> Iterable[str]:
        contact = self._contacts.get(jid)
        if contact is not None:
            return contact.groups or ("",)
        if jid in self._rooms or (jid.resource and jid.bare in self._rooms):
            return (ROOMS,)
        return (STRANGERS,) if self.counts.of(jid) or jid in self._conversations else ()

    def _place(self, jid: JID) -> None:
        for group in self._groups_of(jid):
            self._members.setdefault(group, set()).add(jid)

    def _displace(self, jid: JID) -> None:
        for group in self._groups_of(jid):
            self._sections.pop(group, None)
            members = self._members.get(group)
            if members is not None:
                members.discard(jid)
                if not members:
                    del self._members[group]

    def _say(self, jids: Iterable[JID]) -> None:
        """These contacts look different: their groups have to be worked out again when somebody looks."""
        changed = frozenset(jids)
        if changed:
            for jid in changed:
                for group in self._groups_of(jid):
                    self._sections.pop(group, None)
            self._rows = None
            self.changed.emit(changed)

    def _show_all(self) -> None:
        self._rows = None
        self.changed.emit(frozenset())

    def _group_order(self, name: str) -> tuple[int, str, str]:
        # Strangers first while something of theirs is unread: they wait for an answer. Else they are last.
        if name == STRANGERS:
            return (3 if self.counts.keys().isdisjoint(self._members[name]) else 0, "", "")
        return (1 if name else 2, "" if name == ROOMS else name.casefold(), name)

    def _section(self, group: str) -> Section:
        if group not in self._sections:
            self._sections[group] = self._work_out(group)
        return self._sections[group]

    def _work_out(self, group: str) -> Section:
        rows = [self._contact_row(jid, group) for jid in self._members[group]]
        rows.sort(key=by_presence if self.sort_by is SortBy.PRESENCE else by_label)
        online = sum(1 for row in rows if row.show is not Show.OFFLINE)
        return Section(group, rows, online, sum(self.counts.worth(row.jid) for row in rows))

    def _contact_row(self, jid: JID, group: str) -> ContactRow:
        presence, contact = self.presence(jid), self._contacts.get(jid)
        return ContactRow(
            jid,
            self.label(jid),
            group,
            presence.show,
            presence.status,
            self.counts.of(jid),
            jid in self._typing,
            contact.subscription if contact else Subscription.NONE,
            contact.asked if contact else False,
            self.is_blocked(jid),
            self.picture(jid),
            jid in self._drafts,
            self.counts.quiet(jid),
        )

    def _section_rows(self, section: Section) -> list[Row]:
        wanted = self.filter.casefold()
        shown = fitting(section.rows, wanted, self.tab, self.show_offline)
        if not shown and (wanted or self.tab is ListTab.UNREAD):
            return []
        folded = section.name in self._folded and not wanted
        # What is unread is not hidden by a fold.
        return [section.head(folded), *([row for row in shown if row.unread] if folded else shown)]
