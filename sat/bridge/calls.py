"""Methods of an interface as calls on the bus: one reading for the side that calls, one for the side that answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sat.api.contract import camel, is_struct, read_method
from sat.api.errors import InvalidArgument
from sat.api.names import signature
from sat.bridge.codec import decoder, encoder, holds_secret, inside, with_default


class Outgoing(NamedTuple):
    """A method as its caller needs it."""

    member: str
    names: tuple[str, ...]
    defaults: dict[str, Any]
    signatures: tuple[str, ...]
    encoders: tuple[Callable[[Any], Any], ...]
    returns: str
    decode: Callable[[Any], Any]

    def encode(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """Signature and plain arguments. Those at the end that are the default are left out, so that a newer
        frontend gets on with an older daemon."""
        if len(args) > len(self.names):
            raise TypeError(f"{self.member} takes {len(self.names)} arguments, not {len(args)}")
        given = dict(zip(self.names, args, strict=False))
        for name, value in kwargs.items():
            if name in given or name not in self.names:
                raise TypeError(f"{self.member} takes no {name}, or has it already")
            given[name] = value
        missing = [name for name in self.names if name not in given and name not in self.defaults]
        if missing:
            raise TypeError(f"{self.member} needs {', '.join(missing)}")
        count = len(self.names)
        while count and (name := self.names[count - 1]) in self.defaults:
            if given.get(name, self.defaults[name]) != self.defaults[name]:
                break
            count -= 1
        full = self.defaults | given
        values = tuple([encode(full[name]) for name, encode in zip(self.names[:count], self.encoders, strict=False)])
        return "".join(self.signatures[:count]), values


class Incoming(NamedTuple):
    """A method as the one who answers needs it."""

    name: str
    names: tuple[str, ...]
    signatures: tuple[str, ...]
    needed: int
    decoders: tuple[Callable[[Any], Any], ...]
    returns: str
    encode: Callable[[Any], Any]

    def decode(self, given: str, plain: list[Any]) -> list[Any]:
        """Checked arguments; InvalidArgument or InvalidAddress name the one that is wrong."""
        count = len(plain)
        if not self.needed <= count <= len(self.names) or given != "".join(self.signatures[:count]):
            wanted = ", ".join(f"{name} ({kind})" for name, kind in zip(self.names, self.signatures, strict=True))
            raise InvalidArgument(reason=f"the arguments are {wanted or 'none'}, not ({given})")
        return [inside(*each) for each in zip(self.names, self.decoders, plain, strict=False)]


_outgoing: dict[tuple[type[Any], str], Outgoing] = {}
_incoming: dict[tuple[type[Any], str], Incoming] = {}


def outgoing(api: type[Any], name: str) -> Outgoing:
    """Read a method for its caller, once."""
    found = _outgoing.get((api, name))
    if found is None:
        method = read_method(api, name)
        kinds = method.params.values()
        found = _outgoing[api, name] = Outgoing(
            camel(name),
            tuple(method.params),
            method.defaults,
            tuple(map(signature, kinds)),
            tuple(map(encoder, kinds)),
            signature(method.returns),
            decoder(method.returns) if signature(method.returns) else _nothing,
        )
    return found


def incoming(api: type[Any], name: str) -> Incoming:
    """Read a method for the one who answers, once; ``TypeError`` where a secret would come back."""
    found = _incoming.get((api, name))
    if found is None:
        method = read_method(api, name)
        if holds_secret(method.returns):
            raise TypeError(f"{api.__name__}.{name}: secrets never leave the daemon")
        found = _incoming[api, name] = Incoming(
            name,
            tuple(method.params),
            tuple(map(signature, method.params.values())),
            len(method.params) - len(method.defaults),
            tuple(_argument_decoder(method.params[each], each, method.defaults) for each in method.params),
            signature(method.returns),
            encoder(method.returns),
        )
    return found


def _argument_decoder(kind: Any, name: str, defaults: dict[str, Any]) -> Callable[[Any], Any]:
    convert = decoder(kind, strict=True)
    if name not in defaults:
        return convert
    if is_struct(kind) and not holds_secret(kind):  # as one whose address is none, which means “nowhere”
        loose, default = decoder(kind), defaults[name]
        return lambda plain: default if loose(plain) == default else convert(plain)
    # A default that is a secret cannot be compared before it is read, and needs no exception.
    return with_default(convert, defaults[name]) if signature(kind) == "s" else convert


def _nothing(_plain: Any) -> None:
    return None
