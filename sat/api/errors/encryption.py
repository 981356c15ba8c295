"""Keys, and what is encrypted with them."""

from __future__ import annotations

from sat.api.errors.base import SatError


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


class CannotBeginEncryption(CannotEncrypt):
    """What is written to {who} could not be encrypted so, and nothing has changed: {reason}."""


class CannotDecrypt(SatError):
    """This message was encrypted, and cannot be read here: {reason}."""


class OtrMissing(SatError):
    """Conversations with OTR need the program library python-potr, which is not installed."""

    exit_code = 18
    http_status = 501
    hint = "Where the daemon is installed: pip install --no-deps python-potr==1.0.2"
