"""The same project on Spark: every model and reconciliation passes, every table has the same rows.

Keys, filled columns, accepted values and dbt's unit tests are tested on DuckDB: the same rows hold the same.

Needs the Spark extra and Java 17 or newer; `make test` installs the extra where it finds such a Java.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import RECONCILIATIONS, Company
from in_process import run_in_process
from parity import compare, report

from profit.paths import PROJECT_ROOT

JAVA_NEEDED = 17

# Small data on a cold Java: compiling a query, or planning it anew on the way, costs more than running it.
SPARK_DEFAULTS = """
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.adaptive.enabled false
"""

# What every engine-dependent macro gives on the input of engine_probe.py.
EXPECTED = {
    "days_between": ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02"],
    "calendar_days": ["2005-01-01", "2005-01-02", "2035-12-30", "2035-12-31"],
    "reckoned_days": ["2024-02-29 2024-01-31 2024-02-01 13 367", "2024-03-01 2025-03-31 2025-02-17 -1 -28"],
    "reckoned_days_empty": ["-2"],
    "rounded_number": ["-1.000100", "317.295000"],
    "organisation_directions": [
        "east west trading: ><",
        "grundschule nord: ^",
        "lager suedwest 3: _<",
        "norden apotheke: none",
    ],
    "email_key": [
        "a_b@a_b.example: none",
        "ann_lee@ann-lee.example: ann_lee@ann-lee.example",
        "nobody: none",
        "x@x.example: none",
    ],
    "is_listed": ["any", "crm:2 crm:a_1"],
    "listed": ["b", "it's"],
    "to_reporting_currency": ["-11.0600", "12.3456", "64000000.0000", "9999.9900", "99999999999990.0000"],
    "inverse_rate": ["0.0000399992000160000", "0.3333333333333333330", "16330.6632698887065298160"],
    "exact_amount": ["-0.0001", "-3.7035", "0.0000", "12.5000", "9999999899999.0000", "99999999000000.0000"],
    "moment_in_zone": ["2018-01-31", "2024-02-29", "2024-03-01"],
    "counted_day": ["2024-06-30", "2024-06-30", "2025-07-01", "2099-12-31"],
    "delivery_content": ["00ff00ff00aa", "00ff00ff00ff", "load 7"],
    "month_of_date": ["2024-02-01"],
    "month_of_timestamp": ["2024-12-01"],
    "reciprocal_inverse": ["a a 1.5000 0.0000", "a b 1.0000 0.0000", "b a 1.0000 0.0000", "b b 2.0000 0.0000"],
    "receipts_filled": ["crm.customers 007 2024-05-06 ab 1", "sales.orders 007 2024-05-06 cd 0"],
    "landed_feeds_filled": ["crm.customers, sales.orders"],
    "landed_feeds_empty": [""],
    "landed_feeds_no_such_folder": [""],
    # 007 stays a text, and a column that only one of the files has is null in the other.
    "landed_files": ["007 2024-05-06 0001-aaaa O1 1.5000 null", "north sea 2024-05-07 0002-bbbb O2 null gift"],
    "columns_of_query": ["first, second"],
    "columns_of_no_table": [""],
    "columns_of_no_schema": [""],
    "trimmed": ["[A\u00a0B]"],
    "trimmed_blank": ["null"],
    "log_of_one_plus": ["1.0000000000"] * 3,
    "one_minus_exp": ["1.0000000000"] * 3,
    "log_gamma": ["1.0000000000"] * 3,
    "sorted_texts": ["Visit, answer_call, pick_line", "null"],
}


@cache
def why_not() -> str:
    """Why Spark cannot run here, empty where it can."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin" if home else None)
    if java is None:
        return f"Spark is not tested here: it needs Java {JAVA_NEEDED}, and there is no java"
    printed = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', printed)
    if version is None or int(version[1]) < JAVA_NEEDED:
        return f"Spark is not tested here: it needs Java {JAVA_NEEDED}, and java is {printed.splitlines()[0]}"
    if not (find_spec("pyspark") and find_spec("dbt.adapters.spark")):
        return "Spark is not tested here: the extra is not installed, `make spark` does it"
    return ""


@dataclass(frozen=True)
class SparkBuild:
    """A build on Spark: the environment that finds it again, what dbt printed, and its artefacts."""

    environment: dict[str, str]
    printed: str
    manifest: dict[str, Any]
    results: list[dict[str, Any]]

    @property
    def tables(self) -> Path:
        return Path(self.environment["PROFIT_SPARK_WAREHOUSE"])


@pytest.fixture(scope="module")
def spark(demo: Company, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment in which dbt builds the demo on Spark: one session for all tests of this file."""
    if why_not():
        pytest.skip(why_not())
    folder = tmp_path_factory.mktemp("spark")
    (folder / "conf").mkdir()
    (folder / "conf" / "spark-defaults.conf").write_text(SPARK_DEFAULTS, encoding="utf-8")
    return {
        **demo.paths.as_environment(),
        "PROFIT_SPARK_WAREHOUSE": str(folder / "tables"),
        "PROFIT_SPARK_METASTORE": f"jdbc:derby:;databaseName={folder}/metastore;create=true",
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        # The first compiler is enough for a run of minutes, and leaves the cores to Spark.
        "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m",
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }


@pytest.fixture(scope="module")
def spark_build(spark: dict[str, str]) -> SparkBuild:
    """The demo, built and tested on Spark: up to what lifetime value is fitted on, the fit, and the rest."""
    code, printed = run_in_process(("profit", "build", "--target", "spark", *RECONCILIATIONS), spark)
    failed = [line for line in printed.splitlines() if " FAIL " in line or " ERROR " in line]
    assert code == 0, "\n".join([*failed, printed[-6000:]])
    target = Path(spark["DBT_TARGET_PATH"])
    return SparkBuild(
        environment=spark,
        printed=printed,
        manifest=json.loads((target / "manifest.json").read_text(encoding="utf-8")),
        results=json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"],
    )


def probe(target: str, folder: Path, environment: dict[str, str]) -> dict[str, list[str]]:
    code, printed = run_in_process(("probe", target, str(folder)), environment)
    assert code == 0, printed
    return json.loads(printed.splitlines()[-1])


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small landing zones: `filled`, with files whose columns differ and files that are no deliveries, and `empty`."""
    folder = tmp_path_factory.mktemp("zones")
    (folder / "empty").mkdir()
    for name, select in {
        "sales/orders/source_system=007/delivered_on=2024-05-06/0001-aaaa": (
            "select 'O1' as order_id, cast(1.5 as decimal(18, 4)) as commission_amount"
        ),
        "sales/orders/source_system=north sea/delivered_on=2024-05-07/0002-bbbb": (
            "select 'gift' as x_note, 'O2' as order_id"
        ),
        "crm/customers/source_system=007/delivered_on=2024-05-06/0001-cccc": "select 'C1' as customer_id",
        "sales/stray": "select 1 as a",
        "_receipts/sales/orders/source_system=007/delivered_on=2024-05-06/0001-aaaa": "select 1 as a",
    }.items():
        path = folder / "filled" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.execute(f"copy ({select}) to '{path}' (format parquet)")
    # A receipt on one line, and one on several, as earlier versions wrote them.
    receipt = {"source_system": "007", "delivered_on": "2024-05-06", "unknown_columns": [], "rows_quarantined": 0}
    for table, indent, content in (
        ("crm.customers", None, {"checksum": "ab", "rows_read": 3, "rows_landed": 2}),
        ("sales.orders", 1, {"checksum": "cd", "rows_read": 2, "rows_landed": 2}),
    ):
        path = folder / "filled" / "_receipts" / table.replace(".", "/") / "source_system=007" / "0001.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"feed": table, **receipt, **content}, indent=indent), encoding="utf-8")
    return folder


def test_every_macro_that_differs_by_engine_gives_the_same_on_duckdb(
    demo: Company, zones: Path, tmp_path: Path
) -> None:
    # dbt opens a build to write, and another test may read the shared one.
    environment = {
        **demo.copied(tmp_path / "demo").paths.as_environment(),
        "PROFIT_MORE_FOLDERS": str(zones),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    probed = probe("duckdb", zones, environment)
    assert EXPECTED.items() <= probed.items()
    assert "receipts_no_such_folder" not in probed, "no rows"


@pytest.mark.spark
def test_every_macro_that_differs_by_engine_gives_the_same_on_spark(spark_build: SparkBuild, zones: Path) -> None:
    probed = probe("spark", zones, spark_build.environment)
    assert EXPECTED.items() <= probed.items()
    assert "receipts_no_such_folder" not in probed, "no rows"
    assert probed["columns_of_files"] == ["commission_amount, delivered_on, order_id, source_system, x_note"]
    assert probed["columns_of_relation"][0].startswith("customer_id, month, is_unattributed, is_ordering, order_count")


@pytest.mark.spark
def test_every_model_and_reconciliation_passes_on_spark(spark_build: SparkBuild) -> None:
    status = {result["unique_id"]: result["status"] for result in spark_build.results}
    kinds = {"model", "seed", "test"}
    nodes = {name: node for name, node in spark_build.manifest["nodes"].items() if node["resource_type"] in kinds}
    nodes = {name: node for name, node in nodes.items() if "test_metadata" not in node}
    assert nodes.keys() <= status.keys(), f"not run: {sorted(nodes.keys() - status.keys())}"
    assert {status[name] for name in nodes} <= {"success", "pass"}
    assert {node.get("language", "sql") for node in nodes.values()} == {"sql"}, "Python models do not run on Spark"
    assert "eprecat" not in spark_build.printed


@pytest.mark.spark
def test_every_reference_core_and_mart_table_has_the_same_rows(
    demo: Company, spark_build: SparkBuild, capsys: pytest.CaptureFixture[str]
) -> None:
    results = compare(demo.paths.warehouse, spark_build.tables)
    with capsys.disabled():
        print(f"\n{report(results)}")
    assert {result.table: result.differences for result in results if result.differences} == {}
    assert {result.table.split(".")[0] for result in results} == {"reference", "core", "marts"}
    assert sum(result.rows for result in results if result.table.startswith("marts.")) > 0


@pytest.mark.spark
def test_what_passed_is_published_by_switching_views(demo: Company, spark_build: SparkBuild) -> None:
    def profit(*command: str, expect: int = 0) -> str:
        code, printed = run_in_process(("profit", *command, "--target", "spark"), spark_build.environment)
        assert code == expect, printed[-6000:]
        return printed

    assert "has not passed the gate" in profit("publish", expect=7)
    assert "Gate marts passed" in profit("check", "marts")
    for _ in range(2):
        printed = re.search(r"Published: .*, run (\w+)", profit("publish"))
    older, newest = sorted(spark_build.tables.glob("published_*.db"))
    with duckdb.connect() as connection:
        (published,) = connection.execute(f"select run_id from '{newest}/manifest/*.parquet'").fetchone() or (None,)
        tables = connection.execute(
            f"select table_name, row_count from '{newest}/manifest_tables/*.parquet'"
        ).fetchall()
        assert printed is not None
        assert published == printed[1]
        assert len(tables) == demo.value(
            "select count(*) from information_schema.tables where table_schema in ('reference', 'core', 'marts')"
        )
        for table, rows in tables:
            assert connection.execute(f"select count(*) from '{newest}/{table}/*.parquet'").fetchone() == (rows,)
    assert (older / "manifest").is_dir(), "the generation before stays for queries under way"


def test_parity_sees_a_cent_a_row_and_a_type(tmp_path: Path) -> None:
    warehouse = tmp_path / "build.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts")
        for table, select in {
            "same": "select 1 as id, cast(2.5 as decimal(18, 4)) as amount, 0.1 + 0.2::double as ratio",
            "cent": "select 1 as id, cast(2.5 as decimal(18, 4)) as amount",
            "row": "select 1 as id",
            "type": "select cast(1 as bigint) as id",
            "ratio": "select 1 as id, cast(0.3 as double) as ratio",
            "missing": "select 1 as id",
        }.items():
            connection.execute(f"create table marts.{table} as {select}")
    for table, select in {
        "same": "select 1 as id, cast(2.5 as decimal(18, 4)) as amount, 0.3::double as ratio",
        "cent": "select 1 as id, cast(2.51 as decimal(18, 4)) as amount",
        "row": "from (values (1), (1)) as rows (id)",
        "type": "select cast(1 as integer) as id",
        "ratio": "select 1 as id, cast(0.3000001 as double) as ratio",
    }.items():
        folder = tmp_path / "tables" / "marts.db" / table
        folder.mkdir(parents=True)
        duckdb.execute(f"copy ({select}) to '{folder}/part.parquet' (format parquet)")
    results = compare(warehouse, tmp_path / "tables", schemas=["marts"])
    assert [(result.table, bool(result.differences)) for result in results] == [
        ("marts.cent", True),
        ("marts.missing", True),
        ("marts.ratio", True),
        ("marts.row", True),
        ("marts.same", False),
        ("marts.type", True),
    ]


def test_engine_differences_live_in_dispatched_macros_only() -> None:
    macros = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT_ROOT / "macros").rglob("*.sql"))
    defined = set(re.findall(r"{%-? *macro (\w+)", macros))
    # What dbt itself dispatches has a version in each adapter.
    defined |= {"default__create_view_as", "default__get_assert_columns_equivalent"}
    for name in (name.removeprefix("duckdb__") for name in defined if name.startswith("duckdb__")):
        assert {f"spark__{name}", f"default__{name}"} & defined, f"{name} has no version for Spark"
    for folder in ("models", "tests", "seeds", "analyses"):
        for path in (PROJECT_ROOT / folder).rglob("*.sql"):
            found = re.search(r"target\.(type|name)|adapter\.(type|dispatch)", path.read_text(encoding="utf-8"))
            assert found is None, f"{path} asks for the engine: put the difference into a dispatched macro"
