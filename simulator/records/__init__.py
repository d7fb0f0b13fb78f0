"""Attempts of trainees in one database, written by many processes at once: SQLite by default, any other by its SQLAlchemy URL.

Import the module that owns the name: :mod:`simulator.records.store` writes and finds, :mod:`simulator.records.database` opens,
:mod:`simulator.records.export` writes CSV and Parquet. Needs the extra ``viewer`` (SQLAlchemy).
"""
