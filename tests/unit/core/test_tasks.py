"""Work that is waited for, and given up."""

import asyncio

from twisted.internet.defer import CancelledError, Deferred

from sat.core.tasks import in_thread


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

    monkeypatch.setattr(asyncio, "to_thread", at_once)
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
