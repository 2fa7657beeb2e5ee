"""Campaigns: in each quarter one in each media source and one by e-mail, and the one that reaches Michelle."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from profit.connectors.demo import michelle
from profit.connectors.demo.catalogue import AUDIO, GROUPS
from profit.connectors.demo.people import MEDIA
from profit.connectors.demo.scale import Ints, Scale, store, texts

# Slots of a quarter: the media sources, then e-mail, which is internet too.
E_MAIL = len(MEDIA)
_SLOTS = len(MEDIA) + 1
_LABELS = ("catalogue", "call-out", "search and display", "magazine page", "spot", "newsletter")


@dataclass(frozen=True)
class Campaigns:
    """Campaigns by quarter and slot, Michelle's last.

    Attributes:
        first_day: First day of each campaign.
        last_day: Last day of each campaign.
        group: Number of the product group on offer.
        slot: Media source, or `E_MAIL`.
    """

    first_day: Ints
    last_day: Ints
    group: Ints
    slot: Ints
    quarter_of_day: Ints

    @property
    def michelles(self) -> int:
        """The campaign whose e-mail reaches Michelle."""
        return len(self.first_day) - 1

    def at(self, day: Ints, slot: Ints | int) -> Ints:
        """The campaign that runs on a day in a slot."""
        return self.quarter_of_day[np.clip(day, 0, len(self.quarter_of_day) - 1)] * _SLOTS + slot


def build_campaigns(connection: duckdb.DuckDBPyConnection, scale: Scale) -> Campaigns:
    """Make `final_campaigns` and `campaign_keys`."""
    rng = scale.rng("campaigns")
    bounds = np.unique(np.append(scale.month_starts[::3], scale.days))
    quarters = len(bounds) - 1
    slot = np.tile(np.arange(_SLOTS), quarters)
    quarter = np.repeat(np.arange(quarters), _SLOTS)
    group = rng.integers(0, len(GROUPS), len(slot))
    her_day = michelle.camera_day(scale) + michelle.E_MAILED - 2
    campaigns = Campaigns(
        first_day=np.append(bounds[quarter], her_day),
        last_day=np.append(bounds[quarter + 1] - 1, min(her_day + 20, scale.days - 1)),
        group=np.append(group, AUDIO),
        slot=np.append(slot, E_MAIL),
        quarter_of_day=np.searchsorted(bounds, np.arange(scale.days), side="right") - 1,
    )
    names = [f"{GROUPS[g]} {_LABELS[s]} {q + 1}" for g, s, q in zip(group, slot, quarter, strict=True)]
    store(
        connection,
        "raw_campaigns",
        {
            "campaign_name": texts([*names, michelle.CAMPAIGN_NAME]),
            "media_source": texts([("internet" if s == E_MAIL else MEDIA[s]) for s in campaigns.slot]),
            "product_group": texts([GROUPS[g] for g in campaigns.group]),
            "first_day": campaigns.first_day,
            "last_day": campaigns.last_day,
        },
    )
    connection.execute("""
        create table campaign_keys as
        select n as campaign, 'K' || lpad(cast(n + 1 as varchar), 4, '0') as campaign_id from raw_campaigns;
        create table final_campaigns as
        select n as _n, 'marketing_hub' as source_system, campaign_id, campaign_name, media_source, product_group,
            on_day(first_day) as starts_on, on_day(last_day) as ends_on, cast(null as boolean) as is_deleted,
            greatest(-1, delivery_of(on_day(first_day)) - 1) as _delivery
        from raw_campaigns inner join campaign_keys on raw_campaigns.n = campaign_keys.campaign;
    """)
    return campaigns
