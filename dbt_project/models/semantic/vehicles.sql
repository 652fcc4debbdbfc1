select * from {{ union_mapped('vehicles') }}
