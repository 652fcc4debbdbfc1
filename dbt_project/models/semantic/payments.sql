{{ union_mapped('payments') }}
