"""The D-Bus introspection of an interface, with its documentation, derived from its declaration."""

from __future__ import annotations

from typing import Any, get_args, get_origin
from xml.sax.saxutils import quoteattr

from sat.api.contract import camel, describe, document
from sat.api.names import bus_interface
from sat.bridge.codec import is_struct, signature

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
  </interface>
  <interface name="org.salutatoi.SAT1.Bridge">
    <signal name="SignalsLost">
      <annotation name="org.gtk.GDBus.DocString" value="The bus was too slow and signals were dropped: ask again."/>
    </signal>
  </interface>"""


def node_xml(apis: list[type[Any]], children: list[str], manager: bool = False) -> str:
    """The introspection of an object."""
    parts = [_HEAD + "<node>"]
    if apis:
        parts.append(_STANDARD)
    if manager:
        parts.append(_MANAGER)
    parts += [interface_xml(api) for api in apis]
    parts += [f"  <node name={quoteattr(child)}/>" for child in children]
    return "\n".join([*parts, "</node>\n"])


def interface_xml(api: type[Any]) -> str:
    """The introspection of an interface."""
    what = describe(api)
    lines = [f'  <interface name="{bus_interface(what.name)}">', f"    {_doc(document(api))}"]
    for name, method in what.methods.items():
        lines.append(f'    <method name="{camel(name)}">')
        lines.append(f"      {_doc(document(getattr(api, name)))}")
        lines += [f"      {_arg(each, kind, 'in')}" for each, kind in method.params.items()]
        if signature(method.returns):
            lines.append(f"      {_arg('result', method.returns, 'out')}")
        lines.append("    </method>")
    for name, kind in what.signals.items():
        lines.append(f'    <signal name="{camel(name)}">{_arg("value", kind)}</signal>')
    for name, kind in what.properties.items():
        lines.append(f'    <property name="{camel(name)}" type="{signature(kind)}" access="read">')
        lines.append(f"      {_doc(type_name(kind))}")
        lines.append("    </property>")
    return "\n".join([*lines, "  </interface>"])


def _arg(name: str, kind: Any, direction: str = "") -> str:
    way = f' direction="{direction}"' if direction else ""
    return f'<arg name="{name}" type="{signature(kind)}"{way}>{_doc(type_name(kind))}</arg>'


def _doc(text: str) -> str:
    return f"<annotation name={quoteattr(DOC)} value={quoteattr(text)}/>"


def type_name(kind: Any) -> str:
    """A type as a reader knows it: ``list of Contact``."""
    if kind is type(None):
        return "nothing"
    if get_origin(kind) is list:
        return f"list of {type_name(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return f"{type_name(value)} by {type_name(key)}"
    if is_struct(kind):
        return str(kind.__name__)
    return {"str": "text", "int": "whole number", "float": "number", "bool": "yes or no"}.get(
        kind.__name__, kind.__name__
    )
