"""Ctrl-C and SIGTERM end a command at once, whatever library is at work.

Great Expectations takes a KeyboardInterrupt for a failed metric and goes on, dbt answers one with a traceback, DuckDB
with an error of its own. So a run is not interrupted but ended: whatever it was doing, a thread that the signal wakes
says one line and ends the process. What is left behind is what a kill leaves, and the next run clears it away. Other
commands are interrupted, so that they take back what they have begun.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
_CODES = 128
# Seconds that a command may take to clear up after it was interrupted.
_PATIENCE = 1.5
_QUIET = "ignore::UserWarning:multiprocessing.resource_tracker"


class Ending:
    """What a run that is ended says and does last.

    Attributes:
        step: The step under way, for the message; empty where the command has none.
    """

    def __init__(self) -> None:
        self.step = ""
        self._lock = threading.Lock()
        self._is_too_late = False
        self._last: list[Callable[[str], None]] = []

    def begin(self) -> None:
        """Be ready for a command: nothing of it has happened."""
        self.step, self._is_too_late = "", False

    @contextmanager
    def at_the_end(self, action: Callable[[str], None]) -> Iterator[None]:
        """Have an action done if the run is ended within; it gets the name of the signal, and must be short."""
        self._last.append(action)
        try:
            yield
        finally:
            self._last.remove(action)

    @contextmanager
    def not_within(self) -> Iterator[None]:
        """Let the step inside happen whole; once it has, the run is done and is not ended any more."""
        with self._lock:
            yield
            self._is_too_late = True

    def end(self, number: int) -> None:
        """End the process, unless its last step has happened.

        Args:
            number: Number of the signal.
        """
        name = SIGNALS[signal.Signals(number)]
        with self._lock:
            if self._is_too_late:
                return
            for action in reversed(self._last):
                with suppress(Exception):
                    action(name)
            within = f" in the step '{self.step}'" if self.step else ""
            with suppress(OSError):
                # Past the streams of Python, which the thread that is interrupted may hold.
                os.write(2, f"profit: stopped by {name}{within}. What is published stays as it is.\n".encode())
            os._exit(_CODES + number)


# Of this process: signals are, too.
ending = Ending()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End the process at Ctrl-C or SIGTERM while the inside runs, with exit code 130 or 143."""
    ending.begin()
    # dbt's locks are cleared away by a process of Python's own, which would say so after our one line.
    others = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = f"{others},{_QUIET}" if others else _QUIET
    try:
        with _at_signals(_nothing, ending.end):
            yield
    finally:
        os.environ.pop("PYTHONWARNINGS")
        os.environ.update({"PYTHONWARNINGS": others} if others else {})


@contextmanager
def interrupted_by_signals() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt at Ctrl-C and SIGTERM alike while the inside runs, so that it takes back what it began.

    Where a library keeps the interrupt to itself, the process is ended after a moment.

    Yields:
        Numbers of the signals that came: a library may have made another error of the interrupt.
    """
    came: list[int] = []
    is_over = threading.Event()

    def interrupt(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        if not is_over.is_set():
            raise KeyboardInterrupt

    def end(number: int) -> None:
        if not is_over.wait(_PATIENCE):
            ending.end(number)

    with _at_signals(interrupt, end):
        try:
            yield came
        finally:
            is_over.set()


def exit_code(number: int) -> int:
    """Exit code of a command that a signal has ended, as shells have it."""
    return _CODES + number


@contextmanager
def _at_signals(handler: Callable[[int, FrameType | None], None], woken: Callable[[int], None]) -> Iterator[None]:
    """Call a handler in the main thread, which may wait until a call of a library has returned, and another at once.

    Args:
        handler: Called in the main thread, between two steps of Python.
        woken: Called in a thread that the system wakes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    handlers = {number: signal.signal(number, handler) for number in SIGNALS}
    wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watch = threading.Thread(target=_watch, args=(reader, woken), daemon=True)
    watch.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, before in handlers.items():
            signal.signal(number, before)
        os.close(writer)
        watch.join()
        os.close(reader)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Stand where the signal would otherwise end or interrupt; the thread that it wakes does the rest."""


def _watch(reader: int, woken: Callable[[int], None]) -> None:
    while number := os.read(reader, 1):
        if number[0] in SIGNALS:
            woken(number[0])
