"""Folders that are shared with others, and those that others share, in words."""

from __future__ import annotations

import os
import time as clocks
from collections.abc import Callable, Iterable
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.sizes import shown
from sat.plugins.shares.api import Listed, Share
from sat_frontends.quick_frontend import addressees
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.offering import whole
from sat_frontends.quick_frontend.text import clean_line, moment

WITH = " with "


class Audience(NamedTuple):
    """With whom something is shared."""

    contacts: list[JID]
    groups: list[str]


def split(text: str) -> tuple[str, str]:
    """``FOLDER with NAME, NAME`` as the path and the names; the path of what is there may hold the word, too."""
    if os.path.exists(whole(text)):
        return text.strip(), ""
    path, found, names = text.rpartition(WITH)
    return (path.strip(), names.strip()) if found else (text.strip(), "")


def audience(contacts: ContactList, names: str) -> Audience:
    """Whom names mean that commas separate: groups of the contact list, and contacts. A contact that is called as a
    group is meant by the address. Errors: InvalidArgument."""
    known = {clean_line(group).casefold(): group for group in contacts.groups()}
    meant = Audience([], [])
    for name in filter(None, (each.strip() for each in names.split(","))):
        group = known.get(name.casefold())
        if group is not None:
            meant.groups.append(group)
        else:
            meant.contacts.append(addressees.resolve(contacts, name))
    if not any(meant):
        raise InvalidArgument(reason="Say with whom: /share FOLDER with NAME, NAME (contacts, or groups of them).")
    return Audience(list(dict.fromkeys(meant.contacts)), list(dict.fromkeys(meant.groups)))


def with_whom(share: Share, label: Callable[[JID], str]) -> str:
    """``Bob, the group Friends``."""
    people = [clean_line(label(jid)) for jid in share.contacts]
    return ", ".join([*people, *(f"the group {group}" for group in groups(share))])


def groups(share: Share) -> list[str]:
    """Those who can see it, ``Friends``; of one that nobody is in any more, that."""
    return [
        f"{clean_line(each)} (nobody is in it)" if each in share.empty else clean_line(each) for each in share.groups
    ]


def share_line(share: Share, label: Callable[[JID], str]) -> str:
    """One of ours: where it is, and who sees it."""
    gone = " (it is not there any more)" if share.missing else ""
    return f"{clean_line(share.path)}{gone}, with {with_whom(share, label)}"


def in_order(listed: Iterable[Listed]) -> list[Listed]:
    """As they stand under each other: folders first, then by name."""
    return sorted(listed, key=lambda each: (not each.folder, each.name.casefold(), each.name))


def listed_name(listed: Listed) -> str:
    """``music/`` or ``talk.pdf``."""
    return clean_line(listed.name) + ("/" if listed.folder else "")


def listed_about(listed: Listed) -> list[str]:
    """What is known of a file of theirs: its size, its type, when it was changed, what they say of it."""
    size = "" if listed.folder else shown(listed.size)
    changed = moment(listed.modified, clocks.time()) if listed.modified else ""
    return list(filter(None, [size, clean_line(listed.type), changed, clean_line(listed.description)]))


def parent(path: str) -> str:
    """The folder around one; empty for the top."""
    return path.strip("/").rpartition("/")[0]
