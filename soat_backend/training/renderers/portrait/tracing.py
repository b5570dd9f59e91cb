"""Parallel rays against implicit surfaces and ellipsoids."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..spectral_noise import F
from .brushes import Box, Canvas, Window

# Three arrays: x, y, z of points or of normals.
Triple = list[np.ndarray]
Surface = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
_NORMAL_STEP = 0.012


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Head to camera, `[3, 3]`; degrees. Positive yaw turns to the viewer's right, positive pitch looks up."""
    a, b, c = np.radians([yaw, pitch, roll])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    nod = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    tilt = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return (tilt @ turn @ nod).astype(F)


@dataclass(frozen=True)
class Place:
    """Where a solid stands: its axes and its origin, in the camera's coordinates (head units)."""

    axes: np.ndarray
    origin: np.ndarray

    def to_camera(self, point: tuple[float, float, float]) -> np.ndarray:
        """A point of the solid's coordinates in the camera's."""
        return (self.axes @ np.array(point, F) + self.origin).astype(F)

    def part(self, point: tuple[float, float, float], axes: np.ndarray | None = None) -> Place:
        """A place around a point of this one, turned by `axes`."""
        return Place(self.axes if axes is None else self.axes @ axes, self.to_camera(point))


class Rays:
    """The rays through a window of the picture, in the coordinates of a solid: `start + z * direction`.

    On a fine canvas solids are met by every second ray of both axes, and what lies between is interpolated: shapes are
    smooth, what is painted on them isn't.

    Attributes:
        place: Of the solid.
        window: The pixels; None where the box is out of the picture, and nothing else is set then.
        x: Of the rays from the solid's origin, `[rows, columns]`, in the camera's axes.
        y: The same, upwards.
    """

    def __init__(self, canvas: Canvas, box: Box, place: Place) -> None:
        left, right, bottom, top = box
        x, y, _ = place.origin
        self.canvas = canvas
        self.place = place
        self.axes = place.axes
        self.origin_depth = float(place.origin[2])
        self.window: Window | None = canvas.window((left + x, right + x, bottom + y, top + y))
        if self.window is None:
            return
        across = (canvas.across[self.window[1]] - F(x))[None]
        up = (canvas.up[self.window[0]] - F(y))[:, None]
        self._aim(across, up)

    def _aim(self, across: np.ndarray, up: np.ndarray) -> None:
        self.x, self.y = np.broadcast_arrays(across, up)
        self.start = [self.axes[0, i] * across + self.axes[1, i] * up for i in range(3)]
        self.direction = self.axes[2]

    def every_second(self) -> Rays:
        """The rays of even rows and columns."""
        fewer = copy(self)
        fewer._aim(self.x[:1, ::2], self.y[::2, :1])
        return fewer

    def at(self, z: np.ndarray) -> Triple:
        """Points at camera depth `z` from the solid's origin, in the solid's coordinates."""
        return [start + z * direction for start, direction in zip(self.start, self.direction, strict=True)]

    def to_camera(self, vector: Triple) -> Triple:
        """Directions of the solid's coordinates in the camera's."""
        return [sum(self.axes[row, i] * vector[i] for i in range(3)) for row in range(3)]


@dataclass
class Hit:
    """Where a bundle of rays met a solid.

    Attributes:
        rays: The rays themselves.
        lowest: The surface's lowest value along each ray: below 0 where it was met.
        depth: Camera z from the solid's origin.
        point: In the solid's coordinates.
        normal: In the camera's coordinates, of length 1.
    """

    rays: Rays
    lowest: np.ndarray
    depth: np.ndarray
    point: Triple
    normal: Triple

    @cached_property
    def cover(self) -> np.ndarray:
        """0..1, antialiased."""
        return np.clip(1 - self.lowest * (1 / self.rays.canvas.pixel), 0, 1)

    @property
    def window(self) -> Window:
        """The window of the picture that the rays belong to."""
        assert self.rays.window is not None
        return self.rays.window


def normalised(vector: Triple) -> Triple:
    """The same directions with length 1."""
    scale = 1 / np.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2 + F(1e-9))
    return [component * scale for component in vector]


def trace(
    rays: Rays, surface: Surface, radius: float, *, rate: float = 0.8, fine: Surface | None = None, floor: float = -9.0
) -> Hit:
    """Meet `surface(x, y, z) = 0` (about a distance, negative inside), marching from a bounding sphere.

    Every second ray of both axes goes first; the others start near where those arrived.

    Args:
        rays: The rays themselves.
        surface: May be coarse, it is evaluated often.
        radius: Of the bounding sphere; below y = `floor` it goes on as a cylinder.
        rate: Share of the distance stepped at first.
        fine: Gives the normals; `surface` if omitted.
        floor: See `radius`.
    """
    if not rays.canvas.fine:
        return _trace_all(rays, surface, radius, rate, fine or surface, floor)
    fewer = _trace_all(rays.every_second(), surface, radius, rate, fine or surface, floor)
    shape = rays.x.shape
    depth, lowest = _between(fewer.depth, shape), _between(fewer.lowest, shape)
    normal = normalised([_between(component, shape) for component in fewer.normal])
    return Hit(rays, lowest, depth, rays.at(depth), normal)


def _between(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Values of every second row and column, interpolated to `shape`."""
    rows, columns = values.shape
    wide = np.empty((rows, 2 * columns), F)
    wide[:, ::2] = values
    wide[:, 1:-1:2] = (values[:, 1:] + values[:, :-1]) * F(0.5)
    wide[:, -1] = values[:, -1]
    tall = np.empty((2 * rows, 2 * columns), F)
    tall[::2] = wide
    tall[1:-1:2] = (wide[1:] + wide[:-1]) * F(0.5)
    tall[-1] = wide[-1]
    return tall[: shape[0], : shape[1]]


def _trace_all(rays: Rays, surface: Surface, radius: float, rate: float, fine: Surface, floor: float) -> Hit:
    sphere = radius * radius - rays.x**2 - np.maximum(rays.y, floor) ** 2
    first = np.sqrt(np.maximum(sphere, F(0.04)))
    coarse, _ = _march([start[::2, ::2] for start in rays.start], rays.direction, surface, first[::2, ::2], 14, rate)
    rows, columns = first.shape
    nearest = np.repeat(np.repeat(_highest_around(coarse) + F(0.02), 2, 0), 2, 1)[:rows, :columns]
    depth, lowest = _march(rays.start, rays.direction, surface, nearest, 8, rate)
    x, y, z = rays.at(depth)
    here, step = fine(x, y, z), F(_NORMAL_STEP)
    slope = [fine(x + step, y, z) - here, fine(x, y + step, z) - here, fine(x, y, z + step) - here]
    return Hit(rays, lowest, depth, [x, y, z], normalised(rays.to_camera(slope)))


def _march(
    start: Triple, direction: np.ndarray, surface: Surface, z: np.ndarray, steps: int, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Depth of the closest approach to the surface and the lowest value met, from depth z on."""
    nearest, arrived = np.full(z.shape, F(9)), z.copy()
    lowest, step, before = nearest, None, nearest
    for _ in range(steps):
        value = surface(*(s + z * d for s, d in zip(start, direction, strict=True)))
        lowest = np.minimum(lowest, value)
        distance = np.abs(value)
        np.copyto(arrived, z, where=distance < nearest)
        nearest = np.minimum(distance, nearest)
        if step is None:
            step = value * F(rate)
        else:
            # Secant: long steps where the ray grazes the surface.
            fall = (before - value) / np.where(np.abs(step) < F(1e-5), F(1e-5), step)
            step = np.clip(value / np.clip(fall, F(0.28), F(1 / rate)), F(-0.2), F(0.35))
        z, before = z - step, value
    return arrived, lowest


def _highest_around(depth: np.ndarray) -> np.ndarray:
    """Maximum over the 3 x 3 neighbours."""
    padded = np.pad(depth, 1, "edge")
    rows = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    return np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])


def hit_ellipsoid(rays: Rays, radii: tuple[float, float, float]) -> Hit:
    """Meet the ellipsoid around the solid's origin exactly."""
    squared = half_linear = constant = F(0)
    for start, direction, radius in zip(rays.start, rays.direction, radii, strict=True):
        offset, slope = start / F(radius), F(direction / radius)
        squared, half_linear = squared + slope * slope, half_linear + offset * slope
        constant = constant + offset * offset
    closest = np.maximum(constant - half_linear * half_linear / squared, 0)
    depth = (-half_linear + np.sqrt(np.maximum(1 - closest, 0) * squared)) / squared
    point = rays.at(depth)
    normal = [component / F(radius * radius) for component, radius in zip(point, radii, strict=True)]
    outside = (np.sqrt(closest) - 1) * F(np.mean(radii))
    # Half of a pixel in: antialiased around the outline, not outside of it.
    lowest = outside + F(0.5 * rays.canvas.pixel)
    return Hit(rays, lowest, depth, point, normalised(rays.to_camera(normal)))
