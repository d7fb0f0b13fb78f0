"""An attempt over time: log, digest, replay, snapshot, undo."""
