"""What a server offers, and whether somebody has changed it on the way (XEP-0440, XEP-0474)."""

from __future__ import annotations

import pytest
from support.line import Line, online
from support.scripted import MECHANISMS, Behaviour
from support.scripted_sasl2 import Sasl2

from sat.api.errors import NoCommonMechanism, OfferTampered, WeakerThanBefore
from sat.xmpp.sasl import Offer, choose

SCRAM, PLUS = ("SCRAM-SHA-1",), ("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS")
ENDP, UNIQUE = ("tls-server-end-point",), ("tls-unique",)
HERE = {"tls-exporter": b"e"}


@pytest.mark.parametrize(
    ("offer", "result"),
    [
        (Offer(PLUS, ("tls-exporter",)), "SCRAM-SHA-1-PLUS"),
        (Offer(PLUS, ("tls-exporter",), True), "SCRAM-SHA-1-PLUS"),
        (Offer(PLUS, None), "SCRAM-SHA-1-PLUS"),
        (Offer(PLUS, None, True), OfferTampered),  # rule 4
        (Offer(PLUS, (), True), OfferTampered),
        (Offer(SCRAM, ("tls-exporter",), True), OfferTampered),  # rule 5
        (Offer(SCRAM, ("tls-exporter",)), OfferTampered),
        (Offer(("PLAIN",), ("tls-exporter",), True), OfferTampered),
        (Offer(("PLAIN",), ("tls-exporter",)), "PLAIN"),
        (Offer(SCRAM, None), "SCRAM-SHA-1"),
        (Offer(PLUS, ENDP), "SCRAM-SHA-1"),  # a certificate that has no such binding
        (Offer(PLUS, UNIQUE), "signed"),  # rule 6
        (Offer(("PLAIN", "SCRAM-SHA-1-PLUS"), UNIQUE), OfferTampered),
        (Offer(("SCRAM-SHA-1-PLUS",), UNIQUE), NoCommonMechanism),
    ],
)
def test_chooses(offer: Offer, result: object) -> None:
    if isinstance(result, type):
        with pytest.raises(result):
            choose("example.org", offer, HERE, True)
        return
    choice = choose("example.org", offer, HERE, True)
    assert result == ("signed" if choice.signed else choice.mechanism)


def test_who_can_bind_nothing_does_not_judge() -> None:
    assert choose("example.org", Offer(PLUS, None, True), {}, True).mechanism == "SCRAM-SHA-1"


def test_a_signed_offer_is_no_reason_to_go_below_what_was_used() -> None:
    with pytest.raises(WeakerThanBefore):
        choose("example.org", Offer(PLUS, UNIQUE), HERE, True, "SCRAM-SHA-1-PLUS")


def test_the_digest_is_that_of_the_specification() -> None:
    """The example of XEP-0474 §5.3."""
    offer = Offer(("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"), ("tls-server-end-point", "tls-exporter"))
    assert offer.digest("sha1") == "G6k/rBLDqgOhRRaCuuatSDFkJ08="


@pytest.mark.parametrize("sasl2", [None, Sasl2()])
def test_a_signed_offer_is_checked(sasl2: Sasl2 | None) -> None:
    signed = Offer(MECHANISMS).digest("sha512")
    assert online(Behaviour(signed_offer=signed, sasl2=sasl2)).stored["mechanism"] == "SCRAM-SHA-512"
    line = Line(Behaviour(signed_offer=signed, mechanisms=("SCRAM-SHA-512", "PLAIN"), sasl2=sasl2))
    (error,) = line.connect()
    assert type(error) is OfferTampered
    assert len(line.memory.authorised) == 1, "no proof may leave"


def test_the_lists_of_both_ways_are_not_mixed() -> None:
    signed = Offer(("SCRAM-SHA-512",)).digest("sha512")
    assert online(Behaviour(signed_offer=signed, sasl2=Sasl2(mechanisms=("SCRAM-SHA-512",))))
