"""Record or replay the reference attempt in this process, whatever its environment makes of BLAS and NumPy; says in JSON how that went.

``python -m tests.simulator.procedure.attempt.elsewhere record|replay PATH``
"""

import sys

import numpy as np  # first, as a notebook has it: what is set afterwards comes too late

np.linalg.inv(np.eye(3))

import json  # noqa: E402
from pathlib import Path  # noqa: E402

import scipy.linalg  # noqa: E402, F401 - its BLAS as well
from threadpoolctl import threadpool_info  # noqa: E402

from phantoms.io.computed_on import describe_processor  # noqa: E402
from simulator.procedure.attempt.digest import digest  # noqa: E402
from simulator.procedure.attempt.log import LogError  # noqa: E402
from simulator.procedure.attempt.replay import replay_states  # noqa: E402
from tests.simulator.procedure.attempt.reference import record, reference_case  # noqa: E402


def main(what: str, path: str) -> int:
    """Print threads and kernels as they were found, and what came of it."""
    found = [item for item in threadpool_info() if item["user_api"] == "blas"]
    about = {
        "threads": [item["num_threads"] for item in found],
        "kernels": [item.get("architecture") for item in found],
        "computed_on": describe_processor(),
    }
    try:
        if what == "record":
            about |= {"digest": digest(record(Path(path), reference_case()))}
        else:
            playing = replay_states(Path(path), reference_case())
            *_, last = playing
            about |= {"digest": digest(last), "verdict": str(playing.verdict)}
    except LogError as error:
        about |= {"failed": str(error), "cause": str(error.cause)}
    sys.stdout.write(json.dumps(about) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
