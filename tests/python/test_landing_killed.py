"""A landing or withdrawal killed at any moment: readers see all or nothing of it, and the next command clears up."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import duckdb
import pytest
from landing_zone import DAY, Zone

from profit.connectors.files import land_files
from profit.errors import LandingError
from profit.landing.commits import uncommitted_files
from profit.landing.locking import reading_landing
from profit.landing.receipts import read_receipts, refused_shares
from profit.landing.withdrawing import withdraw
from profit.paths import Paths

EARLIER = "customer_id,city\nC1,Rome\nC2\n"
LATER = "customer_id,source_system,birth_date\nC1,web,2000-01-01\nC3,web,soon\nC4,till,2000-01-02\nC5,till,1999\n"


class Killed(BaseException):
    """Stands for a signal that no code handles."""


@contextmanager
def killed_at(step: int) -> Iterator[list[str]]:
    """Let that many changes of the file system happen and no further one, as after a kill or a cut of power."""
    done: list[str] = []
    real = {name: getattr(os, name) for name in ("replace", "rename", "unlink", "rmdir", "mkdir")}

    def counted(name: str) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if len(done) >= step:
                raise Killed
            done.append(name)
            return real[name](*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(os, name, counted(name))
        yield done


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Zone:
    """A landing zone with one delivery; tests work on copies."""
    zone = Zone(tmp_path_factory.mktemp("earlier"))
    zone.write("customers.csv", EARLIER)
    zone.land()
    zone.write("customers.csv", LATER)
    return zone


def copied(zone: Zone, folder: Path) -> Paths:
    paths = Paths.below(folder)
    shutil.copytree(zone.paths.landing, paths.landing)
    shutil.copytree(zone.paths.quarantine, paths.quarantine)
    return paths


def seen(paths: Paths) -> set[tuple[str, str]]:
    """What a reader finds: files and receipts, without those of changes that are not done."""
    files = set(paths.landing.glob("*/*/source_system=*/delivered_on=*/*.parquet")) - uncommitted_files(paths.landing)
    assert len(files) == len(list(read_receipts(paths)))
    return {(path.parent.parent.name, path.name) for path in files}


def everything(paths: Paths) -> dict[str, bytes]:
    folder = paths.landing.parent
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for root in (paths.landing, paths.quarantine)
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_landing_killed_at_any_step_is_whole_or_not_at_all(earlier: Zone, tmp_path: Path) -> None:
    undisturbed = copied(earlier, tmp_path / "undisturbed")
    before = seen(undisturbed)
    with killed_at(10**6) as steps:
        land_files(undisturbed, earlier.folder, "shop", DAY)
    after, whole = seen(undisturbed), everything(undisturbed)
    assert len(after) == len(before) + 2
    assert len(steps) > 20
    outcomes = []
    for step in range(len(steps)):
        paths = copied(earlier, tmp_path / str(step))
        with killed_at(step), pytest.raises(Killed):
            land_files(paths, earlier.folder, "shop", DAY)
        outcomes.append(seen(paths))
        assert outcomes[-1] in (before, after), f"a mixture after {steps[:step]}"
        # Whoever reads next clears up, and the same delivery again completes it.
        with reading_landing(paths):
            assert seen(paths) == outcomes[-1]
            assert not list(paths.landing.glob("_pending/*"))
        land_files(paths, earlier.folder, "shop", DAY)
        assert everything(paths) == whole
        assert not list(paths.landing.glob("_[ip]*"))
        shutil.rmtree(paths.landing.parent)
    # From the step on by which it is there, it stays there.
    assert outcomes == sorted(outcomes, key=len)
    assert outcomes[0] == before
    assert outcomes[-1] == after


def test_a_withdrawal_killed_at_any_step_is_whole_or_not_at_all(earlier: Zone, tmp_path: Path) -> None:
    landed = copied(earlier, tmp_path / "landed")
    land_files(landed, earlier.folder, "shop", DAY)
    (share,) = [share for share in refused_shares(landed) if share.source_system == "web"]
    (delivery,) = share.deliveries
    before = seen(landed)
    zone = Zone(tmp_path / "zone") if (tmp_path / "zone").mkdir() is None else earlier
    zone.paths = landed
    after = {entry for entry in before if entry[0] == "source_system=shop"}
    step = 0
    while True:
        paths = copied(zone, tmp_path / str(step))
        try:
            with killed_at(step):
                withdraw(paths, delivery, "a drill")
        except Killed:
            pass
        else:
            break
        found = seen(paths)
        assert found in (before, after)
        with reading_landing(paths):
            assert seen(paths) == found
        log = paths.landing / "_withdrawals.jsonl"
        assert len(log.read_text().splitlines() if log.exists() else []) == (found == after)
        if found == before:
            withdraw(paths, delivery, "a drill")
        assert len(log.read_text().splitlines()) == 1
        assert seen(paths) == after
        (aside,) = (paths.landing / "_withdrawn").iterdir()
        assert len([path for path in aside.rglob("*") if path.is_file()]) == 7
        shutil.rmtree(paths.landing.parent)
        step += 1
    assert step > 10


@pytest.mark.parametrize("broken", ["replace", "mkdir"])
def test_a_full_disk_takes_the_landing_back(
    earlier: Zone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    real = getattr(os, broken)
    undisturbed = copied(earlier, tmp_path / "undisturbed")
    with killed_at(10**6) as steps:
        land_files(undisturbed, earlier.folder, "shop", DAY)
    last = steps.count(broken)
    for fails_at in (*range(1, last, 3), last, last + 1):
        paths = copied(earlier, tmp_path / str(fails_at))
        before, calls = everything(paths), 0

        def full(*arguments: object, **options: object) -> object:
            nonlocal calls
            calls += 1
            if calls == fails_at:  # noqa: B023
                raise OSError(28, "No space left on device", str(arguments[0]))
            return real(*arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(os, broken, full)
            with pytest.raises(LandingError, match="the disk is full") if fails_at <= last else nullcontext():
                land_files(paths, earlier.folder, "shop", DAY)
            assert (everything(paths) == before) == (fails_at <= last)


def test_readers_beside_each_other_leave_out_what_is_not_done(earlier: Zone, tmp_path: Path) -> None:
    paths = copied(earlier, tmp_path / "zone")
    before = seen(paths)
    with killed_at(14), pytest.raises(Killed):
        land_files(paths, earlier.folder, "shop", DAY)
    assert list(paths.landing.glob("_pending/*.json"))
    with read_by_another(paths), reading_landing(paths):
        assert seen(paths) == before
        assert list(paths.landing.glob("_pending/*.json"))
    with reading_landing(paths):
        assert not list(paths.landing.glob("_pending/*.json"))


@contextmanager
def read_by_another(paths: Paths) -> Iterator[None]:
    handle = os.open(paths.landing, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def test_a_record_that_nobody_can_read_stops_landing_and_names_itself(earlier: Zone, tmp_path: Path) -> None:
    paths = copied(earlier, tmp_path / "zone")
    record = paths.landing / "_pending/0123.json"
    record.parent.mkdir()
    outside = {"delivery": "a", "kind": "landing", "files": ["../x"], "receipts": [], "quarantined": []}
    for content in ("", "{}", json.dumps({**outside, "quarantine": "q", "note": {}})):
        record.write_text(content)
        with pytest.raises(LandingError, match="0123"):
            land_files(paths, earlier.folder, "shop", DAY)
    record.unlink()
    land_files(paths, earlier.folder, "shop", DAY)


def test_processes_that_are_killed_leave_nothing_half_there(tmp_path: Path) -> None:
    zone = Zone(tmp_path)
    systems = 40
    rows = "".join(f"C{number},s{number:02d}\n" for number in range(systems))
    zone.write("customers.csv", f"customer_id,source_system\n{rows}")
    program = (
        "import datetime, sys; from pathlib import Path; from profit.connectors.files import land_files; "
        "from profit.paths import Paths; "
        "land_files(Paths.below(Path(sys.argv[1])), Path(sys.argv[2]), 'shop', datetime.date(2024, 5, 6))"
    )
    pending = zone.paths.landing / "_pending"

    def is_half_moved() -> bool:
        try:
            return pending.exists() and len(list(zone.paths.landing.glob("crm/*/*/*/*"))) > systems // 2
        except FileNotFoundError:
            # The leftovers of the landing before are being cleared away.
            return False

    moments: list[Callable[[], bool]] = [
        (zone.paths.landing / "_incoming").exists,
        pending.exists,
        is_half_moved,
    ]
    for reached in moments:
        command = [sys.executable, "-c", program, str(tmp_path), str(zone.folder)]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as process:
            while process.poll() is None and not reached():
                time.sleep(0.0005)
            process.send_signal(signal.SIGKILL)
        assert len(seen(zone.paths)) in {0, systems}
    assert len(land_files(zone.paths, zone.folder, "shop", DAY)) == systems
    assert len(seen(zone.paths)) == systems
    assert sorted(path.name for path in zone.paths.landing.iterdir()) == ["_deliveries", "_receipts", "crm"]
    found = duckdb.execute(f"select count(*) from read_parquet('{zone.paths.landing}/crm/*/*/*/*.parquet')").fetchall()
    assert found == [(systems,)]


def test_shares_of_refused_rows_are_told_by_feed_system_and_day(earlier: Zone, tmp_path: Path) -> None:
    paths = copied(earlier, tmp_path / "zone")
    land_files(paths, earlier.folder, "shop", DAY + dt.timedelta(days=1))
    shares = {(share.source_system, share.delivered_on): share for share in refused_shares(paths)}
    assert {key: share.share for key, share in shares.items()} == {
        ("shop", "2024-05-06"): 0.5,
        ("till", "2024-05-07"): 0.0,
        ("web", "2024-05-07"): 0.0,
    }
    # A birth date that is none is left empty; its row lives.
    assert shares["web", "2024-05-07"].emptied_by_column == {"birth_date": 1}
    assert (shares["web", "2024-05-07"].rows_quarantined, shares["web", "2024-05-07"].rows_read) == (0, 2)
