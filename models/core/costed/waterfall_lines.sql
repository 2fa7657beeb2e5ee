with

final as (
    {{ waterfall_line_rows() }}
)

select * from final
