"""Work that is waited for, and given up."""

import asyncio
from threading import Event, Timer

from twisted.internet.defer import CancelledError, Deferred

from sat.core import tasks
from sat.core.tasks import in_thread, to_end_in_thread


def test_what_is_given_up_in_the_moment_in_which_it_is_done_is_given_up(monkeypatch):
    """A person who stops a file just then has stopped it."""
    ends = []

    async def at_once(work):
        return work()

    async def give_up():
        waiting = Deferred.fromCoroutine(in_thread(lambda: "done"))
        waiting.addBoth(ends.append)
        await asyncio.sleep(0)  # it is done now, and who waits is told in the next turn of the loop
        assert not ends
        waiting.cancel()
        await asyncio.sleep(0.01)

    monkeypatch.setattr(tasks, "_threaded", at_once)
    asyncio.run(give_up())
    (end,) = ends
    assert end.check(CancelledError)


def test_what_a_thread_gives_or_raises():
    async def both():
        assert await in_thread(lambda: "done") == "done"
        try:
            await in_thread(lambda: 1 // 0)
        except ZeroDivisionError:
            return "raised"

    async def run():
        return await Deferred.fromCoroutine(both()).asFuture(asyncio.get_running_loop())

    assert asyncio.run(run()) == "raised"


def in_loop(work):
    async def run():
        return await Deferred.fromCoroutine(work).asFuture(asyncio.get_running_loop())

    return asyncio.run(run())


def test_what_hangs_holds_up_nothing_else():
    """As do reads from a server of files that does not answer."""
    answers = Event()
    late = Timer(10.0, answers.set)  # else a failure would wait for ever
    late.start()

    async def one_more():
        hanging = [Deferred.fromCoroutine(in_thread(answers.wait)) for _ in range(40)]
        try:
            return await in_thread(lambda: answers.is_set())
        finally:
            late.cancel()
            answers.set()
            for each in hanging:
                await each

    assert in_loop(one_more()) is False


def test_what_nobody_waits_for_is_put_away():
    opened, put_away = Event(), []

    async def give_up():
        waiting = Deferred.fromCoroutine(in_thread(lambda: opened.wait() and "opened", put_away.append))
        waiting.cancel()
        try:
            await waiting
        except CancelledError:
            opened.set()
        while not put_away:
            await Deferred.fromFuture(asyncio.ensure_future(asyncio.sleep(0.01)))

    in_loop(give_up())
    assert put_away == ["opened"]


def test_what_has_happened_is_told_to_who_gave_it_up():
    go_on = Event()

    async def give_up():
        waiting = Deferred.fromCoroutine(to_end_in_thread(lambda: go_on.wait() and "renamed"))
        for _ in range(2):
            waiting.cancel()
        go_on.set()
        return await waiting

    assert in_loop(give_up()) == "renamed"
