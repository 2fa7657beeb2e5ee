-- Proves that the rules of cost assignment can be used: no loop that a method cannot take, shares that sum to one, no overlapping
-- versions, nothing that does not exist. Returns each problem with its file, line and rule.

select
    rule_file,
    file_line,
    rule_id,
    problem
from {{ ref('int_costing__rule_problems') }}
