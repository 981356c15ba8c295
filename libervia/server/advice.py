"""What a person at a browser can do about an error.

The hints of ``sat.api.errors`` are for who sits at the daemon's machine: some are commands of a shell, which is not
where this person is. Here is what is said in their place.
"""

from __future__ import annotations

from sat.api import SatError
from sat.api.errors import (
    CannotReceive,
    CannotReceiveEncrypted,
    CannotSendEncrypted,
    CertificateChanged,
    CertificateExpired,
    CertificateRefused,
    CertificateUntrusted,
    CertificateWrongName,
    DaemonNotStarted,
    DaemonRunning,
    DamageFound,
    InternalError,
    LocalAddress,
    NobodyWaits,
    NoBus,
    NoDaemon,
    NoProfile,
    NotConnected,
    NotInRoom,
    NotSafeEnough,
    PasswordMissing,
    PictureHidden,
    ProfileDamaged,
    ProfileLocked,
    ProfileNotFound,
    RoomPasswordWrong,
    ServerNotFound,
    ServerRefused,
    ServerSilent,
    SessionReplaced,
    WeakerThanBefore,
    WebSocketFailed,
)

_START = "Who runs this server has to start it."
_LOG_IN = "Log out, then log in again."
_PLACE = "set the host and port, when you log in or in the settings."
_HERE = "say where it is, under “The server is somewhere else”."
_TRUST = (
    "Its fingerprint is {fingerprint}. If the XMPP server's administrator confirms it, who runs this server can trust"
    " exactly this certificate."
)
INSTEAD: dict[type[SatError], str] = {
    CertificateRefused: _TRUST,
    CertificateExpired: f"Only the XMPP server's administrator can renew it. {_TRUST}",
    CertificateUntrusted: f"Who runs this server can add its authority to the system's. {_TRUST}",
    CertificateWrongName: f"Check the address. {_TRUST}",
    CertificateChanged: "If the XMPP server's administrator confirms the new fingerprint, who runs this server can"
    " trust that one.",
    NoBus: _START,
    NoDaemon: _START,
    DaemonNotStarted: _START,
    DaemonRunning: "",
    CannotReceive: "A file can go by way of the server: “Send a file” in the conversation.",
    NobodyWaits: "",
    CannotSendEncrypted: "You can ask for it in clear where the conversation is in clear.",
    NotSafeEnough: "Where one of you encrypts what you write to each other, the other one has to, too. Or they could"
    " not open its key, or have not decided yet whether your key is yours.",
    CannotReceiveEncrypted: "It can go encrypted by way of the server: “Send a file” in the conversation.",
    DamageFound: "Who runs this server has to start the daemon again.",
    ProfileDamaged: "An older copy of the database may have it whole: who runs this server can look.",
    InternalError: "Who runs this server finds it there.",
    ProfileNotFound: _LOG_IN,
    NoProfile: _LOG_IN,
    ProfileLocked: "Log out, then log in with the profile's own password.",
    PasswordMissing: "Log out, then log in with the account's password.",
    LocalAddress: "The settings can allow it, under Composition.",
    PictureHidden: "The settings say which pictures are shown, under Composition.",
    NotInRoom: "",
    RoomPasswordWrong: "",
    NotConnected: "Wait until it is online again, or choose “Go online” at the top of the page.",
    ServerNotFound: f"Check the address, or {_PLACE}",
    ServerRefused: f"Is the server running? If it is elsewhere, {_PLACE}",
    ServerSilent: f"Check the network, or {_PLACE}",
    WebSocketFailed: "Check its address in the settings, or leave it empty.",
    SessionReplaced: "Close the other program, or give this account another resource in the settings.",
    WeakerThanBefore: "If the XMPP server's administrator confirms the change, who runs this server can accept it.",
}


def advice(error: SatError) -> str:
    """What can be done now, or nothing."""
    return error.fill(next((INSTEAD[kind] for kind in type(error).__mro__ if kind in INSTEAD), type(error).hint))


def sentences(error: SatError) -> str:
    """What went wrong, and what can be done now."""
    return f"{error} {advice(error)}".strip()


def asks_for_place(error: SatError | None) -> bool:
    """Whether saying where the server is can help."""
    return isinstance(error, ServerNotFound | ServerRefused | ServerSilent)


def sentences_at_place(error: SatError) -> str:
    """The same for a form where the place of the server is a field."""
    return sentences(error).replace(_PLACE, _HERE)
