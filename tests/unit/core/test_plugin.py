"""What the framework promises to plugins, and to everybody else when a plugin is bad."""

import logging
from contextlib import suppress

import pytest
from support.romeo import now, parse
from twisted.internet.defer import CancelledError, Deferred

from sat.api import JID
from sat.core.pipeline import PATIENCE, Arrival, Stage
from sat.core.plugin import Online, Plugin, Refusal, needs, on_event, on_iq, on_message, on_presence, on_result, wants
from sat.core.session import PATIENCE as LOADING
from sat.core.tasks import all_ended
from sat.xmpp.stanzas import Message

MESSAGE = "<message from='juliet@capulet.lit/b' type='chat'><body>ay me</body></message>"


class People(Plugin):
    """Knows people."""

    def knows(self, name):
        return name == "juliet"


class Greeter(Plugin):
    """Greets the people it knows."""

    people = needs(People)


class Wisher(Plugin):
    """Would like to know people."""

    people = wants(People)


class Broken(Plugin):
    """Fails at everything."""

    @on_message(Stage.UNWRAP)
    def message(self, arrival):
        raise RuntimeError("a bug")

    @on_presence
    def presence(self, presence):
        raise RuntimeError("a bug")

    @on_event(Online)
    def online(self, event):
        raise RuntimeError("a bug")

    @on_iq("get", "urn:broken", "query")
    def query(self, iq):
        raise RuntimeError("a bug")


class Counter(Plugin):
    """Counts what it hears."""

    features = ("urn:counter",)

    def __init__(self, session):
        super().__init__(session)
        self.heard = []

    @on_message(Stage.ANNOUNCE)
    def message(self, arrival):
        self.heard.append(arrival.message.body)

    @on_presence
    def presence(self, presence):
        self.heard.append("presence")

    @on_event(Online)
    def online(self, event):
        self.heard.append("online")


class HalfBorn(Counter):
    """Cannot be made."""

    def __init__(self, session):
        super().__init__(session)
        self.after(5, lambda: pytest.fail("its timer fired"))
        raise ValueError("not today")

    @on_message(Stage.ANNOUNCE)
    def message(self, arrival):
        pytest.fail("it heard a message")

    @on_iq("get", "urn:half", "query")
    def query(self, iq):
        pytest.fail("it was asked")


class Unborn(Plugin):
    """Cannot be made at all."""

    def __init__(self, session):
        raise ValueError("not today")


class Endless(Counter):
    """Never loads, and does not mind when it is told to stop."""

    async def load(self):
        while True:
            with suppress(CancelledError):
                await Deferred()


class Slow(Plugin):
    """Needs time for each message, as decryption does."""

    def __init__(self, session):
        super().__init__(session)
        self.waiting = []

    @on_message(Stage.DECRYPT)
    async def message(self, arrival):
        gate = Deferred()
        self.waiting.append(gate)
        await gate


class Keeper(Plugin):
    """Stores messages, when it is told to."""

    def __init__(self, session):
        super().__init__(session)
        self.commits = []

    @on_message(Stage.ARCHIVE)
    def message(self, arrival):
        arrival.stored = Deferred()
        self.commits.append(arrival.stored)


class Particular(Plugin):
    """Wants messages with one of its elements; what it finds in one is the message from then on."""

    def __init__(self, session):
        super().__init__(session)
        self.heard = []

    @on_message(Stage.UNWRAP, "urn:wrap")
    def unwrap(self, arrival):
        arrival.message = Message(parse(f"<message xmlns='jabber:client'>{INNER}</message>"))

    @on_message(Stage.CORRECT, "urn:inner")
    def correct(self, arrival):
        self.heard.append("inner")

    @on_message(Stage.ANNOUNCE, "urn:wrap")
    def never(self, arrival):
        self.heard.append("outer")


INNER = "<body>soft!</body><thing xmlns='urn:inner'/>"


def test_a_handler_may_want_one_namespace_only(romeo):
    particular = romeo.plug(Particular)
    romeo.hears(MESSAGE)
    assert particular.heard == []
    romeo.hears(f"<message from='juliet@capulet.lit/b'>{INNER}</message>")
    assert particular.heard == ["inner"]
    romeo.hears("<message from='juliet@capulet.lit/b'><wrap xmlns='urn:wrap'/></message>")
    assert particular.heard == ["inner", "inner"]


def test_a_needed_plugin_comes_first_and_is_reached_by_name(romeo):
    assert romeo.plug(Greeter).people.knows("juliet")
    assert list(romeo._plugins) == [People, Greeter]


def test_a_wanted_plugin_may_be_missing(romeo):
    wisher = romeo.plug(Wisher)
    assert wisher.people is None
    romeo.plug(People)
    assert wisher.people.knows("juliet")


def test_a_plugin_without_what_it_needs_is_left_out_and_told(romeo):
    told = []
    now(romeo.load([Greeter], lambda name, reason: told.append(reason)))
    assert "needs" in told[0]
    assert romeo.find_plugin(Greeter) is None


def test_one_plugins_fault_is_not_anothers(romeo, caplog):
    romeo.plug(Broken)
    counter = romeo.plug(Counter)
    romeo.hears(MESSAGE)
    romeo.hears("<presence from='juliet@capulet.lit/b'/>")
    romeo.goes_online()
    romeo.hears("<iq type='get' id='q' from='juliet@capulet.lit/b'><query xmlns='urn:broken'/></iq>")
    assert counter.heard == ["ay me", "presence", "online"]
    assert "internal-server-error" in romeo.sent()[0]
    assert [record.exc_info is not None for record in caplog.records] == [True] * 4


def test_a_stopped_plugin_hears_nothing_and_leaves_nothing(romeo):
    counter = romeo.plug(Counter)
    assert romeo.features == ["urn:counter"]
    romeo._plugins.pop(Counter).stop()
    romeo.hears(MESSAGE)
    assert counter.heard == []
    assert romeo.features == []


@pytest.mark.parametrize("kind", [HalfBorn, Unborn])
def test_nothing_is_left_of_a_plugin_that_could_not_be_made(romeo, kind):
    told = []
    assert now(romeo.load([kind, People], lambda name, reason: told.append(reason))) == [romeo.plugin(People)]
    assert told == ["ValueError: not today"]
    romeo.hears(MESSAGE)
    romeo.hears("<iq type='get' id='q' from='juliet@capulet.lit/b'><query xmlns='urn:half'/></iq>")
    assert "service-unavailable" in romeo.sent()[0]
    romeo.clock.advance(10)
    assert romeo.features == []


def test_a_plugin_that_never_loads_is_left_out(romeo):
    told = []
    loading = Deferred.fromCoroutine(romeo.load([Endless, People], lambda name, reason: told.append(reason)))
    romeo.clock.advance(LOADING - 1)
    assert not loading.called
    romeo.clock.advance(1)
    assert now(loading) == [romeo.plugin(People)]
    assert told == ["it was not ready after 30 s"]
    assert romeo.features == []


def test_background_work_is_logged_when_it_fails_and_cancelled_at_the_end(romeo, caplog):
    people = romeo.plug(People)
    cancelled = []
    forever = Deferred(lambda _: cancelled.append(True))

    async def fails():
        raise RuntimeError("a bug")

    async def waits():
        await forever

    people.spawn(fails())
    people.spawn(waits())
    people.after(5, lambda: cancelled.append("never"))
    romeo.stop()
    romeo.clock.advance(10)
    assert "a bug" in caplog.text
    assert cancelled == [True]


def test_a_new_timer_replaces_one_of_the_same_key(romeo):
    people, fired = romeo.plug(People), []
    people.after(2, lambda: fired.append("first"), key="k")
    people.after(3, lambda: fired.append("second"), key="k")
    romeo.clock.advance(10)
    assert fired == ["second"]


def test_messages_keep_their_order_behind_one_that_takes_time(romeo):
    slow, counter = romeo.plug(Slow), romeo.plug(Counter)
    first = romeo.hears(MESSAGE)
    second = romeo.hears(MESSAGE.replace("ay me", "again"))
    assert counter.heard == []
    slow.waiting[0].callback(None)
    now(first)
    assert counter.heard == ["ay me"]
    slow.waiting[1].errback(RuntimeError("cannot be read"))
    now(second)
    assert counter.heard == ["ay me", "again"]


def test_a_plugin_that_never_ends_is_not_waited_for(romeo, caplog):
    """P4: others get their messages all the same."""
    romeo.plug(Slow)
    counter = romeo.plug(Counter)
    done = romeo.hears(MESSAGE)
    romeo.clock.advance(PATIENCE)
    now(done)
    assert counter.heard == ["ay me"]
    assert "the plugin test_plugin is not waited for" in caplog.text


def test_a_message_is_told_and_done_only_when_it_is_stored(romeo):
    keeper, counter = romeo.plug(Keeper), romeo.plug(Counter)
    done = romeo.hears(MESSAGE)
    assert counter.heard == []
    assert not done.called
    keeper.commits[0].callback(None)
    now(done)
    assert counter.heard == ["ay me"]


def test_a_stopped_arrival_reaches_no_later_stage(romeo):
    class Guard(Plugin):
        """Lets nothing pass."""

        @on_message(Stage.UNWRAP)
        def message(self, arrival: Arrival):
            arrival.stop()

    romeo.plug(Guard)
    keeper, counter = romeo.plug(Keeper), romeo.plug(Counter)
    assert romeo.hears(MESSAGE) is None
    assert (keeper.commits, counter.heard) == ([], [])


class Reader(Plugin):
    """Has asked for something that comes in messages."""

    def __init__(self, session):
        super().__init__(session)
        self.came = []

    @on_result("urn:answer")
    def result(self, message):
        self.came.append(message.body)
        if message.body == "bad":
            raise RuntimeError("a bug")


def test_a_result_goes_to_who_asked_and_passes_no_stage(romeo, caplog):
    reader, counter = romeo.plug(Reader), romeo.plug(Counter)
    for body in ("bad", "good"):
        answer = f"<body>{body}</body><answer xmlns='urn:answer'/>"
        assert romeo.hears(f"<message from='juliet@capulet.lit/b'>{answer}</message>") is None
    assert reader.came == ["bad", "good"]
    assert "the plugin test_plugin failed on a result from juliet@capulet.lit/b" in caplog.text
    romeo.hears(MESSAGE)
    assert counter.heard == ["ay me"]


def test_two_plugins_cannot_take_the_same_results(romeo):
    class Another(Reader):
        """Wants them too."""

    romeo.plug(Reader)
    with pytest.raises(AssertionError, match="both take results of urn:answer"):
        romeo.plug(Another)


def test_what_an_archive_tells_is_not_announced(romeo):
    keeper, counter = romeo.plug(Keeper), romeo.plug(Counter)
    arrival = Arrival(Message(parse(MESSAGE)), JID("juliet@capulet.lit/b"))
    arrival.archived = True
    done = romeo.accept_all([arrival])
    assert not done.called
    keeper.commits[0].callback(None)
    now(done)
    assert counter.heard == []


def test_many_are_waited_for_also_when_one_of_them_fails(caplog):
    log = logging.LoggerAdapter(logging.getLogger("many"), {})
    first, second = Deferred(), Deferred()
    done = all_ended([first, None, second], log)
    first.errback(RuntimeError("a bug"))
    assert not done.called
    second.callback(None)
    now(done)
    assert "a bug" in caplog.text
    now(all_ended([], log))


def test_two_plugins_cannot_answer_the_same_request(romeo):
    class Other(Plugin):
        """Wants the same request."""

        @on_iq("get", "urn:broken", "query")
        def query(self, iq):
            raise Refusal("forbidden")

    romeo.plug(Broken)
    told = []
    now(romeo.load([Other], lambda name, reason: told.append(reason)))
    assert "both answer" in told[0]


@pytest.mark.parametrize("condition", ["forbidden", "item-not-found"])
def test_a_refusal_is_the_stanza_error(romeo, condition):
    class Refuser(Plugin):
        """Refuses."""

        @on_iq("set", "urn:refuse", "query")
        async def query(self, iq):
            raise Refusal(condition, "no")

    romeo.plug(Refuser)
    romeo.hears("<iq type='set' id='q' from='juliet@capulet.lit/b'><query xmlns='urn:refuse'/></iq>")
    (xml,) = romeo.sent()
    assert condition in xml
    assert ">no</text>" in xml
