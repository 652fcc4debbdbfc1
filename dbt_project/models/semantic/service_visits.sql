select * from {{ union_mapped('service_visits') }}
