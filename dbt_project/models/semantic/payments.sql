select * from {{ union_mapped('payments') }}
