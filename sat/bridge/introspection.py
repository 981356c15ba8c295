"""The D-Bus introspection of an interface, with its documentation, derived from its declaration.

It needs no D-Bus, so that the package can be built where there is none.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any
from xml.sax.saxutils import quoteattr

from sat.api.contract import Api, camel, describe, document, is_struct
from sat.api.names import BUS_NAME, bus_interface, signature
from sat.api.words import Field, made_of, parameters, reached, type_name

DOC = "org.gtk.GDBus.DocString"
_HEAD = (
    '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n'
    ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n'
)
_STANDARD = """\
  <interface name="org.freedesktop.DBus.Introspectable">
    <method name="Introspect"><arg name="xml" type="s" direction="out"/></method>
  </interface>
  <interface name="org.freedesktop.DBus.Peer">
    <method name="Ping"/>
  </interface>
  <interface name="org.freedesktop.DBus.Properties">
    <method name="Get">
      <arg name="interface" type="s" direction="in"/>
      <arg name="name" type="s" direction="in"/>
      <arg name="value" type="v" direction="out"/>
    </method>
    <method name="GetAll">
      <arg name="interface" type="s" direction="in"/>
      <arg name="values" type="a{sv}" direction="out"/>
    </method>
    <method name="Set">
      <arg name="interface" type="s" direction="in"/>
      <arg name="name" type="s" direction="in"/>
      <arg name="value" type="v" direction="in"/>
    </method>
    <signal name="PropertiesChanged">
      <arg name="interface" type="s"/>
      <arg name="changed" type="a{sv}"/>
      <arg name="invalidated" type="as"/>
    </signal>
  </interface>"""
_MANAGER = """\
  <interface name="org.freedesktop.DBus.ObjectManager">
    <method name="GetManagedObjects"><arg name="objects" type="a{oa{sa{sv}}}" direction="out"/></method>
    <signal name="InterfacesAdded"><arg name="object" type="o"/><arg name="interfaces" type="a{sa{sv}}"/></signal>
    <signal name="InterfacesRemoved"><arg name="object" type="o"/><arg name="interfaces" type="as"/></signal>
  </interface>"""
_BRIDGE = f"""\
  <interface name="{BUS_NAME}.Bridge">
    <signal name="SignalsLost">
      <annotation name="{DOC}" value="The bus was too slow and signals were dropped: ask again."/>
    </signal>
  </interface>"""


def interfaces() -> list[type[Api]]:
    """Every interface of the daemon and its own plugins, by name."""
    modules = [importlib.import_module(f"sat.api.{name}") for name in ("manager", "profile", "settings")]
    plugins = importlib.import_module("sat.plugins")
    for found in pkgutil.iter_modules(plugins.__path__):
        try:
            modules.append(importlib.import_module(f"sat.plugins.{found.name}.api"))
        except ModuleNotFoundError as error:
            if error.name != f"sat.plugins.{found.name}.api":
                raise
    declared = {
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Api) and thing.__module__ == module.__name__
    }
    return sorted(declared, key=lambda api: api.__name__)


def node_xml(apis: list[type[Api]], children: list[str], manager: bool = False) -> str:
    """The introspection of an object."""
    parts = [_HEAD + "<node>"]
    if apis:
        parts.append(_STANDARD)
    if manager:
        parts += [_MANAGER, _BRIDGE]
    parts += [interface_xml(api) for api in apis]
    parts += [f"  <node name={quoteattr(child)}/>" for child in children]
    return "\n".join([*parts, "</node>\n"])


def interface_files() -> dict[str, str]:
    """Each interface as a file of its own, by its name: for programs that are written where no daemon runs."""
    found = {bus_interface(describe(api).name): interface_xml(api) for api in interfaces()}
    found[f"{BUS_NAME}.Bridge"] = _BRIDGE
    return {name: f"{_HEAD}<node>\n{text}\n</node>\n" for name, text in found.items()}


@cache  # it never changes, and the daemon has better to do
def interface_xml(api: type[Api]) -> str:
    """The introspection of an interface."""
    what = describe(api)
    lines = [f'  <interface name="{bus_interface(what.name)}">', f"    {_doc(document(api))}"]
    for name, method in what.methods.items():
        lines.append(f'    <method name="{camel(name)}">')
        lines.append(f"      {_doc(document(getattr(api, name)))}")
        lines += [f"      {_arg(each, 'in')}" for each in parameters(method)]
        if signature(method.returns):
            lines.append(f"      {_arg(Field('result', method.returns), 'out')}")
        lines.append("    </method>")
    for name, kind in what.signals.items():
        lines.append(f'    <signal name="{camel(name)}">')
        lines.append(f"      {_doc(document(getattr(api, name)))}")
        lines.append(f"      {_arg(Field('value', kind))}")
        lines.append("    </signal>")
    for name, kind in what.properties.items():
        lines.append(f'    <property name="{camel(name)}" type="{signature(kind)}" access="read">')
        lines.append(f"      {_doc(document(getattr(api, name)), _explained(kind))}")
        lines.append("    </property>")
    return "\n".join([*lines, "  </interface>"])


def _arg(what: Field, direction: str = "") -> str:
    way = f' direction="{direction}"' if direction else ""
    doc = _doc(_explained(what.kind, what.default))
    return f'<arg name="{what.name}" type="{signature(what.kind)}"{way}>{doc}</arg>'


def _explained(kind: Any, default: str = "") -> str:
    """A type and all that it is made of: who sees it has nothing else before their eyes."""
    head = type_name(kind) + (f" ({default} when left out)" if default else "")
    return "\n\n".join([head, *map(_value, reached([kind]))])


def _value(kind: Any) -> str:
    lines = [f"- {each}" for each in made_of(kind)]
    if is_struct(kind) and kind._field_defaults:
        lines.insert(len(kind._fields) - len(kind._field_defaults), "and what differs from this, by name:")
    held = signature(kind)
    return "\n".join([f"{kind.__name__} {held if is_struct(kind) else f'({held})'}: {document(kind)}", *lines])


def _doc(*paragraphs: str) -> str:
    text = "\n\n".join(filter(None, paragraphs))
    return f"<annotation name={quoteattr(DOC)} value={quoteattr(text)}/>"
