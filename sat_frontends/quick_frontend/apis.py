"""The typed clients that the models are made for: ``sat_frontends.bridge`` gives them, a test gives its own."""

from __future__ import annotations

from typing import Protocol

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
from sat.plugins.disco.api import DiscoApi
from sat.plugins.drafts.api import DraftsApi
from sat.plugins.encryption.api import EncryptionApi
from sat.plugins.entity_time.api import EntityTimeApi
from sat.plugins.files.api import FilesApi
from sat.plugins.http_auth.api import HttpAuthApi
from sat.plugins.invitations.api import InvitationsApi
from sat.plugins.last_activity.api import LastActivityApi
from sat.plugins.messages.api import MessagesApi
from sat.plugins.notify_settings.api import NotifySettingsApi
from sat.plugins.ping.api import PingApi
from sat.plugins.pipes.api import PipesApi
from sat.plugins.presence.api import PresenceApi
from sat.plugins.registration.api import RegistrationApi
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
from sat_frontends.quick_frontend.amending import Amenders


class ProfileApis(Amenders, Protocol):
    """Those of one profile."""

    @property
    def profile(self) -> ProfileApi: ...
    @property
    def roster(self) -> RosterApi: ...
    @property
    def ping(self) -> PingApi: ...
    @property
    def presence(self) -> PresenceApi: ...
    @property
    def messages(self) -> MessagesApi: ...
    @property
    def chat_states(self) -> ChatStatesApi: ...
    @property
    def client_state(self) -> ClientStateApi: ...
    @property
    def archive(self) -> ArchiveApi: ...
    @property
    def attachments(self) -> AttachmentsApi: ...
    @property
    def upload(self) -> UploadApi: ...
    @property
    def attention(self) -> AttentionApi: ...
    @property
    def avatars(self) -> AvatarsApi: ...
    @property
    def blocking(self) -> BlockingApi: ...
    @property
    def files(self) -> FilesApi: ...
    @property
    def pipes(self) -> PipesApi: ...
    @property
    def shares(self) -> SharesApi: ...
    @property
    def transfers(self) -> TransfersApi: ...
    @property
    def blog(self) -> BlogApi: ...
    @property
    def blog_drafts(self) -> BlogDraftsApi: ...
    @property
    def timeline(self) -> TimelineApi: ...
    @property
    def ad_hoc(self) -> AdHocApi: ...
    @property
    def disco(self) -> DiscoApi: ...
    @property
    def http_auth(self) -> HttpAuthApi: ...
    @property
    def invitations(self) -> InvitationsApi: ...
    @property
    def services(self) -> ServicesApi: ...
    @property
    def notify_settings(self) -> NotifySettingsApi: ...
    @property
    def bookmarks(self) -> BookmarksApi: ...
    @property
    def drafts(self) -> DraftsApi: ...
    @property
    def rooms(self) -> RoomsApi: ...
    @property
    def encryption(self) -> EncryptionApi: ...
    @property
    def room_avatars(self) -> RoomAvatarsApi: ...
    @property
    def entity_time(self) -> EntityTimeApi: ...
    @property
    def last_activity(self) -> LastActivityApi: ...
    @property
    def version(self) -> VersionApi: ...
    @property
    def vcard(self) -> VcardApi: ...
    @property
    def settings(self) -> SettingsApi: ...


class DaemonApis(Protocol):
    """Those of the daemon itself, and of its profiles."""

    @property
    def manager(self) -> ManagerApi: ...
    @property
    def registration(self) -> RegistrationApi: ...
    @property
    def settings(self) -> SettingsApi: ...
    def profile(self, name: str) -> ProfileApis:
        """The clients of a profile; they keep working when the daemon was away and is back."""
