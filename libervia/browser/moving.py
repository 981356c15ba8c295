"""Files on their way: how far they are, and what is done with them. Runs in the browser (Brython)."""

import page
from browser import document


class Moving:
    """The list of them on this page. ``live`` carries what is done."""

    def __init__(self, live):
        self.live = live
        document.addEventListener("click", self.clicked)

    def heard(self, event):
        """One is new, has come further, or is told no longer."""
        rows, old = page.messages or page.one("#moving"), page.some(document.getElementById(event.id))
        new = page.element_of(event.html) if event.op == "row" else None
        if new is not None:
            page.localise(new)
        if event.op == "gone" or (page.peer and event.peer != page.peer):
            if old is not None:
                old.remove()
        elif old is not None:
            self.change(old, new)
        elif rows is not None and not page.past:
            for empty in page.every(".empty", rows):
                empty.remove()
            (rows.append if page.peer else rows.prepend)(new)

    def change(self, old, new):
        """Put into a row what is different: a button that stays can be pressed meanwhile, and keeps the focus."""
        for part in (".name", ".buttons"):
            was, now = page.one(part, old), page.one(part, new)
            if was.innerHTML != now.innerHTML:
                held = was.contains(document.activeElement)
                was.innerHTML = now.innerHTML
                button = page.one("button", was)
                if held and button is not None:
                    button.focus()

    def clicked(self, event):
        """A button of a row was pressed: without a connection its form goes its usual way."""
        button = page.closest(event.target, "button[form=move]")
        if button and self.live.send({"do": "move", "name": button.name, "id": button.value}):
            event.preventDefault()
