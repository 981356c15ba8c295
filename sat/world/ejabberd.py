"""A real ejabberd beside the Prosody of :mod:`sat.world.prosody`: what both understand, others will, too."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from pathlib import Path
from typing import Any

from sat.world.program import ProgramFailed, find_program, free_port
from sat.world.server import Server, listens

LARGEST = 10 * 1024 * 1024  # bytes of a file that it stores (XEP-0363)
PLAIN = (
    *("adhoc", "admin_extra", "blocking", "caps", "carboncopy", "client_state", "disco", "last", "offline", "ping"),
    *("privacy", "private", "stream_mgmt", "time", "vcard", "vcard_xupdate", "version"),
)
MODULES: dict[str, dict[str, Any]] = {
    **{name: {} for name in PLAIN},
    "mam": {"default": "always", "assume_mam_usage": True},
    "muc": {"host": "rooms.@HOST@", "default_room_options": {"mam": True}},
    "pubsub": {"plugins": ["flat", "pep"]},
    "register": {"ip_access": "all"},
    "roster": {"versioning": True},
}


class Ejabberd(Server):
    """The server, a node without a name: no other node can reach it, and no ``epmd`` is started that would stay."""

    def __init__(self, folder: Path) -> None:
        super().__init__("ejabberd", folder)
        self._api_port = free_port()
        self._proxy_port = free_port()
        self._config = folder / "ejabberd.yml"
        self._waiting: list[tuple[str, dict[str, str]]] | None = []  # what is told once it runs

    @property
    def websocket(self) -> str:
        return f"wss://{self.domain}:{self.web_port}/ws"

    def register(self, user: str, password: str, domain: str = "") -> str:
        domain = domain or self.domain
        self._tell("register", user=user, host=domain, password=password)
        return f"{user}@{domain}"

    def set_roster(self, user: str, contacts: dict[str, tuple[str, list[str]]], domain: str = "") -> None:
        for address, (name, groups) in contacts.items():
            theirs, _, host = address.partition("@")
            contact = {"user": theirs, "host": host, "nick": name, "group": ";".join(groups), "subs": "both"}
            self._tell("add_rosteritem", localuser=user, localhost=domain or self.domain, **contact)

    def command(self) -> list[str]:
        self._config.write_text(json.dumps(self._configuration()))  # YAML is a superset of it
        nameless = ["-noinput", "-start_epmd", "false", "+sbwt", "none"]  # and it does not spin while it waits
        database = ["-mnesia", "dir", json.dumps(str(self.folder / "database"))]
        return [find_program("erl", "ejabberd"), *nameless, *database, "-s", "ejabberd"]

    def environment(self) -> dict[str, str]:
        control = Path(find_program("ejabberdctl", "ejabberd")).read_text()
        found = re.search(r"^ERL_LIBS='?([^'\n]+)", control, re.MULTILINE)  # each distribution has another
        return {
            **os.environ,
            "HOME": str(self.folder),
            "ERL_LIBS": found[1] if found else "",
            "ERL_CRASH_DUMP": os.devnull,
            "EJABBERD_CONFIG_PATH": str(self._config),
            "EJABBERD_LOG_PATH": str(self.folder / "ejabberd" / "ejabberd.log"),
        }

    @property
    def _ports(self) -> tuple[int, ...]:
        return (self.port, self.tls_port, self.web_port, self._api_port, self._proxy_port)

    def is_ready(self) -> bool:
        return all(listens(port) for port in self._ports)

    def wait_ready(self, seconds: float = 60) -> None:
        super().wait_ready(seconds)
        waiting, self._waiting = self._waiting or [], None
        for call, arguments in waiting:
            self._tell(call, **arguments)

    def _tell(self, call: str, **arguments: str) -> None:
        """Call the HTTP API (ejabberd's ``mod_http_api``). Errors: ProgramFailed."""
        if self._waiting is not None:
            self._waiting.append((call, arguments))
            return
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._api_port}/api/{call}",
            json.dumps(arguments).encode(),
            {"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            opener.open(request, timeout=20).close()
        except OSError as error:
            raise ProgramFailed(program=self.name, reason=f"{call}: {error}") from error

    def _configuration(self) -> dict[str, Any]:
        here = {"ip": "127.0.0.1"}
        api = {"/api": "mod_http_api"}
        web = {"/upload": "mod_http_upload", "/ws": "ejabberd_http_ws"}
        upload = {
            "host": "upload.@HOST@",
            "put_url": f"https://@HOST@:{self.web_port}/upload",
            "docroot": str(self.folder / "uploads"),
            "max_size": LARGEST,
            "access": "all",
        }
        proxy = {"host": "proxy.@HOST@", "hostname": "127.0.0.1", "port": self._proxy_port, "access": "all", **here}
        modules = {**MODULES, "http_upload": upload, "proxy65": proxy}
        return {
            "hosts": list(self.domains),
            "loglevel": "info",
            "certfiles": [str(path) for path in self._certificate],
            "ca_file": str(self.ca_file),
            "listen": [
                {"port": self.port, "module": "ejabberd_c2s", "starttls_required": True, **here},
                {"port": self.tls_port, "module": "ejabberd_c2s", "tls": True, **here},
                {"port": self.web_port, "module": "ejabberd_http", "tls": True, "request_handlers": web, **here},
                {"port": self._api_port, "module": "ejabberd_http", "request_handlers": api, **here},
            ],
            "auth_password_format": "scram",
            "disable_sasl_mechanisms": ["digest-md5", "X-OAUTH2"],
            "api_permissions": {"here": {"who": {"ip": ["127.0.0.1"]}, "what": ["register", "add_rosteritem"]}},
            "modules": {f"mod_{name}": options for name, options in modules.items()},
        }
