"""Visitors of rooms that we moderate, who ask to write there (XEP-0045 §8.6)."""

from __future__ import annotations

from sat.plugins.rooms.api import RoomsApi, VoiceRequest
from sat_frontends.quick_frontend.questions import Questions
from sat_frontends.quick_frontend.room_words import Piece, name

ASKED = "The moderators are asked whether you may write here."


class Voices(Questions[VoiceRequest]):
    """Those without an answer."""

    several, nobody = "Several ask.", "Nobody asks to write."
    allowed, denied = "They may write there now.", "They may not write there."

    def __init__(self, api: RoomsApi) -> None:
        super().__init__(api.voice_asked, api.voice_settled, api.get_voice_requests, api.answer_voice)


def asks(request: VoiceRequest) -> list[Piece]:
    """What is asked, as a sentence. Clean."""
    who = [Piece(" ("), name(request.jid), Piece(")")] if request.jid else []
    return [name(request.nick), *who, Piece(" asks to write in "), name(request.room)]
