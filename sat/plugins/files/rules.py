"""What the settings say of files that others send: where they go, and which are taken without asking."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, ClassVar

from sat.api import JID
from sat.api.settings import Tab
from sat.core.settings import Help, Range
from sat.plugins.files.wire import About
from sat.plugins.roster.plugin import Roster

MEGABYTE = 1024 * 1024


class Accept(StrEnum):
    """Whose files are taken without asking."""

    NOBODY = "nobody"
    GROUPS = "groups"
    CONTACTS = "contacts"


@dataclass
class Options:
    """Files that others send directly."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    folder: Annotated[str, "Folder for received files", Help("Empty: the downloads of your desktop.")] = ""
    accept: Annotated[Accept, "Take files without asking", Help("Of nobody, of some groups, or of all contacts.")] = (
        Accept.NOBODY
    )
    accept_groups: Annotated[str, "Groups whose files are taken", Help("Names, separated by commas.")] = ""
    accept_up_to: Annotated[int, "Taken without asking up to (MB)", Range(1, 1_000_000)] = 100
    accept_types: Annotated[
        str, "Kinds that are taken without asking", Help("Like image/*, audio/*, text/plain; empty: all.")
    ] = ""
    strangers: Annotated[
        bool, "Let strangers offer files", Help("Who may not see your presence learns that you are there.")
    ] = False
    keep_parts: Annotated[bool, "Keep what broke off", Help("It can be gone on with later.")] = True
    quarantine: Annotated[
        bool, "Put programs apart", Help("What could be run goes to the folder quarantine inside.")
    ] = True


def folder(options: Options) -> Path:
    """Where received files go."""
    chosen = options.folder.strip()
    if chosen.startswith(("/", "~/")):
        return Path(chosen).expanduser()
    return _downloads()


def takes(options: Options, roster: Roster, own: JID, peer: JID, about: About) -> bool:
    """Whether an offer is taken without asking anybody. One that does not tell its size is not."""
    if options.accept is Accept.NOBODY or not 0 <= about.size <= options.accept_up_to * MEGABYTE:
        return False
    kinds = [each.strip().lower() for each in options.accept_types.split(",") if each.strip()]
    if kinds and not any(fnmatchcase(about.type, kind) for kind in kinds):
        return False
    if peer.bare == own.bare:
        return True
    contact = roster.find(peer)
    if contact is None or not roster.may_see(peer):
        return False
    groups = {each.strip() for each in options.accept_groups.split(",") if each.strip()}
    return options.accept is Accept.CONTACTS or not groups.isdisjoint(contact.groups)


def _downloads() -> Path:
    """The desktop's folder for that (xdg-user-dirs), else ~/Downloads."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "user-dirs.dirs"
    try:
        found = re.search(r'^XDG_DOWNLOAD_DIR="(.+)"$', config.read_text(), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        found = None
    path = Path(found[1].replace("$HOME", str(Path.home()))) if found else Path.home() / "Downloads"
    return path if path.is_absolute() else Path.home() / "Downloads"
