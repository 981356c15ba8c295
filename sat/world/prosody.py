"""A real Prosody on free ports of 127.0.0.1, with its own authority, accounts and data in one folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sat.world.accounts import write_account, write_invitation, write_roster
from sat.world.certificates import Certificate
from sat.world.lua import lua
from sat.world.program import find_program, free_port
from sat.world.server import Server, listens

# mod_limits is left out on purpose: it throttles to about 10 kB/s even when it is given no limits.
MODULES = (
    frozenset({"roster", "saslauth", "tls", "disco", "ping", "version", "uptime", "time", "register"})
    | {"carbons", "mam", "smacks", "csi_simple", "offline", "blocklist", "adhoc"}
    | {"pep", "private", "bookmarks", "vcard4", "vcard_legacy"}
)


class Registration(StrEnum):
    """Who may create an account through the stream (XEP-0077)."""

    OPEN = "open"
    INVITED = "invited"
    CLOSED = "closed"


@dataclass(frozen=True)
class Options:
    """What a Prosody is like. The default is a good, current server."""

    domain: str = "localhost"
    address: str = "127.0.0.1"  # at which it listens, its proxy too
    hosts: tuple[str, ...] = ()  # further domains
    modules: frozenset[str] = MODULES
    registration: Registration = Registration.OPEN
    tls: bool = True  # without it, passwords go in the clear and that is allowed
    mechanisms_off: tuple[str, ...] = ()  # such as SCRAM-SHA-1
    password_hash: str = "SHA-1"  # or SHA-256; empty keeps passwords as they are, so both can be offered
    certificate: Certificate | None = field(default=None, repr=False)  # instead of a good one
    extra: str = ""  # lines for the configuration's global section
    rooms: bool = True  # a service for rooms, with an archive
    uploads: int = 10 * 1024 * 1024  # bytes of a file that it stores (XEP-0363); 0: it stores none
    proxy: bool = True  # a service over which two programs can send bytes to each other (XEP-0065)
    components: str = ""  # sections after the hosts


class Prosody(Server):
    """The server."""

    def __init__(self, folder: Path, options: Options | None = None) -> None:
        self.options = options = options or Options()
        super().__init__("prosody", folder, (options.domain, *options.hosts), options.certificate)
        self.data = folder / "data"
        for part in (self.data, folder / "certs"):  # Prosody looks for certs and complains when there is none
            part.mkdir()
        self._config = folder / "prosody.cfg.lua"
        self.proxy_port = free_port()

    def register(self, user: str, password: str, domain: str = "") -> str:
        domain = domain or self.domain
        write_account(self.data, domain, user, password, self.options.password_hash)
        return f"{user}@{domain}"

    def set_roster(self, user: str, contacts: dict[str, tuple[str, list[str]]], domain: str = "") -> None:
        write_roster(self.data, domain or self.domain, user, contacts)

    def invite(self) -> str:
        """A new invitation's token, the ``preauth`` of XEP-0445. It opens the server with Registration.INVITED."""
        return write_invitation(self.data, self.domain)

    def command(self) -> list[str]:
        self._config.write_text(self._configuration())
        return [find_program("prosody", "prosody lua-sec"), "-F", "--config", str(self._config), *_AS_ROOT]

    @property
    def address(self) -> str:
        return self.options.address

    def is_ready(self) -> bool:
        ports = [self.port, *([self.tls_port] if self.options.tls else ()), *([self.web_port] if self._in_web else ())]
        ports += [self.proxy_port] if self.options.proxy else []
        return all(listens(port, self.address) for port in ports)

    def _configuration(self) -> str:
        options = self.options
        modules = set(options.modules) | ({"invites", "invites_register"} if self._invited else set())
        modules -= set() if options.tls else {"tls"}
        certificate, key = self._certificate
        values: dict[str, object] = {
            "daemonize": False,
            "run_as_root": os.geteuid() == 0,
            "pidfile": str(self.folder / "prosody.pid"),
            "data_path": str(self.data),
            "plugin_paths": [],
            "interfaces": [self.address],
            "c2s_ports": [self.port],
            "proxy65_ports": [self.proxy_port] if options.proxy else [],
            "c2s_direct_tls_ports": [self.tls_port] if options.tls else [],
            "http_ports": [],
            "https_ports": [self.web_port] if self._in_web else [],
            "modules_enabled": sorted(modules),
            "modules_disabled": ["s2s"],
            "allow_registration": options.registration is not Registration.CLOSED,
            "registration_invite_only": self._invited,
            "c2s_require_encryption": options.tls,
            "allow_unencrypted_plain_auth": not options.tls,
            "authentication": "internal_hashed" if options.password_hash else "internal_plain",
            "password_hash": options.password_hash or "SHA-1",
            "disable_sasl_mechanisms": ["DIGEST-MD5", *options.mechanisms_off],
            "storage": "internal",
            "archive_expires_after": "never",
            "ssl": {"certificate": str(certificate), "key": str(key)},
            "log": [{"to": "console", "levels": {"min": "info"}}],
        }
        lines = [f"{name} = {lua(value)}" for name, value in values.items()]
        hosts = [f"VirtualHost {lua(domain)}" for domain in self.domains]
        rooms = (
            [f'Component {lua(self.rooms)} "muc"', 'modules_enabled = { "muc_mam" }', _KEPT] if options.rooms else []
        )
        uploads = (
            [
                f'Component {lua(self.uploads)} "http_file_share"',
                f"http_file_share_size_limit = {options.uploads}",
                f"http_host = {lua(self.domain)}",  # the only name of us that resolves
                f'http_external_url = "https://{self.domain}:{self.web_port}/"',
            ]
            if options.uploads
            else []
        )
        carries = [f'Component {lua(self.proxy)} "proxy65"', f"proxy65_address = {lua(self.address)}"]
        proxy = carries if options.proxy else []
        return "\n".join([*lines, options.extra, *hosts, *rooms, *uploads, *proxy, options.components, ""])

    @property
    def proxy(self) -> str:
        """The domain of its proxy."""
        return f"proxy.{self.domain}"

    @property
    def websocket(self) -> str:
        """Where it has the module of that name."""
        return f"wss://{self.domain}:{self.web_port}/xmpp-websocket"

    @property
    def _in_web(self) -> bool:
        return bool("websocket" in self.options.modules or self.options.uploads)

    @property
    def _invited(self) -> bool:
        return self.options.registration is Registration.INVITED


_KEPT = 'muc_log_expires_after = "never"'
_AS_ROOT: list[str] = ["--root"] if os.geteuid() == 0 else []
