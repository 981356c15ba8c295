"""A server that shows a picture before it creates an account: a person answers it in each of the three frontends."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.bad_servers import BadServers
from support.commands import Terminal as Console
from support.registrar import PICTURE
from support.stage import jp, primitivus
from support.tmux import unfolded

from sat.world import World
from sat.world.daemon import script
from sat.world.demo import Libervia
from sat.world.people import run

NOT_RIGHT = "The answer to the picture of localhost was not right. Look at the new picture, then try again."


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world whose daemon has no profile."""
    with World() as world:
        yield world
        assert "Traceback" not in world.daemon.log.read_text()


@pytest.fixture(scope="module")
def port(world: World) -> Iterator[str]:
    with BadServers(world.folder, world.prosody.authority.issue("localhost")) as servers:
        yield str(servers.ports["captcha"])


@pytest.fixture(autouse=True)
def nothing_stays(world: World) -> Iterator[None]:
    yield
    manager = world.bridge().manager
    for each in run(manager.list_profiles()):
        run(manager.delete_profile(each.name))


def seen_in(picture: bytes | str) -> str:
    """The word that a person sees there."""
    text = picture if isinstance(picture, str) else picture.decode()
    assert text.startswith(PICTURE)
    return text.removeprefix(PICTURE)


def opened(shown: str) -> str:
    """The word in the file that a frontend names last."""
    path = Path(re.findall(r"\S*/sat-captcha-\S+\.png", shown)[-1])
    word = seen_in(path.read_bytes())
    path.unlink()
    return word


def test_in_the_shell(world: World, port: str):
    terminal = Console(
        [script("jp"), "register", "localhost", "--host", "127.0.0.1", "--port", port], world.environment()
    )
    terminal.expect("User name: ").type("shell\n").expect("Password: ").type("secret\n").expect("Once more: ")
    terminal.type("secret\n").expect("What do you see: ")
    opened(terminal.shown)
    terminal.type("a rose\n").expect(NOT_RIGHT.partition(". ")[0])
    terminal.expect("User name [shell]: ").type("\n").expect("What do you see: ")
    shown = terminal.type(f"{opened(terminal.shown)}\n").end()
    assert shown.code == 0
    assert "The account shell@localhost was created." in shown.out
    assert "shell is online" in shown.out


def test_in_a_script(world: World, port: str):
    where = ("register", "localhost", "--host", "127.0.0.1", "--port", port)
    form = json.loads(jp(world.environment(), *where, "--form", "-o", "json").out)
    fields = {each["name"]: each for each in form["fields"]}
    answers = {
        "username": "script",
        "challenge": fields["challenge"]["values"][0],
        "ocr": seen_in(base64.b64decode(fields["ocr"]["image"])),
    }
    words = [word for name, value in answers.items() for word in ("-f", f"{name}={value}")]
    done = jp(world.environment(), *where, *words, "--password-stdin", given="secret\n")
    assert done.code == 0, done.err
    done = jp(world.environment(), *where, *words, "--password-stdin", given="secret\n")
    assert done.err == f"jp: {NOT_RIGHT.replace('. ', '.' + chr(10) + 'hint: ', 1)}\n", "each is good for one try"


def test_in_the_console(world: World, port: str):
    with primitivus(world.env, rows=30) as terminal:
        terminal.shows("Create an account")
        terminal.press("Down", "Enter")
        terminal.shows("Server or invitation:")
        for entered, key in (("localhost", "Tab"), ("127.0.0.1", "Tab"), (port, "Enter")):
            terminal.type(entered)
            terminal.press(key)
        opened(unfolded(terminal.shows("What do you see")))
        for entered in ("console", "secret", "a rose"):
            terminal.type(entered)
            terminal.press("Enter")
        terminal.tells(NOT_RIGHT)
        screen = terminal.shows("User name *: console")
        terminal.press("Tab", "Tab")
        terminal.type(opened(unfolded(screen)))
        terminal.press("Enter")
        terminal.shows("console@localhost")
        terminal.shows("You are online.")


@pytest.fixture
def page(world: World, chromium: Browser) -> Iterator[Page]:
    with Libervia(world) as server:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{server.url}/register")
        yield page
        context.close()
        assert "Traceback" not in server.log.read_text()


def pictured(page: Page) -> str:
    """The word in the picture on the page."""
    source = page.get_by_role("img", name="What do you see").get_attribute("src")
    assert source is not None
    return seen_in(base64.b64decode(source.partition(",")[2]))


def test_on_the_page(page: Page, port: str):
    page.get_by_label("Server").fill("localhost")
    page.get_by_text("The server is somewhere else").click()
    page.get_by_label("Host").fill("127.0.0.1")
    page.get_by_label("Port").fill(port)
    page.get_by_role("button", name="Go on").click()
    before = pictured(page)
    page.get_by_label("User name").fill("page")
    page.get_by_label("Password").fill("secret")
    page.get_by_label("What do you see", exact=True).fill("a rose")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("alert")).to_have_text(NOT_RIGHT)
    expect(page.get_by_label("User name")).to_have_value("page")
    expect(page.get_by_label("What do you see", exact=True)).to_have_value("")
    assert pictured(page) != before
    page.get_by_label("Password").fill("secret")
    page.get_by_label("What do you see", exact=True).fill(pictured(page))
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url("**/chat")
    expect(page.locator("[data-topic=status]")).to_contain_text("page@localhost")
