"""jp adhoc: what servers, services and your own other programs can be told to do."""

from __future__ import annotations

from sat.plugins.ad_hoc.api import NoteKind, Stage
from sat_frontends.jp.command import command, positional, repeated
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import Failure, usage
from sat_frontends.jp.filling import UNSEEN, answers, check_used, fill, show_form, show_result
from sat_frontends.jp.output import BOLD, Column, complain, tidy_lines
from sat_frontends.jp.people import reach
from sat_frontends.quick_frontend.forms import FormModel

STAGES = 50
"""One that asks for ever is given up."""

_JID = positional("ADDRESS", "a server, a service, or a program of yours (with its resource)", complete="contact")
_SET = repeated("-s", "--set", metavar="NAME=VALUE", help="an answer to one of its forms; may be repeated")


@command(
    "Show what can be done at an address.",
    examples=("jp adhoc list example.org", "jp adhoc list you@example.org/phone"),
    jid=_JID,
)
async def list_(jp: Jp, jid: str) -> None:
    """Columns in a pipe: the command's node, its name."""
    profile = await jp.profile()
    found = await profile.ad_hoc.get_commands(await reach(profile, jid))
    jp.out.table(
        found, (Column("Node", BOLD), Column("Name", flexible=True)), [(each.node, each.name) for each in found]
    )
    if not found and jp.out.terminal:
        jp.out.say("None, or none that you may run.")


@command(
    "Run a command: its forms are filled in by you, or by --set.",
    examples=(
        "jp adhoc run example.org uptime",
        "jp adhoc run you@example.org/phone http://jabber.org/protocol/rc#set-status -s status=away",
    ),
    jid=_JID,
    node=positional("NODE", "the command, as jp adhoc list shows it"),
    settings=_SET,
)
async def run(jp: Jp, jid: str, node: str, settings: list[str]) -> None:
    """Columns in a pipe: those of what it answers. Where nobody can be asked and something is missing, its form is
    shown and nothing is done."""
    profile, given = await jp.profile(), answers(settings)
    ad_hoc = profile.ad_hoc
    stage = await ad_hoc.begin(await reach(profile, jid), node)
    asked: list[str] = []
    for _ in range(STAGES):
        _tell(stage)
        if stage.done:
            break
        model = FormModel(stage.form)
        asked += [each.name for each in model.fields if each.kind not in UNSEEN]
        try:
            if asked and not given and not jp.asks:
                show_form(jp, stage.form)
                raise usage("The command asks for more.", "Add --set NAME=VALUE for each of these.")
            fill(jp, model, given)
        except Failure:
            await ad_hoc.cancel(stage.run)
            raise
        stage = await ad_hoc.go_on(stage.run, stage.actions[0], model.changes)
    if not stage.done:
        await ad_hoc.cancel(stage.run)
        raise Failure(f"The command has asked {STAGES} times, and is not done.")
    show_result(jp, stage.form)
    if stage.failed:
        raise Failure("The command did not succeed.")
    check_used(given, asked)


def _tell(stage: Stage) -> None:
    for note in stage.notes:
        text = tidy_lines(note.text)
        complain(text if note.kind is NoteKind.INFO else f"{note.kind}: {text}")
