select * from {{ union_mapped('order_status_changes') }}
