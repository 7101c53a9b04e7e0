"""Draws the results of `eng/bench.sh --json FILE` as an SVG: plot.py FILE > docs/performance.svg. Time by stage, and hives against time."""
import json
import sys
from xml.sax.saxutils import escape

COLOURS = {"ReadImageConfiguration": "#7a8793", "FetchBaseImage": "#3b6ea8", "MountImage": "#5b8fc7", "ApplyChroot": "#2f8f6b", "WriteLayer": "#6bbf8f",
           "ConfigureHive": "#d9a441", "ConfigureWireGuard": "#e8c985", "ValidateImage": "#a1622d", "CompressImage": "#b3445a"}
WIDTH, LEFT, PLOT = 760, 190, 540


def text(x, y, content, anchor="start", size=12, fill="#333"):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{fill}">{escape(content)}</text>'


def stages(results, top):
    out, y = [text(LEFT, top, "Time by stage, in seconds of the clock; each row to its own scale", size=14)], top + 14
    for name, row in results["stages"].items():
        total = sum(s["seconds"] for s in row) or 1
        out.append(text(LEFT - 8, y + 17, name, "end"))
        x = LEFT
        for stage in row:
            width = PLOT * stage["seconds"] / total
            out.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="24" fill="{COLOURS.get(stage["stage"], "#999")}">'
                       f'<title>{stage["stage"]}: {stage["seconds"]:.2f} s, processor {stage["cpuSeconds"]:.2f} s</title></rect>')
            if width > 34:
                out.append(text(x + width / 2, y + 16, f'{stage["seconds"]:.1f}', "middle", 11, "#fff"))
            x += width
        out.append(text(LEFT + PLOT, y + 38, f"{total:.1f} s", "end", 11, "#666"))
        y += 48
    x = LEFT
    used = {s["stage"] for row in results["stages"].values() for s in row}
    for name, colour in COLOURS.items():
        if name in used:
            if x + 8 * len(name) + 26 > WIDTH:
                x, y = LEFT, y + 18
            out += [f'<rect x="{x}" y="{y}" width="10" height="10" fill="{colour}"/>', text(x + 14, y + 9, name, size=11)]
            x += 8 * len(name) + 26
    return out, y + 40


def hives(results, top):
    height = 220
    out, runs = [text(LEFT, top, "Hives against time, the software layer being there", size=14)], results["fleets"]
    most, longest = max(r["hives"] for r in runs), max(r["seconds"] for r in runs)
    base = top + 16 + height

    def point(seconds, count):
        return f"{LEFT + PLOT * seconds / longest:.1f},{base - height * count / most:.1f}"

    out.append(f'<path d="M{LEFT},{base - height} V{base} H{LEFT + PLOT}" fill="none" stroke="#333"/>')
    for i in range(6):
        out.append(text(LEFT + PLOT * i / 5, base + 16, f"{longest * i / 5:.0f} s", "middle", 11, "#666"))
        out.append(text(LEFT - 8, base - height * i / 5 + 4, f"{most * i / 5:.0f}", "end", 11, "#666"))
    for run, colour in zip(runs, ("#3b6ea8", "#b3445a", "#2f8f6b")):
        line = [point(0, 0)] + [point(done, i + 1) for i, done in enumerate(run["done"])]
        out.append(f'<polyline points="{" ".join(line)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = line[-1].split(",")
        out.append(text(float(x) - 6, float(y) - 6, f'{run["hives"]} hives: {run["seconds"]:.0f} s, {run["peakMiB"]} MiB', "end", 11, colour))
    return out, base + 40


def main(path):
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    parts, top = [], 30
    for draw, there in ((stages, results["stages"]), (hives, results["fleets"])):
        if there:
            drawn, top = draw(results, top)
            parts += drawn
    here = results["machine"]
    parts.append(text(LEFT, top, f'{here["date"]}, {here["cores"]} x {here["processor"]}, {here["memoryGiB"]} GiB, commit {here["commit"]}', size=11, fill="#666"))
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 16}" font-family="sans-serif">\n<rect width="100%" height="100%" fill="#fff"/>')
    print("\n".join(parts) + "\n</svg>")


main(sys.argv[1])
