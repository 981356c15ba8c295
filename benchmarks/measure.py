"""CPU time and memory of processes, measured so that the rest of the machine matters little."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

Measure = Callable[[], float]


def cpu_of_command(command: Sequence[str], env: Mapping[str, str] | None = None, stdin: str = "") -> float:
    """Seconds of CPU that a command needs, with the children it waited for. Errors: RuntimeError when it fails."""
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stderr is not None
    with process.stdin, process.stderr:
        process.stdin.write(stdin.encode())
        process.stdin.close()
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # or Popen would wait for a process that is gone
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {complaint.decode().strip()[-500:]}")
    return usage.ru_utime + usage.ru_stime


def told_by(command: Sequence[str]) -> float:
    """The number that a command prints. Errors: RuntimeError when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return float(done.stdout)


def cpu_of_process(pid: int) -> float:
    """Seconds of CPU that a running process has used so far, with all its threads, to the nanosecond."""
    # clock_getcpuclockid(3), which Python lacks: the process id inverted, and CPUCLOCK_SCHED.
    return time.clock_gettime((~pid << 3) | 2)


def cpu_during(pid: int, work: Callable[[], object]) -> float:
    """Seconds of CPU that a running process uses while something is done."""
    before = cpu_of_process(pid)
    work()
    return cpu_of_process(pid) - before


def memory_of_process(pid: int) -> float:
    """Resident memory of a running process, in MiB."""
    return _memory(pid, "VmRSS")


def peak_of_process(pid: int) -> float:
    """The most resident memory that it had since :func:`forget_peak`, in MiB."""
    return _memory(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    """Begin anew with what it has now (proc_pid_clear_refs(5))."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _memory(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def medians(rounds: int, **measures: Measure) -> dict[str, float]:
    """The median of each measure. They are taken in turn; a first round, where files are read anew, is thrown away."""
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        for name, measure in measures.items():
            value = measure()
            if number:
                taken[name].append(value)
    return {name: median(values) for name, values in taken.items()}
