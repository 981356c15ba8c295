"""What was asked for, and what others answered."""

from __future__ import annotations

from sat.api.errors.base import SatError


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


class PeerError(SatError):
    """{peer} answered: {reason}."""

    http_status = 502


class NotTold(SatError):
    """{who} does not tell when they were last there."""

    exit_code = 18
    http_status = 501
    hint = "Contacts have to switch that on in their program, and to let you see when they are online."


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
