{#
    No two rows share the same values in `columns`: the primary-key test of a table whose key is more than one column.

    Returns one row for each combination that occurs more than once, with the number of its rows. A null is a value
    like any other here; `not_null` tests guard the parts of a key.

    Arguments:
        columns: columns, or SQL expressions over them, that together identify a row.
#}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
