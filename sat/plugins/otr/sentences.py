"""What people are told of OTR."""

from __future__ import annotations

from sat.otr.outcomes import Reason, Refusal

SWITCHED_OFF = "OTR is switched off in the settings"
OURSELVES = "OTR is for two people"
NO_SUBJECT = "OTR knows no subjects"
NO_TEXT = "OTR carries texts only"
NO_CORRECTION = "what was sent with OTR cannot be corrected"
ENDED_HERE = "it was ended before they answered"
NOT_THERE = (
    "there is no conversation with OTR. Begin one, or end the encryption of this conversation, which is then in clear"
)
NOT_YET = "they have not answered yet that they want to talk with OTR"
STILL_THERE = "nothing can be compared outside a conversation with OTR"

REFUSED = {
    Refusal.NEVER: SWITCHED_OFF,
    Refusal.NOT_ENCRYPTED: NOT_THERE,
    Refusal.FINISHED: (
        "the conversation with OTR has ended on their side. Begin it again, or end it here, too; what follows is then"
        " in clear"
    ),
    Refusal.NOT_ASKED: "they have asked nothing",
    Refusal.TOO_LONG: "it is too long for OTR",
}
UNREADABLE = {
    Reason.MALFORMED: "it is damaged",
    Reason.NOT_PRIVATE: "no conversation with OTR is open here. Their program was told so; begin a new one",
    Reason.UNREADABLE: "it was not encrypted for this conversation, was changed on the way, or was sent before",
    Reason.EXCHANGE: "it should have begun a conversation with OTR, and its key is not whose it should be",
    Reason.VERSION: "their program knows other versions of OTR only",
}
STRANGER = "it is from somebody who may not see whether you are online, so their program was not answered"
ELSEWHERE = "it was encrypted with OTR for another program of yours, or is of a conversation that has ended"
OTHER_PROGRAM = "it is from another program of theirs than the one with which the conversation with OTR is"


def late(seconds: float) -> str:
    """Nobody has answered."""
    return (
        f"they have not answered within {seconds:.0f} seconds. If they do in the next minutes, OTR is used from"
        " then on; until then it stays as it was"
    )


def asked(who: str) -> str:
    """The peer would like to begin."""
    return f"{who} would like to talk with OTR. /encrypt otr says yes, /encrypt no says no; they learn nothing of a no."


def said(error: str) -> str:
    """What their program reports."""
    return f"Their program reports of OTR, and anybody on the way may have written it: “{error}”"


WAITS = "You have asked to talk with OTR. Until they answer, it stays as it was."
WAITS_AGAIN = "You have asked to talk with OTR. Nothing is sent until they answer."
NOTHING_LEAVES = "There is no conversation with OTR now, so nothing is sent. Begin it, or end the encryption."
FINISHED = "They have ended the conversation with OTR. Nothing is sent until you begin it again, or end it here, too."
GONE = (
    "Their program is offline, and the conversation with OTR has ended with it. Nothing is sent until you begin it"
    " again, or end it here."
)
IN_CLEAR = "The last message in clear was not encrypted: anybody on the way may have written or read it."
OTHER_KEY = "Their key is another one than before. Compare it before you write: somebody may have come between."
