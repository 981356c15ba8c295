"""Profiles, and accounts that are created."""

from __future__ import annotations

from sat.api.errors.base import SatError
from sat.api.errors.connection import ServerError


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
