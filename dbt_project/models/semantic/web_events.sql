select * from {{ union_mapped('web_events') }}
