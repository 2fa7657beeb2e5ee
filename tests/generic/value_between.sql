{#
    Every value of a column lies in a range; nulls are left to `not_null`.

    Returns the rows that lie outside.

    Arguments:
        minimum: values may be at least this; none for no such bound.
        above: values have to be greater than this; none for no such bound.
        maximum: values may be at most this; none for no such bound.
#}
{% test value_between(model, column_name, above=none, maximum=none, minimum=none) %}

select *
from {{ model }}
where
    1 = 0
    {%- if minimum is not none %}
    or {{ column_name }} < {{ minimum }}
    {%- endif %}
    {%- if above is not none %}
    or {{ column_name }} <= {{ above }}
    {%- endif %}
    {%- if maximum is not none %}
    or {{ column_name }} > {{ maximum }}
    {%- endif %}

{% endtest %}
