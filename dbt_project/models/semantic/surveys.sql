select * from {{ union_mapped('surveys') }}
