select * from {{ union_mapped('register_entries') }}
