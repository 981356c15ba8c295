"""Values to D-Bus and back, by their declared types; each type is read once.

A named tuple is the struct ``(required fields… a{sv})``: the fields without a default in their order, then those that
differ from their default, by name (docs/decisions/008-values-are-named-tuples.md). Strict decoding is the daemon's: it
believes nobody. Tolerant decoding is a frontend's: a newer daemon must not break it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import _dbus_bindings as bindings

from sat.api.contract import is_struct
from sat.api.errors import InvalidAddress, InvalidArgument
from sat.api.names import signature
from sat.api.values import JID, Pipe, Secret
from sat.bridge.pipe import pipe_from, pipe_to
from sat.bridge.secret import secret_from, secret_to

Convert = Callable[[Any], Any]

_UNFIT = "[\0\ud800-\udfff]"

_encoders: dict[Any, Convert] = {}
_decoders: dict[tuple[Any, bool], Convert] = {}


def same(value: Any) -> Any:
    """What needs no conversion."""
    return value


def holds_secret(kind: Any) -> bool:
    """Whether a type holds a secret or a pipe: those go to the daemon only, never back."""
    if is_struct(kind):
        return any(holds_secret(hint) for hint in get_type_hints(kind).values())
    return kind in (Secret, Pipe) or any(holds_secret(each) for each in get_args(kind))


# -- encoding ----------------------------------------------------------------------------------------------------


def encoder(kind: Any) -> Convert:
    """The function that makes plain data of a value, ready for ``Message.append`` with the type's signature."""
    found = _encoders.get(kind)
    if found is None:
        found = _encoders[kind] = _encoder(kind)
    return found


def _encoder(kind: Any) -> Convert:
    if is_struct(kind):
        return _struct_encoder(kind)
    if get_origin(kind) is list:
        each = encoder(get_args(kind)[0])
        return same if each is same else lambda values: [each(value) for value in values]
    if get_origin(kind) is dict:
        item = encoder(get_args(kind)[1])
        return same if item is same else lambda values: {key: item(value) for key, value in values.items()}
    if kind is Pipe:
        return pipe_to
    return secret_to if kind is Secret else same


def _struct_encoder(kind: Any) -> Convert:
    hints = get_type_hints(kind)
    names = kind._fields
    needed = len(names) - len(kind._field_defaults)
    defaults = tuple(kind._field_defaults.values())
    required = [encoder(hints[name]) for name in names[:needed]]
    optional = [(name, variant(hints[name]), kind._field_defaults[name]) for name in names[needed:]]
    plain = all(each is same for each in required)

    def encode(value: Any) -> tuple[Any, ...]:
        head = value[:needed] if plain else tuple([each(item) for each, item in zip(required, value, strict=False)])
        rest = value[needed:]
        if rest == defaults:
            return (*head, {})
        pairs = zip(optional, rest, strict=True)
        return (*head, {name: wrap(item) for (name, wrap, default), item in pairs if item != default})

    return encode


def variant(kind: Any) -> Convert:
    """The function that makes a value ready to be a variant, which carries its own signature."""
    encode, inner = encoder(kind), signature(kind)
    if inner == "ay":
        return lambda value: bindings.ByteArray(value)
    if inner.startswith("("):
        return _struct_variant(kind, encode)
    if inner.startswith("a{"):
        return lambda value: bindings.Dictionary(encode(value), signature=inner[2:-1])
    if inner.startswith("a"):
        return lambda value: bindings.Array(encode(value), signature=inner[1:])
    return {"x": bindings.Int64, "b": bool, "d": float}.get(inner, encode)


def _struct_variant(kind: Any, encode: Convert) -> Convert:
    # dbus-python looks into a struct for its signature, so each part must tell its own.
    hints = get_type_hints(kind)
    parts = [variant(hints[name]) for name in kind._fields if name not in kind._field_defaults]

    def wrap(value: Any) -> Any:
        tail = bindings.Dictionary(encode(value)[-1], signature="sv")
        return bindings.Struct((*[part(item) for part, item in zip(parts, value, strict=False)], tail))

    return wrap


def build(make: Callable[[], Any], signature: str, values: tuple[Any, ...]) -> Any:
    """A message with these encoded values. What no D-Bus string can hold (NUL, lone surrogates) becomes U+FFFD; that
    is looked for only when libdbus refused, so clean strings cost nothing. A refused message is spoilt: make another.
    """
    message = make()
    if not signature:
        return message
    try:
        message.append(*values, signature=signature)
    except ValueError:  # UnicodeEncodeError is one too
        cleaned = clean(values)
        if cleaned == values:
            raise
        message = make()
        message.append(*cleaned, signature=signature)
    return message


def clean(value: Any) -> Any:
    """The same plain data with every string fit for D-Bus."""
    if isinstance(value, str):
        return re.sub(_UNFIT, "\ufffd", value)
    if isinstance(value, bindings.Array):
        return bindings.Array([clean(each) for each in value], signature=value.signature)
    if isinstance(value, bindings.Struct):
        return bindings.Struct([clean(each) for each in value])
    if isinstance(value, bindings.Dictionary):
        return bindings.Dictionary({clean(k): clean(v) for k, v in value.items()}, signature=value.signature)
    if isinstance(value, (list, tuple)):
        return type(value)([clean(each) for each in value]) if type(value) in (list, tuple) else clean(tuple(value))
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return value


# -- decoding ----------------------------------------------------------------------------------------------------


def decoder(kind: Any, strict: bool = False) -> Convert:
    """The function that makes a value of plain data; a strict one raises InvalidArgument or InvalidAddress."""
    found = _decoders.get((kind, strict))
    if found is None:
        found = _decoders[kind, strict] = _decoder(kind, strict)
    return found


def _decoder(kind: Any, strict: bool) -> Convert:
    if is_struct(kind):
        return _struct_decoder(kind, strict)
    if get_origin(kind) is list:
        each = decoder(get_args(kind)[0], strict)
        return lambda values: [each(value) for value in values]
    if get_origin(kind) is dict:
        key, item = (decoder(part, strict) for part in get_args(kind))
        return lambda values: {key(name): item(value) for name, value in values.items()}
    if kind is Secret:
        return secret_from
    if kind is Pipe:
        return pipe_from
    if kind is JID and strict:
        return lambda text: JID.parse(str(text))
    if issubclass(kind, Enum):
        return _choice_decoder(kind, strict)
    return {"b": bool, "x": int, "d": float, "ay": bytes}.get(signature(kind), kind)


def _choice_decoder(kind: Any, strict: bool) -> Convert:
    known = {str(member.value): member for member in kind}

    def choose(text: str) -> Any:
        member = known.get(text)
        if member is not None:
            return member
        if strict:
            raise InvalidArgument(reason=f"“{text}” is none of {', '.join(known)}")
        # A word of a newer daemon: it is of the type, is none of the known members, and shows as itself.
        stranger = str.__new__(kind, text)
        stranger._name_, stranger._value_ = "UNKNOWN", str(text)
        return stranger

    return choose


def _struct_decoder(kind: Any, strict: bool) -> Convert:
    hints = get_type_hints(kind)
    names = kind._fields
    defaults = kind._field_defaults
    needed = len(names) - len(defaults)
    required = [(name, decoder(hints[name], strict)) for name in names[:needed]]
    converts = [each for _, each in required]
    usual = list(defaults.values())

    def decode(value: Any) -> Any:
        fields = [each(item) for each, item in zip(converts, value, strict=False)]
        tail = value[needed]
        fields += _tail(kind, tail, hints, strict) if tail else usual
        return tuple.__new__(kind, fields)

    def checked(value: Any) -> Any:
        fields = [inside(name, each, item) for (name, each), item in zip(required, value, strict=False)]
        tail = value[needed]
        fields += _tail(kind, tail, hints, strict) if tail else usual
        return tuple.__new__(kind, fields)

    return checked if strict else decode


def _tail(kind: Any, tail: dict[str, Any], hints: dict[str, Any], strict: bool) -> list[Any]:
    """The fields with a default, from the end of a struct."""
    defaults = kind._field_defaults
    if strict:
        for name in tail:
            if name not in defaults:
                raise InvalidArgument(reason=f"{kind.__name__} has no field {name}")
    fields = []
    for name, default in defaults.items():
        given = tail.get(name)
        if given is None:
            fields.append(default)
        elif signature_of(given) == signature(hints[name]):
            convert = decoder(hints[name], strict)
            fields.append(inside(name, with_default(convert, default), given) if strict else convert(given))
        elif strict:
            raise InvalidArgument(reason=f"{name} must be of the D-Bus type {signature(hints[name])}")
        else:
            fields.append(default)
    return fields


def with_default(convert: Convert, default: Any) -> Convert:
    """Convert, but let the default pass: an empty address is none, yet it may mean “nobody”."""
    return lambda plain: default if plain == default else convert(plain)


def inside(name: str, convert: Convert, plain: Any) -> Any:
    """Convert what is called ``name``, which an error then tells."""
    try:
        return convert(plain)
    except InvalidAddress as error:
        raise InvalidAddress(**{"argument": name, **error.details}) from None
    except InvalidArgument as error:
        raise InvalidArgument(reason=f"{name}: {error.details['reason']}") from None


def signature_of(plain: Any) -> str:
    """The D-Bus signature of something that came out of a message."""
    if isinstance(plain, bindings.Struct):
        return f"({''.join(map(signature_of, plain))})"
    if isinstance(plain, bindings.Array):
        return f"a{plain.signature}"
    if isinstance(plain, bindings.Dictionary):
        return f"a{{{plain.signature}}}"
    for kind, code in _WIRE:
        if isinstance(plain, kind):
            return code
    return "?"


_WIRE = (
    (bindings.Boolean, "b"),
    (bindings.Int64, "x"),
    (bindings.Double, "d"),
    (bindings.String, "s"),
    (bindings.ByteArray, "ay"),
    (bindings.UnixFd, "h"),
)
