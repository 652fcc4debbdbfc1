select * from {{ union_mapped('products') }}
