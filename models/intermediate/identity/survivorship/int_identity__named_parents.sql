{#- Words by which a name says that it is a part of another organisation; without accents, as names are compared. -#}
{%- set parts = [
    'filiale', 'filial', 'niederlassung', 'zweigniederlassung', 'zweigstelle', 'geschaftsstelle', 'tochtergesellschaft', 'branch', 'division', 'subsidiary',
    'succursale', 'sucursal', 'vestiging',
] | join('|') -%}
{#- A branch may be called after its place first: of its words the longest beginning that is the whole name of another counts. -#}
{%- set most_words = 6 -%}

with

states as (
    select * from {{ ref('int_identity__customer_states') }}
    where valid_to = cast('9999-12-31' as date)
),

-- Whom a system calls a parent is asked for nobody by its name: no cycle can come of a name then, however long.
delivered_parents as (
    select distinct parent_customer_id
    from states
),

names as (
    select
        states.customer_id,
        delivered_parents.parent_customer_id is not null as is_delivered_parent,
        {{ organisation_text('profiles.organisation_name') }} as organisation_text
    from states
    inner join {{ ref('int_identity__customer_profile') }} as profiles
        on states.customer_id = profiles.customer_id
    left join delivered_parents
        on states.customer_id = delivered_parents.parent_customer_id
    where states.customer_kind = 'organisation' and not states.is_deleted and profiles.organisation_name is not null
),

written_out as (
    select
        customer_id,
        is_delivered_parent,
        {{ organisation_in_full('organisation_text') }} as name_in_full
    from names
),

-- Muster GmbH, Niederlassung Ulm: what stands before the word. A division of Muster: what stands behind it.
parted as (
    select
        customer_id,
        is_delivered_parent,
        name_in_full,
        regexp_extract(name_in_full, '(^| )({{ parts }})( |$)', 2) as part_word,
        regexp_extract(name_in_full, '^(.*?) ({{ parts }})( |$)', 1) as name_before,
        regexp_extract(name_in_full, '(^| )({{ parts }})( [^ ]+)? (of|der|des|von|de|du|van) (the )?(.+)$', 6) as name_behind
    from written_out
),

worded as (
    select
        customer_id,
        part_word <> '' as is_part,
        is_delivered_parent,
        {{ organisation_words('name_in_full') }} as whole_words,
        {{ organisation_words('name_before') }} as words_before,
        {{ organisation_words('name_behind') }} as words_behind
    from parted
),

-- Whoever has the name alone.
owners as (
    select
        whole_words,
        max(customer_id) as owner_customer_id
    from worded
    where not is_part and whole_words is not null
    group by whole_words
    having count(*) = 1
),

candidates as (
    select
        customer_id,
        words_behind as owner_words,
        {{ most_words + 1 }} as preference
    from worded
    where is_part and not is_delivered_parent and words_behind is not null
    {%- for count in range(1, most_words + 1) %}

    union all

    select
        customer_id,
        nullif(regexp_extract(words_before, '^(([^ ]+ ){{ '{' ~ (count - 1) ~ '}' }}[^ ]+)( |$)', 1), '') as owner_words,
        {{ count }} as preference
    from worded
    where is_part and not is_delivered_parent
    {%- endfor %}
),

found as (
    select
        candidates.customer_id,
        owners.owner_customer_id,
        row_number() over (partition by candidates.customer_id order by candidates.preference desc) as place
    from candidates
    inner join owners
        on candidates.owner_words = owners.whole_words
),

final as (
    select
        customer_id,
        owner_customer_id as parent_customer_id
    from found
    where place = 1
)

select * from final
