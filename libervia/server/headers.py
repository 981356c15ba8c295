"""The headers that every answer carries, errors and files too (ASVS 14.4)."""

from __future__ import annotations

from urllib.parse import quote

_POLICY = (
    "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data:{pictures}; connect-src {connect}; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Brython makes functions from text; nothing else in the page may, and no script may stand in the page itself.
APP_POLICY = _POLICY.format(script="'self' 'unsafe-eval'", connect="'self'", pictures="")
PLAIN_POLICY = _POLICY.format(script="'none'", connect="'none'", pictures="")
PICTURES_POLICY = _POLICY.format(script="'none'", connect="'none'", pictures=" https:")

ONE_YEAR = 31_536_000


def security_headers(
    *, live: bool = False, pictures: bool = False, https: bool = False, secure_origin: bool = True
) -> dict[str, str]:
    """The headers of an answer. ``live`` is for pages with scripts, ``pictures`` for those that show pictures from
    elsewhere; none is both.

    With ``no-referrer`` a browser sends ``Origin: null`` with forms, and on plain http from another machine it does
    not say ``Sec-Fetch-Site`` either; there (``secure_origin`` false) ``same-origin`` is used, so that the origin can
    be checked.
    """
    headers = {
        "Content-Security-Policy": APP_POLICY if live else PICTURES_POLICY if pictures else PLAIN_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer" if secure_origin else "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if https:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
    return headers


# For what somebody else has made: whatever it is, it is only what its type says, and can do nothing (ASVS 12.5).
FILE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": f"private, max-age={ONE_YEAR}, immutable",
}
A_MINUTE = "public, max-age=60"
"""For what everybody sees alike: as long as it may still be there once it was taken back."""
IMMUTABLE = f"public, max-age={ONE_YEAR}, immutable"


def file_headers(name: str, kind: str, *, inline: bool) -> dict[str, str]:
    """Those of a file that somebody else has made; one that is not ``inline`` is for the browser to keep."""
    how = "inline" if inline else "attachment"
    return FILE_HEADERS | {
        "Content-Type": kind,
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
    }
