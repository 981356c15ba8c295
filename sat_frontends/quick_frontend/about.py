"""What can be asked about somebody: what they tell of themselves, each question by itself, so that nobody waits for all
of them."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from sat.api import JID, SatError
from sat_frontends.quick_frontend.apis import ProfileApis
from sat_frontends.quick_frontend.cards import told

Pairs = list[tuple[str, str]]
"""Labels, and values as strangers wrote them: show these cleaned."""
Question = Coroutine[Any, Any, Pairs]


def questions(apis: ProfileApis, jid: JID) -> list[Question]:
    """What to ask about somebody, in the order in which the answers are shown. Where there is no answer, nothing is
    found."""
    return [_answered(_card(apis, jid))]


async def _answered(question: Question) -> Pairs:
    try:
        return await question
    except SatError:  # they do not say, or are not there
        return []


async def _card(apis: ProfileApis, jid: JID) -> Pairs:
    return list(told(await apis.vcard.get_card(jid.bare)))
