from __future__ import annotations

from xml.etree import ElementTree

from support.echo import EchoApi

from sat.bridge.introspection import DOC, interface_xml, node_xml


def doc(element):
    return element.find(f"annotation[@name='{DOC}']").get("value")


def test_an_interface_is_described_with_its_documentation():
    root = ElementTree.fromstring(interface_xml(EchoApi))  # noqa: S314
    assert root.get("name") == "org.salutatoi.SAT1.Echo"
    assert doc(root) == "Says what it hears."
    join = root.find("method[@name='Join']")
    assert doc(join) == "One text of many."
    assert [(arg.get("name"), arg.get("type"), arg.get("direction")) for arg in join.findall("arg")] == [
        ("words", "as", "in"),
        ("by", "s", "in"),
        ("owner", "s", "in"),
        ("upper", "b", "in"),
        ("result", "s", "out"),
    ]
    assert doc(join.find("arg")) == "list of text"
    assert root.find("method[@name='Say']/arg[@direction='out']") is None
    assert root.find("signal[@name='Said']/arg").get("type") == "as"
    assert root.find("property[@name='Best']").attrib == {"name": "Best", "type": "(sa{sv})", "access": "read"}


def test_the_manager_is_shown_at_the_root_only():
    assert "ObjectManager" in node_xml([EchoApi], ["profile"], manager=True)
    assert "ObjectManager" not in node_xml([EchoApi], [])
