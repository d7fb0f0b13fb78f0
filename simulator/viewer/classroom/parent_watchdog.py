"""A seat ends with its class, however the class ended.

Its standard input is a pipe whose other end the class alone holds: when the class is killed, the system closes that end, and the seat reads
the end of the file. Nothing has to be asked again and again, and no number of a process that another has taken since can mislead.
"""

import os
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

VARIABLE = "EPIFLUORO_CLASS"
PIPE = "stdin"
GRACE_S = 10.0


def end_with_class(environment: Mapping[str, str]) -> None:
    """From now on, end this process when the class that started it is gone; does nothing outside a class.

    Parameters
    ----------
    environment : mapping
        Usually ``os.environ``: ``EPIFLUORO_CLASS`` is ``stdin`` in a seat.
    """
    if environment.get(VARIABLE) == PIPE:
        threading.Thread(target=_wait, daemon=True, name="epifluoro-class").start()


def _wait() -> None:
    with suppress(OSError):
        while os.read(0, 1):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)
