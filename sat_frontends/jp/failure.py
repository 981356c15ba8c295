"""How a command of ``jp`` ends when it does not succeed, and what its exit codes mean."""

from __future__ import annotations

UNWRITTEN = 1
USAGE = 2
NOT_FOUND = 16
INTERNAL = 111
INTERRUPTED = 130
BROKEN_PIPE = 141

EXIT_CODES = {
    0: "done",
    1: "the answer is no: they declined, a check of jp doctor failed, the daemon runs already; or the output cannot be"
    " written",
    2: "wrong usage: unknown command or option, missing argument, an ambiguous name",
    3: "there is no D-Bus session, or the daemon does not answer",
    4: "the call failed: the server, the contact or the storage refused it, or a time-out",
    5: "the daemon is not running",
    6: "not allowed: a wrong or missing password, a locked profile, a ban, a server that takes no files from you",
    7: "the profile is not connected",
    16: "not found: a profile, a contact, a setting, a message",
    17: "bad data: an invalid address or value, a message that is too long",
    18: "the other side does not support it",
    19: "it exists already",
    20: "cancelled: you answered no, or it was given up, by you or by the other side",
    111: "an unexpected error, in jp or in the daemon",
    130: "interrupted (Ctrl-C)",
    141: "the reader of the output is gone (as head does)",
}


class Failure(Exception):
    """A sentence for the person, what they can do now, and the exit code."""

    def __init__(self, sentence: str, hint: str = "", code: int = 4) -> None:
        self.sentence, self.hint, self.code = sentence, hint, code
        super().__init__(sentence)


def usage(sentence: str, hint: str = "") -> Failure:
    """Wrong usage."""
    return Failure(sentence, hint, USAGE)


def nearest(word: str, known: list[str]) -> str:
    """“Did you mean …?”, or nothing."""
    import difflib

    found = difflib.get_close_matches(word, known, 3, 0.6)
    return f"Did you mean {' or '.join(found)}?" if found else ""
