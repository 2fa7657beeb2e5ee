{#
    Staging neither loses nor invents a row: distinct (source_system, key) over all landed versions = rows staged
    + keys whose newest version withdraws the row.

    Returns one row with the three counts where they do not tie. The newest version is found by aggregation, not by the
    window that staging itself uses, so that an error there cannot hide itself.

    Arguments:
        landed: the source relation that the model stages, as `source('<department>', '<table>')`.
        key: columns of the landed relation, or SQL expressions over them, that identify a row within one source
            system; an expression where staging standardises a part of the key.
#}
{% test staging_ties_to_landing(model, landed, key) %}

with

landed_keys as (
    -- Days are compared as ISO text and delivery numbers are zero-padded, so text order is the order of delivery.
    select
        source_system,
        max(cast(delivered_on as {{ dbt.type_string() }}) || '/' || coalesce(delivery_id, '')) as newest_version,
        max(
            case when is_deleted then cast(delivered_on as {{ dbt.type_string() }}) || '/' || coalesce(delivery_id, '') end
        ) as newest_withdrawal
    from {{ landed }}
    group by source_system, {{ key | join(', ') }}
),

counts as (
    select
        count(*) as landed_key_count,
        coalesce(sum(case when newest_withdrawal = newest_version then 1 else 0 end), 0) as withdrawn_key_count,
        0 as staged_row_count
    from landed_keys

    union all

    select
        0 as landed_key_count,
        0 as withdrawn_key_count,
        count(*) as staged_row_count
    from {{ model }}
)

select
    sum(landed_key_count) as landed_key_count,
    sum(withdrawn_key_count) as withdrawn_key_count,
    sum(staged_row_count) as staged_row_count
from counts
having sum(landed_key_count) <> sum(staged_row_count) + sum(withdrawn_key_count)

{% endtest %}
