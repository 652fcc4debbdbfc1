{{ union_mapped('tasks') }}
