{#
    A model has exactly one row for each row of another relation: nothing is dropped on the way, nothing doubled.

    Returns one row with both counts where they differ.

    Arguments:
        relation: the relation that the model follows row by row.
#}
{% test has_as_many_rows_as(model, relation) %}

select
    rows_here.row_count,
    rows_there.row_count as expected_row_count
from (select count(*) as row_count from {{ model }}) as rows_here
cross join (select count(*) as row_count from {{ relation }}) as rows_there
where rows_here.row_count <> rows_there.row_count

{% endtest %}
