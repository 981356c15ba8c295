"""What the text in the composer is for: a message, an answer, a correction. Runs in the browser (Brython)."""

import page
from browser import document

NEW, CORRECTION = "new", "correction"


class Purpose:
    """The hidden fields of the composer hold it, so that its form can go its usual way. While something is corrected,
    what was being written waits aside."""

    def __init__(self, resized):
        self.resized = resized
        # What stood in the composer first. What was refused is nowhere else.
        self.text = "" if page.one("p", document["errors"]) is not None else page.body.value
        self.aside = page.composer.dataset.aside if self.corrects else page.body.value

    @property
    def name(self):
        """What it is for."""
        return document["for"].value

    @property
    def about(self):
        """The id of the message that is answered or corrected, or nothing."""
        return document["about"].value

    @property
    def corrects(self):
        """Whether a message of ours is corrected."""
        return self.name == CORRECTION

    @property
    def draft(self):
        """What is being written that is no correction."""
        return self.aside if self.corrects else page.body.value

    def take(self, event):
        """The text is for something else now, as the server says. What stood in the composer comes back later."""
        draft = self.draft
        self.set(getattr(event, "for"), event.about, event.html)
        self.aside = draft
        self.fill(event.body if self.corrects else draft)

    def leave(self):
        """The text is a message of its own again."""
        draft = self.draft
        self.set(NEW, "", document["plain"].innerHTML)
        self.fill(draft)

    def set(self, name, about, html):
        """Take over the fields, and say above the composer what they mean."""
        document["for"].value, document["about"].value = name, about
        page.show(document["purpose"], html)
        page.composer.classList.toggle("about", bool(about))

    def fill(self, text):
        """Put a text into the composer, to go on behind it."""
        self.text = page.body.value = text
        self.resized(None)
        page.body.focus()
        page.body.setSelectionRange(len(text), len(text))
