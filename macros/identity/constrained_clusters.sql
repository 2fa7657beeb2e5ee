{#- Clusters of a graph in which certain nodes must not end together, however many edges join them: a working table with node,
    component (as connected_components gives it) and cluster (the smallest node of its cluster), one row a node. What was cut
    are the edges whose two nodes lie in different clusters.

    edges: relation, or a select, with left_node, right_node (strings, as in connected_components) and strength (double, the
        weakest where it is null).
    cannot_links: relation, or a select, with left_node, right_node. A node with itself, and nodes that no edge knows, are ignored. Where
        an edge and a cannot-link join the same two nodes the cannot-link wins, whatever the strength.
    reads: where they are selects, the relations that these read (models, not ephemeral ones).
    max_rounds: rounds after which the run fails, also of each search of components within a round.

    The result is that of Kruskal's algorithm under constraints: edges are taken by strength, greatest first, ties by their
    smaller and then their greater node, and each joins two parts unless the joined part would hold a cannot-link. Only
    components that hold one need it; all others stay whole. A unit test of the model that calls it overrides it (overrides: macros):

        {% set clusters = constrained_clusters(ref('int_x'), ref('int_y')) %}
        select node, component, cluster from {{ clusters }}

    The table is there while the model runs, and dropped after it. -#}
{% macro constrained_clusters(edges, cannot_links, reads=none, max_rounds=1000) %}
    {%- set queries = may_run_queries(reads or [edges, cannot_links]) -%}
    {%- do config(post_hook="drop table if exists {{ working_table('clusters') }}") -%}
    {%- if queries -%}
        {%- set made = [] -%}
        {%- if edges is string -%}
            {%- set edges = create_working_table('edges', edges) -%}
            {%- do made.append(edges) -%}
        {%- endif -%}
        {%- if cannot_links is string -%}
            {%- set cannot_links = create_working_table('cannot_links', cannot_links) -%}
            {%- do made.append(cannot_links) -%}
        {%- endif -%}
        {%- set nodes = number_nodes(edges, 'left_node', 'right_node') -%}
        {%- set pairs = create_working_table('pairs', numbered_pairs(edges, 'left_node', 'right_node', nodes)) -%}
        {%- set roots = components_of_pairs(pairs, 'roots', max_rounds) -%}
        {%- set apart = create_working_table('apart', violated_links(cannot_links, nodes, roots)) -%}
        {%- set parts = split_components(edges, nodes, roots, apart, max_rounds) -%}
        {%- do create_working_table('clusters', named_clusters(nodes, roots, parts)) -%}
        {%- do drop_tables(made + [nodes, pairs, roots, apart, parts]) -%}
    {%- endif -%}
    {{- return(working_table('clusters')) -}}
{% endmacro %}


{#- Splits the components that hold a cannot-link: a working table with id and part, one row for each of their nodes.

    At first every node is a part. Each round joins the parts of all edges of which it is certain already that Kruskal's
    algorithm takes them, and then leaves out the edges between parts that hold a cannot-link: these stay inadmissible,
    because parts only grow. It ends when no edge is left. The strongest edge left is always certain, so that every round
    joins something. -#}
{% macro split_components(edges, nodes, roots, apart, max_rounds) %}
    {%- set parts = create_working_table('parts', parts_of_nodes(roots, apart)) -%}
    {%- set ranked = create_working_table('ranked', ranked_edges(edges, nodes, parts, apart)) -%}
    {%- set current = namespace(parts=parts, ranked=ranked, left=count_rows(ranked), rounds=0) -%}
    {%- for number in range(max_rounds) -%}
        {%- if current.left > 0 -%}
            {%- set certain = create_working_table('certain', certain_edges(current.ranked, current.parts, apart)) -%}
            {%- set joined = components_of_pairs(certain, 'joined', max_rounds) -%}
            {%- set parts = create_working_table('parts_' ~ number, joined_parts(current.parts, joined)) -%}
            {%- set ranked = create_working_table('ranked_' ~ number, admissible_edges(current.ranked, joined, parts, apart)) -%}
            {%- do drop_tables([current.parts, current.ranked, certain, joined]) -%}
            {%- set current.parts = parts -%}
            {%- set current.ranked = ranked -%}
            {%- set current.left = count_rows(ranked) -%}
            {%- set current.rounds = number + 1 -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if current.left > 0 -%}
        {{ exceptions.raise_compiler_error(
            'The clusters of ' ~ this ~ ' are not complete after ' ~ max_rounds ~ ' rounds: ' ~ current.left
            ~ ' edges are neither taken nor cut. Raise max_rounds where the macro is called.'
        ) }}
    {%- endif -%}
    {%- do log('Constrained clusters of ' ~ this ~ ': ' ~ current.rounds ~ ' rounds') -%}
    {%- do drop_tables([current.ranked]) -%}
    {{- return(current.parts) -}}
{% endmacro %}


{#- Select of the cannot-links, as pairs of numbers, whose nodes lie in one component. -#}
{% macro violated_links(cannot_links, nodes, roots) -%}
    with

    cannot_links as (
        select left_node, right_node from {{ cannot_links }}
    )

    select distinct
        least(left_nodes.id, right_nodes.id) as left_id,
        greatest(left_nodes.id, right_nodes.id) as right_id
    from cannot_links
    inner join {{ nodes }} as left_nodes on cannot_links.left_node = left_nodes.node
    inner join {{ nodes }} as right_nodes on cannot_links.right_node = right_nodes.node
    inner join {{ roots }} as left_roots on left_nodes.id = left_roots.id
    inner join {{ roots }} as right_roots on right_nodes.id = right_roots.id
    where left_nodes.id <> right_nodes.id and left_roots.component = right_roots.component
{%- endmacro %}


{#- Select of the nodes of the components that hold a cannot-link, each a part of its own. -#}
{% macro parts_of_nodes(roots, apart) -%}
    select id, id as part
    from {{ roots }}
    where component in (
        select roots.component
        from {{ apart }} as apart
        inner join {{ roots }} as roots on apart.left_id = roots.id
    )
{%- endmacro %}


{#- Select of the edges within those components that no cannot-link forbids at once, with their position in Kruskal's order. -#}
{% macro ranked_edges(edges, nodes, parts, apart) -%}
    with

    edges as (
        select left_node, right_node, strength from {{ edges }}
    ),

    numbered as (
        select
            least(left_nodes.id, right_nodes.id) as left_part,
            greatest(left_nodes.id, right_nodes.id) as right_part,
            edges.strength
        from edges
        inner join {{ nodes }} as left_nodes on edges.left_node = left_nodes.node
        inner join {{ nodes }} as right_nodes on edges.right_node = right_nodes.node
        inner join {{ parts }} as parts on left_nodes.id = parts.id
        where left_nodes.id <> right_nodes.id
    ),

    strongest as (
        select left_part, right_part, max(strength) as strength
        from numbered
        group by left_part, right_part
    )

    select
        strongest.left_part,
        strongest.right_part,
        row_number() over (order by strongest.strength desc nulls last, strongest.left_part, strongest.right_part) as position
    from strongest
    left join {{ apart }} as apart on strongest.left_part = apart.left_id and strongest.right_part = apart.right_id
    where apart.left_id is null
{%- endmacro %}


{#- Select of the edges that Kruskal's algorithm takes for certain, given which parts hold a cannot-link between them.

    The best edge of a part is the strongest that leaves it. Until its turn comes the part does not grow, because everything
    stronger is inadmissible and stays so. The algorithm takes it
    - where it is the best of both its parts: both are then as they are now, and no cannot-link is between them;
    - where every part that must not join this one has only weaker edges: those too are then as they are now, so whatever the
      other side has grown to holds none of them. A part without cannot-links always takes its best edge.
    Joining the two sides ahead of the edge's turn changes no other decision: had one side taken something before that must not
    join the other, the algorithm would not take this edge. -#}
{% macro certain_edges(ranked, parts, apart) -%}
    with

    ends as (
        select left_part as part, position from {{ ranked }}
        union all
        select right_part as part, position from {{ ranked }}
    ),

    best as (
        select part, min(position) as position from ends group by part
    ),

    {{ apart_parts(parts, apart) }},

    opponents as (
        select left_part as part, right_part as opponent from apart_parts
        union all
        select right_part as part, left_part as opponent from apart_parts
    ),

    fastest_opponent as (
        select opponents.part, min(best.position) as position
        from opponents
        inner join best on opponents.opponent = best.part
        group by opponents.part
    ),

    choices as (
        select
            ranked.left_part as left_id,
            ranked.right_part as right_id,
            ranked.position = left_best.position as is_best_of_left,
            ranked.position = right_best.position as is_best_of_right,
            coalesce(ranked.position < left_opponent.position, true) as is_before_opponents_of_left,
            coalesce(ranked.position < right_opponent.position, true) as is_before_opponents_of_right
        from {{ ranked }} as ranked
        inner join best as left_best on ranked.left_part = left_best.part
        inner join best as right_best on ranked.right_part = right_best.part
        left join fastest_opponent as left_opponent on ranked.left_part = left_opponent.part
        left join fastest_opponent as right_opponent on ranked.right_part = right_opponent.part
    )

    select left_id, right_id
    from choices
    where
        (is_best_of_left and is_best_of_right)
        or (is_best_of_left and is_before_opponents_of_left)
        or (is_best_of_right and is_before_opponents_of_right)
{%- endmacro %}


{#- Common table expression `apart_parts`: the pairs of parts that hold a cannot-link between them. -#}
{% macro apart_parts(parts, apart) -%}
    apart_parts as (
        select distinct
            least(left_parts.part, right_parts.part) as left_part,
            greatest(left_parts.part, right_parts.part) as right_part
        from {{ apart }} as apart
        inner join {{ parts }} as left_parts on apart.left_id = left_parts.id
        inner join {{ parts }} as right_parts on apart.right_id = right_parts.id
    )
{%- endmacro %}


{#- Select of the nodes with their part after a round; it is named by its smallest node, as parts and components are. -#}
{% macro joined_parts(parts, joined) -%}
    select parts.id, coalesce(joined.component, parts.part) as part
    from {{ parts }} as parts
    left join {{ joined }} as joined on parts.part = joined.id
{%- endmacro %}


{#- Select of the edges that still join two different parts and that no cannot-link forbids, the strongest of each two parts. -#}
{% macro admissible_edges(ranked, joined, parts, apart) -%}
    with

    {{ apart_parts(parts, apart) }},

    moved as (
        select
            coalesce(left_joined.component, ranked.left_part) as left_part,
            coalesce(right_joined.component, ranked.right_part) as right_part,
            ranked.position
        from {{ ranked }} as ranked
        left join {{ joined }} as left_joined on ranked.left_part = left_joined.id
        left join {{ joined }} as right_joined on ranked.right_part = right_joined.id
    ),

    strongest as (
        select
            least(left_part, right_part) as left_part,
            greatest(left_part, right_part) as right_part,
            min(position) as position
        from moved
        where left_part <> right_part
        group by least(left_part, right_part), greatest(left_part, right_part)
    )

    select strongest.left_part, strongest.right_part, strongest.position
    from strongest
    left join apart_parts on strongest.left_part = apart_parts.left_part and strongest.right_part = apart_parts.right_part
    where apart_parts.left_part is null
{%- endmacro %}


{#- Select of every node with its component and cluster; the cluster is the component where that was not split. -#}
{% macro named_clusters(nodes, roots, parts) -%}
    select
        nodes.node,
        smallest_of_component.node as component,
        smallest_of_cluster.node as cluster
    from {{ nodes }} as nodes
    left join {{ roots }} as roots on nodes.id = roots.id
    left join {{ parts }} as parts on nodes.id = parts.id
    inner join {{ nodes }} as smallest_of_component on coalesce(roots.component, nodes.id) = smallest_of_component.id
    inner join {{ nodes }} as smallest_of_cluster on coalesce(parts.part, roots.component, nodes.id) = smallest_of_cluster.id
{%- endmacro %}
