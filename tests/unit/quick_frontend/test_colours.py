from __future__ import annotations

import pytest

from sat_frontends.quick_frontend.colours import hsluv, hue, nick_colour

# XEP-0392 §13.1: angle, red, green, blue at saturation 100 and lightness 50
VECTORS = [
    ("Romeo", 327.255249, 0.865, 0.000, 0.686),
    ("juliet@capulet.lit", 209.410400, 0.000, 0.515, 0.573),
    ("😺", 331.199341, 0.872, 0.000, 0.659),
    ("council", 359.994507, 0.918, 0.000, 0.394),
    ("Board", 171.430664, 0.000, 0.527, 0.457),
]


@pytest.mark.parametrize(("text", "angle", "red", "green", "blue"), VECTORS)
def test_vectors_of_the_xep(text, angle, red, green, blue):
    assert hue(text) == pytest.approx(angle, abs=1e-6)
    assert hsluv(hue(text), 100, 50) == pytest.approx((red, green, blue), abs=6e-4)


def test_as_a_colour_of_a_page():
    assert nick_colour("Romeo") == "#dd00af"
    assert nick_colour("Romeo", 100) == "#ffffff"
    assert nick_colour("Romeo", 0) == "#000000"
    assert nick_colour("Romeo", 70) != nick_colour("Romeo", 40)
