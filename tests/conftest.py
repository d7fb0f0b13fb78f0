"""What every test may ask for: one seeded generator, and a cache folder that outlives no test run."""

import os
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def rng() -> np.random.Generator:
    """The only source of randomness in tests."""
    return np.random.default_rng(20261123)


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    """A path below a plain file: no folder can be made there, not even by root."""
    blocker = tmp_path / "blocker"
    blocker.write_text("a file where a folder is wanted")
    return blocker / "folder"
