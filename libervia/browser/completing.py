"""What a command may become, while it is typed. Runs in the browser (Brython)."""

import page
from browser import document, window

AFTER = 150  # milliseconds without a key


class Completing:
    """The list above the composer. ``live`` asks the server, ``fill`` puts a text into the composer, ``kept`` changes
    the page while the end of the conversation stays in view."""

    def __init__(self, live, fill, kept):
        self.live, self.fill, self.kept = live, fill, kept
        self.timer = None
        self.text = ""  # what the list is for
        self.wanted = False  # the first one is to be taken once the list is here
        page.body.addEventListener("input", self.typed)
        document["completions"].addEventListener("click", self.clicked)

    def typed(self, event):
        """Ask, once nothing more is typed."""
        if self.timer is not None:
            window.clearTimeout(self.timer)
        self.timer = window.setTimeout(self.ask, AFTER)

    def ask(self):
        """Ask for what the command may become; what is no command becomes nothing."""
        text = page.body.value
        asked = text.startswith("/") and self.live.send({"do": "complete", "peer": page.peer, "text": text})
        if not asked:
            self.text = ""
            self.show("")

    def found(self, event):
        """Here it is, if nothing else stands there by now."""
        if event.text == page.body.value:
            self.text = event.text
            self.show(event.html)
            if self.wanted:
                self.take()

    def show(self, html):
        """Show these."""
        if document["completions"].innerHTML != html:
            self.kept(lambda: page.show(document["completions"], html))

    def take(self):
        """The first one, now or when the list is here; whether there is one, or may be."""
        self.wanted = page.body.value.startswith("/") and page.body.value != self.text
        if self.wanted:
            self.ask()
            return True
        first = page.one("button", document["completions"])
        if first is not None:
            first.click()
        return first is not None

    def clicked(self, event):
        """This one."""
        button = page.closest(event.target, "button")
        if button is not None:
            self.fill(button.value)
            self.ask()
