"""Sets the clock of a program: what stands in the file CLOCK_OFFSET, in seconds, is added to the time of day.

Python imports this by itself, before anything else, when its folder is on PYTHONPATH. The time that only grows
(``time.monotonic``) stays true, as when a person sets the clock. (libfaketime changes the system's calls instead, but
then Python's locks and ``time.sleep`` fail.)
"""

import os
import time
from pathlib import Path

_true = time.time
_offset = Path(os.environ["CLOCK_OFFSET"])
time.time = lambda: _true() + float(_offset.read_text())
