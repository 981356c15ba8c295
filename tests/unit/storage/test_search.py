"""Search: words, never syntax; the index behind it."""

from __future__ import annotations

import pytest
from support.storing import BOB, NOW, Turned, heard, result, said

from sat.api.messages import Attachment
from sat.api.profile import Account
from sat.api.values import JID
from sat.storage.beginnings import MOST
from sat.storage.rows import Missed
from sat.storage.search import Narrow, match_of
from sat.storage.storage import Storage

CAROL = JID("carol@example.org")


@pytest.fixture
def find(messages):
    result(messages.add([heard("Bonjour à toi"), heard("Élan vital, l'ami!"), heard("don't panic", subject="Guide")]))

    def find(text, **fields):
        return [message.body for message in result(messages.search(text, **fields))]

    return find


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bonjour", ["Bonjour à toi"]),
        ("TOI bonj", ["Bonjour à toi"]),
        ("bonj ", []),  # a finished word is no beginning
        ("a bonjour", ["Bonjour à toi"]),
        ("elan", ["Élan vital, l'ami!"]),
        ("ÉLAN", ["Élan vital, l'ami!"]),
        ("e\u0301lan", ["Élan vital, l'ami!"]),
        ("vital ami", ["Élan vital, l'ami!"]),
        ("don't", ["don't panic"]),
        ("guide", ["don't panic"]),
        ("t p", []),  # a single letter is no beginning
        ("bonjour panic", []),
        ("", []),
        ("!?", []),
        ('"', []),
    ],
)
def test_words(find, text, found):
    assert find(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MOTE", ["moté", "remote motet", "motel", "motes and motels"]),
        ("motel", ["motel", "motes and motels"]),
        ("in motet", []),
        ("remote mote", ["remote motet"]),
        ("motz", []),
    ],
)
def test_longer_beginnings(messages, text, found):
    result(messages.add([heard(body) for body in ("motes and motels", "motel", "motor", "remote motet", "moté")]))
    assert [message.body for message in result(messages.search(text))] == found


def test_a_beginning_of_very_many_words(messages):
    """FTS5 looks for them itself."""
    result(messages.add([heard(f"word{number}") for number in range(2 * MOST)]))
    assert len(result(messages.search("word", limit=200))) == 2 * MOST
    assert len(result(messages.search("word1", limit=200))) == 39


@pytest.mark.parametrize(
    "text",
    [
        "bonjour OR panic",
        "NOT",
        'body:"x',
        "a AND",
        "NEAR(a b)",
        "*",
        "^bon",
        "bonjour*",
        "- + ( ) { } : \\",
        "\ue000p1",
        "bonjour\0",
        "\ud800",
        "'; DROP TABLE message; --",
        "x" * 100_000,
        "a " * 100_000,
        "हिन्दी",
        "日本",
        "\u0301",
    ],
)
def test_nothing_is_syntax(find, text):
    assert find(text) in ([], ["Bonjour à toi"])
    assert find("panic") == ["don't panic"]


def test_only_words_reach_the_engine():
    assert match_of('a"b OR c*') == '"a" AND "b" AND "OR" AND "c"'
    assert match_of("ab") == '"ab"*'
    assert match_of("\ue000c1 \ue000") == '"c1"*'


def test_scripts_that_the_tokenizer_splits(messages):
    result(messages.add([heard("हिन्दी भाषा"), heard("日本語 テキスト")]))
    assert len(result(messages.search("हिन्दी"))) == 1
    assert len(result(messages.search("日本語"))) == 1


def test_newest_first_in_pages_and_by_contact(messages):
    for n in range(6):
        peer = CAROL if n % 3 == 0 else BOB
        result(messages.add([heard(f"word {n}", peer=peer, time=NOW - n, delayed=True)]))
    found = result(messages.search("word", limit=4))
    assert [message.body for message in found] == ["word 0", "word 1", "word 2", "word 3"]
    assert [m.body for m in result(messages.search("word", before=found[-1].order))] == ["word 4", "word 5"]
    assert [m.body for m in result(messages.search("word", [CAROL]))] == ["word 0", "word 3"]
    assert result(messages.search("word", [JID("nobody@x")])) == []


def test_a_message_cannot_put_itself_into_another_conversation(messages):
    result(messages.add([heard("one"), heard("\ue000c1 \ue000p1 trap", peer=CAROL, sender=CAROL)]))
    assert result(messages.search("trap", [BOB])) == []
    assert len(result(messages.search("trap", [CAROL]))) == 1


def test_messages_placed_among_indexed_ones_are_found(messages):
    result(messages.add([heard("late word")]))
    assert len(result(messages.search("word"))) == 1
    result(messages.add([heard("early word", time=NOW - 50, delayed=True)]))
    assert [message.body for message in result(messages.search("word"))] == ["late word", "early word"]


def test_a_broken_index_is_made_again(storage, messages):
    result(messages.add([heard(f"word {n}") for n in range(50)]))
    assert len(result(messages.search("word"))) == 50
    result(storage.database.write(lambda c: c.execute("UPDATE message_text_data SET block = x'00ff00'").rowcount))
    result(messages.add([heard("word after")]))
    assert len(result(messages.search("word", limit=100))) == 51
    assert not storage.database.damaged


def test_a_burst_is_indexed_when_nothing_else_waits(tmp_path):
    reactor = Turned()
    storage = reactor.until(Storage.open(tmp_path, reactor, use_keyring=False))
    reactor.until(storage.profiles.create("alice", Account(JID("alice@x"))))
    reactor.until(storage.messages("alice").add([heard(f"word {n}") for n in range(2500)]))
    while reactor.until(storage.database.read(lambda c: c.execute("SELECT up_to FROM indexed").fetchone()[0])) == 0:
        pass  # each turn gives the worker the time
    assert len(reactor.until(storage.messages("alice").search("word 2499"))) == 1
    reactor.until(storage.close())


def test_what_a_message_must_be(messages):
    result(
        messages.add(
            [
                heard("word https://example.org", time=NOW - 300, delayed=True),
                said("word of ours", id="o", time=NOW - 200),
                heard("word in carol's", peer=CAROL, sender=CAROL, time=NOW - 100, delayed=True),
                heard("word, an answer", reply_wire="x", time=NOW, delayed=True),
            ]
        )
    )

    def find(text="word", peers=(), **narrow):
        return [each.body for each in result(messages.search(text, peers, narrow=Narrow(**narrow)))]

    assert find(senders=frozenset({""})) == ["word of ours"]
    assert find(senders=frozenset({str(BOB)})) == ["word, an answer", "word https://example.org"]
    assert find("", since=NOW - 250, until=NOW - 50) == ["word in carol's", "word of ours"]
    assert find(peers=[BOB, CAROL], since=NOW - 150) == ["word, an answer", "word in carol's"]
    assert find("", has=frozenset({"link"})) == ["word https://example.org"]
    assert find(has=frozenset({"reply"})) == ["word, an answer"]
    assert find(has=frozenset({"reply", "link"})) == []


def test_messages_with_files(messages):
    note = Attachment("https://x/1", "note.txt", "text/plain")
    pictures = [
        Attachment("https://x/2", "a", "image/png"),
        Attachment("https://x/3.jpg"),
        Attachment("aesgcm://x/4.png#k"),
    ]
    result(
        messages.add([heard("word"), *(heard(f"word {each.url}", attachments=[each]) for each in [note, *pictures])])
    )

    def find(kind):
        found = result(messages.search("word", narrow=Narrow(has=frozenset({kind}))))
        return [each.attachments[0] for each in found]

    assert find("file") == [*reversed(pictures), note]
    assert find("picture") == [*reversed(pictures)]


def test_a_time_is_that_of_the_message_wherever_it_stands(messages):
    def find(**narrow):
        return [each.body for each in result(messages.search("word", narrow=Narrow(**narrow)))]

    result(messages.add([heard("word of now", time=NOW, stanza_id="k")]))
    [newest] = result(messages.history(BOB))
    result(messages.begin_catch_up())
    archived = {"archive": JID("alice@example.org"), "delayed": True}
    result(
        messages.add(
            [heard("word of now", time=NOW, stanza_id="k", archive_id="1", missed=Missed.ARCHIVED, **archived)]
        )
    )
    result(messages.add([heard("word behind", time=NOW - 900, archive_id="2", missed=Missed.ARCHIVED, **archived)]))
    result(messages.add([heard("word below", time=NOW + 900, archive_id="0", below=newest.order, **archived)]))
    orders = {each.body: each.order / 1e6 for each in result(messages.history(BOB))}
    assert orders["word below"] < NOW <= orders["word behind"]
    assert find(until=NOW - 800) == ["word behind"]
    assert find(since=NOW + 800) == ["word below"]
    assert find(since=NOW - 1, until=NOW + 1) == ["word of now"]
    assert len(find(since=0.0, until=1e300)) == 3


def test_what_is_rare_is_found_among_many_and_in_pages(messages, monkeypatch):
    monkeypatch.setattr("sat.storage.search.LOOKED_AT", 10)
    numbers = range(100)
    result(messages.add([heard(f"word {'https://x' if n % 30 == 0 else ''} {n}") for n in numbers]))
    links = Narrow(has=frozenset({"link"}))
    found = result(messages.search("word", limit=3, narrow=links))
    assert [each.body.split()[-1] for each in found] == ["90", "60", "30"]
    rest = result(messages.search("word", before=found[-1].order, limit=3, narrow=links))
    assert [each.body.split()[-1] for each in rest] == ["0"]
