"""A row of the table: figures measured in rounds, ratios between them, and the target beside each."""

import statistics
from dataclasses import dataclass, field


def summary(values, unit="", digits=2):
    """Median and range of what the rounds gave."""
    if not values:
        return "not measured"
    middle = f"{statistics.median(values):.{digits}f}{' ' + unit if unit else ''}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}f}..{max(values):.{digits}f})"


@dataclass
class Figure:
    label: str
    unit: str
    values: list  # one a round
    digits: int = 2


@dataclass
class Ratio:
    """`above` over `below`, round by round; none when either was not measured."""
    label: str
    above: list
    below: list
    target: str = ""
    digits: int = 2

    @property
    def values(self):
        return [a / b for a, b in zip(self.above, self.below)]


@dataclass
class Row:
    name: str
    title: str
    figures: list = field(default_factory=list)
    ratios: list = field(default_factory=list)
    notes: list = field(default_factory=list)    # what one has to know to read it
    missing: list = field(default_factory=list)  # what could not be measured, and the program's own reason

    def figure(self, label, unit, values, digits=2):
        if values:
            self.figures.append(Figure(label, unit, list(values), digits))

    def ratio(self, label, above, below, target="", digits=2):
        self.ratios.append(Ratio(label, list(above), list(below), target, digits))

    def print(self):
        print(f"\n{self.name}: {self.title}")
        for figure in self.figures:
            print(f"  {figure.label:<52} {summary(figure.values, figure.unit, figure.digits)}")
        for ratio in self.ratios:
            target = f"   target {ratio.target}" if ratio.target else ""
            print(f"  ratio {ratio.label:<46} {summary(ratio.values, '', ratio.digits)}{target}")
        for note in self.notes:
            print(f"  note: {note}")
        for reason in self.missing:
            print("  not measured: " + reason.replace("\n", "\n    "))

    def document(self):
        return {"name": self.name, "title": self.title, "notes": self.notes, "missing": self.missing,
                "figures": [{"label": f.label, "unit": f.unit, "values": f.values} for f in self.figures],
                "ratios": [{"label": r.label, "values": r.values, "target": r.target} for r in self.ratios]}


def markdown(rows):
    """The table of docs/benchmarks.md."""
    lines = ["| row | ratio | measured | target |", "|---|---|---|---|"]
    for row in rows:
        for ratio in row.ratios:
            if ratio.target:
                lines.append(f"| {row.name} | {ratio.label} | {summary(ratio.values, '', ratio.digits)} | {ratio.target} |")
        if not any(ratio.target for ratio in row.ratios):
            lines += [f"| {row.name} | {f.label} | {summary(f.values, f.unit, f.digits)} | |" for f in row.figures]
    return "\n".join(lines)
