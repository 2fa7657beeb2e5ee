{#- Part of the contracts that outlast a number of renewals by shifted-beta-geometric: B(a, b+t) / B(a, b), Fader & Hardie, How
    to Project Customer Retention (2007).

    renewals: expression of the number of renewals (t), >= 0.
    a, b: expressions of the parameters; for a contract that was renewed n times already, b + n. -#}
{% macro sbg_survival(renewals, a, b) -%}
    exp(
        {{ log_gamma('(' ~ b ~ ' + ' ~ renewals ~ ')') }} - {{ log_gamma('(' ~ b ~ ')') }}
        + {{ log_gamma('(' ~ a ~ ' + ' ~ b ~ ')') }} - {{ log_gamma('(' ~ a ~ ' + ' ~ b ~ ' + ' ~ renewals ~ ')') }}
    )
{%- endmacro %}


{#- Discounted expected residual lifetime of contracts: a select with the keys and discounted_renewals, the periods that a
    contract is expected to be paid for from its next renewal on, the first of them undiscounted.

    contracts: relation with one row a contract: a and b, the parameters, and renewal, the number n >= 1 of the renewal that is
        due next; all double.
    keys: columns of it that tell its rows apart.
    rate: expression of the discount rate a period, > 0.

    Fader & Hardie, Customer-Base Valuation in a Contractual Setting, Marketing Science 29 (2010):
    (b+n-1)/(a+b+n-1) * 2F1(1, b+n; a+b+n; 1/(1+d)). It is the mean of (1+d)(1-p)/(d+p), what a contract is worth whose chance
    not to be renewed is p, under Beta(a, b+n-1), the chances of those who renewed n-1 times. -#}
{% macro sbg_residual_lifetime(contracts, keys, rate) -%}
    select
        {% for key in keys -%}
        {{ key }},
        {% endfor -%}
        mean as discounted_renewals
    from (
        {{ beta_mean(
            '(select *, a as first, b + renewal - 1 as second, cast(' ~ rate ~ ' as double) as rate from ' ~ contracts
            ~ ') as contracts',
            keys,
            '(1 + rate) * q / (rate + p)',
            '-(1 + rate) * (1 + rate) / ((rate + p) * (rate + p))',
            '0.0',
            'ln(1 + 1 / rate)'
        ) }}
    ) as means
{%- endmacro %}


{#- Value of a contract in margins of one period, r / (1 + i - r): Gupta & Lehmann, Customers as Assets (2003). Retention and
    margin stay as they are for ever; the first margin counted is the one a period from now.

    retention: expression of the part that stays a period.
    rate: expression of the discount rate a period.
    with_today: whether the margin of today counts as well, which adds exactly one. -#}
{% macro margin_multiple(retention, rate, with_today=false) -%}
    (({{ retention }}) / nullif(1 + ({{ rate }}) - ({{ retention }}), 0){{ ' + 1' if with_today }})
{%- endmacro %}
