"""Drafts of posts, which all frontends share."""

from __future__ import annotations

from sat.plugins.blog_drafts.api import Kept
from sat_frontends.jp.command import YES, command, option, positional
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import nearest, usage
from sat_frontends.jp.output import BOLD, DIM, RED, Column, tidy, tidy_lines
from sat_frontends.jp.places import typed
from sat_frontends.jp.posting import AT, due_of, edited, keep, of_file
from sat_frontends.quick_frontend.front_matter import Written, from_draft


@command(
    "Show your drafts, the one changed last first.",
    examples=("jp blog drafts", "jp blog drafts -o json | jq -r '.[].id'"),
)
async def drafts(jp: Jp) -> None:
    """Every frontend has them. Columns in a pipe: id, time of the last change, title or how it begins, the blog or the
    post that it is for, when it will be published or empty, and why it could not be."""
    found = await (await jp.profile()).blog_drafts.get_all()
    columns = (
        Column("Id", DIM),
        Column("Changed", DIM),
        Column("What", BOLD, flexible=True),
        Column("For", flexible=True),
        Column("Due"),
        Column("Problem", RED, flexible=True),
    )
    jp.out.table(found, columns, [_cells(jp, each) for each in found])
    if not found and jp.out.terminal and not jp.out.json:
        jp.out.say("There is none. To write one: jp blog edit --draft")


def _cells(jp: Jp, kept: Kept) -> tuple[str, ...]:
    from sat_frontends.jp.messages import when

    due = when(jp, kept.due) if kept.due else ""
    return (kept.id, when(jp, kept.changed), _heading(kept), typed(kept.node), due, _problem(kept))


def _heading(kept: Kept) -> str:
    return tidy(" ".join((kept.draft.title.strip() or kept.draft.body[:200]).split())) or "(no text)"


def _problem(kept: Kept) -> str:
    """The sentence of the error."""
    from sat.api.errors import error_named

    return str(error_named(kept.problem, kept.details)) if kept.problem else ""


@command(
    "Show, edit, publish or delete a draft.",
    examples=(
        "jp blog draft show draft-1",
        "jp blog draft edit draft-1",
        "jp blog draft edit draft-1 --file post.md",
        "jp blog draft publish draft-1",
        "jp blog draft publish draft-1 --at +2h",
        "jp blog draft delete draft-1 --yes",
    ),
    action=positional("ACTION", "show, edit, publish or delete", complete="draft action"),
    id=positional("ID", "as jp blog drafts shows it", complete="draft"),
    file=option(
        "-f", "--file", metavar="FILE", help="edit: take it from there, without an editor", default="", complete="file"
    ),
    at=AT,
    yes=YES,
)
async def draft(jp: Jp, action: str, id: str, file: str, at: str, yes: bool) -> None:
    """It is shown as the Markdown file that is edited. What is published is a draft no longer, and its address is
    printed."""
    if action not in ACTIONS:
        raise usage(f"“{tidy(action)}” is none of {', '.join(ACTIONS)}.", nearest(action, list(ACTIONS)))
    if (file and action != "edit") or (at and action != "publish"):
        raise usage("--file goes with edit, --at with publish.")
    api = (await jp.profile()).blog_drafts
    due = due_of(at)
    kept = await api.get(id)
    if action == "show":
        _show(jp, kept)
    elif action == "edit":
        await _edit(jp, kept, file)
    elif action == "delete":
        jp.confirm(f"Delete the draft “{_heading(kept)}”?", yes)
        await api.drop(id)
    elif due:
        await keep(jp, kept.draft, kept.node, id, due)
    else:
        place = await api.publish(id)
        jp.out.text(place, typed(place))


ACTIONS = ("show", "edit", "publish", "delete")


def _show(jp: Jp, kept: Kept) -> None:
    if jp.out.json:
        jp.out.value(kept)
        return
    text = from_draft(kept.draft, draft="yes").rstrip("\n")
    jp.out.line(tidy_lines(text) if jp.out.terminal else text)
    if kept.problem:
        jp.out.say(f"It could not be published: {_problem(kept)}")


async def _edit(jp: Jp, kept: Kept, file: str) -> None:
    async def publish(written: Written) -> None:
        await keep(jp, written.draft, kept.node, kept.id, kept.due)

    if file:
        await publish(of_file(file, kept.draft))
    elif not jp.asks:
        raise usage("There is nobody to write in an editor.", "Give a file (--file).")
    else:
        await edited(jp, kept.draft, publish, kept.node, kept.id)
