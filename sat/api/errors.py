"""Errors that cross the bridge under their own name.

An error's docstring is the sentence a person reads, with the error's details in braces; ``hint`` says what to do
next; ``exit_code`` is what ``jp`` ends with and ``http_status`` what ``libervia`` answers. Each fact stands here once.
"""

from __future__ import annotations

from typing import ClassVar

ERRORS: dict[str, type[SatError]] = {}


class SatError(Exception):
    """Something went wrong."""

    exit_code: ClassVar[int] = 4
    http_status: ClassVar[int] = 400
    hint: ClassVar[str] = ""

    def __init__(self, **details: object) -> None:
        self.details = {key: str(value) for key, value in details.items()}
        super().__init__(self.details)

    def __init_subclass__(cls) -> None:
        if cls.__name__ in ERRORS:
            raise TypeError(f"two errors are called {cls.__name__}")
        ERRORS[cls.__name__] = cls

    def __str__(self) -> str:
        return _fill(type(self).__doc__ or "Something went wrong.", self.details)

    @property
    def advice(self) -> str:
        """What the person can do now, or nothing."""
        return self.fill(type(self).hint)

    def fill(self, text: str) -> str:
        """A text with this error's details in their places."""
        return _fill(text, self.details)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, SatError) and self.details == other.details

    def __hash__(self) -> int:
        return hash((type(self), tuple(sorted(self.details.items()))))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def _fill(sentence: str, details: dict[str, str]) -> str:
    return " ".join(sentence.split()).format_map(_Blank(details)).strip()


def error_named(name: str, details: dict[str, str]) -> SatError:
    """The error of that name, as it was raised on the other side of the bridge."""
    kind = ERRORS.get(name)
    return kind(**details) if kind else InternalError(reference=name)


class ServerError(SatError):
    """The server {server} could not be used."""

    http_status = 502


# -- what was asked for ------------------------------------------------------------------------------------------


class InvalidAddress(SatError):
    """“{address}” is no XMPP address: {reason}."""

    exit_code = 17
    hint = "An address looks like name@example.org."


class InvalidArgument(SatError):
    """{reason}"""

    exit_code = 17


class PostExists(SatError):
    """There is a post with the address “{slug}” already."""

    hint = "Give it another one, or edit that post."
    exit_code = 19
    http_status = 409


class NoComments(SatError):
    """Nobody can comment on this post."""

    exit_code = 1
    http_status = 403


class NotFound(SatError):
    """There is no {what}."""

    exit_code = 16
    http_status = 404


class NotEditable(SatError):
    """The message cannot be changed: {reason}."""

    exit_code = 18
    http_status = 409


class Conflict(SatError):
    """{what} exists already."""

    exit_code = 19
    http_status = 409


class FeatureMissing(SatError):
    """{who} does not support {feature}."""

    exit_code = 18
    http_status = 501


class Cancelled(SatError):
    """Cancelled."""

    exit_code = 20


class UnknownSetting(SatError):
    """There is no setting “{key}”. {suggestion}"""

    exit_code = 16
    http_status = 404


class InvalidSetting(SatError):
    """“{value}” is not possible for {key}: {reason}."""

    exit_code = 17


# -- profiles ----------------------------------------------------------------------------------------------------


class ProfileNotFound(SatError):
    """There is no profile {profile}."""

    exit_code = 16
    http_status = 404
    hint = "jp profile list shows yours; jp login you@example.org makes one."


class NoProfile(SatError):
    """There is no profile yet."""

    exit_code = 16
    http_status = 404
    hint = "jp login you@example.org makes one."


class ProfileExists(SatError):
    """There is a profile {profile} already."""

    exit_code = 19
    http_status = 409


class ProfileLocked(SatError):
    """The profile {profile} is locked by its password."""

    exit_code = 6
    http_status = 403
    hint = "jp profile unlock {profile}"


class WrongProfilePassword(SatError):
    """This is not the password of the profile {profile}."""

    exit_code = 6
    http_status = 403


class ProfileKeyMissing(SatError):
    """The stored passwords of the profile {profile} cannot be read: their key is not in {place}."""

    exit_code = 6
    http_status = 403
    hint = "Unlock the desktop's keyring or put the key file back, then try again."


class PasswordMissing(SatError):
    """The password of {jid} is not stored, so the profile {profile} cannot connect."""

    exit_code = 6
    http_status = 403
    hint = "jp login {jid} asks for it."


class NotConnected(SatError):
    """The profile {profile} is not connected."""

    exit_code = 7
    http_status = 409
    hint = "jp profile connect {profile}"


# -- finding and reaching the server -----------------------------------------------------------------------------


class ServerNotFound(ServerError):
    """No XMPP server was found at {server}. {suggestion}"""

    hint = "Check the address, or set the host and port: jp login and jp profile set take --host and --port."

    def __init__(self, suggestion: object = "", **details: object) -> None:
        super().__init__(suggestion=suggestion, **details)


class ServerRefused(ServerError):
    """{server} does not accept connections on port {port}."""

    hint = "Is the server running? If it is elsewhere: jp login and jp profile set take --host and --port."


class ServerSilent(ServerError):
    """{server} does not answer on port {port} (waited {seconds} s)."""

    hint = "Check the network, or set the host and port: jp login and jp profile set take --host and --port."


class ConnectionLost(ServerError):
    """The connection to {server} was lost."""


_PIN = (
    "Its fingerprint is {fingerprint}. If the server's administrator confirms it, you can trust exactly this"
    " certificate: jp login and jp register and jp profile set take --pin; the settings have it under Mail Server."
)


class CertificateRefused(ServerError):
    """The certificate of {server} cannot be trusted. Someone could be listening."""

    hint = _PIN


class CertificateExpired(CertificateRefused):
    """The certificate of {server} expired on {date}. Someone could be listening."""

    hint = f"Only the server's administrator can renew it. {_PIN}"


class CertificateUntrusted(CertificateRefused):
    """The certificate of {server} is not signed by an authority known here. Someone could be listening."""

    hint = f"If the server is yours, add its authority to the system's, or name it in SSL_CERT_FILE. {_PIN}"


class CertificateSelfSigned(CertificateRefused):
    """The certificate of {server} is signed by itself only. Someone could be listening."""

    hint = _PIN


class CertificateWrongName(CertificateRefused):
    """The certificate shown is for {names}, not for {server}. Someone could be listening."""

    hint = f"Check the address. {_PIN}"


class CertificateChanged(CertificateRefused):
    """The certificate of {server} is not the one that you trust: its fingerprint is {fingerprint}, you trust {pinned}.
    Someone could be listening."""

    hint = (
        "If the server's administrator confirms the new fingerprint, trust that one: jp login and jp register and jp"
        " profile set take --pin; the settings have it under Mail Server."
    )


class EncryptionMissing(ServerError):
    """{server} does not offer an encrypted connection, so nothing was sent to it."""

    hint = "Only the server's administrator can change that."


class EncryptionFailed(ServerError):
    """No encrypted connection to {server} could be made: {reason}."""


class WebSocketFailed(ServerError):
    """{server} cannot be reached through {url}: {reason}."""

    hint = "Check the address, or use none: jp profile set --websocket ''"


# -- logging in --------------------------------------------------------------------------------------------------


class AuthFailed(ServerError):
    """The server {server} did not accept this password for {user}."""

    exit_code = 6
    http_status = 403
    hint = "Try again. Forgotten? Ask the server's administrator."


class PasswordUnusable(AuthFailed):
    """This password for {user} at {server} holds a character that passwords cannot have, or mixes writing from left
    and from right, so it was not sent."""

    hint = "Type it again; was something pasted along with it?"


class AccountDisabled(ServerError):
    """The server {server} has disabled the account {user}: {reason}."""

    exit_code = 6
    http_status = 403


class NoCommonMechanism(ServerError):
    """{server} offers no way to log in that is safe and known here (it offers {offered})."""

    exit_code = 6


class WeakerThanBefore(ServerError):
    """{server} offers only weaker ways to log in than this account has used before ({offered}; before: {before}).
    Someone could be in between, so no password was sent."""

    exit_code = 6
    hint = "If the server's administrator confirms the change: jp profile forget-security {profile}"


class OfferTampered(ServerError):
    """What {server} offers for logging in contradicts itself ({reason}). Someone could be in between, so no password
    was sent."""

    exit_code = 6
    hint = "Try another network. If it stays so, the server's administrator should see this message."


class StepUnknown(ServerError):
    """The password is right, but {server} asks for a further step that this program does not know: {steps}."""

    exit_code = 6
    hint = "The server's settings may let you turn it off, or make a password for this program only."


class ServerNotProven(ServerError):
    """{server} could not prove that it knows the password. Someone could be in between."""

    exit_code = 6


class SessionReplaced(ServerError):
    """Another program has taken over this session at {server}."""

    hint = "Close the other program, or give this account another resource: jp profile set --resource NAME"


class ServerClosed(ServerError):
    """{server} closed the connection: {reason}."""


class ProtocolViolation(ServerError):
    """{server} sent something that is not allowed: {reason}. The connection was closed."""


# -- registering -------------------------------------------------------------------------------------------------


class RegistrationClosed(ServerError):
    """{server} does not let programs create accounts."""

    hint = "Look at its web page, or choose another server."


class RegistrationLimited(ServerError):
    """{server} lets programs create no more accounts today{said}."""

    hint = "Try again later, look at its web page, or choose another server."


class InvitationRequired(ServerError):
    """{server} needs an invitation."""

    hint = "Paste the invitation's link (xmpp:…?register;preauth=…)."


class NoInvitation(SatError):
    """“{link}” is no invitation."""

    exit_code = 17
    hint = "The link of an invitation looks like xmpp:example.org?register;preauth=…"


class UsernameTaken(ServerError):
    """{user} is taken on {server}."""

    exit_code = 19
    http_status = 409
    hint = "Choose another name, perhaps {suggestion}."


class RegistrationRefused(ServerError):
    """{server} refused: {reason}."""


class CaptchaWrong(ServerError):
    """The answer to the picture of {server} was not right."""

    http_status = 400
    hint = "Look at the new picture, then try again."


class CaptchaRequired(ServerError):
    """{server} asks a question that only its web page shows: {url}."""


# -- talking -----------------------------------------------------------------------------------------------------


class PeerError(SatError):
    """{peer} answered: {reason}."""

    http_status = 502


class AskedTooOften(SatError):
    """{who} wants to be left in peace for {seconds} s."""

    http_status = 429


class RequestTimeout(SatError):
    """{peer} did not answer within {seconds} s."""

    http_status = 504


class MessageTooLong(SatError):
    """The message is too long: {size} bytes, and {limit} are possible."""

    exit_code = 17
    http_status = 413


# -- files -------------------------------------------------------------------------------------------------------


class NoKeys(SatError):
    """{who} has no keys for {method}, so nothing can be encrypted for them."""

    exit_code = 18
    hint = (
        "They need a program that speaks {method}. Without encryption, their server and yours can read what you write."
    )


class KeysUntrusted(SatError):
    """You have not decided whether these keys are of {who}: {keys}. Nothing was sent."""

    hint = "Compare them with what {who} sees in their own program, then say which of them you trust."


class CannotEncrypt(SatError):
    """It could not be encrypted for {who}, so it was not sent: {reason}."""


class CannotDecrypt(SatError):
    """This message was encrypted, and cannot be read here: {reason}."""


class FileUnreadable(SatError):
    """The file {path} cannot be read: {reason}."""

    exit_code = 16
    http_status = 404


class FileEmpty(FileUnreadable):
    """The file {path} is empty: there is nothing to send."""

    exit_code = 17
    http_status = 400


class FileTooLarge(SatError):
    """The file {name} is {size}; {who} takes {limit} at most."""

    exit_code = 17
    http_status = 413
    hint = "Make it smaller, or send it in parts."


class FileBroken(SatError):
    """The file {name} is not what was sent, so nothing of it was kept: {reason}."""

    http_status = 502
    hint = "Ask for it once more."


class FileUnusable(SatError):
    """A file came with this message, and cannot be fetched: {reason}."""


class CannotReceiveEncrypted(SatError):
    """{who} cannot take this directly and encrypted, so nothing was sent: {reason}."""

    exit_code = 18
    http_status = 409
    hint = (
        "It can go encrypted by way of the server: jp message send {who} --attach FILE."
        " To send it in clear on purpose: jp file send FILE {who} --encrypt none"
    )


class CannotSendEncrypted(SatError):
    """{who} cannot send this directly and encrypted, so it was not asked for: {reason}."""

    exit_code = 18
    http_status = 409
    hint = "To have it in clear on purpose: jp file request {who} NAME --encrypt none"


class CannotOpen(SatError):
    """{who} offers something encrypted that cannot be opened here: {reason}."""

    hint = "Ask for it once more."


class CannotReceive(SatError):
    """{who} cannot take {what} directly: no program of theirs that could is online."""

    exit_code = 18
    http_status = 409
    hint = "A file can go by way of the server: jp message send {who} --attach FILE"


class NobodyShares(SatError):
    """No program of {who} that shares files is online."""

    exit_code = 18
    http_status = 409
    hint = "They have to be online with a program that shares some."


class NobodyWaits(SatError):
    """No program of {who} that is online waits for a pipe."""

    exit_code = 18
    http_status = 409
    hint = "They wait for it with: jp pipe in CONTACT"


class UploadLater(SatError):
    """{who} takes no more files from you for now{why}."""

    http_status = 429
    hint = "Try again {when}."


class UploadRefused(SatError):
    """{who} does not take files from you{why}."""

    exit_code = 6
    http_status = 403
    hint = "Ask those who run your server."


class WebError(SatError):
    """{host} could not be used: {reason}."""

    http_status = 502


class WebRefused(WebError):
    """{host} answered: {reason}."""


class WebSilent(WebError):
    """{host} did not answer within {seconds} s."""

    http_status = 504


class LocalAddress(WebError):
    """{host} is in the local network, and nothing is fetched from there."""

    exit_code = 6
    http_status = 403
    hint = "If it is meant to be: jp param set attachments.local true"


class PictureHidden(SatError):
    """This picture is not shown by itself: {reason}."""

    exit_code = 6
    http_status = 403
    hint = "jp param set attachments.show always shows all."


class TooManyTransfers(SatError):
    """There are {limit} files on their way already."""

    http_status = 429
    hint = "Wait until one has arrived."


class TooManyOpen(SatError):
    """The daemon has nearly as many files and connections open as the system lets it have ({limit})."""

    http_status = 503
    hint = "Wait until some transfers have ended, or let it have more open files."


# -- from program to program -------------------------------------------------------------------------------------


class PeerDeclined(SatError):
    """{peer} does not want it{why}."""

    exit_code = 1
    http_status = 409


class NoWayToPeer(SatError):
    """No way to {peer} was found: {reason}."""

    http_status = 502


class TransferBroken(SatError):
    """The transfer with {peer} broke off: {reason}."""

    http_status = 502


class OfferExpired(TransferBroken):
    """Nobody has taken it here in time, so it is not offered any more."""

    http_status = 410
    hint = "Ask them to offer it once more."


class NotSafeEnough(TransferBroken):
    """{peer} stopped it: {reason}."""

    http_status = 409
    hint = (
        "Where one of you encrypts what you write to each other, the other one has to, too:"
        " jp encryption start CONTACT. Or they could not open its key, or have not decided yet whether your key is"
        " yours."
    )


class PipeChanged(TransferBroken):
    """What {peer} sends was changed on its way, and was stopped there: what came before that is what was sent."""

    hint = "Have it sent once more."


# -- encryption --------------------------------------------------------------------------------------------------


class OtrMissing(SatError):
    """Conversations with OTR need the program library python-potr, which is not installed."""

    exit_code = 18
    http_status = 501
    hint = "Where the daemon is installed: pip install --no-deps python-potr==1.0.2"


# -- storing -----------------------------------------------------------------------------------------------------


class StorageError(SatError):
    """What you asked for could not be stored, so it was not done: {reason}."""

    http_status = 507
    hint = "Look at the disk, then try again; nothing that was stored before is lost."


class StorageFull(StorageError):
    """The disk is full, so it was not done."""

    hint = "Make room on the disk, then try again; nothing that was stored before is lost."


class NoSpace(StorageError):
    """There is no room for {name}: it is {size}, and {free} can be used in {folder}."""

    hint = "Make room there, or choose another folder; some of a disk is always left to others."


class ProfileDamaged(StorageError):
    """The profile {profile} cannot be opened: what is stored of its key is damaged."""

    exit_code = 6
    hint = "An older copy of the database may have it whole; sat log tells more."


class StorageFailing(StorageError):
    """Nothing can be stored at the moment: {reason}. Nothing is sent, and what comes in waits at the server."""

    hint = "Look at the disk and make room on it; the daemon goes on by itself."


class DamageFound(StorageError):
    """The database is damaged; the next start repairs what can be repaired."""

    hint = "Start the daemon again: sat stop; sat start"


class StorageDamaged(SatError):
    """The database was damaged; it was set aside as {kept} and {instead} is used."""

    hint = "What the servers' archives have comes back by itself."


# -- rooms -------------------------------------------------------------------------------------------------------


class NotInRoom(SatError):
    """You are not in the room {room}."""

    exit_code = 18
    http_status = 409
    hint = "jp room join {room}"


class NickTaken(SatError):
    """In the room {room} somebody is called {nick} already."""

    exit_code = 19
    http_status = 409
    hint = "Choose another nickname."


class RoomPasswordWrong(SatError):
    """The room {room} asks for a password, and this is not it."""

    exit_code = 6
    http_status = 403
    hint = "jp room join {room} --password-stdin"


class RoomBanned(SatError):
    """You are banned from the room {room}."""

    exit_code = 6
    http_status = 403


class RoomMembersOnly(SatError):
    """Only members may enter the room {room}."""

    exit_code = 6
    http_status = 403
    hint = "Ask one of them for an invitation."


class RoomFull(SatError):
    """The room {room} is full."""

    exit_code = 18
    http_status = 503


class PutOut(SatError):
    """You were put out of the room {room}{why}."""


class RoomClosed(SatError):
    """The room {room} was closed{why}."""


# -- the daemon and its bus --------------------------------------------------------------------------------------


class NoBus(SatError):
    """There is no D-Bus session to talk to the daemon."""

    exit_code = 3
    http_status = 503
    hint = "Log in to a desktop session, or start one: dbus-run-session -- bash"


class NoSuchProgram(SatError):
    """No program called {name} answers on the bus."""

    http_status = 503


class NoDaemon(SatError):
    """The daemon sat is not running."""

    exit_code = 5
    http_status = 503
    hint = "Start it: sat start (sat install-service has it started whenever it is needed)"


class DaemonNotStarted(NoDaemon):
    """The daemon sat is not running, and D-Bus could not start it."""

    hint = "sat start says why; sat install-service tells D-Bus anew where it is."


class DaemonRunning(SatError):
    """A daemon is running on this bus already (process {pid})."""

    exit_code = 1
    hint = "sat status shows it; sat stop ends it."


class DaemonSilent(SatError):
    """The daemon did not answer within {seconds} s."""

    exit_code = 3
    http_status = 504


class TooManyCalls(SatError):
    """This program has too many questions to the daemon open ({limit})."""

    http_status = 429
    hint = "Wait for answers before you ask more."


class InvalidConfig(SatError):
    """{file}, line {line}: {reason}."""

    exit_code = 2


class ConfigIgnored(SatError):
    """{file}, line {line}: {reason}"""

    exit_code = 2
    hint = "It has no effect. Correct it, then start the daemon again."


class PluginFailed(SatError):
    """The plugin {plugin} could not be loaded: {reason}."""


class InternalError(SatError):
    """Something unexpected went wrong; the daemon's log tells more under {reference}."""

    exit_code = 111
    http_status = 500
    hint = "sat log shows it."
