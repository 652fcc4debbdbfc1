select * from {{ union_mapped('order_lines') }}
