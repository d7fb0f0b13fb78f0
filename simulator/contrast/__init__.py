"""Where injected fluid goes: one Darcy field per needle position, carried agents, and what a radiologist would read of it.

`domain` labels the tissue around a tip, `flow` solves the pressure for a unit rate, `spread` carries agents along it, `epidurogram` says
where they got to, `plunger_pressure` what the plunger feels. Calibrated against published spread; no validated constants of permeability or
compliance exist (FACTS.md section 7), so that every constant in ``data/tissues.csv`` is a parameter. Education and research only.
"""
