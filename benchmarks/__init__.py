"""What it costs, next to what it may cost: ``./bench``.

A benchmark measures in a real world (``sat.world``), in CPU time rather than by the clock, as medians of several
rounds. What is compared is measured in the same rounds, in turn, and given as a ratio: then a busy or slow machine
changes both sides.
"""
