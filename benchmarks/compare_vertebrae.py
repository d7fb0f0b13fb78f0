"""Draw the parametric L2 to L5 beside the mean of 87 patients: where do they differ to the eye?

    python benchmarks/compare_vertebrae.py lumbar_mean_L2_L5.npz vertebrae.png

The reference lies outside the product (see `tests/phantoms/bones/vertebra/test_vertebra_likeness.py`). Both are drawn alike: parallel rays,
light from over the viewer's left shoulder, one pixel per `PIXEL_MM`. Needs no window and no graphics card.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from reference import read_level, turn_to_own_frame

from phantoms.bones.vertebra.vertebra import default_vertebra, vertebra
from phantoms.mesh.meshing import mesh
from phantoms.terms.levels import Level

Array = NDArray[np.float64]
Mesh = tuple[Array, NDArray[np.intp]]

LEVELS = (Level.L2, Level.L3, Level.L4, Level.L5)
PITCH_MM = 0.7
PIXEL_MM = 0.35
HALF_MM = 55.0
"""Half the side of a picture of one vertebra."""
MIDDLE_MM = np.array([0.0, 23.0, -4.0])
SAMPLES_MM = 0.18  # spacing of the points that a face is drawn as
LIGHT = np.array([-0.35, 0.55, 0.76])  # right, up, towards the viewer

# Each view: towards the viewer and up, in the vertebra's frame (x left, y posterior, z superior).
VIEWS: dict[str, tuple[Array, Array]] = {
    "from behind": (np.array([0.0, 1, 0]), np.array([0.0, 0, 1])),
    "from the left": (np.array([1.0, 0, 0]), np.array([0.0, 0, 1])),
    "from above": (np.array([0.0, 0, 1]), np.array([0.0, 1, 0])),
    "oblique from behind": (np.array([0.56, 0.67, 0.5]), np.array([0.0, 0, 1])),
}


def draw_mesh(vertices: Array, faces: NDArray[np.intp], view: tuple[Array, Array]) -> Image.Image:
    """Shaded picture of a closed mesh, shape (n, 3) and (m, 3), mm, as seen from a view."""
    corners = ((vertices - MIDDLE_MM) @ _axes(*view).T)[faces]
    points, normals = _dense(corners)
    side = round(2 * HALF_MM / PIXEL_MM)
    column = np.floor((points[:, 0] + HALF_MM) / PIXEL_MM).astype(int)
    row = np.floor((HALF_MM - points[:, 1]) / PIXEL_MM).astype(int)
    seen = (column >= 0) & (column < side) & (row >= 0) & (row < side)
    order = np.flatnonzero(seen)[np.argsort(points[seen, 2], kind="stable")]  # the nearest is written last
    image = np.full((side, side), 255.0)
    shade = np.clip(normals @ (LIGHT / np.linalg.norm(LIGHT)), 0.0, 1.0)
    image[row[order], column[order]] = 40.0 + 200.0 * shade[order]
    return Image.fromarray(image.astype(np.uint8))


def _axes(towards: Array, up: Array) -> Array:
    """Right, up and towards the viewer as unit rows, shape (3, 3)."""
    right = np.cross(up, towards)
    rows = np.array([right, np.cross(towards, right), towards])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _dense(corners: Array) -> tuple[Array, Array]:
    """Points all over the faces with corners, shape (m, 3, 3), so near that no pixel is left out, and the normal at each, (k, 3)."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    steps = np.ceil(longest / SAMPLES_MM).astype(int)
    points, owners = [], []
    for count in np.unique(steps):
        these = np.flatnonzero(steps == count)
        a, b = (share.ravel() / count for share in np.indices((count + 1, count + 1)))
        a, b = a[a + b <= 1.0], b[a + b <= 1.0]
        weights = np.stack([1.0 - a - b, a, b])
        points.append(np.einsum("ks,nkd->nsd", weights, corners[these]).reshape(-1, 3))
        owners.append(np.repeat(these, weights.shape[1]))
    return np.concatenate(points), normals[np.concatenate(owners)]


def load_pairs(path: Path, level: Level) -> dict[str, Mesh]:
    """Both surfaces of one level in the vertebra's own frame."""
    reference = turn_to_own_frame(*read_level(path, level.value))
    ours = mesh(vertebra(level, default_vertebra(level)).outer, PITCH_MM, max_error_mm=0.0)
    return {"parametric": ours, "mean of 87": (reference.vertices, _outward(reference.vertices, reference.faces))}


def _outward(vertices: Array, faces: NDArray[np.intp]) -> NDArray[np.intp]:
    corners = vertices[faces]
    volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    return faces if volume > 0 else faces[:, ::-1]


def sheet(path: Path) -> Image.Image:
    """All levels from all sides: a column a level, two rows a view."""
    bodies = {level: load_pairs(path, level) for level in LEVELS}
    rows = [(view, name) for view in VIEWS for name in ("parametric", "mean of 87")]
    side = round(2 * HALF_MM / PIXEL_MM)
    found = Image.new("L", (side * len(LEVELS), side * len(rows)), 255)
    pen = ImageDraw.Draw(found)
    for i, (view, name) in enumerate(rows):
        for j, level in enumerate(LEVELS):
            found.paste(draw_mesh(*bodies[level][name], VIEWS[view]), (j * side, i * side))
            pen.text((j * side + 4, i * side + 4), f"{level.value} {view}: {name}", fill=0)
    return found


def main(reference: str, output: str) -> None:
    """Write the picture."""
    sheet(Path(reference)).save(output)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
