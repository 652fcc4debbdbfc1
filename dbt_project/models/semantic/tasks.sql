select * from {{ union_mapped('tasks') }}
