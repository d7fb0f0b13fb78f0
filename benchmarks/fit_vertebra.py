"""Fit one level's bone constants to the reference mean surface by least squares of signed distance.

    python benchmarks/fit_vertebra.py ../shared/reference/lumbar_mean_L2_L5.npz L3 start.json fitted.json

`start.json` is a table like phantoms/data/vertebra_constants.json, which itself will do: the fit then starts from the shipped constants.
`fitted.json` receives the one level's entry. One level takes ten to thirty seconds. Points: the surface itself, offsets of -3 to 5 mm
along its normals, and far ones all over the box, against spurious pieces. The wall of the canal weighs more than the rest, for a needle
is steered by it. The relief that a mean has lost (ring apophysis, lip, mammillary and accessory processes, flat facets) is held to a
least amount while all else fits around it.
"""

import copy
import json
import sys
from pathlib import Path

import numpy as np
from reference import MeshField, read_level, turn_to_own_frame
from scipy.optimize import least_squares

from phantoms.bones.vertebra.vertebra import fold
from phantoms.bones.vertebra.vertebra_constants import JOIN_ORDER, body_from, swept_from
from phantoms.shapes.implicit import evaluate_near, smooth_min

SATURATION_MM = 4.0  # a point farther than this pulls no harder
CANAL_WEIGHT = 2.0
PRIOR_WEIGHT = 2.5  # of one prior standard deviation, against about 10,000 points
PART_FIELDS = {  # field: (prior standard deviation, lowest, highest)
    "start": (2.0, -70.0, 90.0),
    "end": (2.0, -70.0, 90.0),
    "width_mm": (1.0, None, 14.0),
    "height_mm": (1.3, None, 18.0),
    "bend_mm": (1.0, -4.0, 4.0),
    "roll": (0.2, -1.5, 1.5),
    "curl_mm": (1.0, -3.0, 3.0),
    "cap_mm": (2.0, 2.0, 11.0),
    "taper": (0.15, -0.7, 0.7),
}
SMALL = {"mammillary": 0.5, "accessory": 0.4}  # these hardly show in the smooth mean: their priors are tighter by this factor
FIXED = {"mammillary": ("taper", "bend_mm", "curl_mm", "roll"), "accessory": ("taper", "bend_mm", "curl_mm", "roll")}
BODY_FIELDS = {"upper": 2.0, "waist": 2.0, "lower": 2.0, "waist_at_mm": 1.5, "upper_endplate": None, "lower_endplate": None, "dent_mm": 0.5}
ENDPLATE_PRIOR = (1.0, 0.05, 0.005, 3e-4, 1e-5, 0.005, 2e-4, 1e-5)
CRISP = {"ring_mm": (0.8, 1.8), "lip_mm": (0.3, 1.5), "barrel": (0.3, 1.0)}  # at least so much relief, which the mean has lost
BLEND_RANGE_MM = (1.5, 6.5)


def sample(mesh: MeshField, rng: np.random.Generator):
    """Points (n, 3) folded to x >= 0, what their signed distance should be, and their weights, each (n,)."""
    surface, normals = mesh.samples
    some = rng.choice(len(surface), 9000, replace=False)
    shifts = np.where(rng.random(9000) < 0.6, 0.0, rng.uniform(-3.0, 5.0, 9000))
    near = surface[some] + shifts[:, None] * normals[some]
    low, high = mesh.bounds
    far = rng.uniform(low - 5, high + 5, (2500, 3))
    points = np.concatenate([near, far])
    weights = np.concatenate([np.where(shifts == 0.0, 1.0, 0.5), np.full(2500, 0.7)])
    x, y, z = points.T
    canal = (np.abs(x) < 15) & (y > 15) & (y < 38) & (np.abs(z) < 13)
    weights[canal] *= CANAL_WEIGHT
    distance = mesh(points)
    return fold(points), distance, weights


class Unknowns:
    """The entry's free numbers as a vector: where each lives, its prior and its range."""

    def __init__(self, entry):
        self.places, self.prior, self.low, self.high = [], [], [], []
        for name in JOIN_ORDER:
            for key, (deviation, low, high) in PART_FIELDS.items():
                if key not in FIXED.get(name, ()):
                    self._add(entry, ("parts", name, key), deviation * SMALL.get(name, 1.0), low, high)
        for key, deviation in BODY_FIELDS.items():
            self._add(entry, ("body", key), deviation, -np.inf, np.inf)
        for key, (low, high) in CRISP.items():
            self._add(entry, ("body", key), 0.3, low, high)
        for name in (*JOIN_ORDER[1:], "body"):
            if name not in SMALL:
                self._add(entry, ("blends_mm", name), 1.5, *BLEND_RANGE_MM)

    def _add(self, entry, path, deviation, low, high):
        value = entry
        for key in path:
            value = value[key]
        if path == ("parts", "pedicle", "start"):
            deviation, low = 1.0, (8.0, 10.0, -5.0)  # rooted in the back of the body, not in its endplate
        for i in range(len(value)) if isinstance(value, list) else [None]:
            if (
                path[-1] in ("start", "end")
                and path[1] in ("lamina", "spinous")
                and i == 0
                and (path[-1] == "start" or path[1] == "spinous")
            ):
                continue  # stays in the midline
            if path[1] == "spinous" and path[-1] in ("roll", "curl_mm") or (path[1] == "spinous" and path[-1] == "bend_mm" and i == 0):
                continue
            self.places.append((*path, i))
            self.prior.append(deviation if deviation is not None else ENDPLATE_PRIOR[i])
            floor = low
            if low is None:
                floor = -4.0 if i == 2 else 1.3
            elif isinstance(low, tuple):
                floor = low[i]
            self.low.append(floor)
            self.high.append(high)

    def read(self, entry):
        values = []
        for *path, i in self.places:
            value = entry
            for key in path:
                value = value[key]
            values.append(value if i is None else value[i])
        return np.array(values)

    def write_values(self, entry, values):
        entry = copy.deepcopy(entry)
        for (*path, last, i), value in zip(self.places, values, strict=True):
            holder = entry
            for key in path:
                holder = holder[key]
            if i is None:
                holder[last] = float(value)
            else:
                holder[last][i] = float(value)
        return entry

    def owner(self, column):
        """Index of the shape which a column changes, in join order, the body last; None for a blend."""
        kind, name = self.places[column][:2]
        return JOIN_ORDER.index(name) if kind == "parts" else len(JOIN_ORDER) if kind == "body" else None


def shapes_of(entry):
    return [swept_from(entry["parts"][name]) for name in JOIN_ORDER] + [body_from(entry["body"])]


def blends_of(entry):
    return [entry["blends_mm"][name] for name in (*JOIN_ORDER[1:], "body")]


def join(values, blends):
    result = values[0]
    for value, blend in zip(values[1:], blends, strict=True):
        result = smooth_min(result, value, blend)
    return SATURATION_MM * np.tanh(result / SATURATION_MM)


def move_tips(entry, mesh):
    """The start with its transverse and spinous tips brought to the mesh's: a tip too far off would never be pulled back."""
    entry = copy.deepcopy(entry)
    transverse, spinous = entry["parts"]["transverse"], entry["parts"]["spinous"]
    transverse["end"][0] = float(mesh.bounds[1, 0] - transverse["cap_mm"])
    spinous["end"][1] = float(mesh.bounds[1, 1] - spinous["cap_mm"])
    return entry


def fit(entry, mesh, rounds=40):
    entry = move_tips(entry, mesh)
    unknowns = Unknowns(entry)
    points, distance, weights = sample(mesh, np.random.default_rng(5))
    wanted = SATURATION_MM * np.tanh(distance / SATURATION_MM)
    x0, prior = unknowns.read(entry), np.array(unknowns.prior)

    def parts_at(table):
        return [evaluate_near(shape, points, 10.0) for shape in shapes_of(table)]

    def residual(x):
        table = unknowns.write_values(entry, x)
        data = (join(parts_at(table), blends_of(table)) - wanted) * weights
        return np.concatenate([data, PRIOR_WEIGHT * (x - x0) / prior])

    def jacobian(x):
        table = unknowns.write_values(entry, x)
        values, blends = parts_at(table), blends_of(table)
        base = join(values, blends)
        columns = np.empty((len(points), len(x)))
        for j, step in enumerate(1e-3 * prior):
            moved = unknowns.write_values(entry, x + step * (np.arange(len(x)) == j))
            owner, changed = unknowns.owner(j), list(values)
            if owner is not None:
                changed[owner] = evaluate_near(shapes_of(moved)[owner], points, 10.0)
            columns[:, j] = (join(changed, blends_of(moved)) - base) / step * weights
        return np.concatenate([columns, np.diag(PRIOR_WEIGHT / prior)])

    bounds = (np.array(unknowns.low, dtype=float), np.array(unknowns.high, dtype=float))
    start = np.clip(x0, bounds[0] + 1e-6, bounds[1] - 1e-6)
    found = least_squares(residual, start, jacobian, bounds=bounds, loss="soft_l1", f_scale=0.7, x_scale=prior, max_nfev=rounds)
    error = np.abs(residual(found.x)[: len(points)][weights >= 1.0])
    spread = f"mean {error.mean():.3f} p95 {np.quantile(error, 0.95):.3f} max {error.max():.2f}"
    print(f"cost {found.cost:.1f}, {found.nfev} rounds, surface residual {spread}")  # noqa: T201
    return unknowns.write_values(entry, found.x)


def main(reference, level, start, fitted):
    mesh = turn_to_own_frame(*read_level(Path(reference), level))
    entry = fit(json.loads(Path(start).read_text())[level], mesh)
    Path(fitted).write_text(json.dumps(entry))


if __name__ == "__main__":
    main(*sys.argv[1:5])
