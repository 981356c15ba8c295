from support.romeo import parse

from sat.xmpp import shown


def element(inner="", more=""):
    return parse(f"<iq><t xmlns='urn:t'{more}>{inner}</t></iq>").firstChildElement()


def test_an_element_stands_by_itself():
    assert shown.bounded_text(element("a<b/><c xmlns='urn:c'/>&lt;"), 1000) == (
        "<t xmlns='urn:t'>a<b/><c xmlns='urn:c'/>&lt;</t>"
    )


def test_what_would_be_too_long_is_nothing():
    long = element("<p:a/><q:a/>" * 100, f" xmlns:p='{'p' * 400}' xmlns:q='{'q' * 400}'")
    assert shown.bounded_text(long, 10_000) == ""
    assert len(shown.bounded_text(long, 1_000_000)) > 80_000


def test_words_of_different_elements_stand_apart():
    assert shown.words(element("one<b>two <i>three</i></b>four", " a='no'"), 1000) == "one two three four"
    assert shown.words(element("<b>abcdef</b>" * 1000), 10) == "abcdef abc"
