select * from {{ union_mapped('orders') }}
