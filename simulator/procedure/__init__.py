"""The procedure as a pure step over a frozen state: `begin`, `step`, `expose`, `develop`; the only place that composes the physics."""
