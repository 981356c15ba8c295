import json

from libervia.server import feed as feeds
from libervia.server.feed import Feed


def numbers(events):
    return [seq for seq, _ in events]


def test_events_are_numbered_and_can_be_asked_for_again():
    feed = Feed()
    for each in range(5):
        feed.publish("chat/bob", "append", f"<li>{each}", id=str(each))
    assert numbers(feed.since(2)) == [3, 4, 5]
    assert feed.since(5) == []
    assert json.loads(feed.since(4)[0][1]) == {
        "seq": 5,
        "topic": "chat/bob",
        "op": "append",
        "html": "<li>4",
        "id": "4",
    }


def test_what_is_no_longer_kept_is_not_made_up(monkeypatch):
    monkeypatch.setattr(feeds, "KEPT", 3)
    feed = Feed()
    for _ in range(5):
        feed.publish("x", "y")
    assert feed.since(1) is None
    assert numbers(feed.since(2)) == [3, 4, 5]
    assert feed.since(6) is None
    assert feed.since(-1) is None


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(feeds, "KEPT_BYTES", 1000)
    feed = Feed()
    for _ in range(5):
        feed.publish("x", "y", "z" * 400)
    assert len(feed.since(3)) == 2
    feed.publish("x", "y", "z" * 4000)
    assert feed.since(5) is None
    assert feed.since(6) == []


def test_another_stream_has_another_name():
    assert Feed().epoch != Feed().epoch


def test_of_what_goes_on_only_the_latest_is_kept(monkeypatch):
    monkeypatch.setattr(feeds, "KEPT", 3)
    feed = Feed()
    feed.publish("chat/bob", "append")
    for each in range(50):
        feed.publish("transfers", "row", str(each), replaces="t-1")
    feed.publish("transfers", "row", replaces="t-2")
    assert numbers(feed.since(0)) == [1, 51, 52], "nothing but what was replaced is missing"
    assert json.loads(feed.since(10)[0][1])["html"] == "49"
    feed.publish("chat/bob", "append")
    assert feed.since(0) is None
    assert numbers(feed.since(1)) == [51, 52, 53]
