{#- Which nodes of a graph hang together, over any number of steps: a working table with node and component, one row a node.

    edges: relation (a model, not an ephemeral one) with one row an edge, in any order and direction, repeated or not.
    left, right: its two columns of nodes, strings. A row without one of them is no edge, but its node counts; so a node
        without edges is listed by an edge to itself.
    max_rounds: rounds after which the run fails. A round leaves about a third of a chain, so that 100 are never reached.

    A component is named by its smallest node in string order. A unit test of the model that calls it overrides it
    (overrides: macros):

        {% set components = connected_components(ref('int_x'), 'left_node', 'right_node') %}
        select node, component from {{ components }}

    The table is there while the model runs, and dropped after it. -#}
{% macro connected_components(edges, left, right, max_rounds=100) %}
    {%- set queries = may_run_queries([edges]) -%}
    {%- do config(post_hook="drop table if exists {{ working_table('components') }}") -%}
    {%- if queries -%}
        {%- set nodes = number_nodes(edges, left, right) -%}
        {%- set pairs = create_working_table('pairs', numbered_pairs(edges, left, right, nodes)) -%}
        {%- set roots = components_of_pairs(pairs, 'roots', max_rounds) -%}
        {%- do create_working_table('components', named_components(nodes, roots)) -%}
        {%- do drop_tables([nodes, pairs, roots]) -%}
    {%- endif -%}
    {{- return(working_table('components')) -}}
{% endmacro %}


{#- Components of pairs of numbers: a working table with id and component, the smallest number of its component; one row for
    every number that has a pair. It ends when no pair is left, however long a chain is.

    pairs: working table with left_id and right_id, bigint, which differ.
    name: what to call the table it makes.

    Contraction by random representatives (Bögeholz, Brand, Todor: In-database connected component analysis, ICDE 2020). In
    a round every number goes to the one of least priority among itself, the least of its neighbours, and the least of that
    one's neighbours; each lies in its component whatever the priorities are. Pairs follow, and those that fell together
    vanish. Priorities are new in every round, so that no order of the numbers makes it slow. -#}
{% macro components_of_pairs(pairs, name, max_rounds) %}
    {%- set steps = [] -%}
    {%- set followed = [] -%}
    {%- set current = namespace(pairs=pairs, left=count_rows(pairs), seed=1) -%}
    {%- for number in range(max_rounds) -%}
        {%- if current.left > 0 -%}
            {%- set current.seed = current.seed * 48271 % 2147483647 -%}
            {%- set step = create_working_table(name ~ '_step_' ~ number, contraction_step(current.pairs, current.seed)) -%}
            {%- set current.pairs = create_working_table(name ~ '_pairs_' ~ number, contracted_pairs(current.pairs, step)) -%}
            {%- set current.left = count_rows(current.pairs) -%}
            {%- do steps.append(step) -%}
            {%- do followed.append(current.pairs) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if current.left > 0 -%}
        {{ exceptions.raise_compiler_error(
            'The connected components of ' ~ this ~ ' are not complete after ' ~ max_rounds ~ ' rounds: ' ~ current.left
            ~ ' pairs still join different parts. Raise max_rounds where the macro is called.'
        ) }}
    {%- endif -%}
    {%- do log('Connected components of ' ~ this ~ ': ' ~ steps | length ~ ' rounds') -%}
    {%- set components = create_working_table(name, composed_steps(steps)) -%}
    {%- do drop_tables(steps + followed) -%}
    {{- return(components) -}}
{% endmacro %}


{#- Select of where each number that has a pair goes in one round. -#}
{% macro contraction_step(pairs, seed) -%}
    with

    neighbours as (
        select left_id as id, right_id as neighbour_id, {{ random_priority('right_id', seed) }} as priority from {{ pairs }}
        union all
        select right_id as id, left_id as neighbour_id, {{ random_priority('left_id', seed) }} as priority from {{ pairs }}
    ),

    nearest as (
        select
            id,
            {{ random_priority('id', seed) }} as own_priority,
            min_by(neighbour_id, priority) as neighbour_id,
            min(priority) as priority
        from neighbours
        group by id
    )

    select
        nearest.id,
        case
            when onward.priority < least(nearest.own_priority, nearest.priority) then onward.neighbour_id
            when nearest.priority < nearest.own_priority then nearest.neighbour_id
            else nearest.id
        end as goes_to
    from nearest
    inner join nearest as onward on nearest.neighbour_id = onward.id
{%- endmacro %}


{#- Expression of a number that looks random, the same on every engine: a square modulo the prime 2³¹ − 1, so that no product
    exceeds a bigint. Two numbers may share a priority; they then merely do not choose each other in this round. -#}
{% macro random_priority(id, seed) -%}
    {%- set shifted = 'mod(mod(' ~ id ~ ', 2147483647) * cast(' ~ seed ~ ' as bigint) + ' ~ (seed * 16807 % 2147483647) ~ ', 2147483647)' -%}
    mod({{ shifted }} * {{ shifted }}, 2147483647)
{%- endmacro %}


{#- Select of the pairs after one round, each once. -#}
{% macro contracted_pairs(pairs, step) -%}
    select distinct
        least(left_step.goes_to, right_step.goes_to) as left_id,
        greatest(left_step.goes_to, right_step.goes_to) as right_id
    from {{ pairs }} as pairs
    inner join {{ step }} as left_step on pairs.left_id = left_step.id
    inner join {{ step }} as right_step on pairs.right_id = right_step.id
    where left_step.goes_to <> right_step.goes_to
{%- endmacro %}


{#- Select of where each number ended after all rounds, named by the smallest number that ended there. -#}
{% macro composed_steps(steps) -%}
    {%- set path = namespace(sql='select cast(0 as bigint) as id, cast(0 as bigint) as goes_to where 1 = 0') -%}
    {%- for step in steps -%}
        {%- if loop.first -%}
            {%- set path.sql = 'select id, goes_to from ' ~ step -%}
        {%- else -%}
            {%- set path.sql = 'select path.id, coalesce(step.goes_to, path.goes_to) as goes_to from (' ~ path.sql
                ~ ') as path left join ' ~ step ~ ' as step on path.goes_to = step.id' -%}
        {%- endif -%}
    {%- endfor -%}
    select id, min(id) over (partition by goes_to) as component
    from ({{ path.sql }}) as ends
{%- endmacro %}


{#- Working table of all nodes of the edges, numbered in string order: joins of numbers are several times as fast. -#}
{% macro number_nodes(edges, left, right) %}
    {%- set numbered -%}
        with

        edges as (
            select {{ left }} as left_node, {{ right }} as right_node from {{ edges }}
        ),

        nodes as (
            select left_node as node from edges where left_node is not null
            union
            select right_node as node from edges where right_node is not null
        )

        select node, cast(row_number() over (order by node) as bigint) as id
        from nodes
    {%- endset -%}
    {{- return(create_working_table('nodes', numbered)) -}}
{% endmacro %}


{#- Select of the edges as pairs of numbers, those from a node to itself left out. -#}
{% macro numbered_pairs(edges, left, right, nodes) -%}
    with

    edges as (
        select {{ left }} as left_node, {{ right }} as right_node from {{ edges }}
    )

    select left_nodes.id as left_id, right_nodes.id as right_id
    from edges
    inner join {{ nodes }} as left_nodes on edges.left_node = left_nodes.node
    inner join {{ nodes }} as right_nodes on edges.right_node = right_nodes.node
    where left_nodes.id <> right_nodes.id
{%- endmacro %}


{#- Select of every node with its component; a node without a pair is its own. -#}
{% macro named_components(nodes, roots) -%}
    select nodes.node, smallest.node as component
    from {{ nodes }} as nodes
    left join {{ roots }} as roots on nodes.id = roots.id
    inner join {{ nodes }} as smallest on coalesce(roots.component, nodes.id) = smallest.id
{%- endmacro %}


{#- Whether the macro may run queries: in a run, and on relations that exist. A unit test's rows exist only within the one
    query that it sends, so there the macro says what to do instead. -#}
{% macro may_run_queries(relations) %}
    {%- if execute and model.resource_type == 'unit_test' -%}
        {{ exceptions.raise_compiler_error(
            'The unit test ' ~ model.name ~ ' reaches a macro that runs queries of its own, which cannot see the rows of a unit'
            ~ ' test. Test the models before and after this one, or override the macro in the unit test (overrides: macros:).'
        ) }}
    {%- endif -%}
    {%- if not execute or flags.WHICH not in ['build', 'run', 'show'] -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- for relation in relations if relation.is_cte -%}
        {{ exceptions.raise_compiler_error(
            this ~ ' needs ' ~ relation.identifier ~ ' as a table or view: its queries cannot see an ephemeral model.'
        ) }}
    {%- endfor -%}
    {{- return(true) -}}
{% endmacro %}


{#- The working table of this name of the model that is being built. Dispatched by engine. -#}
{% macro working_table(name) %}
    {{- return(adapter.dispatch('working_table')(this.identifier ~ '__' ~ name)) -}}
{% endmacro %}

{#- Temporary, so that nothing stays in the warehouse file when a run is killed. -#}
{% macro duckdb__working_table(identifier) %}
    {{- return(api.Relation.create(identifier=identifier, type='table')) -}}
{% endmacro %}

{#- Spark has no temporary tables, and a temporary view would compute everything before it anew. -#}
{% macro spark__working_table(identifier) %}
    {{- return(api.Relation.create(schema=this.schema, identifier=identifier, type='table')) -}}
{% endmacro %}


{#- Rows of a select that several queries of a model read, made once: a working table, which is dropped after the model. In a
    unit test, whose rows only one query sees, the select itself. Use it with an alias: from {{ rows }} as x.

    reads: relations that the select reads (models, not ephemeral ones). -#}
{% macro select_once(name, select, reads) %}
    {%- if execute and model.resource_type == 'unit_test' -%}
        {{- return('(' ~ select ~ ')') -}}
    {%- endif -%}
    {%- do config(post_hook="drop table if exists {{ working_table('" ~ name ~ "') }}") -%}
    {%- if may_run_queries(reads) -%}
        {%- do create_working_table(name, select) -%}
    {%- endif -%}
    {{- return(working_table(name)) -}}
{% endmacro %}


{#- Makes a working table from a select, in place of one that an earlier run left; returns it. Dispatched by engine. -#}
{% macro create_working_table(name, select) %}
    {%- set table = working_table(name) -%}
    {%- do adapter.dispatch('create_working_table')(table, select) -%}
    {{- return(table) -}}
{% endmacro %}

{% macro duckdb__create_working_table(table, select) %}
    {%- do run_query('create or replace temporary table ' ~ table ~ ' as ' ~ select) -%}
{% endmacro %}

{% macro spark__create_working_table(table, select) %}
    {%- do run_query('drop table if exists ' ~ table) -%}
    {%- do run_query('create table ' ~ table ~ ' as ' ~ select) -%}
{% endmacro %}


{#- Drops working tables. -#}
{% macro drop_tables(tables) %}
    {%- for table in tables -%}
        {%- do run_query('drop table if exists ' ~ table) -%}
    {%- endfor -%}
{% endmacro %}


{#- Rows of a relation. -#}
{% macro count_rows(relation) %}
    {{- return(run_query('select count(*) from ' ~ relation).columns[0].values()[0] | int) -}}
{% endmacro %}
