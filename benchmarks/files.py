"""Files and pipes between two daemons, and files put on a web server and fetched, next to what does nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.measure import forget_peak, memory_of_process, peak_of_process, told_by
from benchmarks.registry import Row, Scene, at_least, at_most, benchmark
from sat.api import Pipe
from sat.api.errors import NoKeys
from sat.api.transfers import Way
from sat.world.home import Home
from sat.world.people import run
from sat.world.program import until

FOREIGN = Path(__file__).parent / "foreign"
MEGABYTE = 1024 * 1024
ROUNDS = 3
FLAT = 24.0  # MiB that a daemon may grow by at its peak, whatever the size
MOST = 1024 * MEGABYTE  # bytes for what has no memory that could grow, or takes the disk twice
SMALL = 200  # files of 1 KiB
STALL = 3.0  # seconds that a reader does not read


@benchmark("files")
def files(scene: Scene) -> Iterator[Row]:
    """Sparse files, in clear and encrypted, and a pipe over SOCKS5 on this machine, and over HTTP; --megabytes says how
    large."""
    size = scene.megabytes * MEGABYTE
    rounds = min(scene.rounds, ROUNDS)
    with ExitStack() as exits:
        folder = Path(exits.enter_context(TemporaryDirectory(prefix="sat-bench-")))
        prosody = scene.new_world().prosody
        alice = exits.enter_context(Home(folder / "a", "fiona", prosody, "felix"))
        bob = exits.enter_context(Home(folder / "b", "felix", prosody, "fiona"))
        _acquaint(alice, bob)
        peaks = Peaks(alice, bob)
        warm = _sparse(folder / "warm", MEGABYTE)
        for how in ("none", "omemo"):  # what is loaded once
            assert until(lambda how=how: _goes(alice, bob, warm, how)), "there are no keys"  # type: ignore[misc]
        yield from _direct(alice, bob, _sparse(folder / "source", size), rounds, peaks)
        yield from _piped(alice, bob, min(size, MOST), rounds, peaks)
        yield from _web(folder, _sparse(folder / "part", min(size, MOST)), min(size, MOST), rounds)
        yield from _many(alice, bob, _sparse(folder / "small", 1024))


def _goes(alice: Home, bob: Home, path: Path, how: str) -> bool:
    """Whether a file goes already; a new account's keys are published a moment later."""
    try:
        _send(alice, bob, path, how)
    except NoKeys:
        return False
    return True


class Peaks:
    """The most memory of both daemons."""

    def __init__(self, *homes: Home) -> None:
        self._homes = homes

    def during(self, work: Callable[[], float]) -> tuple[float, float]:
        """What a work gives, and by how many MiB one of them grew meanwhile at its peak."""
        pids = [home.daemon.pid for home in self._homes]
        for pid in pids:
            forget_peak(pid)
        before = [memory_of_process(pid) for pid in pids]
        result = work()
        return result, max(peak_of_process(pid) - was for pid, was in zip(pids, before, strict=True))


def _sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def _plain(size: int) -> float:
    """Bytes a second between two processes that do nothing with them."""
    size = min(size, MOST)
    return size / told_by([sys.executable, str(FOREIGN / "two_sockets.py"), str(size)])


def _direct(alice: Home, bob: Home, source: Path, rounds: int, peaks: Peaks) -> Iterator[Row]:
    size = source.stat().st_size
    rates: dict[str, list[float]] = {"plain": [], "none": [], "omemo": []}
    grown = []
    for _ in range(rounds):  # in turn: the rest of the machine is the same to all
        rates["plain"].append(_plain(size))
        for how in ("none", "omemo"):
            seconds, peak = peaks.during(lambda how=how: _send(alice, bob, source, how))  # type: ignore[misc]
            rates[how].append(size / seconds)
            grown.append(peak)
    plain, clear, sealed = (median(each) for each in rates.values())
    against = [ours / bare for ours, bare in zip(rates["none"], rates["plain"], strict=True)]
    peer = f"plain asyncio: {plain / MEGABYTE:.0f} MB/s"
    what = f"{size // MEGABYTE} MB"
    yield Row(f"a file of {what}, hashed, SOCKS5", round(clear / MEGABYTE), "MB/s", 0, peer, True)
    yield at_least("a file next to a plain asyncio socket", round(median(against), 2), "x", 0.6)
    told = f"encrypted: {sealed / MEGABYTE:.0f} MB/s"
    yield at_least("an encrypted file next to one in clear", round(sealed / clear, 2), "x", 0.3, told)
    yield at_most("memory for files, at the peak", round(max(grown), 1), "MiB", FLAT)


def _piped(alice: Home, bob: Home, size: int, rounds: int, peaks: Peaks) -> Iterator[Row]:
    against = []
    rates = []
    for _ in range(rounds):
        plain = _plain(size)
        rates.append(size / _pipe(alice, bob, size))
        against.append(rates[-1] / plain)
    yield Row(f"a pipe of {size // MEGABYTE} MB", round(median(rates) / MEGABYTE), "MB/s", 0, "", True)
    yield at_least("a pipe next to a plain asyncio socket", round(median(against), 2), "x", 0.4)
    _, peak = peaks.during(lambda: _pipe(alice, bob, size, STALL))
    yield at_most(f"memory for a pipe, not read for {STALL:g} s", round(peak, 1), "MiB", FLAT)


def _many(alice: Home, bob: Home, path: Path) -> Iterator[Row]:
    """Small files, one after the other: each costs as much as the first ones, however many there were."""
    took = [_send(alice, bob, path, "none") for _ in range(SMALL)]
    few = SMALL // 5
    first, last = median(took[:few]), median(took[-few:])
    yield Row(f"each of {SMALL} files of 1 KiB", round(median(took) * 1e3, 1), "ms", 0, "", True)
    told = f"{first * 1e3:.1f} and {last * 1e3:.1f} ms"
    yield at_most("the last of them next to the first", round(last / first, 2), "x", 1.5, told)


def _acquaint(alice: Home, bob: Home) -> None:
    for one, other in ((alice, bob), (bob, alice)):
        run(one.api.settings.set_setting("socks5.local", "true"))
        run(one.api.settings.set_setting("files.accept", "contacts"))
        run(one.api.settings.set_setting("files.accept_up_to", "1000000"))
        run(one.api.settings.set_setting("files.folder", str(one.folder / "got")))
        assert until(lambda: bool(_program(one, other))), "they do not see each other"  # noqa: B023


def _program(one: Home, other: Home) -> bool:
    return any(each.jid.bare == other.jid for each in run(one.api.presence.get_presences()))


def _send(alice: Home, bob: Home, path: Path, encrypt: str) -> float:
    """Seconds until both say that all is there."""
    started = time.perf_counter()
    sent = run(alice.api.files.send(str(path), bob.jid, encrypt=encrypt))
    done = run(alice.api.transfers.finish(sent.id))
    seconds = time.perf_counter() - started
    assert (done.way, done.encrypted) == (Way.SOCKS5, encrypt != "none"), done
    for each in (bob.folder / "got").iterdir():
        each.unlink()
    return seconds


def _pipe(alice: Home, bob: Home, size: int, stall: float = 0.0) -> float:
    """Seconds in which so many bytes come through to a reader that waits so long behind the first."""
    there, into = os.pipe()
    out, here = os.pipe()
    run(bob.api.pipes.receive([alice.jid], Pipe(into)))
    run(alice.api.pipes.out(bob.jid, Pipe(out)))
    os.close(into)
    os.close(out)
    started = time.perf_counter()
    writer = threading.Thread(target=_fill, args=(here, size))
    writer.start()
    got = 0
    while data := os.read(there, MEGABYTE):
        if not got and stall:
            time.sleep(stall)
        got += len(data)
    seconds = time.perf_counter() - started
    os.close(there)
    writer.join()
    assert got == size
    return seconds


def _fill(descriptor: int, size: int) -> None:
    piece = bytes(MEGABYTE)
    while size:
        size -= os.write(descriptor, piece[:size])
    os.close(descriptor)


def _web(folder: Path, source: Path, size: int, rounds: int) -> Iterator[Row]:
    with subprocess.Popen([sys.executable, str(FOREIGN / "web_sink.py")], stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        url = f"http://127.0.0.1:{sink.stdout.readline().strip()}/{size}"
        try:
            for what, sealed, curl, file in (
                ("put", "seal", ["curl", "-s", "-T", str(source), url], source),
                ("get", "open", ["curl", "-s", "-o", str(folder / "got"), url], folder / "got"),
            ):
                ours: list[float] = []
                theirs: list[float] = []
                hidden: list[float] = []
                grown = 0.0
                for _ in range(rounds):
                    for which, seconds in ((what, ours), (sealed, hidden)):
                        took, peak = _carried(which, url, file)
                        seconds.append(took)
                        grown = max(grown, peak)
                    started = time.perf_counter()
                    subprocess.run(curl, check=True, stdout=subprocess.DEVNULL)
                    theirs.append(time.perf_counter() - started)
                told = f"curl: {size / MEGABYTE / median(theirs):.0f} MB/s, ours: {size / MEGABYTE / median(ours):.0f}"
                yield at_least(f"HTTP {what} next to curl", round(median(theirs) / median(ours), 2), "x", 0.4, told)
                told = f"encrypted: {size / MEGABYTE / median(hidden):.0f} MB/s"
                ratio = round(median(ours) / median(hidden), 2)
                yield at_least(f"HTTP {what}, encrypted, next to clear", ratio, "x", 0.3, told)
                yield at_most(f"memory for HTTP {what}, at the peak", round(grown, 1), "MiB", FLAT)
        finally:
            sink.terminate()


def _carried(what: str, url: str, path: Path) -> tuple[float, float]:
    """The seconds and the MiB at the peak of our web client."""
    command = [sys.executable, "-m", "benchmarks.carry", what, url, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    took, peak = map(float, done.stdout.split())
    return took, peak
