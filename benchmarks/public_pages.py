"""Blogs for everybody, on the web: a page that was asked for before, and one that is made anew."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from benchmarks.measure import cpu_during, medians
from benchmarks.registry import Row, Scene, at_least, at_most, benchmark
from sat.api.posts import Draft, Place
from sat.api.values import JID
from sat.world import World
from sat.world.demo import Libervia
from sat.world.people import run

POSTS = 10
TEXT = "What light through yonder window breaks? It is the **east**, and [Juliet](https://example.org/) is the sun.\n\n"
REQUESTS = 1000
TIMES = 200
"""How often a page is made in each round."""
FOREIGN = Path(__file__).parent / "foreign"


@benchmark("public")
def public_pages(scene: Scene) -> Iterator[Row]:
    """A public page of 10 posts: sent again, next to a bare resource of twisted.web; and made, next to its template."""
    world = scene.new_world()
    world.enter_profile("alice")
    _fill(world)
    with Libervia(world) as libervia:
        page = _get(libervia.port)
        file = world.folder / "page.html"
        file.write_bytes(page)
        command = [sys.executable, str(FOREIGN / "twisted_page.py"), str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bare:
            assert bare.stdout is not None
            port = int(bare.stdout.readline())
            assert _get(port) == page
            costs = medians(
                scene.rounds,
                ours=lambda: cpu_during(libervia.pid, _asks(libervia.port)) / REQUESTS,
                bare=lambda: cpu_during(bare.pid, _asks(port)) / REQUESTS,
            )
            bare.terminate()
    rate = costs["bare"] / costs["ours"]
    peer = f"{1 / costs['ours']:.0f} and {1 / costs['bare']:.0f} requests for each second of CPU"
    yield at_least("a public page that was asked for before", round(rate, 2), "x bare Twisted", 0.8, peer)
    made = [_made(world) for _ in range(scene.rounds)]
    asked, anew, template = (median(each[which] for each in made) for which in range(3))
    peer = f"{anew:.0f} and {template:.0f} µs"
    yield at_most("a public page made anew", round(anew / template, 2), "x its template", 1.5, peer)
    peer = f"{asked:.0f} µs"
    yield Row("the same, and its posts asked for", round(asked / template, 2), "x its template", 0, peer, True)


def _fill(world: World) -> None:
    alice = world.bridge().profile("alice")
    blog = Place(JID(world.jid("alice")))
    for number in range(POSTS):
        run(alice.blog.publish(Draft(TEXT * 3, f"Scene {number}", tags=["verona"]), blog))
    run(alice.settings.set_setting("public_blog.shown", "true"))


def _get(port: int) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/u/alice")
    answer = connection.getresponse()
    page = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"the page could not be had: {answer.status}")
    return page


def _asks(port: int) -> Callable[[], None]:
    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(REQUESTS):
            connection.request("GET", "/u/alice")
            connection.getresponse().read()
        connection.close()

    return ask


def _made(world: World) -> list[float]:
    """µs of CPU of a page whose posts the daemon is asked for, of one whose posts are there, and of its template."""
    command = [sys.executable, str(FOREIGN / "uncached_page.py"), "alice", str(TIMES)]
    done = subprocess.run(command, env=world.environment(), capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"the page could not be made: {done.stderr.strip()[-500:]}")
    return [float(each) for each in done.stdout.split()]
