{{ union_mapped('order_lines') }}
