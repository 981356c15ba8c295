"""What a person reads when a log-in fails, or when there is no daemon or no bus: the same in the three frontends."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from playwright.sync_api import Browser, Page, expect
from support.bad_servers import PASSWORD, USER, BadServers
from support.commands import Done
from support.stage import jp, primitivus
from support.tmux import Terminal

from libervia.server.app import FREE_TRIES
from sat.api import JID, Secret
from sat.api.errors import ERRORS
from sat.world import Authority, Bus, Certificate, Options, Prosody, World, free_port, self_signed
from sat.world.demo import Libervia
from sat.world.people import run
from sat.xmpp.pins import fingerprint

LISTENED = "Someone could be listening."
TRUST = (
    "Its fingerprint is {pin}. If the server's administrator confirms it, you can trust exactly this certificate: jp"
    " login and jp register and jp profile set take --pin; the settings have it under Mail Server."
)
ADMIN = "Only the server's administrator can"
FIND = "Check the address, or set the host and port: jp login and jp profile set take --host and --port."
PLACE = "set the host and port, when you log in or in the settings."
ON_THE_PAGE = {
    FIND.partition("or ")[2]: PLACE,
    "If it is elsewhere: jp login and jp profile set take --host and --port.": f"If it is elsewhere, {PLACE}",
    TRUST.partition(". If")[2]: (
        " the XMPP server's administrator confirms it, who runs this server can trust exactly this certificate."
    ),
    f"{ADMIN} renew": "Only the XMPP server's administrator can renew",
    "If the server is yours, add its authority to the system's, or name it in SSL_CERT_FILE.": (
        "Who runs this server can add its authority to the system's."
    ),
}
"""What stands on the page in the place of commands."""
# What a programmer reads: a traceback, or the name of a class such as AuthFailed or ConnectionRefusedError.
NAMES = "|".join(name for name in ERRORS if re.fullmatch("([A-Z][a-z]+){2,}", name))
FOR_PROGRAMMERS = re.compile(
    rf"Traceback|\b({NAMES})\b|\b\w*[a-z](Error|Exception)\b|sat\.api|\[SSL|errno", re.IGNORECASE
)


class Case(NamedTuple):
    """What is entered, what is said, and how ``jp`` ends. The sentence may name the ``{port}``, and of the certificate
    the ``{pin}`` and the ``{end}``. Without an address, the case has one of its own."""

    sentence: str
    code: int
    host: str = "127.0.0.1"
    address: str = ""
    password: str = PASSWORD


CASES = {
    "wrong password": Case(
        f"The server localhost did not accept this password for {USER}. Try again. Forgotten? Ask the server's"
        " administrator.",
        6,
        address=f"{USER}@localhost",
        password="wrong",
    ),
    "unknown host": Case(f"No XMPP server was found at nowhere.invalid. {FIND}", 4, "", f"{USER}@nowhere.invalid"),
    "refused port": Case(
        "127.0.0.1 does not accept connections on port {port}. Is the server running? If it is elsewhere: jp login and"
        " jp profile set take --host and --port.",
        4,
    ),
    "expired": Case(f"The certificate of localhost expired on {{end}}. {LISTENED} {ADMIN} renew it. {TRUST}", 4),
    "self-signed": Case(f"The certificate of localhost is signed by itself only. {LISTENED} {TRUST}", 4),
    "wrong name": Case(
        f"The certificate shown is for other.example, not for localhost. {LISTENED} Check the address. {TRUST}", 4
    ),
    "unknown authority": Case(
        f"The certificate of localhost is not signed by an authority known here. {LISTENED} If the server is yours, add"
        f" its authority to the system's, or name it in SSL_CERT_FILE. {TRUST}",
        4,
    ),
    "without TLS": Case(
        f"localhost does not offer an encrypted connection, so nothing was sent to it. {ADMIN} change that.", 4
    ),
    "only PLAIN without TLS": Case(
        f"localhost does not offer an encrypted connection, so nothing was sent to it. {ADMIN} change that.", 4
    ),
    "wrong signature": Case(
        "localhost could not prove that it knows the password. Someone could be in between.", 6
    ),
    "malformed XML": Case(
        "localhost sent something that is not allowed: it is not well-formed XML (mismatched tag). The connection was"
        " closed.",
        4,
    ),
    "XML bomb": Case(
        "localhost sent something that is not allowed: it holds a document type declaration. The connection was"
        " closed.",
        4,
    ),
    "10 MiB stanza": Case(
        "localhost sent something that is not allowed: a stanza is too long. The connection was closed.", 4
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world whose daemon has no profile, so that primitivus begins with its wizard."""
    with World() as world:
        world.prosody.register(USER, PASSWORD)
        yield world
        told = world.daemon.log.read_text()
        assert "Traceback" not in told
        assert PASSWORD not in told


@pytest.fixture(scope="module")
def certificates(world: World) -> dict[str, Certificate]:
    """What the servers show that have no good one."""
    trusted = world.prosody.authority
    return {
        "expired": trusted.issue("localhost", expired=True),
        "self-signed": self_signed("localhost"),
        "wrong name": trusted.issue("other.example"),
        "unknown authority": Authority("Another").issue("localhost"),
    }


@pytest.fixture(scope="module")
def ports(world: World, certificates: dict[str, Certificate]) -> Iterator[dict[str, int]]:
    """Where the server of each case listens."""
    trusted = world.prosody.authority
    options = {name: Options(certificate=certificate) for name, certificate in certificates.items()}
    options["without TLS"] = Options(tls=False)
    with ExitStack() as exits:
        bad = exits.enter_context(BadServers(world.folder, trusted.issue("localhost")))
        servers = {}
        for name, told in options.items():
            (world.folder / name).mkdir()
            servers[name] = Prosody(world.folder / name, told)
            exits.callback(servers[name].stop)
            servers[name].launch()
        for server in servers.values():
            server.wait_ready()
        prosodies = {name: server.port for name, server in servers.items()}
        yield (
            {"wrong password": world.prosody.port, "unknown host": 0, "refused port": free_port()}
            | prosodies
            | bad.ports
        )


@pytest.fixture(params=CASES)
def case(
    request: pytest.FixtureRequest, ports: dict[str, int], certificates: dict[str, Certificate]
) -> tuple[Case, str]:
    """A case, and its port as a person enters it."""
    case, port = CASES[request.param], ports[request.param]
    named = {"port": port}
    if shown := certificates.get(request.param):
        read = x509.load_pem_x509_certificate(shown.pem)
        named |= {"pin": fingerprint(read), "end": read.not_valid_after_utc.date()}
    address = case.address or f"{request.param.replace(' ', '-').lower()}@localhost"
    return case._replace(sentence=case.sentence.format(**named), address=address), str(port or "")


def nothing_is_left(world: World) -> None:
    assert run(world.bridge().manager.list_profiles()) == []


def on_the_page(sentence: str) -> str:
    """As it is said to who need not have a shell there."""
    for command, advice in ON_THE_PAGE.items():
        sentence = sentence.replace(command, advice)
    return sentence


def told_by(done: Done) -> str:
    """What ``jp`` wrote, in one line."""
    return " ".join(done.err.replace("\nhint: ", " ").split())


def test_in_the_shell(world: World, case: tuple[Case, str]):
    told, port = case
    place = ["--host", told.host, "--port", port] if told.host else []
    done = jp(world.environment(), "login", told.address, *place, "--password-stdin", given=told.password + "\n")
    assert told_by(done) == f"jp: {told.sentence}"
    assert (done.code, done.out) == (told.code, "")
    assert not FOR_PROGRAMMERS.search(done.err)
    nothing_is_left(world)


def enter_in_wizard(terminal: Terminal, case: Case, port: str) -> None:
    """Log in, from the first page on."""
    terminal.shows("Log in with an address")
    terminal.press("Enter")
    terminal.shows("Address:")
    terminal.type(case.address)
    terminal.press("Tab")
    terminal.type(case.host)
    terminal.press("Tab")
    terminal.type(port)
    terminal.press("Enter")
    terminal.shows("Password:")
    terminal.type(case.password)
    terminal.press("Enter")


def test_in_the_console(world: World, case: tuple[Case, str]):
    told, port = case
    with primitivus(world.env) as terminal:
        enter_in_wizard(terminal, told, port)
        screen = terminal.tells(told.sentence)
        assert not FOR_PROGRAMMERS.search(screen)
        assert told.address in screen
        if told.code == 6:  # another password may mend it: this page asks for it, the one before keeps the rest
            assert "Password:" in screen
            terminal.press("Escape")
            screen = terminal.shows("Address:")
        assert f"Address: {told.address}" in screen
        assert f"elsewhere): {told.host}" in screen
        assert f"Port: {port}" in screen
    nothing_is_left(world)
    assert not (world.folder / "home/state/sat/primitivus.log").exists()


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Libervia]:
    with Libervia(world) as server:
        yield server
        assert "Traceback" not in server.log.read_text()


@pytest.fixture(scope="module")
def tries() -> Iterator[int]:
    """How often somebody has tried to log in, with this one."""
    return count(1)


@pytest.fixture
def libervia(server: Libervia, tries: Iterator[int]) -> Libervia:
    """One that does not have us wait, as it would have who fails too often."""
    if next(tries) % FREE_TRIES == 0:
        server.restart()
    return server


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def page(window: Page) -> Page:
    """The window, of somebody new."""
    window.context.clear_cookies()
    return window


def enter_on_page(page: Page, url: str, case: Case, port: str) -> None:
    """Log in on the page."""
    page.goto(f"{url}/login")
    page.get_by_label("XMPP address").fill(case.address)
    page.get_by_label("Password").fill(case.password)
    page.get_by_text("The server is somewhere else").click()
    page.get_by_label("Host").fill(case.host)
    page.get_by_label("Port").fill(port)
    page.get_by_role("main").get_by_role("button", name="Log in").click()


def test_on_the_page(world: World, libervia: Libervia, page: Page, case: tuple[Case, str]):
    told, port = case
    enter_on_page(page, libervia.url, told, port)
    expect(page.get_by_role("alert")).to_have_text(on_the_page(told.sentence))
    assert not FOR_PROGRAMMERS.search(page.locator("body").inner_text())
    expect(page.get_by_label("XMPP address")).to_have_value(told.address)
    expect(page.get_by_label("Host")).to_have_value(told.host)
    expect(page.get_by_label("Port")).to_have_value(port)
    expect(page.get_by_label("Password")).to_have_value("")
    nothing_is_left(world)


def test_a_slip_of_the_finger_is_noticed(world: World, libervia: Libervia, page: Page):
    """primitivus shows what its wizard is told: see its own tests. Here it would not begin with one."""
    manager = world.bridge().manager
    run(manager.create_profile("right", JID("you@example.invalid"), Secret(PASSWORD)))
    case = Case(f"No XMPP server was found at exampel.invalid. Did you mean example.invalid? {FIND}", 4, "")
    try:
        done = jp(world.environment(), "login", "you@exampel.invalid", "--password-stdin", given="x\n")
        assert told_by(done) == f"jp: {case.sentence}"
        enter_on_page(page, libervia.url, case._replace(address="you@exampel.invalid"), "")
        expect(page.get_by_role("alert")).to_have_text(on_the_page(case.sentence))
    finally:
        run(manager.delete_profile("right"))


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that lets nobody in and refuses nobody: its queue is full."""
    with ExitStack() as exits:
        server = exits.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = exits.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def test_a_port_that_does_not_answer(world: World, libervia: Libervia, page: Page, silent_port: int):
    """All three at once, because it takes as long as we wait for a server."""
    case = Case(
        f"127.0.0.1 does not answer on port {silent_port} (waited 15 s). {FIND.replace('address', 'network')}",
        4,
        address="page@localhost",
    )
    place = ["--host", "127.0.0.1", "--port", str(silent_port), "--name", "shell"]
    with ThreadPoolExecutor() as pool, primitivus(world.env) as terminal:
        enter_in_wizard(terminal, case._replace(address="console@localhost"), str(silent_port))
        shell = pool.submit(
            jp, world.environment(), "login", "shell@localhost", *place, "--password-stdin", given="x\n"
        )
        enter_on_page(page, libervia.url, case, str(silent_port))
        expect(page.get_by_role("alert")).to_have_text(on_the_page(case.sentence), timeout=60_000)
        screen = terminal.tells(case.sentence)
        assert told_by(shell.result()) == f"jp: {case.sentence}"
    assert "console@localhost" in screen
    expect(page.get_by_label("XMPP address")).to_have_value(case.address)
    nothing_is_left(world)


ELSEWHERE = "Who runs this server has to start it."  # whoever reads the page need not have a shell there
NO_DAEMON = (
    "The daemon sat is not running. Start it: sat start (sat install-service has it started whenever it is needed)"
)
NO_BUS = (
    "There is no D-Bus session to talk to the daemon. Log in to a desktop session, or start one: dbus-run-session --"
    " bash"
)


class Web(Libervia):
    """libervia in an environment of its own."""

    def __init__(self, world: World, env: dict[str, str]) -> None:
        super().__init__(world)
        self._env = env

    def environment(self) -> dict[str, str]:
        return self._env


@pytest.fixture(params=["no daemon", "no bus", "silent bus"])
def nowhere(request: pytest.FixtureRequest, world: World, folder: Path) -> Iterator[tuple[dict[str, str], str, int]]:
    """An environment without a daemon, what is said about it, and how programs end."""
    with ExitStack() as exits:
        address = f"unix:path={folder / 'none'}"
        if request.param == "no daemon":
            address = exits.enter_context(Bus(folder)).address
        elif request.param == "silent bus":
            server = exits.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(str(folder / "none"))
            server.listen()
        env = {**world.environment(), "DBUS_SESSION_BUS_ADDRESS": address, "XDG_STATE_HOME": str(folder)}
        yield (env, NO_DAEMON, 5) if request.param == "no daemon" else (env, NO_BUS, 3)


def test_without_a_daemon(nowhere: tuple[dict[str, str], str, int], world: World, folder: Path, page: Page):
    env, sentence, code = nowhere
    done = jp(env, "login", "romeo@localhost", "--password-stdin", given="x\n")
    assert told_by(done) == f"jp: {sentence}"
    assert done.code == code
    with primitivus(env) as terminal:
        assert not FOR_PROGRAMMERS.search(terminal.tells(sentence))
        terminal.press("Escape")
        terminal.shows(f"ended with {code}")
    with Web(world, env) as server:
        case = Case(sentence.partition(". ")[0] + f". {ELSEWHERE}", code, address=f"{USER}@localhost")
        enter_on_page(page, server.url, case, "")
        expect(page.get_by_role("alert")).to_have_text(case.sentence)
        expect(page.get_by_label("XMPP address")).to_have_value(case.address)
        assert not FOR_PROGRAMMERS.search(page.locator("body").inner_text())
        assert "Traceback" not in server.log.read_text()
