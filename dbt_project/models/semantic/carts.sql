select * from {{ union_mapped('carts') }}
