"""What is done with one message: react, answer, correct, take back, go to the one it answers. Runs in the browser
(Brython). Without a connection the links and forms go their usual way."""

import page
from browser import document, window

SEARCH_AFTER = 150  # milliseconds without a key


class Amending:
    """The clicks on messages. ``live`` takes them to the server."""

    def __init__(self, live):
        self.live = live
        self.id = ""  # of the message that a dialog is about
        self.timer = None
        page.messages.addEventListener("click", self.clicked)
        document["found"].addEventListener("click", self.clicked)
        document["emoji"].addEventListener("input", self.typed)
        document["emoji"].addEventListener("keydown", self.key)
        for name, dialog in (("picked", "picking"), ("keep", "taking")):
            document[name].addEventListener("click", lambda event, dialog=dialog: document[dialog].close())
        document["take"].addEventListener("click", self.take_back)

    def clicked(self, event):
        """Something that has to do with one message."""
        button = page.closest(event.target, "button[form=act]")
        link = page.closest(event.target, "a[data-act], a[data-to]")
        if button is not None:
            id, key = button.value.split(" ")
            self.ask(event, {"do": "react", "id": id, "emoji": key, "on": button.name == "react"})
            document["picking"].close()
        elif link is not None and page.data(link, "to"):
            self.go_to(event, page.data(link, "to"))
        elif link is not None:
            self.act(event, page.data(link, "act"), page.data(page.closest(link, "li.m"), "id"))
        if button is not None or link is not None:
            self.close(event.target)

    def act(self, event, what, id):
        """A line of a message's menu."""
        if what in ("pick", "retract"):
            if self.live.ready:
                event.preventDefault()
                self.id = id
                document["found"].innerHTML = document["emoji"].value = ""
                document["picking" if what == "pick" else "taking"].showModal()
        elif not page.past:
            self.ask(event, {"do": "compose", "for": what, "about": id})

    def ask(self, event, request):
        """Have the server do something, instead of what the browser would do."""
        if self.live.ready and self.live.send({"peer": page.peer} | request):
            event.preventDefault()

    def close(self, element):
        """Close the menu that was used."""
        menu = page.closest(element, "[popover]")
        if menu is not None:
            menu.hidePopover()

    def go_to(self, event, id):
        """To a message that is on this page; one that is not, the server finds."""
        row = page.named("id", id, page.messages)
        if row is not None:
            event.preventDefault()
            window.location.replace(f"#{row.id}")

    def take_back(self, event):
        """It was confirmed."""
        document["taking"].close()
        if not self.live.send({"do": "retract", "peer": page.peer, "id": self.id}):
            page.say("There is no connection.")

    # -- all emojis ------------------------------------------------------------------------------------------------

    def typed(self, event):
        """Look for emojis, once nothing more is typed."""
        if self.timer is not None:
            window.clearTimeout(self.timer)
        self.timer = window.setTimeout(self.search, SEARCH_AFTER)

    def search(self):
        """Ask for the emojis whose name has these words."""
        self.live.send({"do": "emojis", "peer": page.peer, "id": self.id, "text": document["emoji"].value})

    def found(self, event):
        """Here they are, if nothing else is looked for by now."""
        if event.id == self.id and event.text == document["emoji"].value:
            page.show(document["found"], event.html)

    def key(self, event):
        """Enter takes the first that was found."""
        first = page.one("button", document["found"])
        if event.key == "Enter" and first is not None:
            event.preventDefault()
            first.click()
