"""The states of a link, as an Automat machine (drawn in docs/state-machines/link.md)."""

from __future__ import annotations

from typing import Protocol

from automat import TypeMachineBuilder


class Phases(Protocol):
    """What can happen to a link."""

    def connect(self) -> None:
        """A person or the start of the daemon wants it to be online."""

    def disconnect(self) -> None:
        """A person wants it to be offline."""

    def established(self) -> None:
        """The attempt succeeded."""

    def interrupted(self) -> None:
        """The attempt failed, or the stream was lost, for a reason that can pass by itself."""

    def refused(self) -> None:
        """The same, for a reason that only a person can mend."""

    def due(self) -> None:
        """The pause before the next attempt is over."""

    def nudge(self) -> None:
        """The network came back."""


class Actions(Protocol):
    """What a link does when it enters a state."""

    def begin(self) -> None:
        """Start an attempt."""

    def greet(self) -> None:
        """Tell that there is a session."""

    def pause(self) -> None:
        """Wait for the next attempt."""

    def stop(self) -> None:
        """End whatever goes on, with a farewell to the server."""

    def halt(self) -> None:
        """Stay offline, and say why."""

    def check(self) -> None:
        """Ask the server for a sign of life."""


_builder = TypeMachineBuilder(Phases, Actions)
_offline = _builder.state("offline")
_connecting = _builder.state("connecting")
_online = _builder.state("online")
_waiting = _builder.state("waiting")


@_offline.upon(Phases.connect).to(_connecting)
@_waiting.upon(Phases.connect).to(_connecting)
@_waiting.upon(Phases.due).to(_connecting)
@_waiting.upon(Phases.nudge).to(_connecting)
def _begin(_: Phases, actions: Actions) -> None:
    actions.begin()


@_connecting.upon(Phases.established).to(_online)
def _greet(_: Phases, actions: Actions) -> None:
    actions.greet()


@_connecting.upon(Phases.interrupted).to(_waiting)
@_online.upon(Phases.interrupted).to(_waiting)
def _pause(_: Phases, actions: Actions) -> None:
    actions.pause()


@_connecting.upon(Phases.refused).to(_offline)
@_online.upon(Phases.refused).to(_offline)
def _halt(_: Phases, actions: Actions) -> None:
    actions.halt()


@_connecting.upon(Phases.disconnect).to(_offline)
@_online.upon(Phases.disconnect).to(_offline)
@_waiting.upon(Phases.disconnect).to(_offline)
def _stop(_: Phases, actions: Actions) -> None:
    actions.stop()


@_online.upon(Phases.nudge).loop()
def _check(_: Phases, actions: Actions) -> None:
    actions.check()


for _state, _inputs in (
    (_offline, (Phases.disconnect, Phases.interrupted, Phases.refused, Phases.due, Phases.nudge, Phases.established)),
    (_connecting, (Phases.connect, Phases.due, Phases.nudge)),
    (_online, (Phases.connect, Phases.due, Phases.established)),
    (_waiting, (Phases.interrupted, Phases.refused, Phases.established)),
):
    for _input in _inputs:
        _state.upon(_input).loop().returns(None)

machine = _builder.build()
