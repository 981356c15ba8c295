"""Finding and reaching the server, logging in there, and staying."""

from __future__ import annotations

from sat.api.errors.base import SatError


class ServerError(SatError):
    """The server {server} could not be used."""

    http_status = 502


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
