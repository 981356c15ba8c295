"""What goes from program to program."""

from __future__ import annotations

from sat.api.errors.base import SatError


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


class FolderTooLarge(SatError):
    """The folder cannot be fetched at once: {reason}."""

    http_status = 409
    hint = "Fetch the folders in it, one by one."


class NotAllFetched(SatError):
    """{failed} of {files} files in it did not come. The first one was {name}: {reason}"""

    http_status = 502
    hint = "Fetch the folder once more: what is here already is left out."


class NobodyWaits(SatError):
    """No program of {who} that is online waits for a pipe."""

    exit_code = 18
    http_status = 409
    hint = "They wait for it with: jp pipe in CONTACT"


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


class CancelledThere(TransferBroken):
    """The transfer with {peer} was cancelled there{why}."""

    exit_code = 20
    http_status = 410


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
