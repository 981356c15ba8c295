"""The daemon and its bus."""

from __future__ import annotations

from sat.api.errors.base import SatError


class NoBus(SatError):
    """There is no D-Bus session to talk to the daemon."""

    exit_code = 3
    http_status = 503
    hint = "Log in to a desktop session, or start one: dbus-run-session -- bash"


class NoSuchProgram(SatError):
    """No program called {name} answers on the bus."""

    http_status = 503


class NoDaemon(SatError):
    """The daemon sat is not running."""

    exit_code = 5
    http_status = 503
    hint = "Start it: sat start (sat install-service has it started whenever it is needed)"


class DaemonNotStarted(NoDaemon):
    """The daemon sat is not running, and D-Bus could not start it."""

    hint = "sat start says why; sat install-service tells D-Bus anew where it is."


class DaemonRunning(SatError):
    """A daemon is running on this bus already (process {pid})."""

    exit_code = 1
    hint = "sat status shows it; sat stop ends it."


class DaemonSilent(SatError):
    """The daemon did not answer within {seconds} s."""

    exit_code = 3
    http_status = 504


class TooManyCalls(SatError):
    """This program has too many questions to the daemon open ({limit})."""

    http_status = 429
    hint = "Wait for answers before you ask more."


class InvalidConfig(SatError):
    """{file}, line {line}: {reason}."""

    exit_code = 2


class ConfigIgnored(SatError):
    """{file}, line {line}: {reason}"""

    exit_code = 2
    hint = "It has no effect. Correct it, then start the daemon again."


class PluginFailed(SatError):
    """The plugin {plugin} could not be loaded: {reason}."""
