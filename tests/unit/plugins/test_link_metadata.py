"""What others tell of the links in their texts."""

import pytest
from support.romeo import now

from sat.api import JID
from sat.api.messages import LinkMetadata
from sat.plugins.link_metadata.plugin import LONGEST_DESCRIPTION, LONGEST_TITLE, MOST, Links
from sat.plugins.messages.plugin import Messages

JULIET = JID("juliet@capulet.lit")
URL = "https://the.example/x"


def told(url=URL, inside="<og:title>Best  page</og:title><og:description>Great</og:description>"):
    return (
        "<rdf:Description xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:og='https://ogp.me/ns#'"
        f" rdf:about='{url}'>{inside}</rdf:Description>"
    )


def links(romeo, content, body=f"look: {URL}"):
    romeo.plug(Links)
    romeo.hears(f"<message from='{JULIET}/x' type='chat'><body>{body}</body>{content}</message>")
    romeo.turn()
    return now(romeo.plugin(Messages).get_history(JULIET))[-1].extra.links


def test_title_and_description_of_a_link_in_the_text(romeo):
    assert links(romeo, told()) == [LinkMetadata(URL, "Best page", "Great")]


@pytest.mark.parametrize(
    "content",
    [
        told("https://elsewhere.example/"),
        told("javascript:alert(1)"),
        told(URL[:-1]),
        told(inside="<og:description>no title</og:description>"),
        told(inside="<title>of another namespace</title>"),
        told().replace("rdf:about", "about"),
    ],
)
def test_of_what_is_not_there_nothing_is_told(romeo, content):
    assert links(romeo, content) == []


def test_floods_are_bounded(romeo):
    urls = [f"https://a{number}.example/" for number in range(50)]
    long = f"<og:title>{'t' * 9000}</og:title><og:description>{'d' * 9000}</og:description>"
    found = links(romeo, "".join(told(url, long) for url in urls), " ".join(urls))
    assert [each.url for each in found] == urls[:MOST]
    assert (len(found[0].title), len(found[0].description)) == (LONGEST_TITLE, LONGEST_DESCRIPTION)
