# The names at the door, each with the module that it is loaded from when it is first used: read by `simulator/__init__.py`, type checkers
# and editors. Another name is added here and in the guide of `__init__.py`.
from .door.case import list_cases as list_cases
from .door.case import list_scripts as list_scripts
from .door.case import load_case as load_case
from .door.image import develop as develop
from .door.image import expose as expose
from .door.image import render as render
from .door.needle import list_needles as list_needles
from .door.needle import make_needle as make_needle
from .door.patient import Patient as Patient
from .door.procedure import actions as actions
from .door.procedure import begin as begin
from .door.procedure import observe as observe
from .door.procedure import play as play
from .door.procedure import step as step
from .door.radiograph import shoot as shoot
from .door.score import report as report
from .door.score import score as score
from .door.view import CArm as CArm
from .door.view import aim as aim
from .door.view import list_levels as list_levels
from .door.view import list_views as list_views

__version__: str
