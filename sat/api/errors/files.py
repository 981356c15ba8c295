"""Files by way of a server, and what is fetched from the web."""

from __future__ import annotations

from sat.api.errors.base import SatError


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
