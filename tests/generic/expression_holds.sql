{#
    Every row meets a condition; one whose condition is unknown, because something in it is null, does not.

    Arguments:
        expression: SQL condition over the columns of the model.
#}
{% test expression_holds(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
