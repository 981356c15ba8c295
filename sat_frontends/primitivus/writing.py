"""What is done with what is written: it is sent, kept as a draft, completed, corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import SatError
from sat_frontends.primitivus.view import Zone
from sat_frontends.quick_frontend import commands

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


class Writing:
    """What the input tells (``InputEvents``)."""

    def __init__(self, app: App) -> None:
        self.app = app

    def submitted(self, text: str) -> None:
        """A line was entered: a command, or a message."""
        if self.app.conversation is not None:
            self.app.conversation.chat.entered()
        self.app.loop.spawn(self._enter(text))

    async def _enter(self, text: str) -> None:
        self.app.telling.answer()
        try:
            await commands.enter(self.app, text)
        except SatError as error:
            self.app.telling.answer(error)
            if not self.app.input.text:
                self.app.input.set_text(text)

    def typed(self, text: str) -> None:
        """The line changed: it is the draft of this conversation."""
        if self.app.conversation is not None:
            self.app.conversation.chat.write(text)
        else:
            self.app.windows.draft = text

    def browse(self) -> None:
        """Go from the input to the messages; first, what is written is a new message again."""
        if self.app.conversation is None:
            return
        chat = self.app.conversation.chat
        if chat.composing.message is None:
            self.app.view.enter(Zone.BROWSE)
        else:
            chat.write_new()

    def correct_last(self) -> None:
        """Correct the last message of ours."""
        if self.app.conversation is not None and not self.app.conversation.chat.correct():
            self.app.notice("There is no message of yours here to correct.")

    def to_end(self) -> None:
        """Show the newest message."""
        if self.app.conversation is not None:
            self.app.conversation.to_end()
            self.app.look()

    def search_input(self) -> None:
        """Look for what was written before."""
        from sat_frontends.primitivus.picking import open_entered

        open_entered(self.app)

    def edit_text(self) -> None:
        """Write in an editor."""
        from sat_frontends.primitivus.editing import edit

        self.app.loop.spawn(edit(self.app))

    def complete(self, line: str) -> list[commands.Completion]:
        """What the line may become."""
        return commands.complete(self.app.session.live, line, self.app.peer)
