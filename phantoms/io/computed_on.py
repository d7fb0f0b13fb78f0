"""What this process computes on: processor, kernels and threads, which decide the last bits of everything that is computed."""

import platform
from functools import cache
from importlib import import_module
from typing import Any

from threadpoolctl import threadpool_info

from phantoms.threads import limit_blas

Record = dict[str, Any]


def describe_processor() -> Record:
    """Describe what this process computes on, ready for JSON.

    Returns
    -------
    dict
        ``machine``; ``system`` with the C library, which has the scalar functions; ``features`` of the processor that NumPy knows;
        ``kernels`` of each BLAS, with its threads within `limit_blas`. Processes of equal records and libraries compute equal bits.
    """
    return {"machine": platform.machine(), "system": _system(), "features": list(_features()), "kernels": list(_kernels())}


@cache
def _features() -> tuple[str, ...]:
    try:
        known = import_module("numpy._core._multiarray_umath").__cpu_features__
    except (ImportError, AttributeError):  # a NumPy that has them elsewhere
        return ("unknown",)
    return tuple(sorted(name for name, has in known.items() if has))


@cache
def _kernels() -> tuple[str, ...]:
    with limit_blas():
        found = [item for item in threadpool_info() if item["user_api"] == "blas"]
    return tuple(
        sorted(f"{item['prefix']} {item.get('architecture') or 'of unknown kernel'}, threads: {item['num_threads']}" for item in found)
    )


@cache
def _system() -> str:
    return " ".join(part for part in (platform.system(), *platform.libc_ver()) if part)
