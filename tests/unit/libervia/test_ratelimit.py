from libervia.server import ratelimit
from libervia.server.ratelimit import KEYS, Allowance, Backoff


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_waits_double_up_to_a_limit():
    clock = Clock()
    backoff = Backoff(clock=clock)
    waits = []
    for _ in range(9):
        backoff.attempt("a")
        waits.append(backoff.wait("a"))
        clock.now += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert backoff.wait("b") == 0


def test_some_tries_can_be_free():
    backoff = Backoff(free=2, clock=Clock())
    waits = []
    for _ in range(4):
        backoff.attempt("a")
        waits.append(backoff.wait("a"))
    assert waits == [0, 0, 1, 2]


def test_time_forgives():
    clock = Clock()
    backoff = Backoff(clock=clock)
    for _ in range(2):
        backoff.attempt("b")
    clock.now += ratelimit.FORGET
    backoff.attempt("b")
    assert backoff.wait("b") == 1


def test_success_takes_back_itself_only():
    clock = Clock()
    backoff = Backoff(clock=clock)
    backoff.attempt("a")()
    assert backoff.wait("a") == 0
    waits = []
    for _ in range(4):
        backoff.attempt("a")
        waits.append(backoff.wait("a"))
        clock.now += waits[-1]
        backoff.attempt("a")()  # somebody who guesses knows one password: their own
        assert backoff.wait("a") == 0
    assert waits == [1, 2, 4, 8]


def test_success_does_not_take_back_what_began_after_it():
    clock = Clock()
    backoff = Backoff(free=1, clock=clock)
    own = backoff.attempt("a")
    backoff.attempt("a")
    assert backoff.wait("a") == 1
    own()
    assert backoff.wait("a") == 1
    clock.now += 1
    backoff.attempt("a")
    assert backoff.wait("a") == 1


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(ratelimit, "KEYS", 10)
    backoff = Backoff(clock=Clock())
    for key in range(100):
        backoff.attempt(key)
    assert backoff.wait(89) == 0
    assert backoff.wait(90) == 1


def test_an_allowance_is_so_much_at_once_and_comes_back():
    now = [0.0]
    allowance = Allowance(3, 0.5, lambda: now[0])
    assert [allowance.take("a") for _ in range(5)] == [0, 0, 0, 2, 2]
    assert allowance.take("b") == 0
    now[0] = 2.0
    assert [allowance.take("a") for _ in range(2)] == [0, 2]
    now[0] = 1000.0
    assert [allowance.take("a") for _ in range(4)] == [0, 0, 0, 2]


def test_an_allowance_knows_so_many_keys():
    allowance = Allowance(1, 1.0, lambda: 0.0)
    for number in range(KEYS + 10):
        allowance.take(number)
    assert (allowance.take(0), allowance.take(KEYS)) == (0, 1)
