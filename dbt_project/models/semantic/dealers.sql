select * from {{ union_mapped('dealers') }}
