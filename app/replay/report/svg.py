"""Pictures as SVG that stands inside a page: coloured by the page's style sheet, readable aloud."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to places in a picture."""

    low: float
    high: float
    at_low: float
    at_high: float

    def __call__(self, value: float) -> float:
        """Where a value is drawn; values beyond an end are drawn at the end."""
        span = (self.high - self.low) or 1.0
        part = min(max((value - self.low) / span, 0.0), 1.0)
        return round(self.at_low + part * (self.at_high - self.at_low), 2)


class Picture:
    """An SVG drawing, filled piece by piece; every text in it is escaped.

    Classes are those of `report.css`.
    """

    def __init__(self, width: float, height: float, *, label: str) -> None:
        self._size = f"0 0 {_number(width)} {_number(height)}"
        self._label = label
        self._pieces: list[Markup] = []

    def line(self, begin: Point, end: Point, css: str) -> None:
        """Draw a straight line."""
        (x1, y1), (x2, y2) = begin, end
        self._add("line", css, x1=x1, y1=y1, x2=x2, y2=y2)

    def box(self, corner: Point, width: float, height: float, css: str, *, title: str = "") -> None:
        """Draw a rectangle down and right from its corner; `title` shows under the pointer."""
        x, y = corner
        attributes = {"x": x, "y": y, "width": max(width, 0.0), "height": max(height, 0.0)}
        if not title:
            self._add("rect", css, **attributes)
            return
        drawn = Markup(' class="{}"').format(css) + _attributes(attributes)
        told = Markup("<title>{}</title>").format(title)
        self._pieces.append(Markup("<rect") + drawn + Markup(">") + told + Markup("</rect>"))

    def dot(self, centre: Point, radius: float, css: str) -> None:
        """Draw a disc."""
        self._add("circle", css, cx=centre[0], cy=centre[1], r=radius)

    def curve(self, points: Sequence[Point], css: str) -> None:
        """Draw a line through points."""
        if points:
            self._path(path_through(points), css)

    def area(self, upper: Sequence[Point], lower: Sequence[Point], css: str) -> None:
        """Fill between two lines."""
        if upper and lower:
            self._path(path_through([*upper, *reversed(lower)]) + "z", css)

    def paths(self, lines: Iterable[Sequence[Point]], css: str) -> None:
        """Draw many lines as one element."""
        drawn = "".join(path_through(line) for line in lines)
        if drawn:
            self._path(drawn, css)

    def dots(self, points: Iterable[Point], css: str) -> None:
        """Draw many dots as one element: strokes of no length, whose class gives the size."""
        drawn = "".join(f"M{_number(x)} {_number(y)}h0" for x, y in points)
        if drawn:
            self._path(drawn, css)

    def text(self, at: Point, words: str, css: str) -> None:
        """Write words; the class says how they are aligned."""
        x, y = at
        where = _attributes({"x": x, "y": y})
        self._pieces.append(
            Markup('<text class="{}"').format(css) + where + Markup(">{}</text>").format(words)
        )

    def __html__(self) -> str:
        """The drawing as an element of a page."""
        begin = Markup('<svg viewBox="{}" role="img" aria-label="{}">').format(
            self._size, self._label
        )
        return str(begin + Markup("").join(self._pieces) + Markup("</svg>"))

    def _path(self, drawn: str, css: str) -> None:
        self._pieces.append(Markup('<path class="{}" d="{}"/>').format(css, drawn))

    def _add(self, name: str, css: str, **attributes: float) -> None:
        self._pieces.append(
            Markup("<")
            + name
            + Markup(' class="{}"').format(css)
            + _attributes(attributes)
            + Markup("/>")
        )


def path_through(points: Sequence[Point]) -> str:
    """The data of an SVG path through points, in steps from one to the next."""
    x, y = (round(value, 1) for value in points[0])
    drawn = [f"M{_number(x)} {_number(y)}"]
    for next_x, next_y in points[1:]:
        step_x, step_y = round(next_x - x, 1), round(next_y - y, 1)
        if step_x or step_y:
            drawn.append(f"l{_number(step_x)} {_number(step_y)}")
        # What is drawn so far, not what was meant: rounding must not add up.
        x, y = x + step_x, y + step_y
    return "".join(drawn)


def _attributes(attributes: dict[str, float]) -> Markup:
    return Markup("").join(
        Markup(' {}="{}"').format(name, _number(value)) for name, value in attributes.items()
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))
