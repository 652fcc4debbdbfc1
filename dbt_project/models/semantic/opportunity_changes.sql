select * from {{ union_mapped('opportunity_changes') }}
