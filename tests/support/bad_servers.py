"""Servers that break the rules while somebody logs in, and one that creates accounts with a captcha, as one process of
its own: Twisted's reactor cannot be started twice, so it stays out of the tests' process."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from sat.world import Certificate, Program
from support.tree import ROOT

DOMAIN = "localhost"
USER, PASSWORD = "romeo", "secret"


class BadServers(Program):
    """``ports`` tells where each is, by what it does. They show a certificate for ``localhost``."""

    def __init__(self, folder: Path, certificate: Certificate) -> None:
        super().__init__("bad-servers", folder)
        self._files = certificate.write(folder, "bad-servers")

    def command(self) -> list[str]:
        return [sys.executable, "-u", __file__, *map(str, self._files)]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)])}

    def is_ready(self) -> bool:
        return self.log.read_text().endswith("\n")

    @property
    def ports(self) -> dict[str, int]:
        """The port of each."""
        ports: dict[str, int] = json.loads(self.log.read_text().splitlines()[-1])
        return ports


def main() -> None:
    """Listen, print the ports, and go on until we are ended."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate
    from scenarios.hostile import HostileServer
    from twisted.internet import reactor

    from support.registrar import Registrar
    from support.scripted import HEADER, Behaviour

    certificate, key = (Path(each).read_bytes() for each in sys.argv[1:3])
    shown = load_pem_x509_certificate(certificate), load_pem_private_key(key, None)
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE stream [<!ENTITY l0 "lol">{lines}]>'
    behaviours = {
        "wrong signature": {"scram": "bad-signature"},
        "no signature": {"scram": "no-signature"},
        "only PLAIN without TLS": {"tls": "none", "mechanisms": ("PLAIN",)},
        "malformed XML": {"before": "<stream:features></wrong>"},
        "XML bomb": {"header": HEADER.replace("<?xml version='1.0'?>", bomb), "before": "<a>&l9;</a>"},
        "10 MiB stanza": {"after_login": f"<stream:features><a>{'x' * 10 * 2**20}</a></stream:features>"},
    }
    ports = {}
    for name, told in behaviours.items():
        server = HostileServer(Behaviour(DOMAIN, USER, PASSWORD, **told), shown)
        server.start(reactor)
        ports[name] = server.port
    captcha = Behaviour(DOMAIN)
    captcha.registrar = Registrar(captcha)
    server = HostileServer(captcha, shown)
    server.start(reactor)
    ports["captcha"] = server.port
    print(json.dumps(ports), flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
