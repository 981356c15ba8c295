"""Typed access to the daemon: ``bridge.profile("alice").messages.send(...)``, the same for every transport."""

from __future__ import annotations

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


class Access:
    """One object of the daemon. A client is made when it is first asked for, and kept."""

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

    @property
    def settings(self) -> SettingsApi:
        """Settings of the profile, or of the daemon."""
        from sat.api.settings import SettingsApi

        return self.use(SettingsApi)


class ProfileAccess(Access):
    """What the daemon does for one profile."""

    def __init__(self, bridge: Bridge, name: str) -> None:
        super().__init__(bridge, profile_path(name))
        self.name = name

    @property
    def profile(self) -> ProfileApi:
        """The account and its connection."""
        from sat.api.profile import ProfileApi

        return self.use(ProfileApi)

    @property
    def messages(self) -> MessagesApi:
        """Messages with one contact."""
        from sat.plugins.messages.api import MessagesApi

        return self.use(MessagesApi)

    @property
    def roster(self) -> RosterApi:
        """The contact list."""
        from sat.plugins.roster.api import RosterApi

        return self.use(RosterApi)

    @property
    def attachments(self) -> AttachmentsApi:
        """Files that come with messages."""
        from sat.plugins.attachments.api import AttachmentsApi

        return self.use(AttachmentsApi)

    @property
    def upload(self) -> UploadApi:
        """Files that are put on the server."""
        from sat.plugins.upload.api import UploadApi

        return self.use(UploadApi)

    @property
    def files(self) -> FilesApi:
        """Files from person to person."""
        from sat.plugins.files.api import FilesApi

        return self.use(FilesApi)

    @property
    def pipes(self) -> PipesApi:
        """Pipes between people."""
        from sat.plugins.pipes.api import PipesApi

        return self.use(PipesApi)

    @property
    def shares(self) -> SharesApi:
        """Folders that are shared with contacts."""
        from sat.plugins.shares.api import SharesApi

        return self.use(SharesApi)

    @property
    def transfers(self) -> TransfersApi:
        """All that is on its way."""
        from sat.plugins.transfers.api import TransfersApi

        return self.use(TransfersApi)

    @property
    def attention(self) -> AttentionApi:
        """Asking for attention."""
        from sat.plugins.attention.api import AttentionApi

        return self.use(AttentionApi)

    @property
    def avatars(self) -> AvatarsApi:
        """Pictures of contacts, and our own."""
        from sat.plugins.avatars.api import AvatarsApi

        return self.use(AvatarsApi)

    @property
    def blocking(self) -> BlockingApi:
        """Whom we want to hear nothing of."""
        from sat.plugins.blocking.api import BlockingApi

        return self.use(BlockingApi)

    @property
    def blog(self) -> BlogApi:
        """Blogs, and what is said of them."""
        from sat.plugins.blog.api import BlogApi

        return self.use(BlogApi)

    @property
    def blog_drafts(self) -> BlogDraftsApi:
        """Posts that are not published yet."""
        from sat.plugins.blog_drafts.api import BlogDraftsApi

        return self.use(BlogDraftsApi)

    @property
    def timeline(self) -> TimelineApi:
        """What is published by those who are followed."""
        from sat.plugins.timeline.api import TimelineApi

        return self.use(TimelineApi)

    @property
    def pubsub(self) -> PubsubApi:
        """Nodes of services, and what is in them."""
        from sat.plugins.pubsub.api import PubsubApi

        return self.use(PubsubApi)

    @property
    def nickname(self) -> NicknameApi:
        """What we call ourselves."""
        from sat.plugins.nickname.api import NicknameApi

        return self.use(NicknameApi)

    @property
    def vcard(self) -> VcardApi:
        """What people tell of themselves."""
        from sat.plugins.vcard.api import VcardApi

        return self.use(VcardApi)

    @property
    def presence(self) -> PresenceApi:
        """Who is there."""
        from sat.plugins.presence.api import PresenceApi

        return self.use(PresenceApi)

    @property
    def chat_states(self) -> ChatStatesApi:
        """Who is typing."""
        from sat.plugins.chat_states.api import ChatStatesApi

        return self.use(ChatStatesApi)

    @property
    def client_state(self) -> ClientStateApi:
        """Whether somebody is looking."""
        from sat.plugins.client_state.api import ClientStateApi

        return self.use(ClientStateApi)

    @property
    def archive(self) -> ArchiveApi:
        """The server's archive."""
        from sat.plugins.archive.api import ArchiveApi

        return self.use(ArchiveApi)

    @property
    def drafts(self) -> DraftsApi:
        """What was begun and not sent."""
        from sat.plugins.drafts.api import DraftsApi

        return self.use(DraftsApi)

    @property
    def correction(self) -> CorrectionApi:
        """Correcting messages."""
        from sat.plugins.correction.api import CorrectionApi

        return self.use(CorrectionApi)

    @property
    def retraction(self) -> RetractionApi:
        """Taking messages back."""
        from sat.plugins.retraction.api import RetractionApi

        return self.use(RetractionApi)

    @property
    def reactions(self) -> ReactionsApi:
        """Emojis on messages."""
        from sat.plugins.reactions.api import ReactionsApi

        return self.use(ReactionsApi)

    @property
    def rooms(self) -> RoomsApi:
        """Rooms, and who is in them."""
        from sat.plugins.rooms.api import RoomsApi

        return self.use(RoomsApi)

    @property
    def room_avatars(self) -> RoomAvatarsApi:
        """Pictures of rooms."""
        from sat.plugins.room_avatars.api import RoomAvatarsApi

        return self.use(RoomAvatarsApi)

    @property
    def notify_settings(self) -> NotifySettingsApi:
        """Of which messages to be told."""
        from sat.plugins.notify_settings.api import NotifySettingsApi

        return self.use(NotifySettingsApi)

    @property
    def ad_hoc(self) -> AdHocApi:
        """Commands of servers, services and programs."""
        from sat.plugins.ad_hoc.api import AdHocApi

        return self.use(AdHocApi)

    @property
    def http_auth(self) -> HttpAuthApi:
        """Requests of web sites."""
        from sat.plugins.http_auth.api import HttpAuthApi

        return self.use(HttpAuthApi)

    @property
    def invitations(self) -> InvitationsApi:
        """Links that make contacts."""
        from sat.plugins.invitations.api import InvitationsApi

        return self.use(InvitationsApi)

    @property
    def services(self) -> ServicesApi:
        """Gateways and directories."""
        from sat.plugins.services.api import ServicesApi

        return self.use(ServicesApi)

    @property
    def bookmarks(self) -> BookmarksApi:
        """Rooms that are remembered."""
        from sat.plugins.bookmarks.api import BookmarksApi

        return self.use(BookmarksApi)

    @property
    def disco(self) -> DiscoApi:
        """What others can do."""
        from sat.plugins.disco.api import DiscoApi

        return self.use(DiscoApi)

    @property
    def ping(self) -> PingApi:
        """Is it there?"""
        from sat.plugins.ping.api import PingApi

        return self.use(PingApi)

    @property
    def entity_time(self) -> EntityTimeApi:
        """Which time is it there?"""
        from sat.plugins.entity_time.api import EntityTimeApi

        return self.use(EntityTimeApi)

    @property
    def encryption(self) -> EncryptionApi:
        """Encrypt what is written, and compare keys."""
        from sat.plugins.encryption.api import EncryptionApi

        return self.use(EncryptionApi)

    @property
    def last_activity(self) -> LastActivityApi:
        """When was somebody last there?"""
        from sat.plugins.last_activity.api import LastActivityApi

        return self.use(LastActivityApi)

    @property
    def version(self) -> VersionApi:
        """Which program is this?"""
        from sat.plugins.version.api import VersionApi

        return self.use(VersionApi)


class Bridge(Access):
    """The daemon, and from here its profiles. Each transport has a subclass."""

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

    @property
    def manager(self) -> ManagerApi:
        """The daemon itself."""
        from sat.api.manager import ManagerApi

        return self.use(ManagerApi)

    @property
    def registration(self) -> RegistrationApi:
        """Creating accounts."""
        from sat.plugins.registration.api import RegistrationApi

        return self.use(RegistrationApi)

    async def call_by_name(self, path: str, name: str, arguments: list[Any]) -> Any:
        """Call ``Messages.Send`` of ``profile/alice`` with plain arguments; see :mod:`sat_frontends.bridge.generic`."""
        from sat_frontends.bridge.generic import call_by_name

        return await call_by_name(self, path, name, arguments)
