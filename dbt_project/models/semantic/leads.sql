select * from {{ union_mapped('leads') }}
