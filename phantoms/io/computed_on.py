"""What this process computes on: processor, kernels and threads, which decide the last bits of everything that is computed."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

from threadpoolctl import LibController, ThreadpoolController

Record = dict[str, Any]


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS to one thread, whatever was imported and set before: more threads change the last bits."""
    if all(library.num_threads == 1 for library in _libraries()):  # to ask takes 2 µs, to limit 15
        yield
        return
    with _controller().limit(limits=1, user_api="blas"):
        yield


def computed_on() -> Record:
    """Describe what this process computes on, ready for JSON.

    Returns
    -------
    dict
        ``machine``; ``system`` with the C library, which has the scalar functions; ``features`` of the processor that NumPy knows;
        ``kernels`` of each BLAS, with its threads within `one_thread`. Processes of equal records and libraries compute equal bits.
    """
    return {"machine": platform.machine(), "system": _system(), "features": list(_features()), "kernels": list(_kernels())}


@cache
def _controller() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401 - it brings a BLAS of its own, which has to be there to be limited

    return ThreadpoolController()


@cache
def _libraries() -> tuple[LibController, ...]:
    return tuple(item for item in _controller().lib_controllers if item.user_api == "blas")


@cache
def _features() -> tuple[str, ...]:
    try:
        known = import_module("numpy._core._multiarray_umath").__cpu_features__
    except (ImportError, AttributeError):  # a NumPy that has them elsewhere
        return ("unknown",)
    return tuple(sorted(name for name, has in known.items() if has))


@cache
def _kernels() -> tuple[str, ...]:
    with one_thread():
        found = [item for item in _controller().info() if item["user_api"] == "blas"]
    return tuple(
        sorted(f"{item['prefix']} {item.get('architecture') or 'of unknown kernel'}, threads: {item['num_threads']}" for item in found)
    )


@cache
def _system() -> str:
    return " ".join(part for part in (platform.system(), *platform.libc_ver()) if part)
