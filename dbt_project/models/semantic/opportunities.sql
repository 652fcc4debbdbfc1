select * from {{ union_mapped('opportunities') }}
