# Runs in Brython too (libervia's pages): plain Python, no import.
"""Times for people, in English: the day, the time of day, a moment.

Pure functions. A time is in seconds since 1970 UTC. ``offset(time)`` is the local time's distance from UTC in seconds
(east is positive) at that time: who calls knows whose local time is meant.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_FIRST, _LAST = -62_000_000_000.0, 253_000_000_000.0  # the years 6 to 9987


def no_offset(time: float) -> int:
    """The offset of UTC from UTC."""
    return 0


def possible(time: float) -> float:
    """A time that calendars have: others may send any number."""
    return time if _FIRST <= time <= _LAST else 0.0


def day_of(time: float, offset: "Callable[[float], int]" = no_offset) -> int:
    """The day on the local calendar, counted from 1970-01-01."""
    time = possible(time)
    return int((time + offset(time)) // 86400)


def clock(time: float, offset: "Callable[[float], int]" = no_offset) -> str:
    """The time of day: ``15:54``."""
    time = possible(time)
    minutes = int((time + offset(time)) // 60) % 1440
    return f"{minutes // 60:02}:{minutes % 60:02}"


def day(time: float, now: float, offset: "Callable[[float], int]" = no_offset) -> str:
    """The day: ``Today``, ``Yesterday``, ``Saturday 22 November``, with the year if it is another."""
    number, today = day_of(time, offset), day_of(now, offset)
    if 0 <= today - number <= 1:
        return ("Today", "Yesterday")[today - number]
    year, month, date = calendar(number)
    name = f"{WEEKDAYS[(number + 3) % 7]} {date} {MONTHS[month - 1]}"  # 1970-01-01 was a Thursday
    return name if year == calendar(today)[0] else f"{name} {year}"


def moment(time: float, now: float, offset: "Callable[[float], int]" = no_offset) -> str:
    """A moment, as short as it is clear: ``15:54``, ``Yesterday 15:54``, ``22 Nov 15:54``, ``22 Nov 2025 15:54``."""
    number, today = day_of(time, offset), day_of(now, offset)
    if 0 <= today - number <= 1:
        return ("", "Yesterday ")[today - number] + clock(time, offset)
    year, month, date = calendar(number)
    name = f"{date} {MONTHS[month - 1][:3]}"
    return f"{name if year == calendar(today)[0] else f'{name} {year}'} {clock(time, offset)}"


def whole(time: float, offset: "Callable[[float], int]" = no_offset) -> str:
    """All there is to say: ``Saturday 22 November 2025 15:54 (UTC+01:00)``."""
    number = day_of(time, offset)
    year, month, date = calendar(number)
    name = f"{WEEKDAYS[(number + 3) % 7]} {date} {MONTHS[month - 1]} {year}"
    return f"{name} {clock(time, offset)} ({zone(offset(possible(time)))})"


def zone(seconds: int) -> str:
    """A distance from UTC: ``UTC+01:00``, ``UTC``."""
    if not seconds:
        return "UTC"
    minutes = abs(seconds) // 60
    return f"UTC{'+' if seconds > 0 else '−'}{minutes // 60:02}:{minutes % 60:02}"


def calendar(number: int) -> "tuple[int, int, int]":
    """Year, month and day of the month of a day that is counted from 1970-01-01 (Gregorian)."""
    # Years begin in March here, so that the day that not every year has is their last.
    number += 719_468  # days from 0000-03-01
    era = number // 146_097  # each of 400 years
    rest = number - era * 146_097
    year = (rest - rest // 1460 + rest // 36_524 - rest // 146_096) // 365
    rest -= 365 * year + year // 4 - year // 100
    month = (5 * rest + 2) // 153  # 0 is March
    date = rest - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + era * 400 + (month <= 2), month, date
