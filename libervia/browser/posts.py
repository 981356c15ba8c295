"""The timeline, live: how many posts are new, and what is said of those on the page. Runs in the browser (Brython)."""

import page
from browser import document
from watching import Watching


class Posts(Watching):
    """Nothing that somebody reads moves away: new posts are counted, and come when they are wanted."""

    topic = "posts"

    def __init__(self):
        self.new = set()
        super().__init__()

    def told(self, event):
        """A post has come, has changed or has gone."""
        getattr(self, event.op)(event)

    def post(self, event):
        """A post is new, or something was said of it."""
        article = page.some(document.getElementById(event.id))
        if article is not None:
            self.said(article, event.html)
            if not event.unread:
                for each in page.every(".name .tag", article):
                    each.remove()
        elif event.order > int(document["newest"].dataset.order):
            self.came(event.id)

    def retracted(self, event):
        """A post is no longer there."""
        article = page.some(document.getElementById(event.id))
        if article is not None:
            article.remove()
        if event.id in self.new:
            self.new.remove(event.id)
            self.count()

    def said(self, article, html):
        """Likes, reactions and comments. What has the focus stays as it is, or it would be lost."""
        deeds = page.one("[data-deeds]", article)
        if deeds is not None and not deeds.contains(document.activeElement):
            page.show(deeds, html)

    def came(self, id):
        """One more that is not on the page."""
        self.new.add(id)
        self.count()

    def count(self):
        """Say how many."""
        many, link = len(self.new), document["newest"]
        link.textContent = f"{many} new post{'s' if many != 1 else ''}" if many else "Look for new posts"

    def compare(self, fresh):
        """Take from the fresh page what can change without moving anything."""
        for new in page.every("article.card", fresh):
            old = page.some(document.getElementById(new.id))
            if old is not None:
                self.said(old, page.one("[data-deeds]", new).innerHTML)
            elif document["newest"].dataset.order != "Infinity":
                self.came(new.id)


Posts()
