"""The colour of a nickname or address (XEP-0392), in the HSLuv colour space (hsluv.org)."""

from __future__ import annotations

import math
from functools import lru_cache
from hashlib import sha1

# From CIE XYZ (D65) to linear sRGB, and the constants of CIE L*u*v*.
_RGB = (
    (3.240969941904521, -1.537383177570093, -0.498610760293),
    (-0.96924363628087, 1.87596750150772, 0.041555057407175),
    (0.055630079696993, -0.20397695888897, 1.056971514242878),
)
_WHITE_U, _WHITE_V = 0.19783000664283, 0.46831999493879
_KAPPA, _EPSILON = 903.2962962, 0.0088564516


def hue(text: str) -> float:
    """The angle of a text on the colour circle, in degrees (XEP-0392 §5.1)."""
    digest = sha1(text.encode("utf-8", "replace"), usedforsecurity=False).digest()
    return (digest[0] + 256 * digest[1]) / 65536 * 360


@lru_cache(maxsize=4096)
def nick_colour(text: str, lightness: float = 50.0, saturation: float = 100.0) -> str:
    """The colour of a name as ``#rrggbb``. Lightness 0 to 100: about 70 on dark ground, 40 on light (XEP-0392
    §5.2)."""
    red, green, blue = (round(255 * part) for part in hsluv(hue(text), saturation, lightness))
    return f"#{red:02x}{green:02x}{blue:02x}"


def hsluv(angle: float, saturation: float, lightness: float) -> tuple[float, float, float]:
    """Red, green and blue, 0 to 1, of a colour in HSLuv: degrees, per cent, per cent."""
    if lightness >= 100 or lightness <= 0:
        grey = 1.0 if lightness >= 100 else 0.0
        return grey, grey, grey
    radians = math.radians(angle)
    chroma = _most_chroma(lightness, radians) * saturation / 100
    u = chroma * math.cos(radians) / (13 * lightness) + _WHITE_U
    v = chroma * math.sin(radians) / (13 * lightness) + _WHITE_V
    y = _luminance(lightness)
    x = y * 9 * u / (4 * v)
    z = y * (12 - 3 * u - 20 * v) / (4 * v)
    red, green, blue = (_gamma(row[0] * x + row[1] * y + row[2] * z) for row in _RGB)
    return red, green, blue


def _luminance(lightness: float) -> float:
    return float(((lightness + 16) / 116) ** 3) if lightness > 8 else lightness / _KAPPA


def _most_chroma(lightness: float, angle: float) -> float:
    """How colourful a colour of this lightness can be before it leaves what a screen can show: the shortest way, in
    the direction of the hue, to one of the six lines that bound it."""
    y = _luminance(lightness)
    reaches = []
    for m1, m2, m3 in _RGB:
        for bound in (0, 1):
            top1 = (284517 * m1 - 94839 * m3) * y
            top2 = (838422 * m3 + 769860 * m2 + 731718 * m1) * lightness * y - 769860 * bound * lightness
            bottom = (632260 * m3 - 126452 * m2) * y + 126452 * bound
            slope, intercept = top1 / bottom, top2 / bottom
            reach = intercept / (math.sin(angle) - slope * math.cos(angle))
            if reach >= 0:
                reaches.append(reach)
    return min(reaches)


def _gamma(linear: float) -> float:
    linear = min(max(linear, 0.0), 1.0)
    return 12.92 * linear if linear <= 0.0031308 else float(1.055 * linear ** (1 / 2.4) - 0.055)
