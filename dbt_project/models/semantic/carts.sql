{{ union_mapped('carts') }}
