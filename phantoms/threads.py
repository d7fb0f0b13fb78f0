"""One thread for linear algebra: the one place that sets it, for this process and for those it starts.

More threads change the last bits, and on a busy machine they make a small solve ten times slower.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import Any

VARIABLES: Mapping[str, str] = MappingProxyType(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
"""For the environment of a process: the libraries read them once, when they load."""


@contextmanager
def limit_blas() -> Iterator[None]:
    """Run linear algebra on one thread, whatever was imported before; as a context, or as the decorator of a function.

    Contexts may be nested and may overlap in several threads of Python: the first one sets the limit, the last one restores the number
    of threads that the process had before. A decorated generator is limited only while it is made: enter the context inside instead.

    Examples
    --------
    >>> from threadpoolctl import threadpool_info
    >>> with limit_blas():
    ...     {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}
    {1}
    """
    _load_libraries()
    found = _search(len(sys.modules))
    _BLAS.enter(found.blas)
    try:
        if found.openmp.lib_controllers:
            with found.openmp.limit(limits=1):  # counts by thread of Python, so each context sets and restores its own
                yield
        else:
            yield
    finally:
        _BLAS.leave()


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class _Libraries:
    """Handles of the libraries in this process: linear algebra, and OpenMP."""

    blas: Any
    openmp: Any


class _Limit:
    """The limit of linear algebra: a library has one number of threads for the whole process, so the open contexts are counted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open = 0
        self._blas: Any = None
        self._limiter: Any = None

    def enter(self, blas: Any) -> None:  # noqa: ANN401, threadpoolctl has no types
        """Set the limit, if no context is open."""
        with self._lock:
            if self._open == 0 and any(library.num_threads != 1 for library in blas.lib_controllers):  # to look takes 2 us, to set 30
                self._blas = blas
                with _controlling(blas):
                    self._limiter = blas.limit(limits=1)
            self._open += 1

    def leave(self) -> None:
        """Restore what was before, if this was the last open context."""
        with self._lock:
            self._open -= 1
            if self._open == 0 and self._limiter is not None:
                with _controlling(self._blas):
                    self._limiter.restore_original_limits()
                self._limiter = None


_BLAS = _Limit()


@contextmanager
def _controlling(blas: Any) -> Iterator[None]:  # noqa: ANN401
    """Let this thread set numbers of threads, and any other one afterwards: threadpoolctl 3.8 ignores all but the first that did."""
    release = [release for library in blas.lib_controllers if (release := getattr(library, "clear_controlling_thread", None))]
    for each in release:
        each(force=True)
    yield
    for each in release:
        each(force=True)


def _load_libraries() -> None:
    """Load the libraries of NumPy and of SciPy, each of which brings its own: one that loads later would miss the limit."""
    import numpy  # noqa: F401, ICN001
    import scipy.linalg.blas  # noqa: F401


@lru_cache(maxsize=1)
def _search(modules: int) -> _Libraries:  # noqa: ARG001
    """Search the libraries, anew when more modules have been imported, for a search takes a millisecond."""
    from threadpoolctl import ThreadpoolController

    found = ThreadpoolController()
    return _Libraries(blas=found.select(user_api="blas"), openmp=found.select(user_api="openmp"))
