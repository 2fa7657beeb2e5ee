-- Who is one customer on the day of each change: everything linked over any number of steps, but for known non-matches.
{% set clusters = constrained_clusters(ref('int_identity__epoch_links'), ref('int_identity__epoch_non_links')) %}

select
    node,
    cluster as cluster_id
from {{ clusters }}
