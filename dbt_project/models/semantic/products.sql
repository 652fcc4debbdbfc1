{{ union_mapped('products') }}
