"""The hash of code under which a cache keeps what that code made."""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

KINDS = (".py", ".csv", ".json")


@cache
def hash_code(*names: str, without: str = "") -> str:
    """SHA-256 over the sources and tables of modules and packages, hexadecimal.

    It names entries of a cache, which is made again at no loss; an attempt never depends on it.

    Parameters
    ----------
    *names : str
        Dotted names; a package stands for everything in it.
    without : str
        Dotted name of a sub-package that is left out.

    Raises
    ------
    ModuleNotFoundError
        Where a name is none of a module.

    Examples
    --------
    >>> hash_code("phantoms.shapes") == hash_code("phantoms.shapes", "phantoms.mesh")
    False
    """
    left_out = {path for path, _ in _files(without)} if without else set()
    digest = hashlib.sha256()
    for path, label in (found for name in names for found in _files(name)):
        if path not in left_out:
            content = path.read_bytes()
            digest.update(f"{label} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


def _files(name: str) -> Iterator[tuple[Path, str]]:
    """Files of a module or package, each with the name that goes into the hash, in a fixed order."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no module {name} to hash")
    origin = Path(spec.origin)
    if spec.submodule_search_locations is None:
        yield origin, name
        return
    for path in sorted(origin.parent.rglob("*")):
        if path.suffix in KINDS and "__pycache__" not in path.parts:
            yield path, f"{name}/{path.relative_to(origin.parent).as_posix()}"
