"""Cards of people on the command line."""

from __future__ import annotations

from sat.plugins.vcard.api import Card
from sat_frontends.jp.context import Jp
from sat_frontends.quick_frontend.cards import told


def show(jp: Jp, card: Card) -> None:
    """What a card says."""
    pairs = list(told(card))
    jp.out.record(card, pairs)
    if not pairs and jp.out.terminal and not jp.out.json:
        jp.out.say("Nothing is told.")
