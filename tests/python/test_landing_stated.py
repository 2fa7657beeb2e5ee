"""What is said of files: their encoding, their delimiter, the zone of their clocks, by options or beside them."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_zone import DAY, Zone

from profit.connectors.files import Stated, land_files
from profit.errors import LandingError

PRODUCTS = "product_id,product_name\nP1,Colchão „groß“ €\nP2,Vaso\n"
PLAIN = "product_id,product_name\nP1,Colchão\nP2,Vaso\n"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def land(zone: Zone, **stated: str) -> None:
    land_files(zone.paths, zone.folder, "shop", DAY, Stated(**stated))
    assert not (zone.paths.landing / "_incoming").exists()


def refuses(zone: Zone, *texts: str, **stated: str) -> None:
    with pytest.raises(LandingError) as caught:
        land(zone, **stated)
    for text in (*texts, "Nothing of this delivery was landed."):
        assert text in str(caught.value)
    assert not zone.snapshot()


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", PLAIN),
        ("windows-1252", PRODUCTS),
        ("cp1252", PRODUCTS),
        ("utf-16", PRODUCTS),
        ("utf-16-be", PRODUCTS),
        ("iso-8859-15", PLAIN),
        ("cp850", PLAIN),
        ("utf-8-sig", PRODUCTS),
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_stated_encoding_is_read(zone: Zone, encoding: str, text: str, is_packed: bool) -> None:
    content = text.encode(encoding)
    zone.write(f"products.csv{'.gz' * is_packed}", gzip.compress(content) if is_packed else content)
    land(zone, encoding=encoding.removesuffix("-sig"))
    names = [line.split(",")[1] for line in text.splitlines()[1:]]
    assert zone.rows("product_name") == sorted((name,) for name in names)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_an_encoding_is_found_by_its_mark_and_said(
    zone: Zone, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    zone.write("products.csv", PRODUCTS.replace("\n", "\r\n").encode(encoding))
    land(zone, encoding="windows-1252")
    assert zone.rows("product_name") == [("Colchão „groß“ €",), ("Vaso",)]
    assert f"products.csv: {encoding.removesuffix('-sig').upper()}, fields end with ','" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "utf-16-le", "cp850"])
def test_an_encoding_that_is_not_stated_refuses_the_whole_file(zone: Zone, encoding: str) -> None:
    zone.write("products.csv", PLAIN.encode(encoding))
    refuses(zone, "products.csv: is not ", "--csv-encoding")


@pytest.mark.parametrize(
    ("encoding", "content", "text"),
    [
        ("latin-1", PLAIN.encode(), "is UTF-8 text, though iso8859-1 is stated"),
        ("latin-1", PRODUCTS.encode("windows-1252"), "state `--csv-encoding windows-1252`"),
        ("windows-1252", PLAIN.encode("latin-1") + b"P3,\x81\n", "is not cp1252 text, first after line 1"),
        ("utf-16", PLAIN.encode("utf-16")[:-1], "is not utf-16 text"),
        ("base64", PLAIN.encode(), "encoding 'base64' is not known"),
        ("klingon", PLAIN.encode(), "encoding 'klingon' is not known"),
    ],
)
def test_an_encoding_that_cannot_be_is_refused(zone: Zone, encoding: str, content: bytes, text: str) -> None:
    zone.write("products.csv", content)
    refuses(zone, text, encoding=encoding)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="cp1252", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=1), min_size=1
    ),
    st.sampled_from(["windows-1252", "utf-16"]),
)
def test_every_text_comes_through_as_it_is_from_utf_8(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], encoding: str
) -> None:
    """The bytes of another encoding hold whatever its characters are: quotes, delimiters and line ends among them."""
    quoted = [name.replace('"', '""') for name in names]
    text = "product_id,product_name\n" + "".join(f'P{place},"{name}"\n' for place, name in enumerate(quoted)) + "PX,ä\n"
    read = []
    for each in ("utf-8", encoding):
        zone = Zone(tmp_path_factory.mktemp("zone"))
        zone.write("products.csv", text.encode(each))
        land(zone, encoding=each)
        read.append(zone.rows("product_id, product_name"))
    assert read[0] == read[1]
    assert len(read[0]) == len(names) + 1


def test_what_is_said_beside_the_files_holds_for_those_that_it_names(zone: Zone) -> None:
    zone.write(
        "_dialect.yml", "decimal: ','\nencoding: utf-8\nfiles:\n  sales/products.csv: {encoding: windows-1252}\n"
    )
    zone.write("sales/_dialect.yml", "delimiter: ';'\ndays: mdy\n")
    zone.write(
        "sales/products.csv",
        "product_id;product_name;unit_list_price;launched_on\nP1;Colchão;1.299;02/03/2024\n".encode("cp1252"),
    )
    zone.write("customers.csv", "customer_id,city\nC1,São Paulo\n")
    land(zone)
    assert zone.rows("product_name, unit_list_price, launched_on", "products") == [
        ("Colchão", Decimal(1299), dt.date(2024, 2, 3))
    ]
    assert zone.rows("city", "customers") == [("São Paulo",)]


def test_options_go_before_what_is_said_beside_the_files(zone: Zone) -> None:
    zone.write("_dialect.yml", "decimal: ','\n")
    zone.write("products.csv", "product_id,unit_list_price\nP1,1.299\n")
    land(zone, decimal=".")
    assert zone.rows("unit_list_price") == [(Decimal("1.299"),)]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("decimal: ;", "decimal is ';'; it may be ., ,"),
        ("thousands: .", "says thousands; known are encoding, delimiter, decimal, days, time_zone"),
        ("files: {lines.csv: {days: dmy}}", "names lines.csv, which does not lie there"),
        ("- a", "is no list of `name: value`"),
        ("a: [", "cannot be read"),
        ("time_zone: Mars/Base", "time_zone is 'Mars/Base', which is no time zone"),
        ("days: 7", "days is '7'; it may be ymd, dmy, mdy"),
    ],
)
def test_what_is_said_and_not_known_refuses_the_delivery(zone: Zone, content: str, text: str) -> None:
    zone.write("products.csv", PLAIN)
    zone.write("_dialect.yml", content)
    refuses(zone, "_dialect.yml", text)


MOMENTS = [
    ("2024-03-01 00:30", dt.datetime(2024, 3, 1, 3, 30)),
    ("2024-03-01", dt.datetime(2024, 3, 1, 3)),
    ("2024-03-01T00:30:00.5Z", dt.datetime(2024, 3, 1, 0, 30, 0, 500000)),
    ("2024-03-01 00:30+02:00", dt.datetime(2024, 2, 29, 22, 30)),
    ("2018-02-01 00:30:01", dt.datetime(2018, 2, 1, 2, 30, 1)),
    # An hour that the clocks showed twice, and one that they left out.
    ("2018-02-17 23:30", dt.datetime(2018, 2, 18, 2, 30)),
    ("2018-11-04 00:30", dt.datetime(2018, 11, 4, 3, 30)),
]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_moments_without_an_offset_are_of_the_zone_that_is_stated(zone: Zone, suffix: str) -> None:
    rows = ", ".join(f"('O{place}', '{text}')" for place, (text, _) in enumerate(MOMENTS))
    select = f"select * from (values {rows}) t(order_id, ordered_at)"
    if suffix == "csv":
        zone.write("orders.csv", "order_id,ordered_at\n" + "".join(f"O{i},{t}\n" for i, (t, _) in enumerate(MOMENTS)))
    else:
        zone.write_parquet("orders.parquet", select)
    land(zone, time_zone="America/Sao_Paulo")
    assert [moment for _, moment in zone.rows("order_id, ordered_at")] == [moment for _, moment in MOMENTS]


@pytest.mark.parametrize(
    ("kind", "moment"),
    [
        ("timestamp", dt.datetime(2024, 3, 1, 3, 30)),
        ("timestamp_ns", dt.datetime(2024, 3, 1, 3, 30)),
        ("date", dt.datetime(2024, 3, 1, 3)),
        ("timestamptz", dt.datetime(2024, 3, 1, 0, 30)),
    ],
)
def test_typed_moments_are_of_the_zone_where_they_bear_no_offset(zone: Zone, kind: str, moment: dt.datetime) -> None:
    value = "2024-03-01 00:30:00" + "+00" * (kind == "timestamptz")
    zone.write_parquet("orders.parquet", f"select 'O1' as order_id, cast('{value}' as {kind}) as ordered_at")
    land(zone, time_zone="America/Sao_Paulo")
    assert zone.rows("ordered_at") == [(moment,)]
