"""Start the trainer: check what was asked, take a port, print the address, open the page."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import webbrowser
from pathlib import Path

from simulator.cli.terminal import print_result, say
from simulator.door.words import match_word

WINDOWED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def train(
    *,
    host: str,
    port: int,
    names: tuple[str, ...],
    browser: bool,
    window: bool,
    case: str | None,
    mode: str | None,
    trainee: str,
    attempts: Path | None,
    database: str | None,
    certificate: Path | None,
    key: Path | None,
) -> int:
    """Serve the trainer until Ctrl-C. Returns the exit code.

    Raises
    ------
    ValueError
        Where the port is taken, the viewer is not installed, a name is none of a host, or case or mode is unknown.
    """
    from scenarios.loader import offer_cases
    from simulator.viewer.access.credentials import grant_access
    from simulator.viewer.classroom.parent_watchdog import end_with_class
    from simulator.viewer.common.attempts import default_folder
    from simulator.viewer.common.modes import TrainingMode

    end_with_class(os.environ)
    if case is not None:
        offer_cases(case)
    if (certificate is None) != (key is None):
        raise ValueError("--certificate and --key go together; give both or neither")
    if mode is not None:
        match_word(mode, tuple(map(str, TrainingMode)), "--mode")
    os.environ.setdefault("WSLINK_WS_COMPRESS", "0")  # compressing JPEG again costs a core and gains nothing
    os.environ["TRAME_ARGS"] = "--server"  # or the server reads this command's own arguments
    taken = find_free_port(host, port)
    try:
        from simulator.viewer.page.app import Trainer
        from simulator.viewer.page.options import Options
    except ModuleNotFoundError as error:
        raise ValueError(f"the trainer needs {error.name}; install epifluoro[viewer]") from error
    options = Options(
        access=grant_access(os.environ, port=taken, host=host, names=names, secure=certificate is not None),
        host=host,
        port=taken,
        attempts=attempts or default_folder(),
        trainee=trainee,
        case=case,
        mode=mode,
        database=database,
        certificate=certificate,
        key=key,
    )

    def ready(url: str) -> None:
        say(f"trainer: {url}")
        print_result("Ctrl-C ends it.")
        sys.stdout.flush()
        if browser or window:
            threading.Thread(target=show, args=(url, window), daemon=True).start()

    try:
        Trainer(options).run(ready)
    except KeyboardInterrupt:
        return 0
    return 0


def find_free_port(host: str, port: int) -> int:
    """The port asked for, or a free one for 0; raises ValueError where it is taken."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ValueError(f"--port {port} on {host}: {error.strerror}; choose another, or 0 for a free one") from error
        return int(probe.getsockname()[1])


def show(url: str, window: bool) -> None:
    """Open the page, as a window of its own where a browser allows that."""
    program = next((found for name in WINDOWED if (found := shutil.which(name))), None) if window else None
    if program is not None:
        subprocess.Popen([program, f"--app={url}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.name == "nt" or shutil.which("open"):
        webbrowser.open(url)
