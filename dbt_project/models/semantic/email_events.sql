select * from {{ union_mapped('email_events') }}
