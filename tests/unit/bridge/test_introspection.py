from __future__ import annotations

from xml.etree import ElementTree

from support.echo import EchoApi

from sat.bridge.introspection import DOC, interface_xml, node_xml


def doc(element):
    return element.find(f"annotation[@name='{DOC}']").get("value")


def test_an_interface_is_described_with_its_documentation():
    root = ElementTree.fromstring(interface_xml(EchoApi))
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
    assert [doc(arg) for arg in join.findall("arg")] == [
        "list of text",
        'text (" " when left out)',
        'JID ("" when left out)',
        "yes or no (false when left out)",
        "text",
    ]
    assert root.find("method[@name='Say']/arg[@direction='out']") is None
    said = root.find("signal[@name='Said']")
    assert doc(said) == "What was said."
    assert said.find("arg").get("type") == "as"
    assert root.find("property[@name='Best']").attrib == {"name": "Best", "type": "(sa{sv})", "access": "read"}


def test_values_are_explained_where_they_are_used():
    root = ElementTree.fromstring(interface_xml(EchoApi))
    happened = doc(root.find("signal[@name='Happened']/arg"))
    assert happened.startswith(
        "Thing\n\nThing (sssxdbas(sa{sv})a{sv}): A value with every kind of field.\n- name: text\n- owner: JID\n"
    )
    assert "\n- inner: Inner\nand what differs from this, by name:\n- data: bytes = b''\n" in happened
    assert "\n- sure: yes or no = true\n" in happened
    assert "\n\nColour (s): A choice.\n- red, blue" in happened
    assert "\n\nInner (sa{sv}): A value within a value.\n- name: text\nand what differs" in happened
    assert happened.count("A value within a value.") == 1
    assert doc(root.find("property[@name='Best']")).startswith("The best one.\n\nInner\n\nInner (sa{sv}): ")
    assert "reading end of a pipe" in doc(root.find("method[@name='Measure']/arg"))


def test_the_manager_is_shown_at_the_root_only():
    assert "ObjectManager" in node_xml([EchoApi], ["profile"], manager=True)
    assert "ObjectManager" not in node_xml([EchoApi], [])
