"""Errors that cross the bridge under their own name.

An error's docstring is the sentence a person reads, with the error's details in braces; ``hint`` says what to do
next; ``exit_code`` is what ``jp`` ends with and ``http_status`` what ``libervia`` answers. Each fact stands here once.
"""

from __future__ import annotations

from sat.api.errors.accounts import (
    CaptchaRequired,
    CaptchaWrong,
    InvitationRequired,
    NoInvitation,
    NoProfile,
    NotConnected,
    PasswordMissing,
    ProfileExists,
    ProfileKeyMissing,
    ProfileLocked,
    ProfileNotFound,
    RegistrationClosed,
    RegistrationLimited,
    RegistrationRefused,
    UsernameTaken,
    WrongProfilePassword,
)
from sat.api.errors.base import (
    ERRORS,
    InternalError,
    SatError,
    error_named,
)
from sat.api.errors.connection import (
    AccountDisabled,
    AuthFailed,
    CertificateChanged,
    CertificateExpired,
    CertificateRefused,
    CertificateSelfSigned,
    CertificateUntrusted,
    CertificateWrongName,
    ConnectionLost,
    EncryptionFailed,
    EncryptionMissing,
    NoCommonMechanism,
    OfferTampered,
    PasswordUnusable,
    ProtocolViolation,
    ServerClosed,
    ServerError,
    ServerNotFound,
    ServerNotProven,
    ServerRefused,
    ServerSilent,
    SessionReplaced,
    StepUnknown,
    WeakerThanBefore,
    WebSocketFailed,
)
from sat.api.errors.daemon import (
    ConfigIgnored,
    DaemonNotStarted,
    DaemonRunning,
    DaemonSilent,
    InvalidConfig,
    NoBus,
    NoDaemon,
    NoSuchProgram,
    PluginFailed,
    TooManyCalls,
)
from sat.api.errors.encryption import (
    CannotDecrypt,
    CannotEncrypt,
    KeysUntrusted,
    NoKeys,
    OtrMissing,
)
from sat.api.errors.files import (
    FileBroken,
    FileEmpty,
    FileTooLarge,
    FileUnreadable,
    FileUnusable,
    LocalAddress,
    PictureHidden,
    TooManyOpen,
    TooManyTransfers,
    UploadLater,
    UploadRefused,
    WebError,
    WebRefused,
    WebSilent,
)
from sat.api.errors.requests import (
    AskedTooOften,
    Cancelled,
    Conflict,
    FeatureMissing,
    InvalidAddress,
    InvalidArgument,
    InvalidSetting,
    MessageTooLong,
    NoComments,
    NotEditable,
    NotFound,
    PeerError,
    PostExists,
    RequestTimeout,
    UnknownSetting,
)
from sat.api.errors.rooms import (
    NickTaken,
    NotInRoom,
    PutOut,
    RoomBanned,
    RoomClosed,
    RoomFull,
    RoomMembersOnly,
    RoomPasswordWrong,
)
from sat.api.errors.storage import (
    DamageFound,
    NoSpace,
    ProfileDamaged,
    StorageDamaged,
    StorageError,
    StorageFailing,
    StorageFull,
)
from sat.api.errors.transfers import (
    CannotOpen,
    CannotReceive,
    CannotReceiveEncrypted,
    CannotSendEncrypted,
    NobodyShares,
    NobodyWaits,
    NotSafeEnough,
    NoWayToPeer,
    OfferExpired,
    PeerDeclined,
    PipeChanged,
    TransferBroken,
)
