"""What is in a post, written anew."""

import pytest

from sat_frontends.quick_frontend.post_html import has_pictures, post_html

REL = 'rel="noopener noreferrer nofollow" target="_blank"'


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("<p>a <strong>b</strong><br/>c</p>", "<p>a <strong>b</strong><br>c</p>"),
        ("<p>&lt;b&gt; &amp;amp; &#x202e;x</p>", "<p>&lt;b&gt; &amp;amp; �x</p>"),
        ("<script>x</script>y", "y"),
        ("<svg><script>x</script></svg>y", "y"),
        ("<p onclick='x' style='x' class='card' id='main' dir='rtl'>a</p>", "<p>a</p>"),
        ("</div></article><p>a", "<p>a</p>"),
        ("<ul><li>a<li>b</ul>c", "<ul><li>a<li>b</li></li></ul>c"),
        ("<b><i>a</b>b</i>", "<b><i>a</i></b>b"),
        ('<a href="https://a.example/?x=1&amp;y=%22">a</a>', f'<a href="https://a.example/?x=1&amp;y=%22" {REL}>a</a>'),
        ("<a href='javascript:x'>a</a>", "a"),
        ("<a href=' java&#10;script:x'>a</a>", "a"),
        ("<a href='mailto:a@b'>a</a>", "a"),
        ("<a href='/logout'>a</a>", "a"),
        ('<a href="xmpp:a@b?join">a</a>', f'<a href="xmpp:a@b?join" {REL}>a</a>'),
        ('<abbr title="&quot;&gt;<b>">a</abbr>', '<abbr title="&#34;&gt;&lt;b&gt;">a</abbr>'),
        ("<pre>a\n b</pre>", '<pre tabindex="0">a\n b</pre>'),
        ("<!-- a --><?x?><!doctype html>b", "b"),
        ("<a href='http://a.example'>a<a href='http://b.example'>b</a>", f'<a href="http://a.example" {REL}>ab</a>'),
        ("a < b <", "a &lt; b &lt;"),
    ],
)
def test_only_what_is_harmless_is_written(html, written):
    assert post_html(html) == written


def test_headings_follow_those_of_the_page_without_a_gap():
    html = "<h2>a</h2><h5>b</h5><h5>c</h5><h1>d</h1><h6>e</h2>f</h6>"
    assert post_html(html) == "<h3>a</h3><h4>b</h4><h4>c</h4><h3>d</h3><h4>e</h4>f"
    assert post_html("<h3>a</h3>", level=2) == "<h2>a</h2>"
    deep = "".join(f"<h{n}>x</h{n}>" for n in range(1, 7))
    assert post_html(deep, level=4).endswith("<h6>x</h6>")


def test_pictures_are_links_until_they_are_wanted():
    html = '<p><img src="https://a.example/x.png" alt="A &quot;rose&quot;"/></p>'
    instead = f'<p><a href="https://a.example/x.png" {REL}>Picture: A &#34;rose&#34;</a></p>'
    assert post_html(html) == instead
    assert post_html(html, True) == '<p><img src="https://a.example/x.png" alt="A &#34;rose&#34;" loading="lazy"></p>'
    assert has_pictures(html)
    assert post_html("<a href='https://a.example'><img src='https://a.example/x.png'></a>") == (
        f'<a href="https://a.example" {REL}>Picture</a>'
    )


@pytest.mark.parametrize("src", ["http://a.example/x.png", "/logout", "data:image/png;base64,x", "javascript:x", ""])
def test_only_pictures_of_the_web_with_tls_are_fetched(src):
    html = f'<img src="{src}" alt="rose">'
    assert post_html(html, True) == "rose"
    assert not has_pictures(html)


def test_what_is_deep_or_long_costs_little():
    html = post_html("<b>" * 10_000 + "x" + "</b>" * 10_000)
    assert html == "<b>" * 50 + "x" + "</b>" * 50
