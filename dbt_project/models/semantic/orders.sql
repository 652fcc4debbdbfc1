{{ union_mapped('orders') }}
