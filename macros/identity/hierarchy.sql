{#- Where each node of a hierarchy ends when its parents are followed, over any number of steps: a working table with node,
    top and is_in_cycle, one row for every node that has a parent or is one.

    edges: relation (a model, not an ephemeral one), or a select, with at most one row a child.
    child, parent: its two columns of nodes, strings. A row without a parent, or with itself as parent, says nothing.
    reads: where it is a select, the relations that it reads (models, not ephemeral ones).
    max_rounds: rounds after which the run fails. A round doubles the steps, so that 40 are never reached.

    Parents that run in a cycle have no top; the smallest node of the cycle, in string order, stands for it. A unit
    test of the model that calls it overrides it (overrides: macros):

        {% set tops = hierarchy_tops(ref('int_x'), 'customer_id', 'parent_customer_id') %}
        select node, top, is_in_cycle from {{ tops }}

    The table is there while the model runs, and dropped after it. -#}
{% macro hierarchy_tops(edges, child, parent, reads=none, max_rounds=40) %}
    {%- set queries = may_run_queries(reads or [edges]) -%}
    {%- do config(post_hook="drop table if exists {{ working_table('tops') }}") -%}
    {%- if queries -%}
        {%- if edges is string -%}
            {%- set edges = '(' ~ edges ~ ') as edges' -%}
        {%- endif -%}
        {%- set tables = [create_working_table('jumps_0', first_jumps(edges, child, parent))] -%}
        {%- set current = namespace(ends=distinct_ends(tables[0]), is_settled=false) -%}
        {%- for number in range(1, max_rounds + 1) -%}
            {%- if not current.is_settled -%}
                {%- do tables.append(create_working_table('jumps_' ~ number, doubled_jumps(tables[-1]))) -%}
                {%- set ends = distinct_ends(tables[-1]) -%}
                {%- set current.is_settled = ends == current.ends and count_rows(tables[-1] ~ ' where is_lowered') == 0 -%}
                {%- set current.ends = ends -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if not current.is_settled -%}
            {{ exceptions.raise_compiler_error(
                'The hierarchy of ' ~ this ~ ' is not followed to its end after ' ~ max_rounds
                ~ ' rounds. Raise max_rounds where the macro is called.'
            ) }}
        {%- endif -%}
        {%- do create_working_table('tops', tops_of_jumps(tables[-1])) -%}
        {%- do drop_tables(tables) -%}
    {%- endif -%}
    {{- return(working_table('tops')) -}}
{% endmacro %}


{#- Select of where each node is after one step, and the smallest node on the way, itself included. A node without a parent
    stays where it is. -#}
{% macro first_jumps(edges, child, parent) -%}
    with

    edges as (
        select {{ child }} as node, {{ parent }} as parent_node
        from {{ edges }}
        where {{ child }} <> {{ parent }}
    )

    select node, parent_node as jump, node as least_node, false as is_root, true as is_lowered
    from edges

    union all

    select distinct parents.parent_node as node, parents.parent_node as jump, parents.parent_node as least_node, true as is_root, true as is_lowered
    from edges as parents
    left join edges as children on parents.parent_node = children.node
    where children.node is null
{%- endmacro %}


{#- Select of where each node is after twice as many steps. -#}
{% macro doubled_jumps(jumps) -%}
    select
        jumps.node,
        onward.jump,
        least(jumps.least_node, onward.least_node) as least_node,
        jumps.is_root,
        onward.least_node < jumps.least_node as is_lowered
    from {{ jumps }} as jumps
    inner join {{ jumps }} as onward on jumps.jump = onward.node
{%- endmacro %}


{#- Number of nodes where any node is after the steps so far. Steps only ever lead to fewer; once twice as many steps lead to
    as many, those are the tops and the nodes of the cycles. When moreover no smaller node was met, every way along a cycle
    has been all round it: for any start, the first half of the way held nothing greater than the second. -#}
{% macro distinct_ends(jumps) %}
    {{- return(count_rows('(select distinct jump from ' ~ jumps ~ ') as ends')) -}}
{% endmacro %}


{#- Select of every node with its top. -#}
{% macro tops_of_jumps(jumps) -%}
    select
        jumps.node,
        case when ends.is_root then ends.node else ends.least_node end as top,
        reached.node is not null and not jumps.is_root as is_in_cycle
    from {{ jumps }} as jumps
    inner join {{ jumps }} as ends on jumps.jump = ends.node
    left join (select distinct jump as node from {{ jumps }}) as reached on jumps.node = reached.node
{%- endmacro %}


{#- Select of who is below whom among the members of a dimension, by conformed key, as hierarchy_tops takes it: node, parent_node.

    staged: relation of the members, with source_system; number, parent_number: its columns of a member's number and of its parent's. -#}
{% macro hierarchy_edges(staged, number, parent_number) -%}
    select
        {{ conformed_key('source_system', number) }} as node,
        {{ conformed_key('source_system', parent_number) }} as parent_node
    from {{ staged }}
    where {{ parent_number }} is not null
{%- endmacro %}


{#- Select of the members of a dimension: their columns, member_id, the parent_member_id that is left where cycles are cut, and whether they are
    part of one (is_in_cycle). The arguments are those of hierarchy_edges; hierarchy: what hierarchy_tops has made of them. -#}
{% macro hierarchy_members(staged, number, parent_number, hierarchy) -%}
    select
        members.*,
        {{ parent_after_cut('members.member_id', 'members.named_parent_id', 'tops') }} as parent_member_id,
        {{ is_in_parent_cycle('members.member_id', 'members.named_parent_id', 'tops') }} as is_in_cycle
    from (
        select
            *,
            {{ conformed_key('source_system', number) }} as member_id,
            {{ conformed_key('source_system', parent_number) }} as named_parent_id
        from {{ staged }}
    ) as members
    left join (select node, top, is_in_cycle from {{ hierarchy }}) as tops
        on members.member_id = tops.node
{%- endmacro %}


{#- The parent of a node, null where the hierarchy is cut: above the node that stands for the top of a cycle, or that is its own parent.

    node, parent: expressions of the node and of the parent that it names.
    tops: alias of the tops, joined by the node. -#}
{% macro parent_after_cut(node, parent, tops) -%}
    case when {{ parent }} <> {{ node }} and not coalesce({{ tops }}.is_in_cycle and {{ tops }}.top = {{ node }}, false) then {{ parent }} end
{%- endmacro %}


{#- Whether a node is part of a cycle of parents; the arguments are those of parent_after_cut. -#}
{% macro is_in_parent_cycle(node, parent, tops) -%}
    coalesce({{ parent }} = {{ node }}, false) or coalesce({{ tops }}.is_in_cycle, false)
{%- endmacro %}
