"""Encrypted files that are asked for, gone on with, or found by their hash: who gets what, and in which way."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from support.omemo import device_of
from support.pair import JULIET, ROMEO
from support.sealed_pair import (
    DATA,
    DATA_TAG,
    blocks,
    changes_block,
    flipped,
    goes_on,
    is_gone,
    offer,
    ours,
    sends,
    takes,
    theirs,
)

from sat.api.errors import CannotSendEncrypted, FileBroken, NotSafeEnough, TransferBroken
from sat.api.messages import Trust
from sat.api.transfers import TransferState
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.files.plugin import Files
from sat.plugins.jet.plugin import Jet
from sat.plugins.jingle.plugin import Jingle
from sat.plugins.shares.plugin import Shares

HASH = b64encode(sha256(DATA).digest()).decode()


@pytest.fixture
def pair(sealed_pair, folder):
    for profile in (sealed_pair.romeo, sealed_pair.juliet):
        profile.plug(Shares)
    papers = folder / "papers" / "deep"
    papers.mkdir(parents=True)
    (papers / "plans.txt").write_bytes(DATA)
    shares = sealed_pair.romeo.plugin(Shares)
    sealed_pair.share = sealed_pair.wait(shares.share(str(papers.parent), [JULIET], []))
    return sealed_pair


def ends(pair):
    """How it has ended for juliet."""
    goes_on(pair, theirs)
    return theirs(pair)


def fetches(pair, encrypt=""):
    """juliet fetches what romeo shares; how that ended."""
    shares = pair.juliet.plugin(Shares)
    pair.wait(shares.fetch(ROMEO, "papers/deep/plans.txt", str(pair.got), encrypt))
    return ends(pair)


def asks(pair, encrypt="", digest=HASH):
    """She asks for a file by its hash."""
    pair.wait(pair.juliet.plugin(Files).request(ROMEO, "", digest, str(pair.got / "got.txt"), encrypt))
    return ends(pair)


def question(pair):
    """What juliet has asked last."""
    return next(each for each in reversed(pair.juliet.wire.said) if "session-initiate" in each)


# -- shares ----------------------------------------------------------------------------------------------------------


def test_what_is_asked_for_encrypted_comes_so(pair):
    done = fetches(pair, "omemo")
    assert (done.state, done.encrypted, ours(pair).encrypted) == (TransferState.DONE, True, True)
    assert (pair.got / "plans.txt").read_bytes() == DATA
    assert len(b"".join(blocks(pair))) == len(DATA) + 16
    assert b"nobody else" not in b"".join(blocks(pair))
    assert HASH not in "".join(pair.romeo.wire.said + pair.juliet.wire.said)


@pytest.mark.parametrize("who", ["juliet", "romeo"])
def test_it_goes_as_the_conversation_does_at_either_end(pair, who):
    profile, peer = {"juliet": (pair.juliet, ROMEO), "romeo": (pair.romeo, JULIET)}[who]
    pair.wait(profile.plugin(Encryption).begin(peer.bare, "omemo"))
    done = fetches(pair)
    if who == "juliet":
        assert (done.state, done.encrypted) == (TransferState.DONE, True)
    else:  # he does not send it in clear, and does not do otherwise than she has asked
        assert isinstance(done.fault, NotSafeEnough)
        assert (blocks(pair), is_gone(pair)) == ([], True)
        assert fetches(pair, "omemo").state is TransferState.DONE


def test_who_cannot_send_it_encrypted_is_not_asked(pair):
    pair.romeo.undo()
    pair.romeo.undo = lambda: None
    with pytest.raises(CannotSendEncrypted, match="so it was not asked for") as caught:
        fetches(pair, "omemo")
    assert "--encrypt none" in caught.value.advice


@pytest.mark.parametrize("trust", [Trust.UNDECIDED, Trust.DISTRUSTED])
def test_nothing_is_sent_to_a_key_that_nobody_trusts(pair, trust):
    romeo, juliet = pair.people
    if trust is Trust.UNDECIDED:
        romeo.blind = False
    else:
        pair.wait(romeo.engine.refresh(juliet.jid))
        pair.wait(romeo.engine.set_trust(juliet.jid, device_of(juliet).fingerprint, trust))
    assert isinstance(fetches(pair, "omemo").fault, NotSafeEnough)
    assert (blocks(pair), is_gone(pair)) == ([], True)


def test_the_answer_in_clear_to_a_question_for_an_encrypted_one_is_refused(pair):
    """The security of the question was taken away on its way."""
    wire = pair.romeo.wire
    hear = wire.hear
    wire.hear = lambda text: hear(re.sub(r"<security.*?</security>", "", text))
    assert isinstance(fetches(pair, "omemo").fault, NotSafeEnough)
    assert is_gone(pair)


def test_what_comes_in_clear_all_the_same_is_not_kept(pair, monkeypatch):
    async def no(program):
        return False

    monkeypatch.setattr(pair.juliet.plugin(Jet), "proves", no)  # who need not confirm it
    wire = pair.romeo.wire
    hear = wire.hear
    wire.hear = lambda text: hear(re.sub(r"<security.*?</security>", "", text))
    assert fetches(pair, "omemo").fault is not None
    assert is_gone(pair)


# -- by their hash ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encrypt", ["", "omemo"])
def test_a_file_is_found_by_its_hash(pair, encrypt):
    done = asks(pair, encrypt)
    assert (done.state, done.encrypted) == (TransferState.DONE, bool(encrypt))
    assert (pair.got / "got.txt").read_bytes() == DATA
    assert (HASH in question(pair)) is not bool(encrypt)  # who carries it would know what it is


def test_what_nobody_shares_is_not_found(pair):
    assert asks(pair, digest=b64encode(bytes(32)).decode()).state is TransferState.FAILED
    pair.wait(pair.romeo.plugin(Shares).unshare(pair.share.id))
    assert asks(pair).state is TransferState.FAILED
    assert is_gone(pair)


def test_programs_that_would_tell_the_hash_are_not_asked_for_it(pair, monkeypatch):
    async def no(program):
        return False

    monkeypatch.setattr(pair.juliet.plugin(Jet), "proves", no)
    assert isinstance(asks(pair, "omemo").fault, CannotSendEncrypted)
    assert not any("session-initiate" in each for each in pair.juliet.wire.said)


# -- gone on with ----------------------------------------------------------------------------------------------------


def breaks_off(pair, change=lambda data: data):
    """romeo's file is taken, and juliet loses the session with its third block; its first one is changed before."""
    count = [0]

    def tamper(text):
        found = DATA_TAG.search(text)
        if found is None:
            return text
        count[0] += 1
        if count[0] == 1:
            changed = b64encode(change(b64decode(found[2]))).decode()
            return text[: found.start(2)] + changed + text[found.end(2) :]
        if count[0] == 3:
            (session,) = pair.juliet.plugin(Jingle)._sessions.values()
            session.broken(TransferBroken(peer=ROMEO, reason="it was lost"))
        return text

    pair.wire.change = tamper
    sends(pair)
    done = takes(pair)
    pair.wire.change = lambda text: text
    assert (done.state, done.partial, done.encrypted) == (TransferState.FAILED, True, True)
    assert 0 < (pair.got / "plans.txt.part").stat().st_size < len(DATA)
    return done


def resumes(pair, id):
    async def programs(peer, feature, what):
        return [ROMEO]

    pair.juliet.plugin(Files).disco.find_programs = programs
    before = len(blocks(pair))
    pair.wait(pair.juliet.plugin(Files).resume(id))
    return ends(pair), blocks(pair)[before:]


def test_the_rest_comes_under_a_key_of_its_own_and_the_whole_is_proved(pair):
    broken = breaks_off(pair)
    have = (pair.got / "plans.txt.part").stat().st_size
    done, rest = resumes(pair, broken.id)
    assert (done.state, done.encrypted, done.fault) == (TransferState.DONE, True, None)
    assert (pair.got / "plans.txt").read_bytes() == DATA
    assert len(b"".join(rest)) == len(DATA) - have + 16
    assert f"offset='{have}'" in question(pair).replace('"', "'")
    assert "<security" in question(pair)
    assert HASH not in "".join(pair.romeo.wire.said + pair.juliet.wire.said)


def test_the_same_offer_goes_on_from_there(pair):
    breaks_off(pair)
    before = len(b"".join(blocks(pair)))
    sends(pair)
    assert takes(pair).state is TransferState.DONE
    assert len(b"".join(blocks(pair))) - before < len(DATA)
    assert (pair.got / "plans.txt").read_bytes() == DATA


def test_a_part_that_was_changed_before_it_broke_off_is_noticed(pair):
    """Its tag has never come."""
    broken = breaks_off(pair, flipped)
    done, _ = resumes(pair, broken.id)
    assert isinstance(done.fault, FileBroken)
    assert "the part that came first was changed" in str(done.fault)
    assert (done.partial, is_gone(pair)) == (False, True)


@pytest.mark.parametrize("told", ["", "<proof xmlns='https://salut-a-toi.org/protocol/jet-proof'>AAAA</proof>"])
def test_what_nobody_proves_is_not_kept(pair, told):
    broken = breaks_off(pair)
    pair.wire.change = lambda text: re.sub(r"<proof[^>]*>[^<]+</proof>", told, text)
    done, _ = resumes(pair, broken.id)
    assert isinstance(done.fault, FileBroken)
    assert is_gone(pair)


def test_the_rest_of_an_encrypted_one_is_not_taken_in_clear(pair):
    broken = breaks_off(pair)
    pair.romeo.undo()
    pair.romeo.undo = lambda: None
    pair.turn()  # she is told
    with pytest.raises(CannotSendEncrypted):
        resumes(pair, broken.id)
    assert (pair.got / "plans.txt.part").exists()


def test_what_went_in_clear_because_it_was_said_is_gone_on_with_in_clear(pair):
    pair.wait(pair.romeo.plugin(Encryption).begin(JULIET.bare, "omemo"))

    def give_up(data):
        pair.start(pair.juliet.plugin(Files).transfers.cancel(theirs(pair).id))
        return data

    changes_block(pair, 2, give_up)
    sends(pair, "none")
    broken = takes(pair)
    assert broken.partial
    done, _ = resumes(pair, broken.id)
    assert (done.state, done.encrypted) == (TransferState.DONE, False)
    assert offer(pair)[1] is None
