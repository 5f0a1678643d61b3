#!/usr/bin/env python3
"""Draws what bench/compare_peers measured: bars of the time of a warm face, a
group for each run, as SVG.

usage: bench/peers/picture.py OUT.svg LABEL=RUN.json...

RUN.json is what `bench/compare_peers --json` wrote, LABEL what is written above
its bars, such as the processor.
"""

import html
import json
import sys

COLOURS = {"limner": "#2f6db3", "ONNX Runtime": "#b8b8b8",
           "PyTorch": "#d9d9d9"}
OTHER = "#cccccc"
WIDTH, LEFT, RIGHT = 640, 120, 110  # of the picture; of names; of numbers
BAR, GAP, HEAD = 18, 6, 34


def bars_of(result):
    """A run as compare_peers keeps it -> (name, ms), the fastest first."""
    bars = [("limner", result["limner"]["median_ms"])]
    bars += [(name, peer["median_ms"])
             for name, peer in result["peers"].items()]
    return sorted(bars, key=lambda bar: bar[1])


def picture(runs):
    """runs: (label, result) each -> SVG."""
    longest = max(ms for _, result in runs for _, ms in bars_of(result))
    lines, y = [], 4
    for label, result in runs:
        y += HEAD - BAR
        lines.append(f'<text x="8" y="{y}" font-weight="bold">'
                     f'{html.escape(label)}</text>')
        y += BAR - BAR // 2
        ours = result["limner"]["median_ms"]
        for name, ms in bars_of(result):
            long = (WIDTH - LEFT - RIGHT) * ms / longest
            note = f"{ms:.0f} ms"
            if name != "limner":
                note += f" ({ours / ms:.2f})"
            middle = y + BAR - 5
            lines += [
                f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end">'
                f'{html.escape(name)}</text>',
                f'<rect x="{LEFT}" y="{y}" width="{long:.1f}" height="{BAR}" '
                f'fill="{COLOURS.get(name, OTHER)}"/>',
                f'<text x="{LEFT + long + 6:.1f}" y="{middle}">{note}</text>']
            y += BAR + GAP
    y += 22
    lines.append(f'<text x="8" y="{y - 6}" fill="#555">One face of 1024 px, '
                 'warm; in brackets: limner\'s share of that time.</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{y}" viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" '
            'font-size="13">\n'
            f'<rect width="{WIDTH}" height="{y}" fill="white"/>\n'
            + "\n".join(lines) + "\n</svg>\n")


def write_picture(path, runs):
    with open(path, "w", encoding="utf-8") as out:
        out.write(picture(runs))


def main():
    if len(sys.argv) < 3 or not all("=" in run for run in sys.argv[2:]):
        sys.exit(__doc__)
    runs = []
    for run in sys.argv[2:]:
        label, _, path = run.rpartition("=")
        with open(path, encoding="utf-8") as file:
            runs.append((label, json.load(file)))
    write_picture(sys.argv[1], runs)


if __name__ == "__main__":
    main()
