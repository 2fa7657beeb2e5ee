"""How long the whole warehouse takes at several sizes of the demo company, beside a hand-written script of its core.

    python benchmarks/full_build.py [100000 1000000 10000000] [--parts land models build gates hand]
        [--articles 20000] [--months 24] [--folder DIR] [--nodes 25]

Sizes are order lines; a customer has about eleven in two years. Each part runs in a process of its own, and its memory
is the most that this process and its children held at one moment. Parts:

    land     the demo company is generated and landed
    models   every model and seed, no test
    build    `profit build`: models and data tests
    gates    both gates and publication, what `profit run` does around the build
    hand     the three core outputs by hand: lines costed and converted, customer x month, customers (hand_written.sql)

A folder that is named keeps what was landed and built, so that parts can be run later, one by one. Between two sizes
stands the slope: the logarithm of the growth of time over that of the lines; 1 is in proportion. Nodes below a tenth of
a second say nothing about growth and are left out of it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from profit.paths import Paths

LINES_PER_CUSTOMER = 10.8
GIGABYTE = 1024**3
PARTS = ("land", "models", "build", "gates", "hand")
HAND_WRITTEN = Path(__file__).with_name("hand_written.sql")
_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
_SECONDS_WORTH_A_SLOPE = 0.1
_LINES_OF_THE_GOAL = 10_000_000
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Where the goals are: seconds and bytes at ten million lines, and what holds at every size.
GOALS = {
    "build seconds at 10 M lines": 720.0,
    "peak gigabytes": 8.0,
    "slope of a node": 1.15,
    "fct_order_lines / by hand": 2.0,
    "gates and publication / build": 0.25,
    "warehouse / landing": 12.0,
}


@dataclass
class Part:
    """What a part took: seconds, most memory held at once in bytes, and seconds of each of its nodes."""

    seconds: float = 0.0
    peak: int = 0
    nodes: dict[str, float] = field(default_factory=dict)


class Peak(threading.Thread):
    """Watches the memory of a process and of all that it started."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._ended = threading.Event()
        self.bytes = 0

    def run(self) -> None:
        """Look every fifth of a second."""
        while not self._ended.wait(0.2):
            self.bytes = max(self.bytes, sum(_resident(process) for process in _family(self._process)))

    def stop(self) -> int:
        """End, and give the most that was seen."""
        self._ended.set()
        self.join()
        return self.bytes


def _family(process: int) -> Iterator[int]:
    yield process
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return
    for child in children:
        yield from _family(child)


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def run(paths: Paths, folder: Path, *command: str) -> Part:
    """Run a command of the environment for this company, showing what it prints; end where it fails."""
    environment = {
        **os.environ,
        **paths.as_environment(),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    shown = " ".join(command).strip().splitlines()[0]
    print(f"  $ {shown}", flush=True)
    started = time.perf_counter()
    process = subprocess.Popen([str(Path(sys.executable).with_name(command[0])), *command[1:]], env=environment)  # noqa: S603
    peak = Peak(process.pid)
    peak.start()
    code = process.wait()
    part = Part(time.perf_counter() - started, peak.stop())
    if code:
        sys.exit(f"{shown} ended with {code}")
    print(f"  {part.seconds:,.1f} s, {part.peak / GIGABYTE:.2f} GB", flush=True)
    return part


def built(paths: Paths, folder: Path, *arguments: str) -> Part:
    """Build, and read how long each node took."""
    part = run(paths, folder, "profit", "build", *_UNIT_TESTS, *arguments)
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    part.nodes = {
        f"{result['unique_id'].split('.')[0]} {result['unique_id'].split('.')[2]}": result["execution_time"]
        for result in results
    }
    return part


def by_hand(paths: Paths, folder: Path) -> Part:
    """Run the hand-written script in a process of its own; its nodes are its statements."""
    script = f"""
import duckdb, json, sys, time
seconds = {{}}
with duckdb.connect({str(folder / "by_hand.duckdb")!r}, config={{"threads": {os.cpu_count()}}}) as connection:
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    connection.execute("set variable landing = '" + {str(paths.landing)!r} + "'")
    for statement in open({str(HAND_WRITTEN)!r}, encoding="utf-8").read().split(";"):
        if statement.strip():
            name = statement.split("table ", 1)[1].split()[0]
            started = time.perf_counter()
            connection.execute(statement)
            seconds[name] = time.perf_counter() - started
json.dump(seconds, open({str(folder / "by_hand.json")!r}, "w"))
"""
    (folder / "by_hand.duckdb").unlink(missing_ok=True)
    part = run(paths, folder, "python", "-c", f"# {HAND_WRITTEN.name}\n{script}")
    part.nodes = json.loads((folder / "by_hand.json").read_text(encoding="utf-8"))
    return part


def bytes_below(path: Path) -> int:
    """Size of a file, or of all files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def measure(folder: Path, lines: int, options: argparse.Namespace) -> dict[str, Part]:
    """Run the parts that were asked for at one size."""
    paths = Paths.below(folder)
    folder.mkdir(parents=True, exist_ok=True)
    customers = round(lines / LINES_PER_CUSTOMER)
    print(f"\n{lines:,} order lines, {customers:,} customers, in {folder}", flush=True)
    measured: dict[str, Part] = {}
    if "land" in options.parts and not paths.landing.exists():
        more = ("--articles", str(options.articles)) if options.articles else ()
        size = ("--customers", str(customers), "--months", str(options.months))
        measured["land"] = run(paths, folder, "profit", "land", "demo", *size, *more)
    if "models" in options.parts:
        paths.warehouse.unlink(missing_ok=True)
        measured["models"] = built(paths, folder, "--exclude-resource-type", "test")
    if "build" in options.parts:
        paths.warehouse.unlink(missing_ok=True)
        measured["build"] = built(paths, folder)
    if "gates" in options.parts:
        measured["gate in"] = run(paths, folder, "profit", "check", "landing")
        measured["gate out"] = run(paths, folder, "profit", "check", "marts")
        measured["publish"] = run(paths, folder, "profit", "publish")
    if "hand" in options.parts:
        measured["hand"] = by_hand(paths, folder)
    return measured


def report(folder: Path, lines: int, measured: dict[str, Part], shown: int) -> dict[str, float]:
    """Print one size, and give what is held against a goal."""
    paths = Paths.below(folder)
    print(f"\n== {lines:,} order lines")
    for name, part in measured.items():
        print(f"{name:<10} {part.seconds:>9,.1f} s {part.peak / GIGABYTE:>7.2f} GB")
    for name in ("models", "build", "hand"):
        if name in measured:
            nodes = measured[name].nodes
            print(f"\n{name}: {sum(nodes.values()):,.1f} s of threads in {len(nodes):,} nodes, the slowest:")
            for node, seconds in sorted(nodes.items(), key=lambda entry: -entry[1])[:shown]:
                print(f"  {seconds:>9.2f} s  {node}")
    reached = {"peak gigabytes": max((part.peak for part in measured.values()), default=0) / GIGABYTE}
    build = measured.get("build") or measured.get("models")
    if build:
        reached["build seconds"] = build.seconds
        landing, warehouse = bytes_below(paths.landing), bytes_below(paths.warehouse)
        print(f"\nlanding {landing / GIGABYTE:.3f} GB, warehouse {warehouse / GIGABYTE:.3f} GB")
        reached["warehouse / landing"] = warehouse / landing
        gates = [measured[name].seconds for name in ("gate in", "gate out", "publish") if name in measured]
        if gates:
            reached["gates and publication / build"] = sum(gates) / build.seconds
        if "hand" in measured:
            reached["fct_order_lines / by hand"] = (
                build.nodes["model fct_order_lines"] / measured["hand"].nodes["lines"]
            )
    return reached


def slopes(smaller: dict[str, Part], greater: dict[str, Part], growth: float) -> dict[str, float]:
    """Slope of each node that both sizes have and that takes long enough to say something."""
    found = {}
    for name in ("models", "build"):
        before, after = (measured.get(name, Part()).nodes for measured in (smaller, greater))
        for node, seconds in after.items():
            earlier = before.get(node, 0)
            if earlier >= _SECONDS_WORTH_A_SLOPE:
                found[f"{name}: {node}"] = math.log(seconds / earlier) / math.log(growth)
    return found


def main() -> None:
    """Measure each size, print it, and how time grows between two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[100_000, 1_000_000], help="order lines, ascending")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to run")
    parser.add_argument("--articles", type=int, default=0, help="articles of the company; 0 for the demo's own")
    parser.add_argument("--months", type=int, default=24, help="months of history")
    parser.add_argument("--folder", type=Path, help="where to work; by default a temporary folder, gone afterwards")
    parser.add_argument("--nodes", type=int, default=25, help="how many of the slowest nodes to print")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, DuckDB {duckdb.__version__}")
    reached: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        root = options.folder or Path(temporary)
        done: list[tuple[int, dict[str, Part]]] = []
        for lines in options.sizes:
            folder = root / str(lines)
            measured = measure(folder, lines, options)
            reached = report(folder, lines, measured, options.nodes)
            for earlier, before in done[-1:]:
                steep = sorted(slopes(before, measured, lines / earlier).items(), key=lambda entry: -entry[1])
                print(f"\nslope from {earlier:,} to {lines:,} lines, the steepest:")
                for node, slope in steep[: options.nodes]:
                    print(f"  {slope:>6.2f}  {node}")
                if steep:
                    reached["slope of a node"] = steep[0][1]
            done.append((lines, measured))
    print(f"\n{'at the largest size':<34} {'reached':>10} {'goal':>8}")
    seconds = reached.pop("build seconds", None)
    if seconds is not None:
        reached["build seconds at 10 M lines"] = seconds
        if options.sizes[-1] < _LINES_OF_THE_GOAL:
            print("(seconds are those of a smaller size)")
    for goal, limit in GOALS.items():
        if goal in reached:
            print(f"{goal:<34} {reached[goal]:>10.2f} {limit:>8g}  {'' if reached[goal] <= limit else 'missed'}")


if __name__ == "__main__":
    main()
