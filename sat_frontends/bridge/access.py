"""Typed access to the daemon: ``bridge.profile("alice").messages.send(...)``, the same for every transport."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from sat.api.contract import Api
from sat.api.names import ROOT, profile_path
from sat.bridge.derive import Transport, client

if TYPE_CHECKING:
    from sat.api.manager import ManagerApi
    from sat.api.profile import ProfileApi
    from sat.api.settings import SettingsApi
    from sat.plugins.ad_hoc.api import AdHocApi
    from sat.plugins.archive.api import ArchiveApi
    from sat.plugins.attachments.api import AttachmentsApi
    from sat.plugins.attention.api import AttentionApi
    from sat.plugins.avatars.api import AvatarsApi
    from sat.plugins.blocking.api import BlockingApi
    from sat.plugins.blog.api import BlogApi
    from sat.plugins.blog_drafts.api import BlogDraftsApi
    from sat.plugins.bookmarks.api import BookmarksApi
    from sat.plugins.chat_states.api import ChatStatesApi
    from sat.plugins.client_state.api import ClientStateApi
    from sat.plugins.correction.api import CorrectionApi
    from sat.plugins.disco.api import DiscoApi
    from sat.plugins.drafts.api import DraftsApi
    from sat.plugins.encryption.api import EncryptionApi
    from sat.plugins.entity_time.api import EntityTimeApi
    from sat.plugins.files.api import FilesApi
    from sat.plugins.http_auth.api import HttpAuthApi
    from sat.plugins.invitations.api import InvitationsApi
    from sat.plugins.last_activity.api import LastActivityApi
    from sat.plugins.messages.api import MessagesApi
    from sat.plugins.nickname.api import NicknameApi
    from sat.plugins.notify_settings.api import NotifySettingsApi
    from sat.plugins.ping.api import PingApi
    from sat.plugins.pipes.api import PipesApi
    from sat.plugins.presence.api import PresenceApi
    from sat.plugins.pubsub.api import PubsubApi
    from sat.plugins.reactions.api import ReactionsApi
    from sat.plugins.registration.api import RegistrationApi
    from sat.plugins.retraction.api import RetractionApi
    from sat.plugins.room_avatars.api import RoomAvatarsApi
    from sat.plugins.rooms.api import RoomsApi
    from sat.plugins.roster.api import RosterApi
    from sat.plugins.services.api import ServicesApi
    from sat.plugins.shares.api import SharesApi
    from sat.plugins.timeline.api import TimelineApi
    from sat.plugins.transfers.api import TransfersApi
    from sat.plugins.upload.api import UploadApi
    from sat.plugins.vcard.api import VcardApi
    from sat.plugins.version.api import VersionApi

A = TypeVar("A", bound=Api)


class _Part:
    """An interface of an object of the daemon. Its module is imported when it is first asked for: jp needs few."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __set_name__(self, owner: type[Access], name: str) -> None:
        self._name, self._api = name, owner.__annotations__[name]

    def __get__(self, access: Access | None, owner: type[Access]) -> Any:
        if access is None:
            return self
        made = access.use(getattr(import_module(self._module), self._api))
        vars(access)[self._name] = made  # where it is found from now on
        return made


def _part(module: str) -> Any:
    """The interface that the annotation names, which is in this module."""
    return _Part(module)


class Access:
    """One object of the daemon. A client is made when it is first asked for, and kept."""

    settings: SettingsApi = _part("sat.api.settings")
    """Settings of the profile, or of the daemon."""

    def __init__(self, bridge: Bridge, path: str) -> None:
        self._bridge, self.path = bridge, path
        self._clients: dict[type[Any], Any] = {}

    def use(self, api: type[A]) -> A:
        """The interface ``api`` of this object; also one of a third-party plugin."""
        found = self._clients.get(api)
        if found is None:
            found = self._clients[api] = client(api, self._bridge.transport(self.path))
        made: A = found
        return made


class ProfileAccess(Access):
    """What the daemon does for one profile."""

    profile: ProfileApi = _part("sat.api.profile")
    """The account and its connection."""
    messages: MessagesApi = _part("sat.plugins.messages.api")
    """Messages with one contact."""
    roster: RosterApi = _part("sat.plugins.roster.api")
    """The contact list."""
    attachments: AttachmentsApi = _part("sat.plugins.attachments.api")
    """Files that come with messages."""
    upload: UploadApi = _part("sat.plugins.upload.api")
    """Files that are put on the server."""
    files: FilesApi = _part("sat.plugins.files.api")
    """Files from person to person."""
    pipes: PipesApi = _part("sat.plugins.pipes.api")
    """Pipes between people."""
    shares: SharesApi = _part("sat.plugins.shares.api")
    """Folders that are shared with contacts."""
    transfers: TransfersApi = _part("sat.plugins.transfers.api")
    """All that is on its way."""
    attention: AttentionApi = _part("sat.plugins.attention.api")
    """Asking for attention."""
    avatars: AvatarsApi = _part("sat.plugins.avatars.api")
    """Pictures of contacts, and our own."""
    blocking: BlockingApi = _part("sat.plugins.blocking.api")
    """Whom we want to hear nothing of."""
    blog: BlogApi = _part("sat.plugins.blog.api")
    """Blogs, and what is said of them."""
    blog_drafts: BlogDraftsApi = _part("sat.plugins.blog_drafts.api")
    """Posts that are not published yet."""
    timeline: TimelineApi = _part("sat.plugins.timeline.api")
    """What is published by those who are followed."""
    pubsub: PubsubApi = _part("sat.plugins.pubsub.api")
    """Nodes of services, and what is in them."""
    nickname: NicknameApi = _part("sat.plugins.nickname.api")
    """What we call ourselves."""
    vcard: VcardApi = _part("sat.plugins.vcard.api")
    """What people tell of themselves."""
    presence: PresenceApi = _part("sat.plugins.presence.api")
    """Who is there."""
    chat_states: ChatStatesApi = _part("sat.plugins.chat_states.api")
    """Who is typing."""
    client_state: ClientStateApi = _part("sat.plugins.client_state.api")
    """Whether somebody is looking."""
    archive: ArchiveApi = _part("sat.plugins.archive.api")
    """The server's archive."""
    drafts: DraftsApi = _part("sat.plugins.drafts.api")
    """What was begun and not sent."""
    correction: CorrectionApi = _part("sat.plugins.correction.api")
    """Correcting messages."""
    retraction: RetractionApi = _part("sat.plugins.retraction.api")
    """Taking messages back."""
    reactions: ReactionsApi = _part("sat.plugins.reactions.api")
    """Emojis on messages."""
    rooms: RoomsApi = _part("sat.plugins.rooms.api")
    """Rooms, and who is in them."""
    room_avatars: RoomAvatarsApi = _part("sat.plugins.room_avatars.api")
    """Pictures of rooms."""
    notify_settings: NotifySettingsApi = _part("sat.plugins.notify_settings.api")
    """Of which messages to be told."""
    ad_hoc: AdHocApi = _part("sat.plugins.ad_hoc.api")
    """Commands of servers, services and programs."""
    http_auth: HttpAuthApi = _part("sat.plugins.http_auth.api")
    """Requests of web sites."""
    invitations: InvitationsApi = _part("sat.plugins.invitations.api")
    """Links that make contacts."""
    services: ServicesApi = _part("sat.plugins.services.api")
    """Gateways and directories."""
    bookmarks: BookmarksApi = _part("sat.plugins.bookmarks.api")
    """Rooms that are remembered."""
    disco: DiscoApi = _part("sat.plugins.disco.api")
    """What others can do."""
    ping: PingApi = _part("sat.plugins.ping.api")
    """Is it there?"""
    entity_time: EntityTimeApi = _part("sat.plugins.entity_time.api")
    """Which time is it there?"""
    encryption: EncryptionApi = _part("sat.plugins.encryption.api")
    """Encrypt what is written, and compare keys."""
    last_activity: LastActivityApi = _part("sat.plugins.last_activity.api")
    """When was somebody last there?"""
    version: VersionApi = _part("sat.plugins.version.api")
    """Which program is this?"""

    def __init__(self, bridge: Bridge, name: str) -> None:
        super().__init__(bridge, profile_path(name))
        self.name = name


class Bridge(Access):
    """The daemon, and from here its profiles. Each transport has a subclass."""

    manager: ManagerApi = _part("sat.api.manager")
    """The daemon itself."""
    registration: RegistrationApi = _part("sat.plugins.registration.api")
    """Creating accounts."""

    def __init__(self) -> None:
        super().__init__(self, ROOT)
        self._profiles: dict[str, ProfileAccess] = {}

    def transport(self, path: str) -> Transport:
        """What carries the data of one object."""
        raise NotImplementedError

    def profile(self, name: str) -> ProfileAccess:
        """A profile by its name. Whether it exists shows when it is used."""
        if name not in self._profiles:
            self._profiles[name] = ProfileAccess(self, name)
        return self._profiles[name]

    async def call_by_name(self, path: str, name: str, arguments: list[Any]) -> Any:
        """Call ``Messages.Send`` of ``profile/alice`` with plain arguments; see :mod:`sat_frontends.bridge.generic`."""
        from sat_frontends.bridge.generic import call_by_name

        return await call_by_name(self, path, name, arguments)
