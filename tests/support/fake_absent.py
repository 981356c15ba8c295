"""What a profile has of which a test says nothing."""

from __future__ import annotations

from typing import Any

from sat.api import Signal
from sat.api.errors import NotFound


class NoRooms:
    """``support.fake_rooms`` has some."""

    def __init__(self) -> None:
        for name in (
            "changed",
            "removed",
            "occupants_changed",
            "happened",
            "invited",
            "settled",
            "voice_asked",
            "voice_settled",
        ):
            setattr(self, name, Signal[Any]())

    async def get_rooms(self) -> list[Any]:
        return []

    async def get_invitations(self) -> list[Any]:
        return []

    async def get_voice_requests(self) -> list[Any]:
        return []

    async def answer_voice(self, number: str, allow: bool) -> None:
        raise NotFound(what="request to write with that number")


class NoEncryption:
    """``support.fake_encryption`` has some."""

    def __init__(self) -> None:
        self.changed, self.keys_changed, self.compared = Signal[Any](), Signal[Any](), Signal[Any]()

    async def get(self, peer: Any) -> Any:
        raise NotFound(what="encryption")

    async def get_methods(self) -> list[Any]:
        return []

    async def get_comparisons(self) -> list[Any]:
        return []


class NoSites:
    """``support.fake_services`` has some that ask."""

    def __init__(self) -> None:
        self.asked, self.settled = Signal[Any](), Signal[Any]()

    async def get_confirmations(self) -> list[Any]:
        return []

    async def answer(self, number: str, allow: bool) -> None:
        raise NotFound(what="request of a web site with that number")


class NoDisco:
    """``support.fake_services`` has some."""

    async def get_info(self, jid: Any, node: str = "") -> Any:
        raise NotFound(what=f"address {jid}")


class NoBlog:
    """``support.fake_blog`` has one."""


class NoBlogDrafts:
    """``support.fake_blog`` has some."""

    def __init__(self) -> None:
        self.changed = Signal[Any]()

    async def get_all(self) -> list[Any]:
        return []


class NoTransfers:
    """``support.fake_transfers`` has some."""

    def __init__(self) -> None:
        self.changed, self.forgotten = Signal[Any](), Signal[Any]()

    async def get_all(self) -> list[Any]:
        return []


class NoFiles:
    """``support.fake_transfers`` has some, pipes too."""


class NoShares:
    """``support.fake_transfers`` has some."""

    def __init__(self) -> None:
        self.changed = Signal[Any]()

    async def get_own(self) -> list[Any]:
        return []


class NoTimeline:
    """``support.fake_blog`` has one."""

    def __init__(self) -> None:
        self.published, self.retracted, self.following_changed = Signal[Any](), Signal[Any](), Signal[Any]()
        self.answered = Signal[Any]()

    async def get_following(self) -> list[Any]:
        return []


class Absent:
    """What has nothing in it, until a test puts a fake in its place."""

    def __init__(self) -> None:
        self.rooms: Any = NoRooms()
        self.http_auth: Any = NoSites()
        self.encryption: Any = NoEncryption()
        self.disco: Any = NoDisco()
        self.blog: Any = NoBlog()
        self.blog_drafts: Any = NoBlogDrafts()
        self.timeline: Any = NoTimeline()
        self.transfers: Any = NoTransfers()
        self.shares: Any = NoShares()
        self.files: Any = NoFiles()
        self.pipes: Any = NoFiles()
