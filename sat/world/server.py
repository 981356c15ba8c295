"""What every server of the world has: ports of 127.0.0.1, an authority, accounts and their contacts."""

from __future__ import annotations

import socket
from abc import abstractmethod
from pathlib import Path

from sat.world.certificates import Authority, Certificate
from sat.world.program import Program, free_port


class Server(Program):
    """``port`` takes STARTTLS, ``tls_port`` direct TLS, ``web_port`` HTTPS; all stay the same after a restart."""

    def __init__(
        self, name: str, folder: Path, domains: tuple[str, ...] = ("localhost",), certificate: Certificate | None = None
    ) -> None:
        super().__init__(name, folder)
        self.domains = domains
        self.port = free_port()
        self.tls_port = free_port()
        self.web_port = free_port()
        self.authority = Authority()
        self.ca_file = self.authority.write(folder / "authority.pem")
        self._certificate = folder / "server.crt", folder / "server.key"
        self.use_certificate(certificate or self.authority.issue(*domains))

    @property
    def address(self) -> str:
        """Where it listens."""
        return "127.0.0.1"

    @property
    def domain(self) -> str:
        """The first domain it serves."""
        return self.domains[0]

    @property
    def rooms(self) -> str:
        """The domain of its rooms."""
        return f"rooms.{self.domain}"

    @property
    def uploads(self) -> str:
        """The domain of its storage for files."""
        return f"upload.{self.domain}"

    @property
    @abstractmethod
    def websocket(self) -> str:
        """The URL of its WebSocket, where it has one."""

    def use_certificate(self, certificate: Certificate) -> None:
        """Show another certificate, from the next start on."""
        certificate.write(self._certificate[0].parent, self._certificate[0].stem)

    @abstractmethod
    def register(self, user: str, password: str, domain: str = "") -> str:
        """Create an account, before the start or while the server runs; its address."""

    @abstractmethod
    def set_roster(self, user: str, contacts: dict[str, tuple[str, list[str]]], domain: str = "") -> None:
        """Give an account a contact list: address → (name, groups), all with subscription “both”.

        Do it before the account's first connection: servers keep rosters in memory.
        """


def listens(port: int, address: str = "127.0.0.1") -> bool:
    """Whether something takes connections at a port."""
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
