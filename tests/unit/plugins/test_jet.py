"""Files from program to program, encrypted end to end (XEP-0391, XEP-0396); and who changes them on their way."""

from __future__ import annotations

import re
from base64 import b64encode

import pytest
from support.enveloped import Carrying
from support.fake_jingle import streams
from support.omemo import Person, device_of
from support.pair import JULIET, ROMEO
from support.pictures import png
from support.romeo import now
from support.sealed_pair import (
    DATA,
    LAST,
    blocks,
    changes_block,
    changes_offer,
    flipped,
    is_gone,
    offer,
    ours,
    sends,
    takes,
    theirs,
)
from support.storing import result

from sat.api.errors import (
    CannotOpen,
    CannotReceiveEncrypted,
    FileBroken,
    InvalidArgument,
    KeysUntrusted,
    NoKeys,
    NotSafeEnough,
    TransferBroken,
)
from sat.api.messages import Trust
from sat.api.transfers import TransferState
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.files.plugin import Files
from sat.plugins.jet.plugin import CIPHERS, NS, Jet
from sat.plugins.jet.sealed import SealedStream
from sat.plugins.omemo.names import OLD
from sat.plugins.thumbnails.plugin import NS as THUMBS
from sat.xmpp import xml


@pytest.fixture
def pair(sealed_pair):
    return sealed_pair


# -- as it should be -------------------------------------------------------------------------------------------------


def test_who_carries_it_cannot_read_it(pair):
    assert sends(pair).encrypted
    assert theirs(pair).encrypted
    done = takes(pair)
    assert (done.state, ours(pair).state, done.fault) == (TransferState.DONE, TransferState.DONE, None)
    assert (pair.got / "plans.txt").read_bytes() == DATA
    carried = b"".join(blocks(pair))
    assert len(carried) == len(DATA) + 16
    assert b"nobody else" not in carried
    assert not any("urn:xmpp:hashes" in each and "checksum" in each for each in pair.romeo.wire.said)
    text, security = offer(pair)
    assert "urn:xmpp:hashes" not in text  # by its hash the server could know what it is
    assert (security.uri, dict(security.attributes)) == (
        NS, {"name": "encrypted", "cipher": CIPHERS[16], "type": OLD},
    )  # fmt: skip
    (envelope,) = xml.elements(security)
    assert (envelope.name, envelope.uri, xml.child(envelope, "payload", OLD)) == ("encrypted", OLD, None)


@pytest.mark.parametrize(("before", "now"), [(r"(cipher=.[^'\"]+)", r"\1:0"), (r" name=.encrypted.( |/|>)", r"\1")])
def test_as_others_write_it(pair, before, now):
    """With the version of the cipher, as in the table of XEP-0391; without the content's name, as Dino does."""

    def change(text):
        return re.sub(r"<security [^>]*>", lambda found: re.sub(before, now, found[0]), text)

    changes_offer(pair, change)
    sends(pair)
    assert takes(pair).state is TransferState.DONE
    assert (pair.got / "plans.txt").read_bytes() == DATA


def test_one_of_no_known_size_ends_with_its_tag(pair):
    changes_offer(pair, lambda text: re.sub(r"<size>\d+</size>", "", text))
    sends(pair)
    assert theirs(pair).size == 0
    assert takes(pair).state is TransferState.DONE
    assert (pair.got / "plans.txt").read_bytes() == DATA


def test_files_go_as_the_conversation_does(pair):
    pair.wait(pair.romeo.plugin(Encryption).begin(JULIET.bare, "omemo"))
    assert sends(pair, "").encrypted
    assert takes(pair).state is TransferState.DONE
    assert not sends(pair, "none").encrypted  # because it was said
    assert takes(pair).state is TransferState.DONE
    assert not theirs(pair).encrypted
    pair.wait(pair.romeo.plugin(Encryption).end(JULIET.bare))
    assert not sends(pair, "").encrypted
    assert offer(pair)[1] is None


def test_who_carries_it_cannot_see_it_small(pair):
    """And what somebody puts into an offer on its way is not looked at."""
    pair.plans.write_bytes(png(300, 300))
    small = f"data:image/png;base64,{b64encode(png(30, 30)).decode()}"
    changes_offer(pair, lambda text: text.replace("</file>", f"<thumbnail xmlns='{THUMBS}' uri='{small}'/></file>"))
    sends(pair)
    assert THUMBS not in offer(pair)[0]
    assert theirs(pair).asks
    assert not theirs(pair).thumbnail
    sends(pair, "none")
    assert THUMBS in offer(pair)[0]
    assert theirs(pair).thumbnail


# -- never in clear because something fails --------------------------------------------------------------------------


def nothing_is_offered(pair):
    return not any("session-initiate" in each for each in pair.romeo.wire.said)


def test_who_cannot_open_it_gets_nothing_and_the_sender_hears_what_to_do(pair):
    pair.juliet.undo()
    pair.juliet.undo = lambda: None
    with pytest.raises(CannotReceiveEncrypted, match="no program of theirs that could is online") as caught:
        sends(pair)
    assert "jp file send FILE juliet@capulet.lit --encrypt none" in caught.value.advice
    assert nothing_is_offered(pair)


def test_a_method_that_carries_no_keys(pair):
    (method,) = pair.romeo.plugin(Encryption).methods()
    method.envelopes = None
    with pytest.raises(CannotReceiveEncrypted, match="OMEMO does not encrypt what goes directly"):
        sends(pair)
    with pytest.raises(InvalidArgument, match="called “pgp”"):
        sends(pair, "pgp")
    assert nothing_is_offered(pair)


def test_who_has_no_keys_gets_nothing(pair):
    pair.server.devices.clear()
    assert isinstance(sends(pair).fault, NoKeys)
    assert nothing_is_offered(pair)


def test_nothing_is_encrypted_for_keys_that_wait_for_a_decision(pair):
    pair.people[0].blind = False
    assert isinstance(sends(pair).fault, KeysUntrusted)
    assert nothing_is_offered(pair)


@pytest.mark.parametrize("encrypt", ["omemo", "none"])
def test_what_broke_off_can_not_be_had_in_clear(pair, encrypt):
    """Of a file that went in clear, the rest can be asked for."""

    def gives_up(data):
        pair.start(pair.juliet.plugin(Files).transfers.cancel(theirs(pair).id))
        return data

    changes_block(pair, 2, gives_up)
    sends(pair, encrypt)
    assert takes(pair).state is TransferState.CANCELLED
    files = pair.juliet.plugin(Files)
    asked = pair.wait(files.request(ROMEO, "plans.txt", path=str(pair.got)))
    pair.turn(400)
    if encrypt == "none":
        assert theirs(pair).state is TransferState.DONE
    else:
        with pytest.raises(NotSafeEnough, match="not safe enough for the other program"):
            pair.wait(files.transfers.finish(asked.id))
        assert [each.name for each in pair.got.iterdir()] == ["plans.txt.part"]


# -- who decides -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blind", [True, False])
def test_what_a_device_sends_that_nobody_has_decided_upon_is_not_taken_by_itself(pair, blind):
    pair.people[1].blind = blind
    for key, value in (("accept", "contacts"), ("folder", str(pair.got))):
        result(pair.juliet.settings.set_setting(f"files.{key}", value))
    sends(pair)
    pair.turn(200)
    assert theirs(pair).asks is not blind
    if not blind:  # but a person may
        assert takes(pair).state is TransferState.DONE


def test_what_a_distrusted_device_sends_is_not_opened(pair):
    romeo, juliet = pair.people
    result(juliet.engine.refresh(romeo.jid))
    result(juliet.engine.set_trust(romeo.jid, device_of(romeo).fingerprint, Trust.DISTRUSTED))
    sends(pair)
    assert isinstance(theirs(pair).fault, CannotOpen)
    assert str(ours(pair).fault).endswith("it is not safe enough for the other program.")


# -- who changes it on its way ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3, LAST])
def test_a_flipped_bit_is_noticed_before_the_file_has_its_name(pair, number):
    changes_block(pair, number, flipped)
    sends(pair)
    done = takes(pair)
    assert isinstance(done.fault, FileBroken)
    assert "changed on its way" in str(done.fault)
    assert isinstance(ours(pair).fault, TransferBroken)
    assert (done.partial, is_gone(pair)) == (False, True)


def test_one_whose_end_is_cut_off_breaks_off(pair):
    changes_block(pair, LAST, lambda data: data[:-1])
    sends(pair)
    done = takes(pair)
    assert isinstance(done.fault, TransferBroken)
    assert (done.partial, [each.name for each in pair.got.iterdir()]) == (True, ["plans.txt.part"])


@pytest.mark.parametrize("known", [True, False])
def test_where_not_even_a_tag_comes(pair, known):
    """Of an empty file, which others may send."""
    here, there, _ = streams()
    stream = SealedStream(here, Shared(b"k" * 16, b"i" * 12))
    now(there.write(b"t" * 15))
    now(there.close())
    if not known:
        assert now(stream.read()) == b""
    with pytest.raises(FileBroken, match="it breaks off"):
        now(stream.check("plans.txt"))


def test_where_nobody_proves_the_whole_no_part_is_kept(pair):
    """By programs that are not ours: nobody could say of a part whether it is what was sent."""

    def gives_up(data):
        pair.start(pair.romeo.plugin(Files).transfers.cancel(ours(pair).id))
        return data

    changes_block(pair, 2, gives_up)
    change = pair.wire.change
    pair.wire.change = lambda text: change(re.sub(r"<proof[^>]*/>", "", text))
    sends(pair)
    done = takes(pair)
    assert done.fault is not None
    assert (done.partial, is_gone(pair)) == (False, True)


def test_another_key_opens_nothing(pair):
    changes_offer(pair, lambda text: re.sub(r"(<iv[^>]*>)[^<]+", r"\1" + b64encode(b"another one!").decode(), text))
    sends(pair)
    assert isinstance(takes(pair).fault, FileBroken)
    assert is_gone(pair)


def test_a_key_of_another_content_is_refused(pair):
    changes_offer(pair, lambda text: re.sub(r"(<security [^>]*name=.)encrypted", r"\1other", text))
    sends(pair)
    assert "its key is that of another file" in str(theirs(pair).fault)
    assert str(ours(pair).fault).endswith("it is not safe enough for the other program.")


def test_a_key_that_was_opened_opens_no_second_file(pair):
    sends(pair)
    assert takes(pair).state is TransferState.DONE
    first = re.search(r"<encrypted .*?</encrypted>", offer(pair)[0])[0]
    changes_offer(pair, lambda text: re.sub(r"<encrypted .*?</encrypted>", lambda _: first, text))
    sends(pair)
    assert isinstance(theirs(pair).fault, CannotOpen)
    assert isinstance(ours(pair).fault, TransferBroken)


def test_a_key_of_somebody_else_is_refused(pair):
    """mercutio's envelope for juliet, in an offer of romeo's."""
    mercutio = Person(pair.server, "mercutio@verona.lit")
    envelope, _ = result(Carrying(mercutio).envelopes.enclose(JULIET))
    foreign = xml.to_text(envelope)
    changes_offer(pair, lambda text: re.sub(r"<encrypted .*?</encrypted>", lambda _: foreign, text))
    sends(pair)
    assert isinstance(theirs(pair).fault, CannotOpen)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CIPHERS[16], CIPHERS[32]),
        (CIPHERS[16], "urn:xmpp:ciphers:none"),
        (f"type='{OLD}'", "type='urn:xmpp:encryption:stub:0'"),
    ],
)
def test_what_is_encrypted_in_another_way_is_refused(pair, old, new):
    def change(text):
        changed = text.replace("&apos;", "'").replace(old, new).replace(old.replace("'", '"'), new)
        assert changed != text
        return changed

    changes_offer(pair, change)
    sends(pair)
    assert isinstance(theirs(pair).fault, CannotOpen)
    assert isinstance(ours(pair).fault, TransferBroken)


def test_the_examples_write_ciphers_without_their_version(pair):
    changes_offer(pair, lambda text: text.replace(CIPHERS[16], CIPHERS[16].removesuffix(":0")))
    sends(pair)
    assert takes(pair).state is TransferState.DONE


def test_who_takes_it_as_if_it_were_in_clear_gets_nothing(pair):
    """Its security was taken away by who carries the offer, or the other program does not know what that is."""
    changes_offer(pair, lambda text: re.sub(r"<security.*?</security>", "", text))
    sends(pair)
    assert not theirs(pair).encrypted
    takes(pair)
    assert isinstance(ours(pair).fault, NotSafeEnough)
    assert "would take it as if it were not encrypted" in str(ours(pair).fault)
    assert (blocks(pair), any(each.suffix == ".txt" for each in pair.got.iterdir())) == ([], False)
    assert any("security-required" in each for each in pair.romeo.wire.said)


def test_a_program_that_is_not_ours_need_not_confirm_it(pair, monkeypatch):
    """XEP-0391 does not say so; what leaves is encrypted all the same."""
    changes_offer(pair, lambda text: re.sub(r"<security.*?</security>", "", text))

    async def no(program):
        return False

    monkeypatch.setattr(pair.romeo.plugin(Jet), "proves", no)
    sends(pair)
    assert "<proof" not in offer(pair)[0]
    takes(pair)
    assert blocks(pair)
    assert b"nobody else" not in b"".join(blocks(pair))


def test_a_secret_does_not_show_its_key():
    assert "07" not in repr(Shared(b"\x07" * 16, b"\x07" * 12))
