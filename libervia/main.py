"""``libervia``: the web frontend. Reads its command line, then serves until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from libervia.server.config import Config
from sat import __version__

if TYPE_CHECKING:
    from libervia.server.daemon import Daemon
    from libervia.server.run import Server


PURPOSE = "Your XMPP conversations in a browser. The daemon sat keeps you online."


def parser() -> argparse.ArgumentParser:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="libervia",
        description=PURPOSE,
        epilog="For others than yourself, put a web server that speaks https in front, and say so: "
        "libervia --https --public-host chat.example.org",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=8080, help="the port to listen on (%(default)s; 0: any)")
    parser.add_argument(
        "--public-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which browsers reach the server; may be given again",
    )
    parser.add_argument(
        "--https", action="store_true", help="the server in front speaks https: cookies are for https only"
    )
    parser.add_argument(
        "--allow-new",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="let accounts log in and register that the daemon does not know (default: only if --host is this machine "
        "and no --public-host is given)",
    )
    parser.add_argument(
        "--public-blogs",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="let profiles show their blogs to everybody, without an account, at /u/NAME (default: yes)",
    )
    parser.add_argument("--version", action="version", version=f"libervia {__version__}")
    return parser


def read_arguments(argv: list[str] | None = None) -> Config:
    """The command line. New accounts may log in unless other machines can reach the server."""
    given = parser().parse_args(argv)
    config = Config(given.host, given.port, tuple(given.public_host), given.https, public_blogs=given.public_blogs)
    allow_new = config.private if given.allow_new is None else given.allow_new
    return config._replace(allow_new=allow_new)


def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    config = read_arguments(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("autobahn").setLevel(logging.WARNING)
    from twisted.internet import asyncioreactor

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)
    from twisted.internet import reactor

    from libervia.routes import load_pages
    from libervia.server.run import serve

    async def connect() -> Daemon:
        from libervia.server.bridge import BusDaemon

        return await BusDaemon.connect(loop)

    return serve(reactor, config, load_pages(), connect, lambda server: _say(config, server))


def _say(config: Config, server: Server) -> None:
    host = f"[{config.host}]" if ":" in config.host else config.host
    print(f"libervia: http://{host}:{server.port}", flush=True)
    if not config.loopback and not config.https:
        print("Warning: passwords travel in clear. Put a server that speaks https in front.", file=sys.stderr)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


if __name__ == "__main__":
    raise SystemExit(main())
