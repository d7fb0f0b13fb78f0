"""One thread for linear algebra inside the context, and everything as it was outside it."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from phantoms.threads import limit_blas

TWO_THREADS = 2


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture
def two_threads() -> None:
    """Two threads allowed in every library, as a notebook has them; restored afterwards."""
    with limit_blas():
        pass  # so that all libraries are loaded
    with threadpool_limits(TWO_THREADS):
        if blas_threads() != {TWO_THREADS}:
            pytest.skip("this machine has one core")
        yield


@pytest.mark.usefixtures("two_threads")
def test_the_limit_holds_inside_and_ends_with_the_context() -> None:
    with limit_blas():
        assert blas_threads() == {1}
        with limit_blas():
            assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == {TWO_THREADS}


@pytest.mark.usefixtures("two_threads")
def test_an_error_ends_it_too() -> None:
    with pytest.raises(RuntimeError), limit_blas():
        raise RuntimeError
    assert blas_threads() == {TWO_THREADS}


@pytest.mark.usefixtures("two_threads")
def test_contexts_that_overlap_in_two_threads_restore_what_was_before_the_first() -> None:
    """The second begins inside the first and ends after it: restored each by itself, the process would be left with one thread."""
    both_open, first_closed = Barrier(2, timeout=30), Barrier(2, timeout=30)

    def first() -> None:
        with limit_blas():
            both_open.wait()
        first_closed.wait()

    def second() -> set[int]:
        with limit_blas():
            both_open.wait()
            first_closed.wait()
            return blas_threads()

    with ThreadPoolExecutor(2) as pool:  # the main thread has set the two threads, and still waits
        ended, inside = pool.submit(first), pool.submit(second)
        ended.result()
        assert inside.result() == {1}
    assert blas_threads() == {TWO_THREADS}


def test_a_library_imported_later_is_limited_too() -> None:
    """From a fresh process: the module alone loads neither NumPy nor SciPy, the context loads both."""
    code = (
        "import sys; from phantoms.threads import limit_blas; assert 'numpy' not in sys.modules\n"
        "import numpy; from threadpoolctl import threadpool_info\n"
        "with limit_blas(): print(*(i['num_threads'] for i in threadpool_info() if i['user_api'] == 'blas'))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"OPENBLAS_NUM_THREADS": "2"})
    assert set(said.stdout.split()) == {"1"}
