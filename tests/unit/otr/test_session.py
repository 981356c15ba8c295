import pytest
from support.otr import Person, carry, heard, say, talking

from sat.otr.outcomes import (
    Asked,
    Compared,
    Ended,
    Error,
    Plain,
    Policy,
    Question,
    Refusal,
    Result,
    Started,
    State,
    Text,
    Unencrypted,
)
from sat.otr.session import HEARTBEAT, MAX_SECRET, WAITING
from sat.otr.wire import PIECE, PIECES

OFFER = "hello \t  \t\t\t\t \t \t \t    \t\t  \t "

# -- beginning -------------------------------------------------------------------------------------------------------


def test_one_asks_and_the_other_says_yes():
    alice, bob = Person("alice"), Person("bob")
    assert alice.session.start() is None
    assert alice.session.is_starting
    carry(alice, bob)
    assert bob.outcomes == [Asked()]
    assert alice.session.state is bob.session.state is State.PLAIN
    assert bob.session.start() is None
    carry(alice, bob)
    assert alice.outcomes == [Started(bob.session.own_fingerprint, False)]
    assert alice.session.fingerprint == bob.session.own_fingerprint
    assert bob.session.fingerprint == alice.session.own_fingerprint
    assert not alice.session.is_starting


def test_both_ask_at_once():
    """Both then begin to exchange keys at once; one of them gives way."""
    for _ in range(8):  # who does is chance
        alice, bob = Person("alice"), Person("bob")
        alice.session.start()
        bob.session.start()
        carry(alice, bob)
        assert alice.got(Started)
        assert bob.got(Started)
        assert heard(say(alice, bob, "to you")) == ["to you"]
        assert heard(say(bob, alice, "and back")) == ["and back"]


def test_who_asks_is_answered_at_once_if_one_wants_that():
    alice, bob = talking()
    assert heard(say(alice, bob, "hello")) == ["hello"]


def test_an_offer_in_a_text_is_taken_where_one_wants_that():
    alice = Person("alice", Policy.ASKED)
    assert alice.get(OFFER) == [Plain("hello")]
    assert alice.take()
    carol = Person("carol", Policy.MANUAL)
    assert carol.get(OFFER) == [Plain("hello")]
    assert not carol.take()


def test_never():
    alice = Person("alice", Policy.NEVER)
    assert alice.session.start() is Refusal.NEVER
    for body in ("?OTRv2?", OFFER, "?OTR Error:x", "?OTR:AAIK."):
        assert alice.get(body) == [Plain(body)]
    assert not alice.take()


def test_a_key_that_was_verified_is_known_again():
    alice, bob = Person("alice"), Person("bob", Policy.ASKED)
    alice.set_verified(bob.session.own_fingerprint)
    alice.session.start()
    carry(alice, bob)
    assert alice.outcomes == [Started(bob.session.own_fingerprint, True)]
    assert bob.outcomes == [Started(alice.session.own_fingerprint, False)]


def test_new_keys_while_encrypted():
    alice, bob = talking()
    alice.session.start()
    carry(alice, bob)
    print_ = bob.session.own_fingerprint
    assert alice.outcomes == [Started(print_, False, before=print_)]
    assert heard(say(bob, alice, "still there")) == ["still there"]


def test_the_permission_to_begin_runs_out():
    alice, bob = Person("alice"), Person("bob", Policy.ASKED)
    alice.session.start()
    alice.now += WAITING + 1
    carry(alice, bob)
    assert alice.outcomes == [Asked()]
    assert alice.session.state is State.PLAIN


# -- talking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["hello", "grüße, 中文, 🎉", "a\nb", "x" * 5_000])
def test_texts(text):
    alice, bob = talking()
    for sender, receiver in ((alice, bob), (bob, alice), (bob, alice), (alice, bob)):
        bodies = sender.seal(text)
        assert not any(text in body for body in bodies)
        assert receiver.get(bodies[0]) == [Text(text, sender.session.own_fingerprint)]


def test_many_texts_before_an_answer():
    alice, bob = talking()
    bodies = [alice.seal(str(number))[0] for number in range(20)]
    crossing = [bob.seal(str(number))[0] for number in range(20)]
    assert heard([each for body in bodies for each in bob.get(body)]) == [str(number) for number in range(20)]
    assert heard([each for body in crossing for each in alice.get(body)]) == [str(number) for number in range(20)]


def test_a_long_text_goes_in_fragments():
    alice, bob = talking()
    text = "long " * 40_000
    bodies = alice.seal(text)
    assert len(bodies) > 3
    assert max(map(len, bodies)) <= PIECE
    assert heard([each for body in bodies for each in bob.get(body)]) == [text]


def test_a_text_that_is_too_long_is_refused_and_harms_nothing():
    alice, bob = talking()
    assert alice.session.send("x" * PIECE * PIECES) is Refusal.TOO_LONG
    assert heard(say(alice, bob, "shorter")) == ["shorter"]


def test_what_is_sent_cannot_pretend_to_be_more():
    """A NUL ends the text, and records of the protocol follow it: here that the conversation has ended."""
    alice, bob = talking()
    assert heard(say(alice, bob, "text\0\0\1\0\0")) == ["text\ufffd\ufffd\ufffd\ufffd\ufffd"]
    assert bob.session.state is State.ENCRYPTED


def test_nothing_is_sent_for_nothing():
    alice, _ = talking()
    assert alice.session.send("") == []


def test_what_is_not_encrypted_is_never_sent():
    alice = Person("alice")
    assert alice.session.send("secret") is Refusal.NOT_ENCRYPTED
    alice.session.start()
    assert alice.session.send("secret") is Refusal.NOT_ENCRYPTED


def test_a_plain_text_among_encrypted_ones_is_shown_as_such():
    alice, _ = talking()
    assert alice.get("really?") == [Unencrypted("really?")]
    assert alice.get("really?", known=False) == [Unencrypted("really?")]
    assert alice.get(OFFER) == [Unencrypted("hello")]
    assert not alice.take()


def test_errors_are_texts():
    alice = Person("alice")
    assert alice.get("?OTR Error:<b>no</b>\x1b[2J" + "x" * 5_000)[0].text.startswith("no\ufffd[2Jxxx")
    assert len(alice.got(Error)[0].text) <= 1_000


def test_who_only_reads_sends_something_now_and_then():
    alice, bob = talking()
    bob.now += HEARTBEAT + 1
    bob.get(alice.seal("hello")[0])
    (beat,) = bob.take()
    assert alice.get(beat) == []
    bob.get(alice.seal("hello again")[0])
    assert bob.take() == []


# -- ending ----------------------------------------------------------------------------------------------------------


def test_the_end():
    alice, bob = talking()
    alice.session.end()
    carry(alice, bob)
    assert (alice.session.state, bob.session.state) == (State.PLAIN, State.FINISHED)
    assert bob.outcomes == [Ended()]
    assert bob.session.fingerprint == ""
    assert alice.session.send("x") is Refusal.NOT_ENCRYPTED


def test_nothing_leaves_after_the_peers_end_until_somebody_says_so():
    alice, bob = talking()
    alice.session.end()
    carry(alice, bob)
    assert bob.session.send("not in clear!") is Refusal.FINISHED
    assert bob.get("plain after the end") == [Unencrypted("plain after the end")]
    bob.session.end()
    assert bob.session.state is State.PLAIN
    assert not bob.take()
    assert bob.get("plain") == [Plain("plain")]


def test_it_can_begin_again():
    alice, bob = talking()
    alice.session.end()
    carry(alice, bob)
    bob.session.start()
    carry(alice, bob)
    assert alice.outcomes == [Asked()]
    alice.session.start()
    carry(alice, bob)
    assert bob.got(Started)
    assert heard(say(bob, alice, "again")) == ["again"]


# -- comparing secrets -----------------------------------------------------------------------------------------------


def test_both_know_the_same():
    alice, bob = talking()
    assert alice.session.begin_comparing("Müller 42") is None
    carry(alice, bob)
    assert bob.outcomes == [Question("")]
    assert bob.session.answer("Müller 42") is None
    carry(alice, bob)
    assert alice.outcomes == [Compared(Result.SAME, bob.session.own_fingerprint)]
    assert bob.got(Compared) == [Compared(Result.SAME, alice.session.own_fingerprint)]
    assert alice.verified == {bob.session.own_fingerprint}
    assert bob.verified == {alice.session.own_fingerprint}


def test_who_answers_a_question_has_learned_nothing():
    """Whoever asks may know the answer: it may be their own question."""
    alice, bob = talking()
    alice.session.begin_comparing("blue", "Which colour?")
    carry(alice, bob)
    assert bob.got(Question) == [Question("Which colour?")]
    bob.session.answer("blue")
    carry(alice, bob)
    assert alice.outcomes == [Compared(Result.SAME, bob.session.own_fingerprint)]
    assert bob.outcomes == [Compared(Result.PROVED, alice.session.own_fingerprint)]
    assert bob.verified == set()


@pytest.mark.parametrize("question", ["", "Which colour?"])
def test_they_know_something_else(question):
    alice, bob = talking()
    alice.session.begin_comparing("blue", question)
    carry(alice, bob)
    bob.session.answer("red")
    carry(alice, bob)
    assert alice.got(Compared) == [Compared(Result.DIFFERENT, bob.session.own_fingerprint)]
    assert bob.got(Compared) == [Compared(Result.DIFFERENT, alice.session.own_fingerprint)]
    assert alice.verified == bob.verified == set()
    assert heard(say(alice, bob, "sorry")) == ["sorry"]
    # and once more
    bob.session.begin_comparing("blue")
    carry(alice, bob)
    alice.session.answer("blue")
    carry(alice, bob)
    assert alice.got(Compared)[0].result is bob.got(Compared)[0].result is Result.SAME


def test_they_do_not_want_to():
    alice, bob = talking()
    alice.session.begin_comparing("blue")
    carry(alice, bob)
    bob.session.abort_comparing()
    carry(alice, bob)
    assert alice.outcomes == [Compared(Result.ABORTED, bob.session.own_fingerprint)]
    assert bob.session.answer("blue") is Refusal.NOT_ASKED
    bob.session.abort_comparing()
    assert not bob.take()


def test_one_thinks_again():
    alice, bob = talking()
    alice.session.begin_comparing("bleu")
    alice.session.begin_comparing("blue")
    carry(alice, bob)
    bob.session.answer("blue")
    carry(alice, bob)
    assert alice.outcomes == [Compared(Result.SAME, bob.session.own_fingerprint)]


def test_what_cannot_be_compared():
    alice, bob = talking()
    assert bob.session.answer("x") is Refusal.NOT_ASKED
    assert alice.session.begin_comparing("x" * (MAX_SECRET + 1)) is Refusal.TOO_LONG
    assert alice.session.begin_comparing("x", "?" * 1_001) is Refusal.TOO_LONG
    assert bob.session.answer("x" * (MAX_SECRET + 1)) is Refusal.TOO_LONG
    alice.session.end()
    carry(alice, bob)
    for call in (alice.session.begin_comparing, alice.session.answer):
        assert call("x") is Refusal.NOT_ENCRYPTED
    for call in (bob.session.begin_comparing, bob.session.answer):
        assert call("x") is Refusal.FINISHED
    bob.session.abort_comparing()
    assert not bob.take()
