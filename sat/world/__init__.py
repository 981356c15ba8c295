"""A whole world on this machine: a server, a bus, a daemon and three people, in a folder that goes away.

``sat demo``, the tests and the benchmarks live in it. Everything listens on 127.0.0.1 or on a socket in the folder;
every program is stopped by its process id. The daemon never imports this package.
"""

from sat.world.bus import Bus
from sat.world.certificates import Authority, Certificate, self_signed
from sat.world.daemon import Daemon
from sat.world.ejabberd import Ejabberd
from sat.world.program import Program, ProgramFailed, ProgramMissing, free_port, until
from sat.world.prosody import MODULES, Options, Prosody, Registration
from sat.world.server import Server
from sat.world.world import PASSWORD, PEOPLE, World

__all__ = [
    "MODULES",
    "PASSWORD",
    "PEOPLE",
    "Authority",
    "Bus",
    "Certificate",
    "Daemon",
    "Ejabberd",
    "Options",
    "Program",
    "ProgramFailed",
    "ProgramMissing",
    "Prosody",
    "Registration",
    "Server",
    "World",
    "free_port",
    "self_signed",
    "until",
]
