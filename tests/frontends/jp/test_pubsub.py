"""Nodes and items on the command line."""

from __future__ import annotations

import json
import stat

import pytest

SENSORS = "nodes.localhost/sensors"
MIXED = "nodes.localhost/mixed"


def fields(line):
    return line.split("\t")


def program(folder, script, name="program"):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def ids(done):
    return [fields(line)[0].rpartition("/")[2] for line in done.lines]


# -- reading -----------------------------------------------------------------------------------------------------


def test_items_are_lines_xml_and_json(jp):
    assert jp("pubsub", "get", f"{SENSORS}/s1").lines == [
        "nodes.localhost/sensors/s1\t\t<t xmlns='urn:t' unit='C'><value>21</value></t>"
    ]
    assert jp("pubsub", "get", SENSORS, "-i", "s1", "--item", "s3", "--xml").lines == [
        "<t xmlns='urn:t' unit='C'><value>21</value></t>",
        "<t xmlns='urn:t' unit='C'><value>23</value></t>",
    ]
    page = json.loads(jp("pubsub", "get", SENSORS, "-m", "2", "-o", "json").out)
    assert ([each["id"] for each in page["items"]], page["first"], page["total"]) == (["s3", "s4"], "s3", 5)
    assert jp("pubsub", "get", "xmpp:nodes.localhost?;node=sensors;item=s0", "--xml").code == 0
    assert jp("pubsub", "get", "nodes.localhost/a/b/").err == "jp: There is no node a/b of nodes.localhost.\n"
    assert jp("pubsub", "get", f"{SENSORS}/none").code == 16


def test_pages_and_all(jp):
    first = jp("pubsub", "get", SENSORS, "-m", "2")
    assert (ids(first), first.err) == (["s3", "s4"], "More: --before s3\n")
    middle = jp("pubsub", "get", SENSORS, "-m", "2", "--before", "s3")
    assert (ids(middle), middle.err) == (["s1", "s2"], "More: --before s1\nMore: --after s2\n")
    assert ids(jp("pubsub", "get", SENSORS, "-m", "2", "--oldest")) == ["s0", "s1"]
    assert ids(jp("pubsub", "get", SENSORS, "-m", "2", "--after", "s1")) == ["s2", "s3"]
    assert ids(jp("pubsub", "get", SENSORS, "--all")) == ["s0", "s1", "s2", "s3", "s4"]
    assert len(json.loads(jp("pubsub", "get", SENSORS, "--all", "-o", "json").out)["items"]) == 5
    for words in (["-m", "0"], ["--all", "--before", "s3"]):
        assert jp("pubsub", "get", SENSORS, *words).code == 2


def test_people_see_what_it_is(jp):
    shown = jp.on_terminal("pubsub", "get", MIXED, "--color=never").end()
    assert shown.lines == [
        "nodes.localhost/mixed/post · bob@localhost",
        "What \ufffd31mlight",
        "Bob 2025-06-15T15:07:00Z",
        "",
        "But soft",
        "",
        "nodes.localhost/mixed/form · bob@localhost",
        "A form",
        "Where  Verona, Mantua",
        "",
        "nodes.localhost/mixed/bare · bob@localhost",
        "(nothing in it)",
    ]
    assert "\x9b" not in shown.out
    assert jp.on_terminal("pubsub", "get", f"{SENSORS}/s1", "--color=never").end().lines[1:] == [
        '<t xmlns="urn:t" unit="C">',
        "  <value>21</value>",
        "</t>",
    ]


def test_xml_in_a_pipe_says_the_same_and_is_harmless(jp):
    assert "<title>What &#x9b;31mlight</title>" in jp("pubsub", "get", f"{MIXED}/post", "--xml").out


@pytest.mark.parametrize(
    ("how", "found"),
    [
        (["--text", "21"], ["s1"]),
        (["--regex", "^2[13]$"], ["s1", "s3"]),
        (["--xpath", "//n:value[. > 22]", "--namespace", "n=urn:t"], ["s3", "s4"]),
        (["--xpath", "//n:value[. > 22]", "--namespace", "n=urn:t", "--regex", "4"], ["s4"]),
        (["--text", "nowhere"], []),
    ],
)
def test_search_at_the_service(jp, how, found):
    assert ids(jp("pubsub", "search", SENSORS, *how)) == found
    assert [each["id"] for each in json.loads(jp("pubsub", "search", SENSORS, *how, "-o", "json").out)] == found


def test_search_knows_atom_and_refuses_nonsense(jp):
    assert ids(jp("pubsub", "search", MIXED, "--xpath", "//atom:title")) == ["post"]
    for how in ([], ["--regex", "("], ["--xpath", "//["], ["--xpath", "//n:x"], ["--namespace", "x", "--xpath", "//x"]):
        assert jp("pubsub", "search", SENSORS, *how).code == 2, how
    assert jp("pubsub", "search", SENSORS, "--xpath", "document('/etc/hostname')").code == 2


def test_search_runs_a_program(jp, tmp_path):
    tell = program(tmp_path, 'echo "$SAT_PROFILE $SAT_NODE $SAT_ITEM $SAT_URI $(cat)"')
    assert jp("pubsub", "search", SENSORS, "--text", "21", "--exec", tell).lines == [
        "alice sensors s1 xmpp:nodes.localhost?;node=sensors;item=s1 <t xmlns='urn:t' unit='C'><value>21</value></t>"
    ]
    done = jp("pubsub", "search", SENSORS, "--text", "21", "--exec", "false")
    assert (done.code, done.err) == (1, "jp: false ended with 1 for s1.\n")
    assert jp("pubsub", "search", SENSORS, "--text", "21", "--exec", "/none").code == 1
    assert jp("pubsub", "search", SENSORS, "--text", "21", "--exec", "'").code == 2


def test_what_takes_for_ever_is_given_up(own):
    jp, _ = own
    jp("pubsub", "set", f"{SENSORS}/evil", given=f"<t xmlns='urn:t'>{'a' * 60}!</t>")
    done = jp("pubsub", "search", SENSORS, "--regex", "(a+)+$")
    assert (done.code, "took more than 5 s" in done.err) == (4, True)


# -- writing -----------------------------------------------------------------------------------------------------


def test_items_are_published_renamed_and_deleted(own, tmp_path):
    jp, _ = own
    done = jp("pubsub", "set", f"{SENSORS}/new", given="<?xml version='1.0'?>\n<t xmlns='urn:t'/>\n")
    assert (done.code, done.lines) == (0, ["nodes.localhost/sensors/new"])
    assert jp("pubsub", "get", f"{SENSORS}/new", "--xml").lines == ["<t xmlns='urn:t'/>"]
    page = tmp_path / "item.xml"
    page.write_text("<t xmlns='urn:t'>file</t>")
    assert jp("pubsub", "set", "me/notes", "--file", str(page), "-f", "access_model=open").lines == [
        "alice@localhost/notes/made-2"
    ]
    assert jp("pubsub", "set", SENSORS, given="words").code == 17
    assert jp("pubsub", "set", SENSORS, "-f", "nothing", given="<t xmlns='u'/>").code == 2
    page.write_bytes(b"\xff")
    assert jp("pubsub", "set", SENSORS, "--file", str(page)).code == 17
    assert jp("pubsub", "rename", f"{SENSORS}/new", "newer").lines == ["nodes.localhost/sensors/newer"]
    assert jp("pubsub", "rename", f"{SENSORS}/newer", "s1").code == 19
    assert jp("pubsub", "rename", SENSORS, "x").code == 17
    assert jp("pubsub", "delete", f"{SENSORS}/newer").code == 2
    shown = jp.on_terminal("pubsub", "delete", f"{SENSORS}/newer").expect("Delete nodes.localhost/sensors/newer?")
    assert shown.type("y\n").end().code == 0
    assert jp("pubsub", "delete", f"{SENSORS}/s0", f"{SENSORS}/s1", "--yes", "--no-notify").code == 0
    assert ids(jp("pubsub", "get", SENSORS)) == ["s2", "s3", "s4"]


def test_an_item_is_changed_in_an_editor(own, tmp_path):
    jp, _ = own
    script = program(tmp_path, 'cp "$1" "$0.saw"; sed -i s/21/25/ "$1"', "editor")
    assert jp.on_terminal("pubsub", "edit", f"{SENSORS}/s1", EDITOR=script).end().code == 0
    assert (tmp_path / "editor.saw").read_text() == '<t xmlns="urn:t" unit="C">\n  <value>21</value>\n</t>\n'
    assert "<value>25</value>" in jp("pubsub", "get", f"{SENSORS}/s1", "--xml").out
    assert jp.on_terminal("pubsub", "edit", f"{SENSORS}/s1", EDITOR="true").end().code == 20
    broken = program(tmp_path, 'echo words > "$1"', "broken")
    done = jp.on_terminal("pubsub", "edit", f"{SENSORS}/s1", EDITOR=broken, TMPDIR=str(tmp_path), COLUMNS="400").end()
    (kept,) = tmp_path.glob("jp-item-*.xml")
    assert (done.code, str(kept) in done.out) == (17, True)
    kept.write_text("<t xmlns='urn:t'>kept</t>")
    assert jp("pubsub", "edit", f"{SENSORS}/s1", "--file", str(kept)).code == 0
    assert jp("pubsub", "edit", f"{SENSORS}/s1").code == 2


def test_a_program_changes_items(own, tmp_path):
    jp, _ = own
    done = jp("pubsub", "transform", SENSORS, "--", "sed", "s/>21</>99</; s/>22</>98</")
    assert [line for line in done.lines if line[:1] in "+-" and line[:3] not in ("+++", "---")] == [
        "-  <value>21</value>",
        "+  <value>99</value>",
        "-  <value>22</value>",
        "+  <value>98</value>",
    ]
    assert "21" in jp("pubsub", "get", f"{SENSORS}/s1").out, "it was only shown"
    some = program(tmp_path, '[ "$SAT_ITEM" = s1 ] || exit 1; sed s/21/99/')
    assert jp("pubsub", "transform", SENSORS, "--apply", "--", some).lines == ["nodes.localhost/sensors/s1"]
    assert "99" in jp("pubsub", "get", f"{SENSORS}/s1").out
    assert jp("pubsub", "transform", f"{SENSORS}/s2", "--apply", "--", "cat").lines == []
    done = jp("pubsub", "transform", SENSORS, "--apply", "--", "sh", "-c", "exit 3")
    assert (done.code, done.err) == (1, "jp: sh ended with 3 for s0.\n")
    assert jp("pubsub", "transform", SENSORS).code == 2
    assert jp("pubsub", "transform", f"{SENSORS}/s2", "--apply", "--", "echo", "words").code == 17


# -- events ------------------------------------------------------------------------------------------------------


def test_events_are_watched(own):
    jp, daemon = own
    with jp.start("pubsub", "watch", SENSORS, "-n", "3", "--verbose") as watching:
        assert watching.stderr.readline() == "Watching.\n"
        jp("pubsub", "set", "me/notes/other", given="<t xmlns='urn:t'/>")
        jp("pubsub", "set", f"{SENSORS}/live", given="<t xmlns='urn:t'>1</t>")
        assert watching.stdout.readline() == (
            "published\tnodes.localhost/sensors/live\talice@localhost\t<t xmlns='urn:t'>1</t>\n"
        )
        jp("pubsub", "delete", f"{SENSORS}/live", "--yes")
        assert fields(watching.stdout.readline())[:2] == ["retracted", "nodes.localhost/sensors/live"]
        jp("pubsub", "node", "purge", SENSORS, "--yes")
        assert fields(watching.stdout.readline())[:2] == ["purged", SENSORS]
        assert watching.wait(20) == 0
    assert jp("pubsub", "watch", "--timeout", "0.1").code == 4
    assert jp("pubsub", "watch", "--count", "0").code == 2
    with jp.start("pubsub", "watch", "--verbose", "-o", "json") as watching:
        watching.stderr.readline()
        jp("pubsub", "set", f"{SENSORS}/live", given="<t xmlns='urn:t'>2</t>")
        event = json.loads(watching.stdout.readline())
        assert (event["kind"], event["place"]["id"]) == ("published", "live")
        assert event["item"]["xml"] == "<t xmlns='urn:t'>2</t>"
        daemon.stop()
        assert watching.wait(20) == 5


def test_a_hook_is_run_for_each_event(own, tmp_path):
    jp, _ = own
    script = program(tmp_path, f'echo "$SAT_EVENT $SAT_ITEM $* $(cat)" >> {tmp_path}/log; [ "$SAT_ITEM" != fail ]')
    with jp.start("pubsub", "hook", SENSORS, "-n", "3", "--verbose", "--", script, "--flag", "a b;$(x)") as hook:
        assert hook.stderr.readline() == "Watching.\n"
        for id in ("fail", "$(reboot)"):
            jp("pubsub", "set", f"{SENSORS}/{id}", given="<t xmlns='urn:t'/>")
        jp("pubsub", "delete", f"{SENSORS}/fail", "--yes")
        assert hook.wait(20) == 0
        assert f"{script} ended with 1 for nodes.localhost/sensors/fail." in hook.stderr.read()
    assert (tmp_path / "log").read_text().splitlines() == [
        "published fail --flag a b;$(x) <t xmlns='urn:t'/>",
        "published $(reboot) --flag a b;$(x) <t xmlns='urn:t'/>",
        "retracted fail --flag a b;$(x) ",
    ]
    assert jp("pubsub", "hook", SENSORS).code == 2
    with jp.start("pubsub", "hook", "--verbose", "--", "/none") as hook:
        hook.stderr.readline()
        jp("pubsub", "set", f"{SENSORS}/x", given="<t xmlns='urn:t'/>")
        assert hook.wait(20) == 1


def test_subscriptions_and_what_we_are(own):
    jp, _ = own
    assert jp("pubsub", "subscribe", SENSORS).lines == ["subscribed"]
    assert jp("pubsub", "subscriptions", "nodes.localhost").lines == ["nodes.localhost/sensors\tsubscribed\t"]
    assert jp("pubsub", "unsubscribe", SENSORS).code == 0
    assert jp("pubsub", "subscriptions", "nodes.localhost").lines == []
    assert jp("pubsub", "subscriptions", "bob@localhost", "--public").lines == [SENSORS]
    assert jp("pubsub", "affiliations", "nodes.localhost").lines == ["nodes.localhost/sensors\towner"]
    assert json.loads(jp("pubsub", "affiliations", "nodes.localhost", "-o", "json").out) == {"sensors": "owner"}
    assert jp("pubsub", "uri", f"{SENSORS}/s1").lines == ["xmpp:nodes.localhost?;node=sensors;item=s1"]


# -- nodes -------------------------------------------------------------------------------------------------------


def test_nodes_are_made_and_settled(own):
    jp, _ = own
    assert jp("pubsub", "node", "list", "nodes.localhost").lines == [f"{MIXED}\t", f"{SENSORS}\tSen␛[31msors"]
    assert jp("pubsub", "node", "create", "nodes.localhost/new", "-f", "title=New").lines == ["nodes.localhost/new"]
    assert jp("pubsub", "node", "create", "nodes.localhost/new").code == 19
    assert jp("pubsub", "node", "create", "nodes.localhost").lines == ["nodes.localhost/instant"]
    assert fields(jp("pubsub", "node", "info", "nodes.localhost/new").lines[0])[:2] == ["pubsub#title", "New"]
    assert jp("pubsub", "node", "set", "nodes.localhost/new", "title=Newer").code == 0
    assert fields(jp("pubsub", "node", "info", "nodes.localhost/new").lines[0])[1] == "Newer"
    assert jp("pubsub", "node", "info", "nodes.localhost", "--new").code == 0
    assert jp("pubsub", "node", "set", "nodes.localhost/new", "titel=x").code == 17
    assert jp("pubsub", "node", "info", MIXED).code == 4, "it is somebody else's, and tells nothing"
    assert jp("pubsub", "node", "delete", "nodes.localhost/new").code == 2
    assert jp("pubsub", "node", "delete", "nodes.localhost/new", "--yes").code == 0
    assert jp("pubsub", "node", "info", "nodes.localhost/new").code == 16


def test_who_may_what(own):
    jp, _ = own
    assert jp("pubsub", "node", "affiliations", SENSORS, "bob@localhost=publisher").code == 0
    assert jp("pubsub", "node", "affiliations", SENSORS).lines == ["alice@localhost\towner", "bob@localhost\tpublisher"]
    jp("pubsub", "node", "affiliations", SENSORS, "bob@localhost=none")
    assert json.loads(jp("pubsub", "node", "affiliations", SENSORS, "-o", "json").out) == {"alice@localhost": "owner"}
    assert jp("pubsub", "node", "subscriptions", SENSORS, "carol=subscribed").code == 0
    assert jp("pubsub", "node", "subscriptions", SENSORS).lines == ["carol@localhost\tsubscribed\t"]
    assert jp("pubsub", "node", "subscriptions", SENSORS, "carol").code == 2


def test_a_node_is_exported_and_imported(own, tmp_path):
    jp, _ = own
    done = jp("pubsub", "node", "export", MIXED, "--file", str(tmp_path / "a.xml"))
    assert (done.code, done.err) == (0, "3 items.\n")
    assert jp("pubsub", "node", "export", MIXED, "--file", str(tmp_path / "a.xml")).code == 19
    assert jp("pubsub", "node", "export", MIXED).out == (tmp_path / "a.xml").read_text()
    text = (tmp_path / "a.xml").read_text()
    (tmp_path / "b.xml").write_text(text.replace('<item id="bare" publisher="bob@localhost"></item>', "<!-- c -->"))
    done = jp("pubsub", "node", "import", "nodes.localhost/copy", str(tmp_path / "b.xml"))
    assert (done.code, done.err) == (0, "2 items published.\n")
    assert ids(jp("pubsub", "get", "nodes.localhost/copy")) == ["post", "form"]
    assert "What &#x9b;31mlight" in jp("pubsub", "get", "nodes.localhost/copy/post", "--xml").out


BOMB = (
    '<!DOCTYPE items [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    '<items><item id="a"><t xmlns="u">&x;</t></item></items>'
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "document type"),
        ("<items><item id='a'>", "is no XML"),
        ("<feed/>", "holds no <items/>"),
        ("<items><entry/></items>", "is no item"),
        ("<items><item id='a'><b/><c/></item></items>", "more than one element"),
    ],
)
def test_what_is_no_file_of_items_is_told(jp, tmp_path, text, said):
    (tmp_path / "x.xml").write_text(text)
    done = jp("pubsub", "node", "import", "nodes.localhost/bad", str(tmp_path / "x.xml"))
    assert (done.code, said in done.err) == (17, True), done.err
    assert jp("pubsub", "node", "info", "nodes.localhost/bad").code == 16, "nothing was published"


# -- what is stored here -----------------------------------------------------------------------------------------


def test_a_node_is_stored_found_and_forgotten(own):
    jp, _ = own
    assert jp("pubsub", "cache", "get", SENSORS).code == 16
    assert jp("pubsub", "cache", "sync", SENSORS).lines == ["5"]
    assert jp("pubsub", "cache", "list").lines == [f"{SENSORS}\t5"]
    newest = jp("pubsub", "cache", "get", SENSORS, "-m", "2")
    assert (ids(newest), newest.err) == (["s4", "s3"], "More: --before s3\n")
    assert ids(jp("pubsub", "cache", "get", SENSORS, "-m", "2", "--before", "s3")) == ["s2", "s1"]
    done = jp("pubsub", "cache", "search", "21")
    assert (ids(done), done.err) == (["s1"], "")
    assert ids(jp("pubsub", "cache", "search", "21", "--node", MIXED)) == []
    assert json.loads(jp("pubsub", "cache", "search", "21", "-o", "json").out)[0]["place"]["id"] == "s1"
    assert jp("pubsub", "cache", "purge").code == jp("pubsub", "cache", "purge", SENSORS, "--all").code == 2
    assert jp("pubsub", "cache", "purge", SENSORS, "--older", "1").err.startswith("0 items of ")
    assert jp("pubsub", "cache", "purge", "--all").code == 2
    assert jp("pubsub", "cache", "purge", "--all", "--yes").err == "5 items of all forgotten.\n"
    assert jp("pubsub", "cache", "list").lines == []


def test_two_words_name_a_command(jp):
    assert "jp pubsub node VERB" in jp("pubsub", "node", "--help").out
    assert "node info" in jp("pubsub", "node").out
    assert "Did you mean info?" in jp("pubsub", "node", "inf").err
    assert jp("__complete", "--", "pubsub", "no").lines == ["node\t"]
    assert any(line.startswith("info\t") for line in jp("__complete", "--", "pubsub", "node", "").lines)
