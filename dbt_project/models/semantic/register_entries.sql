{{ union_mapped('register_entries') }}
