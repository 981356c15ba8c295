"""What people tell of themselves: their names, and where they can be reached (XEP-0292, XEP-0054)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, method

MOST = 20  # values of one kind
LONGEST = 500  # characters of a value
LONGEST_NOTE = 5_000


class Card(NamedTuple):
    """What somebody says that they are; nobody has checked it. Each value is one line, but the note. ``birthday`` is a
    date, perhaps without its year, as they wrote it; an address is as it would stand on a letter, with commas between
    its lines."""

    name: str = ""
    nickname: str = ""
    organisation: str = ""
    title: str = ""
    birthday: str = ""
    emails: list[str] = []  # noqa: RUF012 - a named tuple's default, never changed
    phones: list[str] = []  # noqa: RUF012
    addresses: list[str] = []  # noqa: RUF012
    urls: list[str] = []  # noqa: RUF012
    note: str = ""


class VcardApi(Api):
    """Read the cards of others, and write our own (XEP-0292, XEP-0054)."""

    @method
    async def get_card(self, jid: JID) -> Card:
        """The card of somebody, or our own; an empty one where there is none. Errors: NotConnected, PeerError,
        RequestTimeout."""

    @method
    async def set_own(self, card: Card) -> None:
        """Have our card hold this; what else is in it, such as a picture, stays. Contacts may read it, and whoever asks
        the older way, unless the option ``vcard.for_all`` says no. Errors: InvalidArgument, NotConnected,
        FeatureMissing, PeerError, RequestTimeout."""
